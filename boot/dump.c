/* What a stopped hypervisor shows of itself on the console. */
#include "boot/dump.h"

#include "boot/console.h"
#include "boot/layout.h"
#include "core/text.h"
#include "core/x86_insn.h"

#define LINE_SIZE	128
#define CALLS_MAX	24
#define CALL_NEAR	0xe8	/* CALL rel32, 5 bytes. SDM 2A "CALL" */
#define CALL_NEAR_SIZE	5
#define CALL_GROUP	0xff	/* group 5; /2 is CALL r/m64 */
#define CALL_MODRM_REG	BITS(5, 3)
#define CALL_REG	2

static void four(const char *n0, uint64_t v0, const char *n1, uint64_t v1,
		 const char *n2, uint64_t v2, const char *n3, uint64_t v3)
{
	char line[LINE_SIZE];

	text_format(line, sizeof(line),
		    "%-3s %016lx %-3s %016lx %-3s %016lx %-3s %016lx\n",
		    n0, v0, n1, v1, n2, v2, n3, v3);
	console_text(line);
}

void dump_registers(const struct trap_frame *f)
{
	char line[LINE_SIZE];

	four("rax", f->rax, "rbx", f->rbx, "rcx", f->rcx, "rdx", f->rdx);
	four("rsi", f->rsi, "rdi", f->rdi, "rbp", f->rbp, "rsp", f->rsp);
	four("r8", f->r8, "r9", f->r9, "r10", f->r10, "r11", f->r11);
	four("r12", f->r12, "r13", f->r13, "r14", f->r14, "r15", f->r15);
	four("rip", f->rip, "cr0", x86_read_cr0(), "cr2", x86_read_cr2(),
	     "cr3", x86_read_cr3());
	text_format(line, sizeof(line),
		    "cr4 %016lx rfl %016lx cs %04lx ss %04lx tr %04x\n",
		    x86_read_cr4(), f->rflags, f->cs, f->ss, x86_str());
	console_text(line);
}

static bool in_text(uint64_t address)
{
	return address >= (uintptr_t)image_text_start + CALL_NEAR_SIZE + 2 &&
	       address < (uintptr_t)image_text_end;
}

/* Whether the bytes before `address` can be a call: E8 rel32, or FF /2 in its forms. */
static bool behind_call(uint64_t address)
{
	const uint8_t *at = (const uint8_t *)(uintptr_t)address;

	if (at[-CALL_NEAR_SIZE] == CALL_NEAR)
		return true;
	for (int length = 2; length <= CALL_NEAR_SIZE + 2; length++) {
		if (at[-length] == CALL_GROUP &&
		    FIELD_GET(CALL_MODRM_REG, at[1 - length]) == CALL_REG)
			return true;
	}
	return false;
}

static const struct { const uint8_t *low, *top; } stacks[] = {
	{ stack_main, stack_main_top }, { stack_df, stack_df_top },
	{ stack_nmi, stack_nmi_top }, { stack_mc, stack_mc_top },
};

bool dump_in_guard(uint64_t address)
{
	for (unsigned i = 0; i < ARRAY_SIZE(stacks); i++) {
		if ((uintptr_t)stacks[i].low - address - 1 < PAGE_SIZE)
			return true;
	}
	return false;
}

/* Where to read from and up to; false when sp is on no stack of ours. */
static bool stack_find(uint64_t *sp, uint64_t *top)
{
	for (unsigned i = 0; i < ARRAY_SIZE(stacks); i++) {
		uint64_t low = (uintptr_t)stacks[i].low;

		*top = (uintptr_t)stacks[i].top;
		if (*sp < low - PAGE_SIZE || *sp >= *top)
			continue;
		/* Run into the guard page: that page is not there to be read. */
		*sp = align_up(*sp < low ? low : *sp, sizeof(uint64_t));
		return true;
	}
	return false;
}

void dump_stack(uint64_t sp)
{
	char line[LINE_SIZE];
	uint64_t top;
	unsigned calls = 0;

	console_text("calls, latest first:\n");
	if (!stack_find(&sp, &top)) {
		console_text("  (the stack pointer is on no stack)\n");
		return;
	}
	for (; sp < top && calls < CALLS_MAX; sp += sizeof(uint64_t)) {
		uint64_t word = *(const uint64_t *)(uintptr_t)sp;

		if (!in_text(word) || !behind_call(word))
			continue;
		text_format(line, sizeof(line), "  %016lx\n", word);
		console_text(line);
		calls++;
	}
}

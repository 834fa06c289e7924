/*
 * The vcpu's first state: what INIT leaves, then what the guest's kind asks for.
 * Knows nothing of images or memory.
 * SDM 3A "Processor State After Reset" 9.1.1 table 9-1.
 */
#include <string.h>

#include "core/load/load.h"
#include "core/load/load_defs.h"

#define PARAGRAPH_SHIFT	4	/* real mode: base = selector << 4 */

static void start_registers(const struct load_result *start,
			    uint32_t cpu_signature, struct vcpu *v)
{
	memset(v->gpr, 0, sizeof(v->gpr));
	v->gpr[GPR_RAX] = start->eax;
	v->gpr[GPR_RBX] = start->ebx;
	/* INIT leaves the CPU's signature in EDX. */
	v->gpr[GPR_RDX] = start->reset_vector ? cpu_signature : start->edx;
	v->gpr[GPR_RSI] = start->rsi;
	v->gpr[GPR_RDI] = start->rdi;
	v->gpr[GPR_RSP] = start->mode == LOAD_REAL ? start->sp : start->rsp;
	v->rip = start->mode == LOAD_REAL ? start->ip : start->rip;
	v->rflags = RFLAGS_ONE;
}

static void start_control(const struct load_result *start, struct vcpu *v)
{
	const bool paged = start->mode == LOAD_LONG;

	v->cr0 = start->reset_vector ? RESET_CR0 : CR0_ET;
	if (start->mode == LOAD_PROTECTED)
		v->cr0 |= CR0_PE;
	if (paged)
		v->cr0 = start->cr0;
	v->cr2 = 0;
	v->cr3 = paged ? start->cr3 : 0;
	v->cr4 = paged ? start->cr4 : 0;
	v->efer = paged ? start->efer : 0;
	memset(v->pdpte, 0, sizeof(v->pdpte));
	memset(v->dr, 0, sizeof(v->dr));
	v->dr6 = DR6_INIT;
	v->dr7 = DR7_INIT;
}

static void start_msrs(const struct load_result *start, struct vcpu *v)
{
	v->sysenter_cs = 0;
	v->sysenter_esp = 0;
	v->sysenter_eip = 0;
	v->star = 0;
	v->lstar = 0;
	v->cstar = 0;
	v->sfmask = 0;
	v->kernel_gs_base = 0;
	v->pat = start->mode == LOAD_LONG ? start->pat : PAT_INIT;
}

static void start_segments(const struct load_result *start, struct vcpu *v)
{
	const bool flat = start->mode != LOAD_REAL;
	const uint32_t size = start->mode == LOAD_LONG ? AR_L : AR_DB;
	const struct vcpu_seg data = {
		.sel = start->ds,
		.base = flat ? 0 : (uint64_t)start->ds << PARAGRAPH_SHIFT,
		.ar = AR_REAL_DATA | (flat ? AR_G | AR_DB : 0),
		.limit = flat ? FLAT_LIMIT : RESET_LIMIT,
	};

	for (unsigned i = SEG_ES; i <= SEG_GS; i++)
		v->seg[i] = data;
	v->seg[SEG_CS].ar = AR_REAL_CODE | (flat ? AR_G | size : 0);
	v->seg[SEG_CS].sel = start->cs;
	if (start->reset_vector)
		v->seg[SEG_CS].base = RESET_CS_BASE;
	else if (!flat)
		v->seg[SEG_CS].base = (uint64_t)start->cs << PARAGRAPH_SHIFT;
	v->seg[SEG_LDTR] = (struct vcpu_seg){
		.ar = AR_LDT, .limit = RESET_LIMIT,
	};
	/* Entry demands a busy TSS in TR: SDM 3C "Checks on Guest Segment Registers" 26.3.1.2. */
	v->seg[SEG_TR] = (struct vcpu_seg){
		.ar = AR_TSS32_BUSY, .limit = RESET_LIMIT,
	};
	v->cpl = 0;
}

static void start_tables(const struct load_result *start, struct vcpu *v)
{
	v->gdtr = (struct vcpu_dtr){ .limit = RESET_LIMIT };
	v->idtr = (struct vcpu_dtr){ .limit = RESET_LIMIT };
	if (start->mode != LOAD_REAL)
		v->gdtr = (struct vcpu_dtr){ start->gdt_base, start->gdt_limit };
	else if (!start->reset_vector)
		v->idtr.limit = IVT_LIMIT;
}

void load_start(const struct load_result *start, uint32_t cpu_signature,
		struct vcpu *vcpu)
{
	start_registers(start, cpu_signature, vcpu);
	start_control(start, vcpu);
	start_msrs(start, vcpu);
	start_segments(start, vcpu);
	start_tables(start, vcpu);
	vcpu->shadow = 0;
	vcpu->held_hits = 0;
	vcpu->pending = (struct event){ .kind = EVENT_NONE };
	vcpu->valid = ST_ALL;
	vcpu->dirty = ST_ALL;
}

/*
 * Rung `bare`: the guest gets the machine itself, and the hypervisor is gone.
 * The reference that the other rungs are compared with.
 */
#include "boot/bare.h"

#include "boot/console.h"
#include "boot/handoff.h"
#include "boot/stop.h"
#include "boot/timer.h"
#include "core/record.h"
#include "core/x86_insn.h"

#include <string.h>

#define MIB_SHIFT	20

_Static_assert(LOAD_PROTECTED == 1 && LOAD_LONG == 2, "handoff.asm");

/* The guest's whole memory, made in the staging block as for a virtual machine. */
static void load(const struct cmdline *cmdline,
		 const struct load_request *request, hpa_t staging,
		 struct load_result *start)
{
	struct guest_mem mem = {
		.slot[0] = { .size = cmdline->memory, .host = staging },
		.slots = 1,
	};

	if (load_guest(request, &mem, start) != HV_OK)
		stop_error(false, "%s", start->error);
	if (start->reset_vector)
		stop_error(false, "rung bare cannot start firmware: "
			   "give the image to the emulator as its ROM");
}

static void record_hand_over(const struct hv_start *start,
			     const struct hv_caps *caps, enum guest_kind kind)
{
	static struct record record;

	hv_record_start(start, caps, kind);
	record_begin(&record, start->io, "handoff");
	record_end(&record);
}

/* The page of code and parameters, made executable when it is written. */
static void place(struct ptab *pt, hpa_t page, const struct handoff *params)
{
	size_t size = (size_t)(handoff_blob_end - handoff_blob);

	if (size > PAGE_SIZE)
		panic("hand-over code of %zu bytes", size);
	memcpy(hpa_ptr(page), handoff_blob, size);
	memcpy(hpa_ptr(page), params, sizeof(*params));
	if (ptab_protect(pt, page.v, PAGE_SIZE, PROT_R | PROT_X) != HV_OK)
		stop_error(false, "too little memory for page tables");
	x86_write_cr3(pt->root.v);
}

_Noreturn void bare_start(const struct hv_start *asked,
			  const struct hv_caps *caps, struct memory *memory,
			  struct ptab *pt)
{
	const struct cmdline *cmdline = asked->cmdline;
	struct load_result start;
	struct handoff params;
	hpa_t staging, page;
	uint64_t size = cmdline->memory;
	void (*enter)(uint64_t page);

	if (!memory_take_staging(memory, &size, &staging, &page))
		stop_error(false, "too much memory: mem=%luM, but on rung bare "
			   "at most %luM fit into this machine twice",
			   cmdline->memory >> MIB_SHIFT, size >> MIB_SHIFT);
	load(cmdline, asked->load, staging, &start);
	params = (struct handoff){
		.staging = (uint32_t)staging.v, .size = (uint32_t)size,
		.mode = start.mode, .ip = start.ip, .cs = start.cs,
		.eax = start.eax, .ebx = start.ebx, .edx = start.edx,
		.cr0 = (uint32_t)start.cr0, .cr3 = (uint32_t)start.cr3,
		.cr4 = (uint32_t)start.cr4,
		.efer = (uint32_t)(start.efer & ~EFER_LMA),
		.ds = start.ds, .gdt_limit = start.gdt_limit,
		.gdt = start.gdt_base, .rip = start.rip,
		.rsp = start.mode == LOAD_REAL ? start.sp : start.rsp,
		.rsi = start.rsi, .rdi = start.rdi, .pat = start.pat,
	};
	place(pt, page, &params);
	record_hand_over(asked, caps, start.kind);
	host_interrupts_mask();
	console_hand_over();
	enter = (void (*)(uint64_t))(uintptr_t)(page.v + handoff_entry_offset);
	enter(page.v);
	panic("the hand-over came back");
}

/* Page faults, flushes and roots of a guest on shadow tables; must not know how they are kept. */
#include "core/shadowing.h"

#include <string.h>

#include "core/assist.h"
#include "core/control.h"
#include "core/event.h"
#include "core/insn_plain.h"
#include "core/record.h"
#include "mmu/hidden.h"

/* Without progress: the same instruction, refused for the same address, so often in a row. */
#define STUCK_MAX	4u
#define STUCK_OTHERS	16u	/* other addresses meanwhile: look at one of them */

/* Real mode needs a task state beside its tables where it runs as virtual-8086 mode. */
static bool needs_task(const struct vm *vm)
{
	return !vm->cpu->caps.paged_real;
}

enum hv_err shadowing_init(struct vm *vm)
{
	struct shadow_config config = {
		.sync = vm->options.sync, .nx = vm->cpu->caps.nx,
	};
	enum hv_err err = HV_OK;

	if (needs_task(vm))
		err = hidden_task_make(vm->cpu->pool, &config.fixed);
	if (err != HV_OK)
		return err;
	err = shadow_init(&vm->shadow, &vm->mem, vm->cpu->pool, &config);
	if (err != HV_OK && needs_task(vm))
		hidden_task_free(vm->cpu->pool, config.fixed);
	return err;
}

void shadowing_fini(struct vm *vm)
{
	hpa_t task = vm->shadow.config.fixed;

	shadow_fini(&vm->shadow);
	if (needs_task(vm))
		hidden_task_free(vm->cpu->pool, task);
}

/*
 * What the shadow no longer has, the hardware must not remember. Before there is a
 * vcpu there is nothing to remember.
 */
static inline void flush_if_asked(struct vm *vm)
{
	if (!vm->shadow.flush || !vm->vcpu.backend)
		return;
	vm->shadow.flush = false;
	vm->backend->tlb_flush(&vm->vcpu, NULL);
}

static void give_root(struct vm *vm, uint64_t cr3)
{
	vm->hw.cr3 = cr3;
	if (cr3 != vm->root_given) {
		vm->root_given = cr3;
		vm->vcpu.dirty |= ST_ROOT;
		vm->shadow.flush = true;
	}
	flush_if_asked(vm);
}

/* Paging is off, as before: what walks look at then. */
static void walk_unpaged(struct vm *vm)
{
	const struct vcpu *v = &vm->vcpu;
	struct walk_mode *mode = &vm->walk_mode;

	mode->cr0 = v->cr0;
	mode->cr3 = v->cr3;
	mode->cr4 = v->cr4;
	mode->efer = v->efer;
	mode->rflags_ac = v->rflags & RFLAGS_AC;
}

void shadowing_root(struct vm *vm)
{
	if (!(vm->vcpu.cr0 & CR0_PG) &&
	    shadow_root_unpaged(&vm->shadow, vm->hw.root == ROOT_SHADOW_VM86)) {
		walk_unpaged(vm);
		vm->hw.cr3 = vm->root_given;
		flush_if_asked(vm);
		return;
	}
	control_walk_mode_to(vm, &vm->walk_mode);
	give_root(vm, shadow_root(&vm->shadow, &vm->walk_mode,
				  vm->hw.root == ROOT_SHADOW_VM86).v);
}

/* While the root is the same and all is in step, what the hardware remembers is right. */
void shadowing_switch(struct vm *vm)
{
	const struct vcpu *v = &vm->vcpu;

	if (shadow_in_step(&vm->shadow) && v->cr3 == vm->walk_mode.cr3 &&
	    ((v->efer & EFER_LMA) || !(v->cr4 & CR4_PAE)))
		return;
	if (!shadow_in_step(&vm->shadow)) {
		vm->stuck.count = 0;
		shadow_sync_all(&vm->shadow);
	}
	vm->walk_mode.cr3 = v->cr3;
	if (!(v->efer & EFER_LMA) && (v->cr4 & CR4_PAE))
		memcpy(vm->walk_mode.pdpte, v->pdpte, sizeof(v->pdpte));
	give_root(vm, shadow_root_switch(&vm->shadow, &vm->walk_mode).v);
}

void shadowing_flush(struct vm *vm)
{
	vm->stuck.count = 0;
	shadow_sync_all(&vm->shadow);
	vm->shadow.flush = false;
	vm->backend->tlb_flush(&vm->vcpu, NULL);
}

void shadowing_invlpg(struct vm *vm, gva_t address)
{
	vm->stuck.count = 0;
	if (shadow_invlpg(&vm->shadow, address))
		vm->backend->tlb_flush(&vm->vcpu, &address);
	flush_if_asked(vm);
}

void shadowing_written(struct vm *vm, gpa_t at, unsigned size)
{
	shadow_write(&vm->shadow, at, size);
	flush_if_asked(vm);
}

static unsigned access_of(struct vm *vm, uint32_t error)
{
	unsigned access = 0;

	/* At CPL 3 a supervisor access is the CPU's own, to a system structure: SMAP asks. */
	if (!(error & PFEC_U) && (vm->walk_mode.cr4 & CR4_SMAP)) {
		vcpu_need(&vm->vcpu, ST_CPL);
		if (vm->vcpu.cpl == 3)
			access |= ACCESS_IMPLICIT;
	}

	if (error & PFEC_W)
		access |= ACCESS_WRITE;
	if (error & PFEC_I)
		access |= ACCESS_FETCH;
	/* Virtual-8086 mode's CPL 3 is not the guest's. */
	if ((error & PFEC_U) && (vm->walk_mode.cr0 & CR0_PG))
		access |= ACCESS_USER;
	return access;
}

/*
 * One that takes back for its own accesses what it needs, again and again, never gets on,
 * maybe with a second address in between. A repetition that does comes to new ones.
 */
static bool gets_on(struct vm *vm)
{
	struct shadowing_stuck *stuck = &vm->stuck;

	if (vm->shadow.written == SHADOW_NO_FRAME)
		return false;
	if (!stuck->count || stuck->others == STUCK_OTHERS)
		*stuck = (struct shadowing_stuck){
			.rip = vm->vcpu.rip, .address = vm->shadow.address,
		};
	if (stuck->address != vm->shadow.address) {
		stuck->others++;
		return true;
	}
	if (stuck->count++ < STUCK_MAX)
		return true;
	stuck->count = 0;
	return false;
}

static gpa_t table_written(const struct vm *vm)
{
	return gpa((uint64_t)vm->shadow.written << PAGE_SHIFT);
}

/*
 * A table is written by an instruction that the emulator does not have: the guest does it
 * itself, and the table is out of step until the next flush, as a TLB would be.
 */
static bool leave_to_guest(struct vm *vm)
{
	if (!gets_on(vm))
		return false;
	shadow_let_write(&vm->shadow, table_written(vm));
	return true;
}

/*
 * The tables made from it go, too, but for the root and what the block itself needs:
 * that is made again, and stays at the second try.
 */
static bool leave_block(struct vm *vm)
{
	bool again = vm->stuck.count && vm->stuck.address == vm->shadow.address;

	if (!gets_on(vm))
		return false;
	if (!again)
		shadow_give_up(&vm->shadow, table_written(vm));
	shadow_let_write(&vm->shadow, table_written(vm));
	flush_if_asked(vm);
	return true;
}

/* A fault elsewhere: what was left to the guest at the last place has been done. */
static inline void note_progress(struct vm *vm)
{
	if (vm->stuck.count && vm->stuck.rip != vm->vcpu.rip)
		vm->stuck.count = 0;
}

static enum action emulate(struct vm *vm, const struct exit *exit)
{
	if (exit->vectoring.kind)
		return assist_deliver(vm);
	/*
	 * What a whole block is written over is no table any more, or a new one: kernels
	 * clear pages so. Word by word in software it would cost a hundred fills.
	 */
	if (vm->shadow.written != SHADOW_NO_FRAME && insn_plain_block(vm))
		return leave_block(vm) ? ACT_RESUME : assist_emulate(vm);
	return assist_or_leave(vm, leave_to_guest);
}

enum action shadowing_fault(struct vm *vm, struct exit *exit)
{
	struct event *fault = &exit->exception;
	enum shadow_answer answer;
	uint32_t error = 0;

	vcpu_need(&vm->vcpu, ST_RIP);
	note_progress(vm);
	vm->walk_mode.rflags_ac = vm->vcpu.rflags & RFLAGS_AC;
	/* The guest writes PKRU without an exit. */
	if (vm->walk_mode.cr4 & CR4_PKE)
		vm->walk_mode.pkru = vm->io->rdpkru(vm->io);
	answer = shadow_fault(&vm->shadow, &vm->walk_mode, gva(fault->cr2),
			      access_of(vm, fault->error), fault->error, &error);
	/* Whatever the answer: tables may have been taken back on the way to it. */
	flush_if_asked(vm);
	switch (answer) {
	case SHADOW_DONE:
		break;
	case SHADOW_GUEST:
		fault->has_error = true;
		fault->error = error;
		event_raise_event(vm, fault);
		return vm->end ? ACT_STOP : ACT_RESUME;
	case SHADOW_EMULATE:
		exit->reason = EXIT_SHADOW;
		return emulate(vm, exit);
	}
	exit->reason = EXIT_SHADOW;
	return ACT_RESUME;
}

void shadowing_report(struct vm *vm)
{
	const struct shadow_counts *c = &vm->shadow.counts;
	struct record r;

	record_begin(&r, vm->io, "shadow");
	record_string(&r, "sync", rung_sync_name(vm->shadow.config.sync));
	record_number(&r, "pages", c->pages);
	record_number(&r, "pages_most", c->pages_most);
	record_number(&r, "made", c->made);
	record_number(&r, "reclaimed", c->reclaimed);
	record_number(&r, "fills", c->fills);
	record_number(&r, "written", c->written);
	record_number(&r, "floods", c->floods);
	record_number(&r, "unsynced", c->unsynced);
	record_number(&r, "resynced", c->resynced);
	record_number(&r, "compared", c->compared);
	record_end(&r);
}

/* Guest control-register writes with the CPU's own checks; knows no vendor. */
#include "core/control.h"

#include "core/fits.h"
#include "core/shadowing.h"

/* Changes of these reload the PAE PDPTEs. SDM 3A "PDPTE Registers" 4.4.1. */
#define CR0_PDPTE_RELOAD	(CR0_CD | CR0_NW | CR0_PG)
#define CR4_PDPTE_RELOAD	(CR4_PAE | CR4_PGE | CR4_PSE | CR4_SMEP)

/*
 * Changes of these drop cached translations. SDM 3A "Operations that Invalidate TLBs" 4.10.4.1.
 * A CPU need not for PKE, but shadows made with it differ: none may stay behind out of step.
 */
#define CR4_FLUSH	(CR4_PAE | CR4_PGE | CR4_PSE | CR4_SMEP | CR4_SMAP | CR4_PCIDE | \
			 CR4_PKE)

#define LMSW_BITS	(CR0_PE | CR0_MP | CR0_EM | CR0_TS)

/*
 * Protected mode just entered, CS still real mode's with an RPL in it: CPL is 0, the
 * DPL of SS, but Bochs 2.7's VM entry takes it from CS. Emulated until CS is loaded.
 */
static bool cpl_in_doubt(struct vm *vm)
{
	struct vcpu *v = &vm->vcpu;

	if (!vm->cpu->caps.masks || (v->cr0 & (CR0_PE | CR0_PG)) != CR0_PE)
		return false;
	vcpu_need(v, ST_CS_SS | ST_RIP);
	return !(v->rflags & RFLAGS_VM) &&
	       (v->seg[SEG_CS].sel & SEL_RPL) !=
	       FIELD_GET(AR_DPL, v->seg[SEG_SS].ar);
}

/* IDTR covers an IVT at 0: all 256 vectors of four bytes. */
#define IVT_LIMIT	0x3ffu

/* The groups whose form in hardware depends on how the guest is run. */
#define ST_HOW_HELD	(ST_CR | ST_RIP | ST_CS_SS | ST_SEG | ST_CPL)

/*
 * Can the hardware be entered with these segments? What it has just run in
 * protected mode, and nobody has touched, it has loaded and checked itself.
 */
static bool segments_fit(struct vm *vm)
{
	struct vcpu *v = &vm->vcpu;
	bool ran = vm->hw.ran_as == RAN_NATIVE || vm->hw.ran_as == RAN_HIDDEN ||
		   vm->hw.ran_as == RAN_SHADOW;

	if (ran && (v->cr0 & CR0_PE) &&
	    !((v->dirty | vm->answered) & (ST_CS_SS | ST_SEG)))
		return true;
	vcpu_need(v, ST_HOW_HELD | ST_DTR);
	return fits(v);
}

void control_apply(struct vm *vm)
{
	struct vcpu *v = &vm->vcpu;
	enum ran_as ran_as = vm->hw.ran_as;
	enum root root = vm->hw.root;
	bool vm86_fast = vm->hw.vm86_fast;
	enum guest_mode mode;
	struct guest_view view = { .cr0 = v->cr0, .cr3 = v->cr3,
				   .cr4 = v->cr4, .efer = v->efer };

	if (!vm->rung->unrestricted && !vm->cpu->caps.paged_real) {
		view.fits = segments_fit(vm);
		view.rflags = v->rflags;
		view.ivt_at_zero = !v->idtr.base && v->idtr.limit >= IVT_LIMIT;
	}
	strategy(&view, &vm->cpu->caps, vm->rung, &vm->options,
		 vm->policy.cr4_allowed, &vm->hw);
	if (vm->rung->unrestricted && cpl_in_doubt(vm))
		vm->hw.ran_as = RAN_EMULATED;
	/* No entry will use one while unpaged code is emulated: the last one stays. */
	if (vm->rung->shadow && (vm->hw.ran_as != RAN_EMULATED || v->cr0 & CR0_PG))
		shadowing_root(vm);
	if (vm->hw.ran_as != ran_as || vm->hw.root != root)
		v->dirty |= ST_CR;
	/* IOPL and CR4.VME go together. */
	if (vm->hw.vm86_fast != vm86_fast)
		v->dirty |= ST_CR | ST_RIP;
	mode = vm->options.observe == OBSERVE_MODES ? strategy_mode(&view) :
						      MODE_UNOBSERVED;
	if (tally_changes(&vm->tally, mode, vm->hw.ran_as))
		tally_mode(&vm->tally, mode, vm->hw.ran_as,
			   vm->io->clock(vm->io));
}

static bool pae_paging(uint64_t cr0, uint64_t cr4, uint64_t efer)
{
	return (cr0 & CR0_PG) && (cr4 & CR4_PAE) && !(efer & EFER_LMA);
}

/*
 * The hardware has just walked these entries, or is about to: their reserved
 * bits are its affair. QEMU's TCG even sets one (accessed), as in other levels.
 */
static void walk_through_pdptes(const struct vm *vm, struct walk_mode *mode)
{
	(void)!walk_load_pdptes(mode, &vm->mem, vm->vcpu.cr3);
	for (unsigned i = 0; i < ARRAY_SIZE(mode->pdpte); i++)
		mode->pdpte[i] &= PTE_P | PTE_ADDR;
}

/* Field by field: a struct that is built and then copied costs twice. */
void control_walk_mode_to(const struct vm *vm, struct walk_mode *mode)
{
	const struct vcpu *v = &vm->vcpu;
	const struct policy *p = &vm->policy;

	mode->cr0 = v->cr0;
	mode->cr3 = v->cr3;
	mode->cr4 = v->cr4;
	mode->efer = v->efer;
	for (unsigned i = 0; i < ARRAY_SIZE(mode->pdpte); i++)
		mode->pdpte[i] = v->pdpte[i];
	mode->pkru = 0;
	mode->maxphyaddr = p->maxphyaddr;
	mode->pse36 = p->pse36;
	mode->page1g = p->page1g;
	mode->nx = p->nx;
	mode->rflags_ac = v->rflags & RFLAGS_AC;
	if (!vm->cpu->caps.pdptes && pae_paging(v->cr0, v->cr4, v->efer))
		walk_through_pdptes(vm, mode);
}

struct walk_mode control_walk_mode(const struct vm *vm)
{
	struct walk_mode mode;

	control_walk_mode_to(vm, &mode);
	return mode;
}

void control_pdptes(struct vm *vm)
{
	struct vcpu *v = &vm->vcpu;
	struct walk_mode mode;

	if (!pae_paging(v->cr0, v->cr4, v->efer))
		return;
	mode = control_walk_mode(vm);
	for (unsigned i = 0; i < ARRAY_SIZE(mode.pdpte); i++)
		v->pdpte[i] = mode.pdpte[i];
}

/* Load the PDPTEs the new state needs; false: reserved bits, #GP. */
static bool load_pdptes(struct vm *vm, uint64_t cr3)
{
	struct walk_mode mode;

	if (!vm->cpu->caps.pdptes)
		return true;
	mode = control_walk_mode(vm);
	if (!walk_load_pdptes(&mode, &vm->mem, cr3))
		return false;
	for (unsigned i = 0; i < ARRAY_SIZE(mode.pdpte); i++)
		vm->vcpu.pdpte[i] = mode.pdpte[i];
	return true;
}

/* EFER as MOV to CR0 leaves it; false: the change of PG raises #GP. */
static bool paging_switch(struct vcpu *v, uint64_t cr0, uint64_t *efer)
{
	bool code64 = v->seg[SEG_CS].ar & AR_L;

	*efer = v->efer;
	if (!((v->cr0 ^ cr0) & CR0_PG))
		return true;
	if (cr0 & CR0_PG) {
		if (!(v->efer & EFER_LME))
			return true;
		/* SDM 3A "Initializing IA-32e Mode" 9.8.5 */
		vcpu_need(v, ST_SEG);
		if (!(v->cr4 & CR4_PAE) || code64 ||
		    (v->seg[SEG_TR].ar & AR_TYPE) == (AR_TSS16_BUSY & AR_TYPE))
			return false;
		*efer |= EFER_LMA;
		return true;
	}
	if (((v->efer & EFER_LMA) && code64) || (v->cr4 & CR4_PCIDE))
		return false;
	*efer &= ~EFER_LMA;
	return true;
}

/* The guest did what drops its translations. */
static void flush(struct vm *vm)
{
	if (vm->rung->shadow)
		shadowing_flush(vm);
	else
		vm->backend->tlb_flush(&vm->vcpu, NULL);
}

bool control_write_cr0(struct vm *vm, uint64_t value)
{
	struct vcpu *v = &vm->vcpu;
	uint64_t changed, efer;

	vcpu_need(v, ST_CR | ST_CS | ST_RIP);
	if (value >> 32)
		return false;
	value = (value & CR0_DEFINED) | CR0_ET;
	if ((value & CR0_PG) && !(value & CR0_PE))
		return false;
	if ((value & CR0_NW) && !(value & CR0_CD))
		return false;
	if (!paging_switch(v, value, &efer))
		return false;
	changed = v->cr0 ^ value;
	if (pae_paging(value, v->cr4, efer) && (changed & CR0_PDPTE_RELOAD) &&
	    !load_pdptes(vm, v->cr3))
		return false;
	v->cr0 = value;
	v->efer = efer;
	vcpu_touch(v, ST_CR);
	if (changed & (CR0_PG | CR0_WP))
		flush(vm);
	control_apply(vm);
	return true;
}

bool control_write_cr4(struct vm *vm, uint64_t value)
{
	struct vcpu *v = &vm->vcpu;
	uint64_t changed;

	vcpu_need(v, ST_CR | ST_RIP);
	if (value & ~vm->policy.cr4_allowed)
		return false;
	if ((v->efer & EFER_LMA) && !(value & CR4_PAE))
		return false;
	changed = v->cr4 ^ value;
	/* CR4.LA57 cannot change while IA-32e paging is on; PCIDE needs it and PCID 0. */
	if ((v->efer & EFER_LMA) && (changed & CR4_LA57))
		return false;
	if ((changed & value & CR4_PCIDE) &&
	    (!(v->efer & EFER_LMA) || (v->cr3 & CR3_PCID)))
		return false;
	if (pae_paging(v->cr0, value, v->efer) && (changed & CR4_PDPTE_RELOAD) &&
	    !load_pdptes(vm, v->cr3))
		return false;
	v->cr4 = value;
	if (changed & CR4_PKE)
		policy_keys_on(&vm->policy, value & CR4_PKE);
	vcpu_touch(v, ST_CR);
	if (changed & CR4_FLUSH)
		flush(vm);
	control_apply(vm);
	return true;
}

bool control_write_cr3(struct vm *vm, uint64_t value)
{
	struct vcpu *v = &vm->vcpu;

	/* Under shadow tables all that is looked at here is software's own. */
	if (!vm->rung->shadow)
		vcpu_need(v, ST_CR | ST_RIP);
	if ((v->efer & EFER_LMA) && (v->cr4 & CR4_PCIDE))
		value &= ~CR3_NOFLUSH;
	if ((v->efer & EFER_LMA) && (value >> vm->policy.maxphyaddr))
		return false;
	if (pae_paging(v->cr0, v->cr4, v->efer) && !load_pdptes(vm, value))
		return false;
	v->cr3 = value;
	if (vm->rung->shadow) {
		/* Nothing of how the guest runs hangs on CR3 but the root. */
		shadowing_switch(vm);
		return true;
	}
	vcpu_touch(v, ST_CR);
	flush(vm);
	control_apply(vm);
	return true;
}

/* Four bits. SDM 3A "Task Priority" 10.8.6.1 */
static bool write_cr8(struct vm *vm, uint64_t value)
{
	struct vcpu *v = &vm->vcpu;

	vcpu_need(v, ST_CR | ST_RIP);
	if (value & ~CR8_TPR)
		return false;
	v->cr8 = value;
	vcpu_touch(v, ST_CR);
	/* The group goes in whole: CR3 and others have moved without an exit. */
	control_apply(vm);
	return true;
}

bool control_write_cr(struct vm *vm, unsigned number, uint64_t value)
{
	switch (number) {
	case 0:
		return control_write_cr0(vm, value);
	case 3:
		return control_write_cr3(vm, value);
	case 4:
		return control_write_cr4(vm, value);
	case 8:
		return write_cr8(vm, value);
	default:
		return false;
	}
}

bool control_write_efer(struct vm *vm, uint64_t value)
{
	struct vcpu *v = &vm->vcpu;

	vcpu_need(v, ST_CR);
	/* LMA is read-only: what is written to it is ignored. */
	if (value & ~(vm->policy.efer_allowed | EFER_LMA))
		return false;
	if (((v->efer ^ value) & EFER_LME) && (v->cr0 & CR0_PG))
		return false;
	value = (value & ~EFER_LMA) | (v->efer & EFER_LMA);
	if ((v->efer ^ value) & EFER_NXE)
		flush(vm);
	v->efer = value;
	vcpu_touch(v, ST_CR);
	control_apply(vm);
	return true;
}

uint64_t control_lmsw(uint64_t cr0, uint16_t operand)
{
	return (cr0 & ~(LMSW_BITS & ~CR0_PE)) | (operand & LMSW_BITS);
}

/*
 * The contract between the core and a vendor's backend: nine callbacks. Injection
 * and register writes need none: core edits the vcpu, vcpu_run() commits.
 */
#ifndef CORE_BACKEND_H
#define CORE_BACKEND_H

#include "core/exit.h"
#include "core/host.h"
#include "core/vcpu.h"
#include "mmu/err.h"
#include "mmu/format.h"
#include "mmu/frame.h"

#define CAPS_LISTED	24
#define CAPS_RAW	24

/* What this CPU's virtualisation hardware can do, in neutral words. */
struct hv_caps {
	const char	*missing;	/* NULL: usable; else what is not there or locked */
	bool		nested;		/* nested paging / EPT */
	bool		unrestricted;	/* runs a guest with PE or PG off under `nested` */
	bool		tags;		/* ASID / VPID */
	bool		masks;		/* CR0/CR4 guest/host masks and read shadows */
	bool		next_rip;	/* an exit tells its instruction's length */
	bool		pdptes;		/* MOV CR loads PAE PDPTEs; else each walk reads them */
	bool		paged_real;	/* runs PG=1, PE=0: real mode under tables, any segments */
	bool		nx;		/* tables have NX */
	bool		df_deliver;	/* #DF must exit: a triple fault may not */
	bool		pat_switch;	/* entry and exit switch the PAT */
	bool		lme_needs_pae;	/* LME without CR4.PAE must not reach the hardware */
	/* QEMU's TCG: breakpoints work for code alone, and where CS has base 0. */
	bool		break_flat;
	bool		efer_hidden;	/* the hardware's EFER has bits the guest must not see */
	unsigned	nested_largest;	/* largest nested leaf: level index */
	uint64_t	cr0_must, cr4_must, efer_must;	/* wanted set; PE and PG aside */
	uint64_t	cr4_can;	/* CR4 bits the CPU would let a guest set */
	struct control	listed[CAPS_LISTED];	/* for the record */
	unsigned	count;
	struct control	raw[CAPS_RAW];	/* the same in the CPU's own registers, likewise */
	unsigned	raw_count;
};

/* One physical CPU, as a backend needs it. Made by hv_start(). */
struct hv_cpu {
	const struct host_cpu	*host;
	struct frame_pool	*pool;
	const void		*idt_flat;	/* for LIDT: the host's IDT without IST stacks */
	struct hv_caps		caps;
	void			*own;		/* the backend's, between cpu_on and cpu_off */
};

struct hv_backend {
	const char		*name;
	const struct pt_format	*nested_format;

	/* Fill in caps. Touches nothing. */
	void (*probe)(const struct host_cpu *host, struct hv_caps *caps);
	/* Turn virtualisation on, for this CPU, and off again. */
	enum hv_err (*cpu_on)(struct hv_cpu *cpu) MUST_CHECK;
	void (*cpu_off)(struct hv_cpu *cpu);
	enum hv_err (*vcpu_init)(struct vcpu *vcpu, struct hv_cpu *cpu) MUST_CHECK;
	void (*vcpu_fini)(struct vcpu *vcpu);
	/*
	 * Commit what is dirty, enter, and say why the guest came back. On return only
	 * what the exit gave for free is valid. Host interrupts are taken here before returning.
	 */
	void (*vcpu_run)(struct vcpu *vcpu, struct exit *exit);
	/* Make these ST_* groups valid. Never touches a dirty group. */
	void (*state_fetch)(struct vcpu *vcpu, uint32_t groups);
	/* Before the next entry, drop this guest's translations: of one page, or (NULL) all. */
	void (*tlb_flush)(struct vcpu *vcpu, const gva_t *page);
	/* After EXIT_ENTRY_FAILED: the rule that was broken, with its clause, into text. */
	void (*entry_diagnose)(struct vcpu *vcpu, char *text, unsigned size);
};

#endif

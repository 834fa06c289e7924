/*
 * Why the guest stopped running, in neutral words. Backends fill this in; no
 * vendor's code numbers get past it except in `raw`, for messages.
 */
#ifndef CORE_EXIT_H
#define CORE_EXIT_H

#include "core/vcpu.h"

enum exit_reason {
	EXIT_CPUID,
	EXIT_MSR,
	EXIT_IO,
	EXIT_CR,
	EXIT_DR,
	EXIT_HLT,
	EXIT_HYPERCALL,
	EXIT_MEMORY,		/* nested fault: no such guest-physical memory, or not that way */
	EXIT_EXCEPTION,
	EXIT_HOST_INTERRUPT,
	EXIT_WINDOW,		/* the guest can take an interrupt or NMI now */
	EXIT_INVLPG,
	EXIT_SHADOW,		/* a page fault of our tables, not the guest's; told by core */
	EXIT_CACHE,		/* INVD, WBINVD */
	EXIT_TASK_SWITCH,
	EXIT_REFUSED_INSN,	/* one that this virtual CPU does not have: #UD */
	EXIT_TRIPLE_FAULT,
	EXIT_OTHER,		/* unknown: stops the guest */
	EXIT_ENTRY_FAILED,	/* the guest never ran; not counted */
	EXIT_REASONS
};

/* The record's name of a reason: "cpuid", "msr", ... */
const char *exit_reason_name(enum exit_reason reason);

struct exit {
	uint8_t		reason;		/* enum exit_reason */
	uint8_t		insn_len;	/* bytes; 0: not known, core decodes */
	bool		observed;	/* set by core: only observing made this exit */
	bool		decoded;	/* the union is filled in (CR, task: hardware may not) */
	uint64_t	raw;		/* the vendor's code */
	struct event	vectoring;	/* an event whose delivery this exit interrupted */
	union {
		struct { bool write; } msr;
		struct {
			uint16_t port;
			uint16_t rare;	/* IO_STRING, DR7's L0 to G3: nearly always 0 */
			uint8_t size;	/* bytes */
			bool in;
		} io;
		struct {
			uint8_t number;
			uint8_t gpr;
			uint8_t kind;	/* enum cr_access */
			uint16_t lmsw;	/* CR_LMSW: the operand */
		} cr;
		struct { uint8_t number, gpr; bool write; } dr;
		struct {
			gpa_t gpa;
			bool write, fetch;
		} memory;
		struct event exception;	/* ready to be raised in the guest */
		gva_t address;		/* EXIT_INVLPG, when `decoded` */
		struct { uint8_t vector; } refused;	/* the fault: #UD, or #GP */
		struct { uint16_t selector; uint8_t source; bool has_error; uint32_t error; } task;
	};
};

#define IO_STRING	BIT(8)	/* INS, OUTS */

enum cr_access { CR_WRITE, CR_READ, CR_CLTS, CR_LMSW };

#endif

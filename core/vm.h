/*
 * One virtual machine: its memory, CPU policy, devices, vcpu, and how it ended.
 */
#ifndef CORE_VM_H
#define CORE_VM_H

#include "core/backend.h"
#include "core/board.h"
#include "core/debug.h"
#include "core/emulate/emulate.h"
#include "core/mtrr.h"
#include "core/picture.h"
#include "core/policy.h"
#include "core/strategy.h"
#include "core/tally.h"
#include "mmu/guest_mem.h"
#include "mmu/ptab.h"
#include "mmu/shadow.h"
#include "mmu/walk.h"

#define VM_EXIT_PORT	0xf4	/* a byte written here ends the guest */

enum vm_end {
	END_NOT, END_EXIT, END_HALT, END_TRIPLE_FAULT, END_LIMIT, END_STOPPED,
	END_ENTRY_FAILED, END_RESET, END_UNTIL
};

/* The last write to a table that had to be left to the guest. */
struct shadowing_stuck { uint64_t rip, address; unsigned count, others; };

/*
 * Where the hardware fetches a page of code from under one root. While the shadow has
 * not lost what leads there, it still does. All zeros: none.
 */
#define CODE_PAGES	8	/* a power of two; by root */
struct code_page {
	uint64_t	page, generation;
	unsigned	root;
	const uint8_t	*host;
};

/* The last bytes of the guest's serial output beside the text that ends it. */
struct vm_until {
	const char	*text;
	unsigned	size;		/* 0: nothing ends it */
	uint64_t	seen;		/* bit n: the last n + 1 bytes are the text's first */
};

struct vm {
	struct guest_mem	mem;
	struct ptab		nested;		/* guest-physical to host-physical */
	struct shadow		shadow;		/* where the rung has no nested tables */
	struct shadowing_stuck	stuck;
	struct walk_mode	walk_mode;	/* what the root was chosen for */
	uint64_t		root_given;	/* the last root that the backend was given */
	struct policy		policy;
	struct mtrrs		mtrrs;
	struct walk_trail	code_trail;	/* of the last instruction looked at */
	struct code_page	code_page[CODE_PAGES];	/* the same, under shadow tables */
	struct emu		emu;		/* the emulator's view of this vm: core/assist.c */
	struct emu_cache	decoded;	/* by the emulator */
	const struct msr_policy	*last_msr;	/* the last one found: nearly always the next */
	struct board		board;		/* the virtual PC */
	struct vcpu		vcpu;
	struct hw_view		hw;		/* the strategy's last answer */
	/* While emulating, dirty groups outside vcpu.dirty: it knows of them, or not yet. */
	uint32_t		answered, touched;
	struct tally		tally;
	struct pictures		pictures;
	struct vm_until		until;		/* text that ends the guest */
	uint64_t		limit;		/* TSC units from the first entry; 0: none */
	uint64_t		deadline;	/* the TSC when it is used up */
	uint64_t		wake;		/* the TSC when that or a device's is due */

	const struct rung	*rung;
	struct rung_options	options;
	const struct hv_backend	*backend;
	struct hv_cpu		*cpu;
	struct host_io		*io;
	struct trace		*trace;		/* or NULL: core/trace.h */
	struct debug		*debug;		/* or NULL: core/debug.h */

	enum vm_end		end;
	uint32_t		end_code;
	char			end_reason[256];
};

/* End the guest. The first end wins. */
void vm_finish(struct vm *vm, enum vm_end end, uint32_t code,
	       const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Run until the guest ends. */
void vm_run(struct vm *vm);

/* Make these state groups valid. */
static inline void vcpu_need(struct vcpu *v, uint32_t groups)
{
	if (groups & ~v->valid)
		v->vm->backend->state_fetch(v, groups & ~v->valid);
}

#endif

/*
 * The emulator: one guest instruction, fetched, decoded and carried out on the
 * neutral vcpu. Pure C; reaches the world only through struct emu_ops.
 */
#ifndef CORE_EMULATE_H
#define CORE_EMULATE_H

#include "core/emulate/decode.h"
#include "core/fx.h"
#include "core/vcpu.h"
#include "mmu/walk.h"

enum emu_status {
	EMU_OK,			/* done: RIP is past it (or at its target, or on a REP) */
	EMU_FAULT,		/* the guest gets emu->fault; registers as before the instruction */
	EMU_HALT,		/* HLT: RIP is past it */
	EMU_STOP,		/* not carried out: emu->why says why; registers as before */
};

enum emu_x87_word { EMU_X87_CONTROL, EMU_X87_STATUS };

/*
 * What an instruction may need of the world around it. Every callback that returns bool
 * says false to raise the fault that the callback put into emu->fault, or as said there.
 */
struct emu;
struct emu_ops {
	/*
	 * One access to guest-physical memory that is no RAM, 1 to 8 bytes, inside one page.
	 * Never a fetch of code, nor of an entry of the guest's page tables: those read ones.
	 */
	void (*mmio)(struct emu *emu, gpa_t at, void *data, unsigned size, bool write);
	bool (*port)(struct emu *emu, uint16_t port, uint32_t *value, unsigned size, bool write);
	void (*cpuid)(struct emu *emu, uint32_t leaf, uint32_t subleaf, uint32_t out[4]);
	bool (*msr)(struct emu *emu, uint32_t number, uint64_t *value, bool write);
	/* MOV to CR0, CR3, CR4, CR8 (LMSW and CLTS too): checks, side effects. */
	bool (*write_cr)(struct emu *emu, unsigned number, uint64_t value);
	uint64_t (*read_tsc)(struct emu *emu);
	void (*invlpg)(struct emu *emu, gva_t address);
	/* FNINIT on the guest's x87 state, which stays in the CPU; may be NULL: a stop. */
	void (*fninit)(struct emu *emu);
	/* FNSTCW, FNSTSW: a word of that state; may be NULL: a stop. */
	uint16_t (*x87_word)(struct emu *emu, enum emu_x87_word which);
	/*
	 * FXSAVE, FXRSTOR of the guest's x87 and SSE state (FXSAVE64, FXRSTOR64 when wide).
	 * What is restored has no reserved bit of MXCSR set. False, or NULL: there is no such
	 * state here, a stop.
	 */
	bool (*fxsave)(struct emu *emu, struct fx_image *image, bool wide);
	bool (*fxrstor)(struct emu *emu, const struct fx_image *image, bool wide);
	/* The guest's PKRU, which stays in the CPU. CR4.PKE is set; may be NULL: a stop. */
	uint32_t (*rdpkru)(struct emu *emu);
	void (*wrpkru)(struct emu *emu, uint32_t value);
	/* VMCALL, on AMD VMMCALL: false, or NULL: #UD. */
	bool (*hypercall)(struct emu *emu);
	/* Make these ST_* groups valid, that need not be so beforehand; may be NULL: all are. */
	void (*need)(struct emu *emu, uint32_t groups);
	/* Told of every RAM write before it is made (shadow paging); may be NULL. */
	void (*before_write)(struct emu *emu, gpa_t at, unsigned size);
};

/*
 * Instructions decoded before, found again by address and believed only while
 * their bytes are the same: self-modifying code costs time, never truth. All
 * zeros: none. A line holds nothing of one guest's state.
 */
#define EMU_LINES	64	/* a power of two */

struct op;
struct emu_line {
	struct insn		insn;
	const struct op		*op;	/* its row; NULL: refused by name */
	uint8_t			bits;	/* 16, 32, 64: decoded so; 0: empty */
	uint8_t			width;	/* operand size in bytes */
	bool			plain;	/* carried out in any mode, at any CPL, on registers */
	uint64_t		pad[5];	/* a power of two in all: found by a shift */
};
_Static_assert(!(sizeof(struct emu_line) & (sizeof(struct emu_line) - 1)), "a power of two");

struct emu_cache {
	struct emu_line		line[EMU_LINES];
};

/* The groups that what touches memory mostly does without. */
#define EMU_LATE	(ST_CR2 | ST_REST | ST_DTR | ST_PAT)

/* All that is not said here is zero before the first step. */
struct emu {
	struct vcpu		*vcpu;		/* every ST_* group valid (ST_MSR: see ops->need) */
	const struct guest_mem	*mem;
	const struct emu_ops	*ops;
	void			*opaque;	/* the ops' own */
	struct emu_cache	*cache;		/* or NULL; may outlive this struct; stays */
	/* CPU facts the instruction set depends on. */
	uint8_t			maxphyaddr;
	uint8_t			linear_bits;	/* bases have as many, whatever the paging */
	bool			pse36, page1g, nx, amd;	/* amd: where the vendors differ */
	bool			partial;	/* EMU_LATE need not be valid: emu_step() asks */
	bool			resumed;	/* hardware was at it: no instruction breakpoint */
	bool			leave;		/* set by an op: no further one in this call */
	/* Results. */
	struct event		fault;		/* EMU_FAULT */
	const char		*why;		/* EMU_STOP: static text */
	const struct insn	*insn;		/* EMU_STOP: as decoded */
	/* The emulator's own. */
	struct emu_line		*lines;		/* the cache's, or the next */
	uint32_t		line_mask;
	struct emu_line		own;
};

/* Bound on REP iterations per call: the guest can never hold the host longer. */
#define EMU_REP_MAX	512

/*
 * A trap (TF, a new task's T flag, breakpoints on data and ports) is left in
 * vcpu->pending with EMU_OK, DR6 set already; an instruction breakpoint is a fault.
 * One exception to "as before": a fault in the last steps of a task switch is the
 * new task's, whose registers are in place then. emu_deliver() leaves a trap, too:
 * pushes are data.
 */
struct emu_stretch {
	unsigned	most, done;	/* instructions: at most, but one; and so far */
	/*
	 * Ask enough() whether to stop after an instruction that leaves one of these ST_*
	 * groups dirty; 0: never. It makes them clean, and may change all of this.
	 */
	uint32_t	watch;
	bool		(*enough)(struct emu *emu, struct emu_stretch *stretch);
};

/*
 * Instructions one after another, while all is well (EMU_OK), no trap is pending, and no op
 * has said emu->leave. What is not EMU_OK is the last one's. NULL: only one.
 */
enum emu_status emu_run(struct emu *emu, struct emu_stretch *stretch);

static inline enum emu_status emu_step(struct emu *emu)
{
	return emu_run(emu, NULL);
}

/*
 * In real mode: how many instructions from RIP on to be past the last one that faults or
 * exits in virtual-8086 mode, of the next `most` up to one that is not for emu_step();
 * 0: there is none. `flags`: IOPL is below 3, so that those on IF are of them.
 * Branches are not followed: it is a guess. Changes nothing of the guest.
 */
unsigned emu_ahead(struct emu *emu, unsigned most, bool flags);

/*
 * Deliver an event through the guest's IVT or IDT in software: real mode, protected
 * mode and long mode, gates, stack switches, error codes, interrupt task gates. On EMU_FAULT
 * the delivery itself faulted (emu->fault); combining faults is the caller's (core/event.h).
 */
enum emu_status emu_deliver(struct emu *emu, const struct event *event);

#endif

/*
 * What the emulator's own files share: one instruction (or one delivery) in
 * progress. Nobody outside core/emulate includes this.
 *
 * A handler returns true when the instruction is complete, and false after
 * exec_fault() or exec_stop(). RIP and RFLAGS are changed only through `next`
 * and `flags`, committed when the handler has returned true; other registers
 * are written once nothing can fault any more.
 */
#ifndef CORE_EMULATE_EXEC_H
#define CORE_EMULATE_EXEC_H

#include "core/emulate/decode_defs.h"
#include "core/emulate/emulate.h"
#include "core/emulate/opcodes.h"

/* The CRC-32C polynomial 11EDC6F41H, bits reflected. SDM 2A "CRC32" */
#define CRC32C_REFLECTED	0x82f63b78u

struct exec;

struct op {
	bool (*fn)(struct exec *x);
	uint8_t dst, src, imm, access, modes, privilege, lock, width;
};

/* An operand in memory, translated and allowed: using it cannot fault. */
struct memref {
	uint8_t	*ptr[2];	/* host memory; NULL: a device */
	gpa_t	at[2];
	uint16_t size[2];	/* [1]: bytes on the second page, often 0 */
	bool	rom[2];		/* writes are dropped */
};

struct exec {
	struct emu	*emu;
	struct vcpu	*v;
	const struct insn *insn;
	const struct op	*op;
	uint64_t	dst, src;	/* operand values around the handler */
	uint64_t	flags;		/* RFLAGS to be */
	uint64_t	next;		/* RIP to be */
	uint64_t	offset;		/* effective address */
	uint64_t	g, a;		/* second results: see write_g, write_a */
	uint8_t		seg;		/* ... and its segment */
	uint8_t		width;		/* operand size in bytes */
	uint8_t		bits;		/* 16, 32 or 64: the code segment's */
	/* What is zero (EMU_OK, false) when an instruction begins. */
	union {
		uint64_t	fresh[2];
		struct {
			uint16_t	stack_error;	/* of a #SS: a new stack's selector */
			uint8_t		shadow;	/* to be: SHADOW_STI, SHADOW_MOV_SS */
			uint8_t		status;	/* enum emu_status */
			bool		write_g, write_a;	/* to ModRM.reg, the accumulator */
			bool		keep_rf, no_trap;	/* at commit: RF; step trap */
			bool		switched;	/* a task switch cannot go back */
			bool		external;	/* an event nobody asked for */
			uint8_t		hits;	/* DR6_B of the breakpoints on its data */
		};
	};
	struct memref	ref;
};

/* Where to look for decoded lines: among many, or always the one. */
static inline void emu_lines(struct emu *emu)
{
	if (emu->lines)
		return;
	emu->lines = emu->cache ? emu->cache->line : &emu->own;
	emu->line_mask = emu->cache ? EMU_LINES - 1 : 0;
}

#define ERROR_EXT	BIT(0)
#define ERROR_IDT	BIT(1)
#define SELECTOR_TI	BIT(2)
#define SELECTOR_RPL	BITS(1, 0)
#define SELECTOR_INDEX	0xfff8u
#define SELECTOR_ERROR	0xfffcu	/* what of a selector goes into an error code */

/* emulate.c: beginning and ending */
void exec_begin(struct exec *x, struct emu *emu);
bool exec_fault(struct exec *x, uint8_t vector);
bool exec_fault_error(struct exec *x, uint8_t vector, uint32_t error);
bool exec_stop(struct exec *x, const char *why);
/* A unit's state is switched off, or another task's. True: that fault was raised. */
bool exec_unit_faults(struct exec *x, enum vector_kind kind);
/* What has no row: done after all, or refused by name. */
bool exec_refuse(struct exec *x);
/* The fault that a callback has put into emu->fault. */
bool exec_fault_given(struct exec *x);
static inline bool exec_ud(struct exec *x) { return exec_fault(x, VEC_UD); }
static inline bool exec_gp0(struct exec *x) { return exec_fault_error(x, VEC_GP, 0); }
/* Build anew what depends on EFER and CS. */
void exec_refresh(struct exec *x);

static inline bool exec_code64(const struct exec *x) { return x->bits == 64; }
static inline bool exec_vm86(const struct exec *x) { return x->v->rflags & RFLAGS_VM; }
/* Protected mode proper: descriptors and rings. */
static inline bool exec_protected(const struct exec *x)
{
	return x->v->cr0 & CR0_PE && !exec_vm86(x);
}

/* segment.c: logical to linear addresses */
bool seg_linear(struct exec *x, unsigned seg, uint64_t offset, unsigned size,
		unsigned access, uint64_t *linear);
static inline bool seg_canonical(const struct exec *x, uint64_t address)
{
	unsigned shift = x->v->cr4 & CR4_LA57 ? 64 - 57 : 64 - 48;

	return (uint64_t)((int64_t)(address << shift) >> shift) == address;
}

/*
 * What a base register takes: as wide as the CPU's linear addresses can be, whether
 * CR4.LA57 is set or not. SDM 1 "Canonical Addressing" 3.3.7.1
 */
static inline bool seg_canonical_base(const struct exec *x, uint64_t base)
{
	unsigned shift = x->emu->linear_bits ? 64 - x->emu->linear_bits : 64 - 48;

	return (uint64_t)((int64_t)(base << shift) >> shift) == base;
}
/* #GP(0) unless RIP may become this. */
bool seg_check_rip(struct exec *x, uint64_t rip);

/* memory.c: linear addresses to memory */
bool lin_open(struct exec *x, uint64_t linear, unsigned size, unsigned access,
	      struct memref *ref);
/* An operand inside one page whose translation is known. */
void ref_place(struct exec *x, gpa_t at, unsigned size, unsigned access, struct memref *ref);
uint64_t ref_load(struct exec *x, const struct memref *ref);
void ref_store(struct exec *x, const struct memref *ref, uint64_t value);
/* Atomic where the operand is guest RAM in one page; else load, compare, store. */
bool ref_cas(struct exec *x, const struct memref *ref, uint64_t old, uint64_t value);
/* access.c: operands of instructions */
/* The user's access right by CPL, with `access` for the rest. */
bool mem_open(struct exec *x, unsigned seg, uint64_t offset, unsigned size,
	      unsigned access, struct memref *ref);
bool mem_load(struct exec *x, unsigned seg, uint64_t offset, unsigned size, uint64_t *value);
bool mem_store(struct exec *x, unsigned seg, uint64_t offset, unsigned size, uint64_t value);
/* System structures: no segment, supervisor whatever the CPL. */
bool sys_load(struct exec *x, uint64_t linear, unsigned size, uint64_t *value);
bool sys_store(struct exec *x, uint64_t linear, unsigned size, uint64_t value);

/*
 * fetch.c: the instruction at CS:RIP; insn, op and width are set. NULL: a fault. `emu` and
 * `v` are those of `x`.
 */
const struct emu_line *fetch(struct exec *x, struct emu *emu, const struct vcpu *v);
/*
 * The code in real mode at CS:RIP, which is `linear`, and how far from there instructions
 * may begin. NULL: it is near a limit or a page's end, or not in the first slot.
 */
const uint8_t *fetch_room(const struct emu *emu, uint64_t linear, uint64_t *room);
/* The instruction there, no fault being raised. NULL: there is none. */
const struct emu_line *fetch_ahead(struct emu *emu, unsigned bits, uint64_t linear,
				   const uint8_t *from);

/* operand.c */
uint64_t reg_load(const struct exec *x, unsigned reg, unsigned size);
void reg_store(struct exec *x, unsigned reg, unsigned size, uint64_t value);
void operand_address(struct exec *x);
bool operand_run(struct exec *x);
/* The same, of one that names no memory by ModRM. */
bool operand_run_registers(struct exec *x);
/* ModRM.rm at this size, register or memory. */
bool rm_load(struct exec *x, unsigned size, uint64_t *value);
bool rm_store(struct exec *x, unsigned size, uint64_t value);

/* Of 1, 2, 4 or 8 bytes. */
static inline uint64_t width_mask(unsigned size)
{
	static const uint64_t mask[] = {
		[1] = UINT8_MAX, [2] = UINT16_MAX, [4] = UINT32_MAX, [8] = UINT64_MAX
	};

	return mask[size];
}

static inline int64_t width_sign(uint64_t value, unsigned size)
{
	return (int64_t)(value << (64 - 8 * size)) >> (64 - 8 * size);
}

/* A register's value after its low `size` bytes were replaced as the ISA does it. */
static inline uint64_t width_merge(uint64_t old, uint64_t value, unsigned size)
{
	return size == 8 ? value : size == 4 ? (uint32_t)value :
	       (old & ~width_mask(size)) | (value & width_mask(size));
}

/* flags.c */
bool flags_condition(const struct exec *x, unsigned condition);
static inline void flags_put(struct exec *x, uint64_t mask, bool set)
{
	x->flags = (x->flags & ~mask) | (set ? mask : 0);
}

/* stack.c */
unsigned stack_width(const struct exec *x);
/* Moves *sp only; the caller commits it by stack_commit() in the end. */
bool stack_push(struct exec *x, uint64_t *sp, unsigned size, uint64_t value);
bool stack_pop(struct exec *x, uint64_t *sp, unsigned size, uint64_t *value);
void stack_commit(struct exec *x, uint64_t sp);

/* x87.c, sse.c: what of them is done after all; else a stop */
bool x87_step(struct exec *x);
bool sse_step(struct exec *x);

/* dispatch.c: NULL for what is refused by name. */
const struct op *op_find(const struct insn *insn);

#define OP(code, name, ...)		bool op_##name(struct exec *x);
#define CHECKED(code, name, ...)	bool op_##name(struct exec *x);
#define OP_SPECIAL(code, name, ...)	bool op_##name(struct exec *x);
#define SUB(g, reg, name, ...)		bool op_##name(struct exec *x);
#define SUBM(g, reg, name, ...)		bool op_##name(struct exec *x);
#define SUBR(g, reg, name, ...)		bool op_##name(struct exec *x);
#define GROUP(code, g)
#define GROUP_CHECKED(code, g)
#define GROUP_SPECIAL(code, g)
#define VECTOR(code, kind, imm)
#define SPECIAL(code)
#include "core/emulate/opcodes_one.h"
#include "core/emulate/opcodes_0f.h"
#include "core/emulate/opcodes_group.h"
#undef OP
#undef CHECKED
#undef OP_SPECIAL
#undef SUB
#undef SUBM
#undef SUBR
#undef GROUP
#undef GROUP_CHECKED
#undef GROUP_SPECIAL
#undef VECTOR
#undef SPECIAL
#undef EIGHT
bool op_movbe(struct exec *x);
bool op_movbe_to(struct exec *x);
bool op_crc32(struct exec *x);
bool op_adx(struct exec *x);

#endif

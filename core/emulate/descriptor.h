/*
 * Descriptors as they lie in memory, the TSS, and the loads of segment
 * registers from them. SDM 3A "Segment Descriptors" 3.4.5, "Task-State
 * Segment" 7.2; APM vol. 2 "Descriptors" 4.7, 4.8.
 */
#ifndef CORE_EMULATE_DESCRIPTOR_H
#define CORE_EMULATE_DESCRIPTOR_H

#include "core/emulate/exec.h"

#define DESC_SIZE	8u
#define DESC_SIZE_LONG	16u
#define DESC_LIMIT_LOW	BITS(15, 0)
#define DESC_LIMIT_HIGH	BITS(51, 48)
#define DESC_BASE_LOW	BITS(39, 16)
#define DESC_BASE_HIGH	BITS(63, 56)
#define DESC_AR_SHIFT	40
#define DESC_AR		0xf0ffu		/* AR_* without AR_UNUSABLE */
#define LAR_MASK	0x00f0ff00u	/* what LAR shows of the upper half */
#define DESC_TYPE_BYTE	5u		/* the byte with type, S, DPL, P */
#define DESC_UPPER_TYPE	BITS(12, 8)	/* of a 16-byte descriptor's upper half: zero */

#define GATE_OFFSET_LOW	BITS(15, 0)
#define GATE_SELECTOR	BITS(31, 16)
#define GATE_COUNT	BITS(36, 32)	/* call gates */
#define GATE_IST	BITS(34, 32)	/* 64-bit interrupt and trap gates */
#define GATE_OFFSET_MID	BITS(63, 48)

/* System types, in AR_TYPE. */
#define SYS_TSS16	1u
#define SYS_LDT		2u
#define SYS_CALL16	4u
#define SYS_TASK	5u
#define SYS_INT16	6u
#define SYS_TRAP16	7u
#define SYS_TSS32	9u
#define SYS_CALL32	12u
#define SYS_INT32	14u
#define SYS_TRAP32	15u
#define SYS_BUSY	2u	/* in a TSS's type */
#define SYS_32		8u	/* in a gate's or TSS's type: not 16-bit */
#define SYS_TRAP	1u	/* in an interrupt gate's type: IF stays */

#define TSS_IO_BASE	102u	/* 32- and 64-bit TSS */
#define TSS_IST1	36u
#define TSS_LIMIT16	43u
#define TSS_LIMIT32	103u

struct desc {
	uint64_t	low, high;	/* high: 16-byte system descriptors */
	uint64_t	at;		/* linear */
	uint16_t	sel;
	uint32_t	ar;
};

static inline unsigned desc_dpl(const struct desc *d)
{
	return FIELD_GET(AR_DPL, d->ar);
}

static inline unsigned desc_type(const struct desc *d)
{
	return d->ar & AR_TYPE;
}

static inline bool desc_is_code(const struct desc *d)
{
	return (d->ar & (AR_S | AR_TYPE_CODE)) == (AR_S | AR_TYPE_CODE);
}

static inline bool desc_is_conforming(const struct desc *d)
{
	return d->ar & AR_TYPE_DOWN;
}

static inline bool sel_is_null(uint16_t sel)
{
	return !(sel & SELECTOR_ERROR);
}

/* Read a descriptor; out of its table: `vector` with the selector. */
bool desc_read(struct exec *x, uint16_t sel, uint8_t vector, struct desc *d);
/* Whether the selector lies in its table; no fault. */
bool desc_in_table(const struct exec *x, uint16_t sel, uint64_t *at);
/* The upper half of a 16-byte descriptor; in `d` afterwards. */
bool desc_read_high(struct exec *x, uint8_t vector, struct desc *d);
void desc_to_seg(const struct desc *d, struct vcpu_seg *seg);
/* Set bits in the type byte in memory, atomically. */
bool desc_set_type(struct exec *x, struct desc *d, unsigned set, unsigned clear);
bool desc_set_accessed(struct exec *x, struct desc *d);
/* `vector` with the selector as error code. */
bool desc_fault(struct exec *x, uint8_t vector, uint16_t sel);

/* Load ES, SS, DS, FS or GS in any mode, with all checks. */
bool seg_load(struct exec *x, unsigned seg, uint16_t sel);
void seg_load_real(struct exec *x, unsigned seg, uint16_t sel);
void seg_load_vm86(struct exec *x, unsigned seg, uint16_t sel);
void seg_load_null(struct exec *x, unsigned seg, uint16_t sel);
/* ES, DS, FS, GS in protected mode; bad descriptors fault with `vector`. */
bool seg_load_data(struct exec *x, unsigned seg, uint16_t sel, uint8_t vector);
/* SS for a privilege level: faults with `vector` (#TS or #GP). */
bool seg_load_stack(struct exec *x, uint16_t sel, unsigned cpl, uint8_t vector);
/* CS from a descriptor that has passed its checks; RPL becomes cpl, and CPL too. */
bool seg_load_code(struct exec *x, struct desc *d, unsigned cpl);
void seg_touch(struct exec *x, unsigned seg);
/* Whether a code descriptor may be one: long mode forbids L with D. */
bool desc_long_valid(const struct exec *x, const struct desc *d);
/* Data segments that CPL may not keep, after a return outward, become null. */
void seg_drop_inner(struct exec *x);

/* Run a handler that changes state as it goes; all is put back when it fails. */
bool exec_guarded(struct exec *x, bool (*body)(struct exec *x));

/* Checks of a code segment that a far RET or IRET goes to. */
bool far_return_target(struct exec *x, uint16_t sel, struct desc *d);
/*
 * Leave for that code segment; with `stack`, to SS:sp of the caller's frame too.
 */
bool far_return(struct exec *x, struct desc *d, uint64_t rip, bool stack,
		uint16_t ss, uint64_t sp);
/* To an inner level: CS, CPL, then the stack, ready to be pushed on. */
bool stack_switch(struct exec *x, struct desc *cs, uint16_t ss, uint64_t sp);

/* The kind of a task switch. */
enum task_source { TASK_JMP, TASK_CALL, TASK_IRET, TASK_GATE };
struct task_switch {
	uint16_t	sel;
	uint8_t		source;		/* enum task_source */
	bool		has_error;
	uint32_t	error;
};
/* Inside exec_guarded(); x->next: the return address saved in the old TSS. */
bool task_switch(struct exec *x, const struct task_switch *ts);

/* SS:rSP for a privilege level from the current TSS. */
bool tss_stack(struct exec *x, unsigned cpl, uint16_t *ss, uint64_t *sp);

/* Through IVT or IDT; x->next is the return address. Inside exec_guarded(). */
bool deliver_event(struct exec *x, const struct event *event);
/* A software interrupt of this instruction. */
bool deliver_soft(struct exec *x, uint8_t kind, uint8_t vector);

#endif

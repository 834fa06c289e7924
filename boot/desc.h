/*
 * The hypervisor's own descriptor tables: GDT, TSS and two IDTs. Knows where
 * the vectors enter, not what they do.
 */
#ifndef BOOT_DESC_H
#define BOOT_DESC_H

#include "core/x86_insn.h"

#define SEL_CODE64	0x08	/* also in boot/asm_defs.inc */
#define SEL_DATA	0x10
#define SEL_TSS		0x18

#define DESC_CODE64	UINT64_C(0x00209b0000000000)	/* L, present, execute/read, accessed */
#define DESC_DATA	UINT64_C(0x00cf93000000ffff)	/* flat, present, read/write, accessed */
#define DESC_TSS_TYPE	UINT64_C(0x0000890000000000)	/* 64-bit TSS, available, present */

#define GATE_INTERRUPT	0x8e00u				/* 64-bit, DPL 0, present */

/* SDM 3A "64-Bit Mode IDT" 6.14.1 */
struct idt_gate {
	uint16_t	offset_low;
	uint16_t	selector;
	uint16_t	attributes;	/* IST in bits 2:0 */
	uint16_t	offset_middle;
	uint32_t	offset_high;
	uint32_t	reserved;
};
_Static_assert(sizeof(struct idt_gate) == 16, "IDT gate");

#define IDT_VECTORS	256

/* SDM 3A "Task Management in 64-bit Mode" 7.7 */
struct tss64 {
	uint32_t	reserved0;
	uint64_t	rsp[3];
	uint64_t	reserved1;
	uint64_t	ist[7];
	uint64_t	reserved2;
	uint16_t	reserved3;
	uint16_t	io_map;
} __attribute__((packed));
_Static_assert(sizeof(struct tss64) == 104, "TSS");

enum { IST_NONE, IST_DF, IST_NMI, IST_MC };

/* Load them all; the IDT with ISTs. */
void desc_init(void);

/* The GDT and the IDT with ISTs, after a guest: its exits leave other limits, or IDTs. */
void desc_reload(void);

/*
 * The same gates on the current stack, for the time that the guest's TR is live
 * in the CPU: an IST entry would be looked up in the guest's TSS.
 */
extern struct x86_dtr desc_idtr_no_ist;
extern struct x86_dtr desc_idtr;

#endif

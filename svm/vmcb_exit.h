/*
 * #VMEXIT codes and what EXITINFO1 and EXITINFO2 hold for each; knows no handler.
 * APM vol. 2 appendix C "SVM Intercept Exit Codes".
 */
#ifndef SVM_VMCB_EXIT_H
#define SVM_VMCB_EXIT_H

#include "mmu/bits.h"

enum svm_exit {
	SVM_EXIT_CR0_READ		= 0x000,	/* CRn: + n, to 0x00f */
	SVM_EXIT_CR2_READ		= 0x002,
	SVM_EXIT_CR3_READ		= 0x003,
	SVM_EXIT_CR4_READ		= 0x004,
	SVM_EXIT_CR8_READ		= 0x008,
	SVM_EXIT_CR15_READ		= 0x00f,
	SVM_EXIT_CR0_WRITE		= 0x010,	/* CRn: + n, to 0x01f */
	SVM_EXIT_CR2_WRITE		= 0x012,
	SVM_EXIT_CR3_WRITE		= 0x013,
	SVM_EXIT_CR4_WRITE		= 0x014,
	SVM_EXIT_CR8_WRITE		= 0x018,
	SVM_EXIT_CR15_WRITE		= 0x01f,
	SVM_EXIT_DR0_READ		= 0x020,	/* DRn: + n, to 0x02f */
	SVM_EXIT_DR15_READ		= 0x02f,
	SVM_EXIT_DR0_WRITE		= 0x030,	/* DRn: + n, to 0x03f */
	SVM_EXIT_DR15_WRITE		= 0x03f,
	SVM_EXIT_EXCP0			= 0x040,	/* vector v: + v, to 0x05f */
	SVM_EXIT_EXCP31			= 0x05f,
	SVM_EXIT_INTR			= 0x060,
	SVM_EXIT_NMI			= 0x061,
	SVM_EXIT_SMI			= 0x062,
	SVM_EXIT_INIT			= 0x063,
	SVM_EXIT_VINTR			= 0x064,
	SVM_EXIT_CR0_SEL_WRITE		= 0x065,
	SVM_EXIT_IDTR_READ		= 0x066,
	SVM_EXIT_GDTR_READ		= 0x067,
	SVM_EXIT_LDTR_READ		= 0x068,
	SVM_EXIT_TR_READ		= 0x069,
	SVM_EXIT_IDTR_WRITE		= 0x06a,
	SVM_EXIT_GDTR_WRITE		= 0x06b,
	SVM_EXIT_LDTR_WRITE		= 0x06c,
	SVM_EXIT_TR_WRITE		= 0x06d,
	SVM_EXIT_RDTSC			= 0x06e,
	SVM_EXIT_RDPMC			= 0x06f,
	SVM_EXIT_PUSHF			= 0x070,
	SVM_EXIT_POPF			= 0x071,
	SVM_EXIT_CPUID			= 0x072,
	SVM_EXIT_RSM			= 0x073,
	SVM_EXIT_IRET			= 0x074,
	SVM_EXIT_SWINT			= 0x075,
	SVM_EXIT_INVD			= 0x076,
	SVM_EXIT_PAUSE			= 0x077,
	SVM_EXIT_HLT			= 0x078,
	SVM_EXIT_INVLPG			= 0x079,
	SVM_EXIT_INVLPGA		= 0x07a,
	SVM_EXIT_IOIO			= 0x07b,
	SVM_EXIT_MSR			= 0x07c,
	SVM_EXIT_TASK_SWITCH		= 0x07d,
	SVM_EXIT_FERR_FREEZE		= 0x07e,
	SVM_EXIT_SHUTDOWN		= 0x07f,
	SVM_EXIT_VMRUN			= 0x080,
	SVM_EXIT_VMMCALL		= 0x081,
	SVM_EXIT_VMLOAD			= 0x082,
	SVM_EXIT_VMSAVE			= 0x083,
	SVM_EXIT_STGI			= 0x084,
	SVM_EXIT_CLGI			= 0x085,
	SVM_EXIT_SKINIT			= 0x086,
	SVM_EXIT_RDTSCP			= 0x087,
	SVM_EXIT_ICEBP			= 0x088,
	SVM_EXIT_WBINVD			= 0x089,
	SVM_EXIT_MONITOR		= 0x08a,
	SVM_EXIT_MWAIT			= 0x08b,
	SVM_EXIT_MWAIT_CONDITIONAL	= 0x08c,
	SVM_EXIT_XSETBV			= 0x08d,
	SVM_EXIT_RDPRU			= 0x08e,
	SVM_EXIT_EFER_WRITE_TRAP	= 0x08f,
	SVM_EXIT_CR0_WRITE_TRAP		= 0x090,	/* CRn: + n, to 0x09f */
	SVM_EXIT_CR15_WRITE_TRAP	= 0x09f,
	SVM_EXIT_INVLPGB		= 0x0a0,
	SVM_EXIT_INVLPGB_ILLEGAL	= 0x0a1,
	SVM_EXIT_INVPCID		= 0x0a2,
	SVM_EXIT_MCOMMIT		= 0x0a3,
	SVM_EXIT_TLBSYNC		= 0x0a4,
	SVM_EXIT_BUSLOCK		= 0x0a5,
	SVM_EXIT_IDLE_HLT		= 0x0a6,
	SVM_EXIT_NPF			= 0x400,
	SVM_EXIT_AVIC_INCOMPLETE_IPI	= 0x401,
	SVM_EXIT_AVIC_NOACCEL		= 0x402,
	SVM_EXIT_VMGEXIT		= 0x403,
};

/* The negative codes, as the 64-bit member holds them. */
#define SVM_EXIT_INVALID	(~UINT64_C(0))		/* -1: VMRUN refused */
#define SVM_EXIT_BUSY		(~UINT64_C(0) - 1)	/* -2: the VMSA is in use */
#define SVM_EXIT_LOW		BITS(31, 0)	/* what 32-bit writers fill */
#define SVM_EXIT_CR_NUMBER	BITS(3, 0)	/* of CRn reads and writes */

/* CR and DR accesses, EXITINFO1 ("Decode Assists") */
#define SVM_CR_INFO_MOV		BIT(63)	/* MOV; clear for LMSW, CLTS, SMSW */
#define SVM_CR_INFO_GPR		BITS(3, 0)
#define SVM_DR_INFO_GPR		BITS(3, 0)

/* INTn, EXITINFO1 (decode assists) */
#define SVM_SWINT_INFO_VECTOR	BITS(7, 0)

/* IOIO, EXITINFO1 ("IOIO Intercept Information" 15.10.2); EXITINFO2: next RIP */
#define SVM_IOIO_IN		BIT(0)
#define SVM_IOIO_STR		BIT(2)
#define SVM_IOIO_REP		BIT(3)
#define SVM_IOIO_SZ8		BIT(4)
#define SVM_IOIO_SZ16		BIT(5)
#define SVM_IOIO_SZ32		BIT(6)
#define SVM_IOIO_SIZE		BITS(6, 4)	/* its value is the size in bytes */
#define SVM_IOIO_A16		BIT(7)
#define SVM_IOIO_A32		BIT(8)
#define SVM_IOIO_A64		BIT(9)
#define SVM_IOIO_SEG		BITS(12, 10)	/* Sreg number, decode assists */
#define SVM_IOIO_PORT		BITS(31, 16)

/* MSR, EXITINFO1 */
#define SVM_MSR_INFO_WRITE	BIT(0)

/* Task switch ("Task Switch Intercept" 15.14.1) */
#define SVM_TASK_INFO1_SELECTOR	BITS(15, 0)
#define SVM_TASK_INFO2_ERROR	BITS(31, 0)
#define SVM_TASK_INFO2_IRET	BIT(36)
#define SVM_TASK_INFO2_JMP	BIT(38)
#define SVM_TASK_INFO2_HAS_ERROR BIT(44)
#define SVM_TASK_INFO2_RF	BIT(48)

/*
 * Nested page fault, EXITINFO1 ("Nested versus Guest Page Faults" 15.25.6);
 * bits 0..4 are PFEC_*; EXITINFO2: the guest physical address.
 */
#define SVM_NPF_SHADOW_STACK	BIT(6)
#define SVM_NPF_FINAL		BIT(32)	/* the guest's final physical address */
#define SVM_NPF_TABLE		BIT(33)	/* the guest's own page tables */
#define SVM_NPF_SSS		BIT(37)

#endif

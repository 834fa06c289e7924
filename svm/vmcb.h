/*
 * The virtual machine control block, member by member as the manual lays it out;
 * knows no policy. Exit codes and their information: svm/vmcb_exit.h.
 * APM vol. 2 appendix B "VMCB Layout".
 */
#ifndef SVM_VMCB_H
#define SVM_VMCB_H

#include "mmu/bits.h"
#include "svm/vmcb_exit.h"

#define VMCB_SIZE	0x1000

/* Table B-1, control area. */
struct vmcb_control {
	uint16_t	intercept_cr_read;
	uint16_t	intercept_cr_write;
#define VMCB_IC_CR(n)		BIT(n)
	uint16_t	intercept_dr_read;
	uint16_t	intercept_dr_write;
#define VMCB_IC_DR(n)		BIT(n)
#define VMCB_IC_DR_ALL		BITS(15, 0)
	uint32_t	intercept_exception;
#define VMCB_IC_EXCEPTION(v)	BIT(v)
	uint32_t	intercept_misc1;
#define VMCB_IC_INTR		BIT(0)
#define VMCB_IC_NMI		BIT(1)
#define VMCB_IC_SMI		BIT(2)
#define VMCB_IC_INIT		BIT(3)
#define VMCB_IC_VINTR		BIT(4)
#define VMCB_IC_CR0_SEL_WRITE	BIT(5)	/* CR0 bits other than TS and MP */
#define VMCB_IC_IDTR_READ	BIT(6)
#define VMCB_IC_GDTR_READ	BIT(7)
#define VMCB_IC_LDTR_READ	BIT(8)
#define VMCB_IC_TR_READ		BIT(9)
#define VMCB_IC_IDTR_WRITE	BIT(10)
#define VMCB_IC_GDTR_WRITE	BIT(11)
#define VMCB_IC_LDTR_WRITE	BIT(12)
#define VMCB_IC_TR_WRITE	BIT(13)
#define VMCB_IC_RDTSC		BIT(14)
#define VMCB_IC_RDPMC		BIT(15)
#define VMCB_IC_PUSHF		BIT(16)
#define VMCB_IC_POPF		BIT(17)
#define VMCB_IC_CPUID		BIT(18)
#define VMCB_IC_RSM		BIT(19)
#define VMCB_IC_IRET		BIT(20)
#define VMCB_IC_SWINT		BIT(21)	/* INTn */
#define VMCB_IC_INVD		BIT(22)
#define VMCB_IC_PAUSE		BIT(23)
#define VMCB_IC_HLT		BIT(24)
#define VMCB_IC_INVLPG		BIT(25)
#define VMCB_IC_INVLPGA		BIT(26)
#define VMCB_IC_IOIO		BIT(27)	/* as the IOPM says */
#define VMCB_IC_MSR		BIT(28)	/* as the MSRPM says */
#define VMCB_IC_TASK_SWITCH	BIT(29)
#define VMCB_IC_FERR_FREEZE	BIT(30)
#define VMCB_IC_SHUTDOWN	BIT(31)
	uint32_t	intercept_misc2;
#define VMCB_IC_VMRUN		BIT(0)	/* must be set */
#define VMCB_IC_VMMCALL		BIT(1)
#define VMCB_IC_VMLOAD		BIT(2)
#define VMCB_IC_VMSAVE		BIT(3)
#define VMCB_IC_STGI		BIT(4)
#define VMCB_IC_CLGI		BIT(5)
#define VMCB_IC_SKINIT		BIT(6)
#define VMCB_IC_RDTSCP		BIT(7)
#define VMCB_IC_ICEBP		BIT(8)
#define VMCB_IC_WBINVD		BIT(9)	/* and WBNOINVD */
#define VMCB_IC_MONITOR		BIT(10)	/* and MONITORX */
#define VMCB_IC_MWAIT		BIT(11)	/* and MWAITX */
#define VMCB_IC_MWAIT_ARMED	BIT(12)
#define VMCB_IC_XSETBV		BIT(13)
#define VMCB_IC_RDPRU		BIT(14)
#define VMCB_IC_EFER_WRITE_TRAP	BIT(15)
#define VMCB_IC_CR_WRITE_TRAP(n) BIT(16 + (n))
	uint32_t	intercept_misc3;
#define VMCB_IC_INVLPGB		BIT(0)
#define VMCB_IC_INVLPGB_ILLEGAL	BIT(1)
#define VMCB_IC_INVPCID		BIT(2)
#define VMCB_IC_MCOMMIT		BIT(3)
#define VMCB_IC_TLBSYNC		BIT(4)
#define VMCB_IC_BUSLOCK		BIT(5)
#define VMCB_IC_IDLE_HLT	BIT(6)
	uint8_t		reserved_018[0x3c - 0x18];
	uint16_t	pause_filter_threshold;
	uint16_t	pause_filter_count;
	uint64_t	iopm_base_pa;
	uint64_t	msrpm_base_pa;
	uint64_t	tsc_offset;
	uint32_t	guest_asid;	/* zero is the host's: not allowed */
	uint8_t		tlb_control;
#define VMCB_TLB_NOTHING	0
#define VMCB_TLB_FLUSH_ALL	1	/* every ASID */
#define VMCB_TLB_FLUSH_GUEST	3	/* needs SVM_FEATURE_FLUSH_BY_ASID */
#define VMCB_TLB_FLUSH_GUEST_NONGLOBAL 7
	uint8_t		reserved_05d[3];
	uint32_t	int_ctl;
#define VMCB_V_TPR		BITS(3, 0)
#define VMCB_V_IRQ		BIT(8)
#define VMCB_V_GIF		BIT(9)
#define VMCB_V_NMI		BIT(11)
#define VMCB_V_NMI_MASK		BIT(12)
#define VMCB_V_INTR_PRIO	BITS(19, 16)
#define VMCB_V_IGN_TPR		BIT(20)
#define VMCB_V_INTR_MASKING	BIT(24)	/* RFLAGS.IF of the host masks INTR */
#define VMCB_V_GIF_ENABLE	BIT(25)
#define VMCB_V_NMI_ENABLE	BIT(26)
#define VMCB_X2AVIC_ENABLE	BIT(30)
#define VMCB_AVIC_ENABLE	BIT(31)
	uint32_t	int_vector;
#define VMCB_V_INTR_VECTOR	BITS(7, 0)
	uint64_t	int_state;
#define VMCB_INT_SHADOW		BIT(0)	/* STI or MOV SS: SVM has one bit */
#define VMCB_GUEST_INT_MASK	BIT(1)	/* RFLAGS.IF under V_INTR_MASKING */
	uint64_t	exitcode;	/* SVM_EXIT_* */
	uint64_t	exitinfo1;
	uint64_t	exitinfo2;
	uint64_t	exitintinfo;	/* event whose delivery was cut short */
	uint64_t	np_enable;
#define VMCB_NP_ENABLE		BIT(0)
#define VMCB_SEV_ENABLE		BIT(1)
#define VMCB_SEV_ES_ENABLE	BIT(2)
#define VMCB_GMET_ENABLE	BIT(3)
#define VMCB_SSS_CHECK		BIT(4)
#define VMCB_VTE_ENABLE		BIT(5)
#define VMCB_ROGPT_ENABLE	BIT(6)
#define VMCB_INVLPGB_ENABLE	BIT(7)
	uint64_t	avic_apic_bar;
	uint64_t	ghcb_pa;
	uint64_t	eventinj;
/* The format of exitintinfo and eventinj. APM vol. 2 "Event Injection" 15.20. */
#define VMCB_EVENT_VECTOR	BITS(7, 0)
#define VMCB_EVENT_TYPE		BITS(10, 8)
#define VMCB_EVENT_INTR		0	/* values of VMCB_EVENT_TYPE */
#define VMCB_EVENT_NMI		2
#define VMCB_EVENT_EXCEPTION	3
#define VMCB_EVENT_SOFT_INT	4
#define VMCB_EVENT_EV		BIT(11)	/* the error code is valid */
#define VMCB_EVENT_V		BIT(31)
#define VMCB_EVENT_ERROR_CODE	BITS(63, 32)
	uint64_t	n_cr3;
	uint64_t	virt_ext;
#define VMCB_LBR_ENABLE		BIT(0)
#define VMCB_VLS_ENABLE		BIT(1)	/* virtual VMLOAD, VMSAVE */
	uint32_t	clean;
#define VMCB_CLEAN_I		BIT(0)	/* intercepts, TSC offset, pause filter */
#define VMCB_CLEAN_IOPM		BIT(1)	/* iopm_base_pa, msrpm_base_pa */
#define VMCB_CLEAN_ASID		BIT(2)
#define VMCB_CLEAN_TPR		BIT(3)	/* int_ctl, int_vector */
#define VMCB_CLEAN_NP		BIT(4)	/* np_enable, n_cr3, g_pat */
#define VMCB_CLEAN_CRX		BIT(5)	/* cr0, cr3, cr4, efer */
#define VMCB_CLEAN_DRX		BIT(6)	/* dr6, dr7 */
#define VMCB_CLEAN_DT		BIT(7)	/* gdtr, idtr */
#define VMCB_CLEAN_SEG		BIT(8)	/* cs, ds, ss, es, cpl */
#define VMCB_CLEAN_CR2		BIT(9)
#define VMCB_CLEAN_LBR		BIT(10)
#define VMCB_CLEAN_AVIC		BIT(11)
#define VMCB_CLEAN_CET		BIT(12)
#define VMCB_CLEAN_ALL		BITS(12, 0)
	uint32_t	reserved_0c4;
	uint64_t	nrip;		/* needs SVM_FEATURE_NRIPS */
	uint8_t		insn_count;	/* needs SVM_FEATURE_DECODE_ASSISTS */
	uint8_t		insn_bytes[15];
	uint64_t	avic_backing_page;
	uint64_t	reserved_0e8;
	uint64_t	avic_logical_table;
	uint64_t	avic_physical_table;
	uint64_t	reserved_100;
	uint64_t	vmsa_pa;
	uint8_t		reserved_110[0x120 - 0x110];
	uint16_t	bus_lock_threshold;
	uint8_t		reserved_122[0x400 - 0x122];
};

/* GDTR and IDTR use limit and base only; a limit is in bytes, already scaled. */
struct vmcb_seg {
	uint16_t	selector;
	uint16_t	attrib;
/*
 * Descriptor bits 40..47 stand at 0..7 in both vendors' layouts; bits 52..55
 * stand at 8..11 here and at 12..15 in the AR_* layout of core/vcpu.h.
 * APM vol. 2 "Segment State in the VMCB" 15.5.1.
 */
#define VMCB_ATTR_LOW		BITS(7, 0)
#define VMCB_ATTR_HIGH		BITS(11, 8)
#define VMCB_ATTR_AR_HIGH	BITS(15, 12)
#define VMCB_ATTR_TYPE		BITS(3, 0)
#define VMCB_ATTR_S		BIT(4)
#define VMCB_ATTR_DPL		BITS(6, 5)
#define VMCB_ATTR_P		BIT(7)
#define VMCB_ATTR_AVL		BIT(8)
#define VMCB_ATTR_L		BIT(9)
#define VMCB_ATTR_DB		BIT(10)
#define VMCB_ATTR_G		BIT(11)
	uint32_t	limit;
	uint64_t	base;
};

/* Table B-2, state save area. */
struct vmcb_save {
	struct vmcb_seg	es, cs, ss, ds, fs, gs;
	struct vmcb_seg	gdtr, ldtr, idtr, tr;
	uint8_t		reserved_0a0[0xcb - 0xa0];
	uint8_t		cpl;
	uint32_t	reserved_0cc;
	uint64_t	efer;
	uint8_t		reserved_0d8[0x148 - 0xd8];
	uint64_t	cr4, cr3, cr0;
	uint64_t	dr7, dr6;
	uint64_t	rflags, rip;
	uint8_t		reserved_180[0x1d8 - 0x180];
	uint64_t	rsp;
	uint64_t	s_cet, ssp, isst_addr;
	uint64_t	rax;
	uint64_t	star, lstar, cstar, sfmask, kernel_gs_base;
	uint64_t	sysenter_cs, sysenter_esp, sysenter_eip;
	uint64_t	cr2;
	uint8_t		reserved_248[0x268 - 0x248];
	uint64_t	g_pat;		/* used under nested paging only */
	uint64_t	dbgctl;
	uint64_t	br_from, br_to;
	uint64_t	last_excp_from, last_excp_to;
	uint8_t		reserved_298[0x2e0 - 0x298];
	uint64_t	spec_ctrl;
	uint8_t		reserved_2e8[0xc00 - 0x2e8];
};

struct vmcb {
	struct vmcb_control	control;
	struct vmcb_save	save;
};

#include "svm/vmcb_layout.h"

#endif

/*
 * Values of the guest's non-register state and of events on their way in or
 * out; knows no exit reason (vmx/vmcs_exit.h).
 * SDM 3C "Guest Non-Register State" 24.4.2, "VM-Entry Controls for Event
 * Injection" 24.8.3, "Information for VM Exits Due to Vectored Events" 24.9.2.
 */
#ifndef VMX_VMCS_GUEST_H
#define VMX_VMCS_GUEST_H

#include "mmu/bits.h"

/* Segment access rights: the AR_* layout of core/vcpu.h is this one. */
#define VMX_AR_RESERVED		(BITS(11, 8) | BITS(31, 17))

/* VMCS_GUEST_ACTIVITY */
enum vmx_activity {
	VMX_ACTIVITY_ACTIVE	= 0,
	VMX_ACTIVITY_HLT	= 1,
	VMX_ACTIVITY_SHUTDOWN	= 2,
	VMX_ACTIVITY_WAIT_SIPI	= 3,
};

/* VMCS_GUEST_INTERRUPTIBILITY, table 24-3 */
#define VMX_INTR_STI		BIT(0)
#define VMX_INTR_MOV_SS		BIT(1)
#define VMX_INTR_SMI		BIT(2)
#define VMX_INTR_NMI		BIT(3)
#define VMX_INTR_ENCLAVE	BIT(4)
#define VMX_INTR_RESERVED	BITS(31, 5)

/* VMCS_GUEST_PENDING_DEBUG, table 24-4 */
#define VMX_PENDING_B		BITS(3, 0)
#define VMX_PENDING_BLD		BIT(11)
#define VMX_PENDING_BREAKPOINT	BIT(12)
#define VMX_PENDING_BS		BIT(14)
#define VMX_PENDING_RTM		BIT(16)
#define VMX_PENDING_DEFINED	(VMX_PENDING_B | VMX_PENDING_BLD | VMX_PENDING_BREAKPOINT | \
				 VMX_PENDING_BS | VMX_PENDING_RTM)

/* VMCS_LINK_POINTER when there is no shadow VMCS */
#define VMX_LINK_NONE		(~UINT64_C(0))

/*
 * One format for VMCS_ENTRY_INTR_INFO, VMCS_EXIT_INTR_INFO and
 * VMCS_IDT_VECTORING_INFO, tables 24-16, 24-18, 24-19.
 */
#define VMX_EVENT_VECTOR	BITS(7, 0)
#define VMX_EVENT_TYPE		BITS(10, 8)
#define VMX_EVENT_EXT_INTR	0	/* values of VMX_EVENT_TYPE */
#define VMX_EVENT_RESERVED_TYPE	1
#define VMX_EVENT_NMI		2
#define VMX_EVENT_EXCEPTION	3
#define VMX_EVENT_SOFT_INT	4
#define VMX_EVENT_PRIV_SOFT	5	/* INT1 */
#define VMX_EVENT_SOFT_EXC	6	/* INT3, INTO */
#define VMX_EVENT_OTHER		7	/* entry only: pending MTF exit */
#define VMX_EVENT_ERROR_VALID	BIT(11)
#define VMX_EVENT_NMI_UNBLOCK	BIT(12)	/* exit only: by IRET */
#define VMX_EVENT_RESERVED	BITS(30, 12)	/* on entry */
#define VMX_EVENT_VALID		BIT(31)

/* VMCS_ENTRY_INTR_ERROR */
#define VMX_EVENT_ERROR_RESERVED BITS(31, 16)

/* VMCS_ENTRY_INSN_LEN */
#define VMX_INSN_LEN_MAX	15

#endif

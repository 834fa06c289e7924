/*
 * The neutral virtual CPU: the guest's view of its registers, and which of them
 * are fresh (`valid`) or edited (`dirty`). Knows no vendor's structures.
 *
 * After an exit only the groups the backend got for free are valid; handlers
 * call vcpu_need() for more, edit fields, and call vcpu_touch(). The backend
 * commits dirty groups before the next entry. All values are the guest view:
 * what the guest believes, never what the hardware runs with.
 */
#ifndef CORE_VCPU_H
#define CORE_VCPU_H

#include "mmu/addr.h"
#include "mmu/x86_defs.h"

/* Encoding order of the ISA: ModRM.reg 0..7, REX-extended 8..15. */
enum gpr {
	GPR_RAX, GPR_RCX, GPR_RDX, GPR_RBX, GPR_RSP, GPR_RBP, GPR_RSI, GPR_RDI,
	GPR_R8, GPR_R9, GPR_R10, GPR_R11, GPR_R12, GPR_R13, GPR_R14, GPR_R15,
	GPR_COUNT
};

/* Encoding order of the ISA (Sreg), then the two system segments. */
enum seg_reg {
	SEG_ES, SEG_CS, SEG_SS, SEG_DS, SEG_FS, SEG_GS, SEG_LDTR, SEG_TR,
	SEG_COUNT
};

/*
 * Access rights in the VMX layout: descriptor bits 40..47 and 52..55 at 0..7
 * and 12..15, plus "unusable". SDM 3C "Guest Register State" 24.4.1.
 */
#define AR_TYPE		BITS(3, 0)
#define AR_TYPE_ACCESSED BIT(0)
#define AR_TYPE_WRITE	BIT(1)	/* data: writable; code: readable */
#define AR_TYPE_DOWN	BIT(2)	/* data: expand-down; code: conforming */
#define AR_TYPE_CODE	BIT(3)
#define AR_S		BIT(4)
#define AR_DPL		BITS(6, 5)
#define AR_P		BIT(7)
#define AR_AVL		BIT(12)
#define AR_L		BIT(13)
#define AR_DB		BIT(14)
#define AR_G		BIT(15)
#define AR_UNUSABLE	BIT(16)
#define AR_REAL_CODE	0x9bu	/* present, DPL 0, execute/read, accessed */
#define AR_REAL_DATA	0x93u	/* present, DPL 0, read/write, accessed */
#define AR_TSS16_BUSY	0x83u
#define AR_TSS32_BUSY	0x8bu	/* also the 64-bit busy TSS */
#define AR_LDT		0x82u

#define SEL_RPL		3u	/* of a selector */
#define SEL_TI		4u

struct vcpu_seg {
	uint16_t	sel;
	uint32_t	ar;
	uint32_t	limit;		/* bytes, granularity already applied */
	uint64_t	base;
};

struct vcpu_dtr {
	uint64_t	base;
	uint16_t	limit;
};

/* State groups for vcpu_need() and vcpu_touch(). GPRs other than RSP are always valid. */
enum state_group {
	SG_RIP,		/* rip, rflags */
	SG_RSP,
	SG_CR,		/* cr0, cr3, cr4, cr8, efer, pdpte */
	SG_ROOT,	/* the hardware's CR3 alone, where the tables are ours: nothing to fetch */
	SG_CR2,
	SG_CS,
	SG_SS,
	SG_CPL,
	SG_DS,
	SG_REST,	/* ES, FS, GS, LDTR, TR */
	SG_DTR,		/* gdtr, idtr */
	SG_DR,
	SG_MSR,		/* sysenter, syscall, kernel gs base */
	SG_PAT,
	SG_SHADOW,	/* interrupt shadow, NMI blocking */
	SG_TSC,		/* tsc_offset: core's alone, nothing to fetch */
	SG_WINDOW,	/* window: core's alone, nothing to fetch */
	SG_CONTROLS,	/* read-back of the vendor's controls, for the record */
};
#define ST_RIP		BIT(SG_RIP)
#define ST_RSP		BIT(SG_RSP)
#define ST_CR		BIT(SG_CR)
#define ST_ROOT		BIT(SG_ROOT)
#define ST_CR2		BIT(SG_CR2)
#define ST_CS		BIT(SG_CS)
#define ST_SS		BIT(SG_SS)
#define ST_CPL		BIT(SG_CPL)
#define ST_DS		BIT(SG_DS)
#define ST_REST		BIT(SG_REST)
#define ST_SEG		(ST_DS | ST_REST)
#define ST_DTR		BIT(SG_DTR)
#define ST_DR		BIT(SG_DR)
#define ST_MSR		BIT(SG_MSR)
#define ST_PAT		BIT(SG_PAT)
#define ST_SHADOW	BIT(SG_SHADOW)
#define ST_TSC		BIT(SG_TSC)
#define ST_WINDOW	BIT(SG_WINDOW)
#define ST_CONTROLS	BIT(SG_CONTROLS)
#define ST_CS_SS	(ST_CS | ST_SS)
#define ST_ALL		(BIT(SG_CONTROLS) - 1)

/* An exception, interrupt or NMI on its way into the guest. */
enum event_kind {
	EVENT_NONE, EVENT_INTERRUPT, EVENT_NMI, EVENT_EXCEPTION,
	EVENT_SOFT_INT, EVENT_SOFT_EXCEPTION /* INT3, INTO */, EVENT_PRIV_SOFT_EXCEPTION /* INT1 */
};

struct event {
	uint8_t		kind;		/* enum event_kind */
	uint8_t		vector;
	bool		has_error;
	uint8_t		insn_len;	/* soft kinds: length of the INT */
	uint32_t	error;
	uint64_t	cr2;		/* of a #PF not yet delivered */
};

#define SHADOW_STI	BIT(0)
#define SHADOW_MOV_SS	BIT(1)
#define SHADOW_NMI	BIT(2)	/* NMIs blocked until IRET */

#define CONTROLS_MAX	40
struct control { const char *name; uint64_t value; };

/* The TSC just before the last entry and just after the last exit. */
struct vcpu_tsc { uint64_t entry, exit; };

struct vm;

struct vcpu {
	uint64_t	gpr[GPR_COUNT];
	uint64_t	rip, rflags;
	uint64_t	cr0, cr2, cr3, cr4, cr8, efer;
	uint64_t	pdpte[4];
	struct vcpu_seg	seg[SEG_COUNT];
	struct vcpu_dtr	gdtr, idtr;
	uint64_t	dr[4], dr6, dr7;
	uint64_t	sysenter_cs, sysenter_esp, sysenter_eip;
	uint64_t	star, lstar, cstar, sfmask, kernel_gs_base, pat;
	uint8_t		cpl;
	uint8_t		shadow;		/* SHADOW_* */
	bool		window;		/* EXIT_WINDOW as soon as the guest can take an interrupt */
	uint64_t	tsc_offset;	/* the guest's TSC is the CPU's plus this */
	uint8_t		held_hits;	/* DR6_B: see vcpu_held_hits() */
	uint32_t	valid, dirty;	/* ST_* */
	struct event	pending;	/* to deliver at the next entry */

	struct vcpu_tsc	tsc;

	struct vm	*vm;
	void		*backend;	/* the vendor's own part */
	struct control	control[CONTROLS_MAX];
	unsigned	controls;
};

static inline bool vcpu_long_mode(const struct vcpu *v)
{
	return v->efer & EFER_LMA;
}

static inline bool vcpu_code64(const struct vcpu *v)
{
	return (v->efer & EFER_LMA) && (v->seg[SEG_CS].ar & AR_L);
}

/* Is the guest open to interrupts? Needs ST_RIP, ST_SHADOW. */
static inline bool vcpu_takes_interrupts(const struct vcpu *v)
{
	return (v->rflags & RFLAGS_IF) &&
	       !(v->shadow & (SHADOW_STI | SHADOW_MOV_SS));
}

/* The breakpoints that a load of SS has hit: told after the next instruction. Needs ST_SHADOW. */
static inline uint8_t vcpu_held_hits(const struct vcpu *v)
{
	return v->shadow & SHADOW_MOV_SS ? v->held_hits : 0;
}

static inline void vcpu_touch(struct vcpu *v, uint32_t groups)
{
	v->dirty |= groups;
	v->valid |= groups;
}

#endif

/*
 * The guest's segments between the vcpu and the VMCS, as they are or as virtual-8086
 * mode's. Must not know when they are asked for.
 */
#include "vmx/vmx.h"
#include "vmx/vmx_insn.h"

/* The eight segments' fields follow each other in enum seg_reg order, two apart. */
#define SEG_FIELD(first, n)	((enum vmcs_field)((first) + 2 * (n)))
_Static_assert(VMCS_GUEST_TR_SELECTOR ==
	       VMCS_GUEST_ES_SELECTOR + 2 * SEG_TR, "selectors");
_Static_assert(VMCS_GUEST_TR_BASE == VMCS_GUEST_ES_BASE + 2 * SEG_TR, "bases");
_Static_assert(VMCS_GUEST_TR_LIMIT == VMCS_GUEST_ES_LIMIT + 2 * SEG_TR, "limits");
_Static_assert(VMCS_GUEST_TR_AR == VMCS_GUEST_ES_AR + 2 * SEG_TR, "rights");

/* SDM 3C "Checks on Guest Segment Registers" 26.3.1.2: the one value for vm86. */
#define AR_VM86		0xf3u
#define LIMIT_VM86	UINT16_MAX
#define PARAGRAPH_SHIFT	4

/*
 * As virtual-8086 mode has base and limit, by entry's rule and by each load: they need not
 * be read. The rights are real mode's. SDM 3B "8086 Address Translation" 20.1.1.
 */
static inline void seg_fetch_vm86(struct vcpu_seg *s, enum seg_reg n)
{
	s->sel = vmx_read(SEG_FIELD(VMCS_GUEST_ES_SELECTOR, n));
	s->base = (uint64_t)s->sel << PARAGRAPH_SHIFT;
	s->limit = LIMIT_VM86;
	s->ar = n == SEG_CS ? AR_REAL_CODE : AR_REAL_DATA;
}

/* Unrolled, as the next: of each field nothing is left but its VMREAD. */
static inline __attribute__((always_inline))
void seg_read(struct vcpu *v, enum seg_reg n)
{
	struct vcpu_seg *s = &v->seg[n];

	s->sel = vmx_read(SEG_FIELD(VMCS_GUEST_ES_SELECTOR, n));
	s->base = vmx_read(SEG_FIELD(VMCS_GUEST_ES_BASE, n));
	s->limit = vmx_read(SEG_FIELD(VMCS_GUEST_ES_LIMIT, n));
	s->ar = vmx_read(SEG_FIELD(VMCS_GUEST_ES_AR, n));
}

void vmx_segment_fetch(struct vcpu *v, enum seg_reg n)
{
	if (vmx_entered_vm86(vmx_of(v)))
		seg_fetch_vm86(&v->seg[n], n);
	else
		seg_read(v, n);
}

static inline __attribute__((always_inline))
void seg_write(enum seg_reg n, const struct vcpu_seg *s, uint32_t ar)
{
	vmx_write(SEG_FIELD(VMCS_GUEST_ES_SELECTOR, n), s->sel);
	vmx_write(SEG_FIELD(VMCS_GUEST_ES_BASE, n), s->base);
	vmx_write(SEG_FIELD(VMCS_GUEST_ES_LIMIT, n), s->limit);
	vmx_write(SEG_FIELD(VMCS_GUEST_ES_AR, n), ar);
}

/* The guest's own virtual-8086 tasks need the same rights. */
static inline bool vm86_rights(const struct vcpu *v)
{
	return vmx_entered_vm86(vmx_of(v)) || (v->rflags & RFLAGS_VM);
}

void vmx_segment_commit(const struct vcpu *v, enum seg_reg n)
{
	const struct vcpu_seg *s = &v->seg[n];

	seg_write(n, s, vm86_rights(v) ? AR_VM86 : s->ar);
}

/* LDTR and TR are the guest's, or what vm86 needs in their place. */
static __attribute__((noinline)) void rest_fetch_vm86(struct vcpu *v)
{
	seg_fetch_vm86(&v->seg[SEG_ES], SEG_ES);
	seg_fetch_vm86(&v->seg[SEG_FS], SEG_FS);
	seg_fetch_vm86(&v->seg[SEG_GS], SEG_GS);
}

static __attribute__((noinline)) void rest_read(struct vcpu *v)
{
	seg_read(v, SEG_ES);
	seg_read(v, SEG_FS);
	seg_read(v, SEG_GS);
	seg_read(v, SEG_LDTR);
	seg_read(v, SEG_TR);
}

void vmx_rest_fetch(struct vcpu *v)
{
	if (vmx_entered_vm86(vmx_of(v)))
		rest_fetch_vm86(v);
	else
		rest_read(v);
}

static void rest_commit_data(const struct vcpu *v)
{
	const struct vcpu_seg *s = v->seg;
	bool vm86 = vm86_rights(v);

	seg_write(SEG_ES, &s[SEG_ES], vm86 ? AR_VM86 : s[SEG_ES].ar);
	seg_write(SEG_FS, &s[SEG_FS], vm86 ? AR_VM86 : s[SEG_FS].ar);
	seg_write(SEG_GS, &s[SEG_GS], vm86 ? AR_VM86 : s[SEG_GS].ar);
}

static void system_commit(const struct vcpu *v)
{
	static const struct vcpu_seg tss = {
		.base = HIDDEN_TSS, .limit = TSS_LIMIT, .ar = AR_TSS32_BUSY,
	};
	static const struct vcpu_seg no_ldt = { .ar = AR_UNUSABLE };
	bool vm86 = vmx_entered_vm86(vmx_of(v));
	const struct vcpu_seg *ldt = vm86 ? &no_ldt : &v->seg[SEG_LDTR];
	const struct vcpu_seg *tr = vm86 ? &tss : &v->seg[SEG_TR];

	seg_write(SEG_LDTR, ldt, ldt->ar);
	seg_write(SEG_TR, tr, tr->ar);
}

void vmx_rest_commit(const struct vcpu *v)
{
	rest_commit_data(v);
	system_commit(v);
}

void vmx_judged_fetch(struct vcpu *v)
{
	seg_read(v, SEG_SS);
	v->cpl = FIELD_GET(AR_DPL, v->seg[SEG_SS].ar);
	seg_read(v, SEG_DS);
	rest_read(v);
}

/* All eight, mostly on the way from one mode to another: no look at each. */
void vmx_segments_commit(const struct vcpu *v)
{
	const struct vcpu_seg *s = v->seg;

	if (vm86_rights(v)) {
		vmx_segment_commit(v, SEG_CS);
		vmx_segment_commit(v, SEG_SS);
		vmx_segment_commit(v, SEG_DS);
	} else {
		seg_write(SEG_CS, &s[SEG_CS], s[SEG_CS].ar);
		seg_write(SEG_SS, &s[SEG_SS], s[SEG_SS].ar);
		seg_write(SEG_DS, &s[SEG_DS], s[SEG_DS].ar);
	}
	vmx_rest_commit(v);
}

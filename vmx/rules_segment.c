/*
 * Entry rules on the guest's segment registers, in virtual-8086 mode and out of
 * it, with what unrestricted guest relaxes; a predicate says its rule holds.
 */
#include "vmx/rules_group.h"

#define SELECTOR_RPL		BITS(1, 0)
#define SELECTOR_TI		BIT(2)
#define VM86_LIMIT		BITS(15, 0)
#define VM86_AR			0xf3	/* present, DPL 3, read/write, accessed */
#define LIMIT_LOW		BITS(11, 0)	/* not all ones: G must be zero */
#define LIMIT_HIGH		BITS(31, 20)	/* not all zeros: G must be one */
#define TYPE_DATA		(AR_TYPE_WRITE | AR_TYPE_ACCESSED)
#define TYPE_DATA_DOWN		(TYPE_DATA | AR_TYPE_DOWN)
#define TYPE_CODE		(AR_TYPE_CODE | AR_TYPE_ACCESSED)
#define TYPE_CONFORMING		(TYPE_CODE | AR_TYPE_DOWN)
#define TYPE_LDT		(AR_LDT & AR_TYPE)
#define TYPE_TSS16_BUSY		(AR_TSS16_BUSY & AR_TYPE)
#define TYPE_TSS_BUSY		(AR_TSS32_BUSY & AR_TYPE)

static const struct vmx_seg_fields *seg(vmx_input *in, unsigned n)
{
	return &in->f.seg[n];
}

static uint64_t rpl(vmx_input *in, unsigned n)
{
	return seg(in, n)->selector & SELECTOR_RPL;
}

static bool usable(vmx_input *in, unsigned n)
{
	return !(seg(in, n)->ar & AR_UNUSABLE);
}

/* CS and TR are always judged, the rest while usable; vm86 has its own rules. */
static bool judged(vmx_input *in, unsigned n)
{
	if (n == SEG_TR)
		return true;
	if (n == SEG_LDTR)
		return usable(in, n);
	return !vm86(in) && (n == SEG_CS || usable(in, n));
}

static bool vm86_base(vmx_input *in, unsigned n)
{
	return implies(vm86(in), seg(in, n)->base == seg(in, n)->selector << 4);
}

static bool vm86_limit(vmx_input *in, unsigned n)
{
	return implies(vm86(in), seg(in, n)->limit == VM86_LIMIT);
}

static bool vm86_ar(vmx_input *in, unsigned n)
{
	return implies(vm86(in), seg(in, n)->ar == VM86_AR);
}

static bool not_in_ldt(vmx_input *in, unsigned n)
{
	return implies(judged(in, n), !(seg(in, n)->selector & SELECTOR_TI));
}

static bool ss_rpl_is_cs_rpl(vmx_input *in, unsigned n)
{
	return vm86(in) || unrestricted(in) || rpl(in, n) == rpl(in, SEG_CS);
}

/* FS, GS and TR whether usable or not; LDTR while usable. */
static bool base_canonical(vmx_input *in, unsigned n)
{
	return (n == SEG_LDTR && !usable(in, n)) || canonical(in, seg(in, n)->base);
}

static bool base_low(vmx_input *in, unsigned n)
{
	return implies(judged(in, n), !(seg(in, n)->base & BITS(63, 32)));
}

static bool cs_type(vmx_input *in, unsigned n)
{
	uint64_t type = seg_type(in, n);

	if (!judged(in, n) || (type == TYPE_DATA && unrestricted(in)))
		return true;
	return (type & TYPE_CODE) == TYPE_CODE;
}

static bool ss_type(vmx_input *in, unsigned n)
{
	return implies(judged(in, n), seg_type(in, n) == TYPE_DATA ||
		       seg_type(in, n) == TYPE_DATA_DOWN);
}

/* Accessed, and readable if it is code. */
static bool data_type(vmx_input *in, unsigned n)
{
	uint64_t type = seg_type(in, n);

	return implies(judged(in, n), (type & AR_TYPE_ACCESSED) &&
		       implies(type & AR_TYPE_CODE, type & AR_TYPE_WRITE));
}

static bool not_system(vmx_input *in, unsigned n)
{
	return implies(judged(in, n), seg(in, n)->ar & AR_S);
}

static bool is_system(vmx_input *in, unsigned n)
{
	return implies(judged(in, n), !(seg(in, n)->ar & AR_S));
}

/* Unrestricted guest alone knows data type 3 for CS: its DPL must be zero. */
static bool cs_dpl(vmx_input *in, unsigned n)
{
	uint64_t dpl = seg_dpl(in, n), ss = seg_dpl(in, SEG_SS);

	if (!judged(in, n))
		return true;
	if (seg_type(in, n) == TYPE_DATA)
		return dpl == 0;
	if ((seg_type(in, n) & TYPE_CONFORMING) == TYPE_CONFORMING)
		return dpl <= ss;
	return implies(seg_type(in, n) & AR_TYPE_CODE, dpl == ss);
}

/* Whether SS is usable or not: its DPL is the guest's CPL. */
static bool ss_dpl_is_rpl(vmx_input *in, unsigned n)
{
	return vm86(in) || unrestricted(in) || seg_dpl(in, n) == rpl(in, n);
}

static bool ss_dpl_zero(vmx_input *in, unsigned n)
{
	bool must = !(in->f.cr0 & CR0_PE) || seg_type(in, SEG_CS) == TYPE_DATA;

	return vm86(in) || implies(must, seg_dpl(in, n) == 0);
}

static bool data_dpl(vmx_input *in, unsigned n)
{
	bool conforming = (seg_type(in, n) & TYPE_CONFORMING) == TYPE_CONFORMING;

	if (!judged(in, n) || unrestricted(in) || conforming)
		return true;
	return seg_dpl(in, n) >= rpl(in, n);
}

static bool present(vmx_input *in, unsigned n)
{
	return implies(judged(in, n), seg(in, n)->ar & AR_P);
}

static bool ar_reserved(vmx_input *in, unsigned n)
{
	return implies(judged(in, n), !(seg(in, n)->ar & VMX_AR_RESERVED));
}

static bool cs_long_not_32(vmx_input *in, unsigned n)
{
	return implies(judged(in, n) && ia32e(in) && (seg(in, n)->ar & AR_L),
		       !(seg(in, n)->ar & AR_DB));
}

static bool granularity(vmx_input *in, unsigned n)
{
	uint64_t limit = seg(in, n)->limit;
	bool g = seg(in, n)->ar & AR_G;

	if (!judged(in, n))
		return true;
	return implies((limit & LIMIT_LOW) != LIMIT_LOW, !g) && implies(limit & LIMIT_HIGH, g);
}

static bool ldtr_type(vmx_input *in, unsigned n)
{
	return implies(judged(in, n), seg_type(in, n) == TYPE_LDT);
}

static bool tr_type(vmx_input *in, unsigned n)
{
	return seg_type(in, n) == TYPE_TSS_BUSY ||
	       (!ia32e(in) && seg_type(in, n) == TYPE_TSS16_BUSY);
}

#define SEGS	"SDM 3C \"Checks on Guest Segment Registers\" 26.3.1.2"

#define DATA_SEGS(what, holds) \
	{ "guest-es-" what, SEGS, holds, SEG_ES }, { "guest-ds-" what, SEGS, holds, SEG_DS }, \
	{ "guest-fs-" what, SEGS, holds, SEG_FS }, { "guest-gs-" what, SEGS, holds, SEG_GS }
#define CODE_DATA_SEGS(what, holds) \
	{ "guest-cs-" what, SEGS, holds, SEG_CS }, { "guest-ss-" what, SEGS, holds, SEG_SS }, \
	DATA_SEGS(what, holds)
#define SYSTEM_SEGS(what, holds) \
	{ "guest-ldtr-" what, SEGS, holds, SEG_LDTR }, { "guest-tr-" what, SEGS, holds, SEG_TR }

static const struct vmx_rule rules[] = {
	CODE_DATA_SEGS("vm86-base",	vm86_base),
	CODE_DATA_SEGS("vm86-limit",	vm86_limit),
	CODE_DATA_SEGS("vm86-rights",	vm86_ar),
	SYSTEM_SEGS("ti",		not_in_ldt),
	{ "guest-ss-rpl-is-cs-rpl",	SEGS, ss_rpl_is_cs_rpl, SEG_SS },
	{ "guest-fs-base",		SEGS, base_canonical, SEG_FS },
	{ "guest-gs-base",		SEGS, base_canonical, SEG_GS },
	SYSTEM_SEGS("base",		base_canonical),
	{ "guest-cs-base",		SEGS, base_low, SEG_CS },
	{ "guest-ss-base",		SEGS, base_low, SEG_SS },
	{ "guest-ds-base",		SEGS, base_low, SEG_DS },
	{ "guest-es-base",		SEGS, base_low, SEG_ES },
	{ "guest-cs-type",		SEGS, cs_type, SEG_CS },
	{ "guest-ss-type",		SEGS, ss_type, SEG_SS },
	DATA_SEGS("type",		data_type),
	CODE_DATA_SEGS("not-system",	not_system),
	{ "guest-cs-dpl",		SEGS, cs_dpl, SEG_CS },
	{ "guest-ss-dpl-is-rpl",	SEGS, ss_dpl_is_rpl, SEG_SS },
	{ "guest-ss-dpl-zero",		SEGS, ss_dpl_zero, SEG_SS },
	DATA_SEGS("dpl",		data_dpl),
	CODE_DATA_SEGS("present",	present),
	CODE_DATA_SEGS("reserved",	ar_reserved),
	{ "guest-cs-long-not-32",	SEGS, cs_long_not_32, SEG_CS },
	CODE_DATA_SEGS("granularity",	granularity),
	{ "guest-ldtr-type",		SEGS, ldtr_type, SEG_LDTR },
	{ "guest-tr-type",		SEGS, tr_type, SEG_TR },
	{ "guest-tr-usable",		SEGS, usable, SEG_TR },
	SYSTEM_SEGS("system",		is_system),
	SYSTEM_SEGS("present",		present),
	SYSTEM_SEGS("reserved",		ar_reserved),
	SYSTEM_SEGS("granularity",	granularity),
};

const struct vmx_rule_group vmx_rules_segment = { rules, ARRAY_SIZE(rules) };

/* DR0 to DR3 against an address, as DR7 says; must not know instructions. */
#include "core/breakpoint.h"

#define DR7_FIELDS	16	/* R/W and LEN of DR0, then of the others */
#define DR7_FIELD_BITS	4
#define DR7_RW		BITS(1, 0)
#define DR7_LEN		BITS(3, 2)

static bool enabled(const struct vcpu *v, unsigned n, unsigned kinds)
{
	uint64_t field = v->dr7 >> (DR7_FIELDS + n * DR7_FIELD_BITS);

	return v->dr7 & DR7_ENABLE(n) && kinds & BIT(field & DR7_RW);
}

/* SDM 3B "Debug Control Register (DR7)" 17.2.4 */
static unsigned length(const struct vcpu *v, unsigned n)
{
	static const uint8_t lengths[] = { 1, 2, 8, 4 };
	uint64_t field = v->dr7 >> (DR7_FIELDS + n * DR7_FIELD_BITS);

	return lengths[FIELD_GET(DR7_LEN, field)];
}

/*
 * SDM 3B "Breakpoint Field Recognition" 17.2.5: the length masks the low bits of the
 * address. Outside long mode linear addresses have 32 bits and wrap.
 */
uint8_t breakpoint_hits(const struct vcpu *v, unsigned kinds, uint64_t at, unsigned size)
{
	uint64_t space = vcpu_long_mode(v) ? UINT64_MAX : UINT32_MAX;
	uint8_t hits = 0;

	if (!(v->cr4 & CR4_DE))
		kinds &= ~BREAK_PORT;
	for (unsigned n = 0; n < DR_COUNT; n++) {
		unsigned bytes = length(v, n);
		uint64_t start = v->dr[n] & ~(uint64_t)(bytes - 1);

		if (!enabled(v, n, kinds) || start > space)
			continue;
		if (((at - start) & space) < bytes || ((start - at) & space) < size)
			hits |= BIT(n);
	}
	return hits;
}

/* SDM 3B "Instruction-Breakpoint Exception Condition" 17.3.1.1 */
uint8_t breakpoint_at_rip(const struct vcpu *v)
{
	uint64_t at = v->rip;

	if (v->rflags & RFLAGS_RF || v->shadow & SHADOW_MOV_SS)
		return 0;
	if (!vcpu_code64(v))
		at = (uint32_t)(v->seg[SEG_CS].base + at);
	return breakpoint_hits(v, BREAK_CODE, at, 1);
}

/*
 * An instruction breakpoint first: its handler sets RF, and who does not hear of it
 * meets it for ever. Then the step, which comes after every instruction.
 */
uint64_t breakpoint_reason(const struct vcpu *v)
{
	uint64_t why = breakpoint_at_rip(v);
	unsigned kinds = BREAK_WRITE | BREAK_ACCESS | (v->cr4 & CR4_DE ? BREAK_PORT : 0);

	if (why)
		return why;
	if (v->rflags & RFLAGS_TF)
		return DR6_BS;
	for (unsigned n = 0; n < DR_COUNT; n++)
		if (enabled(v, n, kinds))
			why |= BIT(n);
	return why;
}

/*
 * Whether segments fit the hardware, against vmx/rules_segment.c, which was written
 * from the same clause alone: in random states both must say the same. SDM 3C
 * "Checks on Guest Segment Registers" 26.3.1.2.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "core/fits.h"
#include "fits_states.h"
#include "vmx_rules_world.h"

#define RANDOM_STATES	200000u

static uint32_t noise = 0x2545f491;

/* xorshift32: G. Marsaglia, "Xorshift RNGs". */
static uint32_t rnd(void)
{
	noise ^= noise << 13;
	noise ^= noise >> 17;
	noise ^= noise << 5;
	return noise;
}

static bool rarely(void)
{
	return rnd() % 32 == 0;
}

/*
 * One thing about a segment made random: most states keep most rules. An unusable CS
 * breaks none of them by name, and no CPU gets into that state: left out.
 */
static void disturb(struct vcpu_seg *s, bool can_be_unusable)
{
	switch (rnd() % 9) {
	case 0:
		s->sel = (uint16_t)rnd();
		break;
	case 1:
		s->sel ^= (uint16_t)(rnd() & 7);
		break;
	case 2:
		s->ar ^= BIT(rnd() % 4);
		break;
	case 3:
		s->ar ^= BIT(4 + rnd() % 4);
		break;
	case 4:
		s->ar ^= (uint32_t[]){ AR_AVL, AR_L, AR_DB, AR_G }[rnd() % 4];
		break;
	case 5:
		s->ar ^= can_be_unusable ? AR_UNUSABLE : 0;
		break;
	case 6:
		s->limit = rnd() >> rnd() % 32;
		break;
	case 7:
		s->limit |= 0xfff;
		s->ar ^= AR_G;
		break;
	default:
		s->base ^= (uint64_t)rnd() << rnd() % 9;
	}
}

static struct vcpu random_state(struct vcpu (*make)(void))
{
	struct vcpu v = make();
	unsigned ring = rnd() % 2 ? rnd() & 3 : 0;

	if (v.cr0 & CR0_PE) {
		if (rarely())
			v.efer = EFER_LME | EFER_LMA;
		for (unsigned n = SEG_ES; n <= SEG_GS; n++) {
			v.seg[n].sel |= (uint16_t)ring;
			v.seg[n].ar |= FIELD_PUT(AR_DPL, ring);
		}
		if (rnd() % 2)
			v.seg[SEG_LDTR] = (struct vcpu_seg){ .ar = AR_LDT };
	}
	for (unsigned i = rnd() % 3; i; i--) {
		unsigned n = rnd() % SEG_COUNT;

		disturb(&v.seg[n], n != SEG_CS);
	}
	return v;
}

/* The vcpu's segments in a snapshot that breaks no other rule. */
static const char *rule_broken(const struct vcpu *v, struct world *w)
{
	const struct vmx_rule *rule;

	w->in.f.rflags = v->rflags;
	w->in.f.efer = v->efer;
	w->in.f.entry &= ~(uint64_t)VMX_ENTRY_IA32E;
	if (v->efer & EFER_LMA)
		w->in.f.entry |= VMX_ENTRY_IA32E;
	for (unsigned n = 0; n < SEG_COUNT; n++)
		w->in.f.seg[n] = (struct vmx_seg_fields){
			v->seg[n].sel, v->seg[n].base, v->seg[n].limit,
			v->seg[n].ar,
		};
	rule = vmx_rules_broken(&w->in);
	return rule ? rule->name : NULL;
}

/* FS, GS, TR and LDTR: a canonical base is the walk to 64-bit code's affair. */
static bool base_canonical(const struct vcpu *v)
{
	static const uint8_t segs[] = { SEG_FS, SEG_GS, SEG_LDTR, SEG_TR };
	bool all = true;

	for (unsigned i = 0; i < ARRAY_SIZE(segs); i++)
		all &= !(v->seg[segs[i]].base >> 47);
	return all;
}

/* PE and PG set, no long mode but where the state asks for it: fits or not, both say so. */
static void protected_mode_agrees_with_the_entry_rules(void **state)
{
	static struct world w[2];
	unsigned fitting = 0;

	(void)state;
	world_valid(&w[0], BASE_PM32);
	world_valid(&w[1], BASE_LONG);
	world_read(&w[0]);
	world_read(&w[1]);
	w[1].in.f.rip = w[0].in.f.rip;
	for (unsigned i = 0; i < RANDOM_STATES; i++) {
		const struct vcpu v = random_state(flat);
		const char *broken = rule_broken(&v, &w[!!(v.efer & EFER_LMA)]);
		bool fit = fits_protected(&v);

		assert_true(base_canonical(&v));
		fitting += fit;
		if (fit != !broken)
			fail_msg("state %u: fits %d, broken %s", i, fit,
				 broken ? broken : "none");
	}
	assert_in_range(fitting, RANDOM_STATES / 4, RANDOM_STATES * 3 / 4);
}

/* As it is entered: AR is F3h for all six, TR and LDTR are what vm86 needs. */
static struct vcpu as_vm86(const struct vcpu *v)
{
	struct vcpu out = *v;

	out.rflags |= RFLAGS_VM;
	for (unsigned n = SEG_ES; n <= SEG_GS; n++)
		out.seg[n].ar = TEST_VM86;
	out.seg[SEG_TR] = flat().seg[SEG_TR];
	out.seg[SEG_LDTR] = flat().seg[SEG_LDTR];
	return out;
}

/* Rights that vm86 does not hold are not the entry's to see: it sees F3h. */
static bool rights_fit(const struct vcpu *v)
{
	bool all = true;

	for (unsigned n = SEG_ES; n <= SEG_GS; n++) {
		uint32_t ar = v->seg[n].ar;
		uint32_t type = ar & (AR_TYPE_CODE | AR_TYPE_DOWN | AR_TYPE_WRITE);

		all &= !(ar & (AR_UNUSABLE | AR_DB)) && (ar & AR_P) && (ar & AR_S) &&
		       (type == AR_TYPE_WRITE ||
			(n == SEG_CS && (ar & AR_TYPE_CODE)));
	}
	return all;
}

static void vm86_agrees_with_the_entry_rules(void **state)
{
	static struct world w;
	unsigned fitting = 0;

	(void)state;
	world_valid(&w, BASE_VM86);
	world_read(&w);
	for (unsigned i = 0; i < RANDOM_STATES; i++) {
		const struct vcpu v = random_state(real), entered = as_vm86(&v);
		const char *broken = rule_broken(&entered, &w);
		bool fit = fits_vm86(&v);

		fitting += fit;
		if (fit != (!broken && rights_fit(&v)))
			fail_msg("state %u: fits %d, broken %s", i, fit,
				 broken ? broken : "none");
	}
	assert_in_range(fitting, RANDOM_STATES / 4, RANDOM_STATES * 3 / 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(protected_mode_agrees_with_the_entry_rules),
		cmocka_unit_test(vm86_agrees_with_the_entry_rules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

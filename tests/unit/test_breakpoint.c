/*
 * DR0 to DR3 against DR7, apart from any instruction: what counts as enabled, and
 * why a #DB came when the CPU does not say. SDM 3B "Debug Registers" 17.2.
 */
#include "fake_world.h"

#include "core/breakpoint.h"

#define AT	0x5000u

/* Gn, R/Wn and LENn (of four bytes: 11b). SDM 3B figure 17-1 */
static void arm(struct vcpu *v, unsigned n, uint64_t at, unsigned rw, unsigned len)
{
	v->dr[n] = at;
	v->dr7 |= BIT(2 * n + 1) | (uint64_t)(rw | len << 2) << (16 + 4 * n);
}

/* L and G each enable; the other bits of DR7 do not. */
static void only_l_and_g_arm(void **state)
{
	struct world *w = *state;
	struct vcpu *v = &w->vm.vcpu;

	for (unsigned bit = 0; bit < 32; bit++) {
		v->dr7 = BIT(bit);
		assert_int_equal(breakpoint_armed(v), bit < 8);
	}
}

/* Each kind answers to its own R/W value; ports with CR4.DE only. */
static void kinds_are_told_apart(void **state)
{
	struct world *w = *state;
	struct vcpu *v = &w->vm.vcpu;

	for (unsigned n = 0; n < 4; n++)
		arm(v, n, AT, n, 0);
	for (unsigned n = 0; n < 4; n++)
		assert_int_equal(breakpoint_hits(v, 1u << n, AT, 1), n == 2 ? 0 : 1u << n);
	v->cr4 = CR4_DE;
	assert_int_equal(breakpoint_hits(v, BREAK_PORT, AT, 1), BIT(2));
	assert_int_equal(breakpoint_hits(v, BREAK_WRITE | BREAK_ACCESS, AT, 1),
			 BIT(1) | BIT(3));
	v->dr7 &= ~BITS(7, 0);
	assert_int_equal(breakpoint_hits(v, BREAK_WRITE | BREAK_ACCESS, AT, 1), 0);
}

/* In long mode all 64 bits of an address count, outside it there are 32. */
static void addresses_have_the_modes_width(void **state)
{
	struct world *w = *state;
	struct vcpu *v = &w->vm.vcpu;

	arm(v, 0, 0, 1, 3);
	arm(v, 1, BIT(32), 1, 3);
	assert_int_equal(breakpoint_hits(v, BREAK_WRITE, 0xfffffffe, 4), BIT(0));
	v->efer = EFER_LMA;
	assert_int_equal(breakpoint_hits(v, BREAK_WRITE, 0xfffffffe, 4), BIT(1));
}

static void an_instruction_breakpoint_is_the_first_reason(void **state)
{
	struct world *w = *state;
	struct vcpu *v = &w->vm.vcpu;

	v->seg[SEG_CS].base = AT;
	v->rip = 0x10;
	v->rflags |= RFLAGS_TF;
	arm(v, 3, AT + 0x10, 0, 0);
	arm(v, 1, AT, 1, 0);
	assert_int_equal(breakpoint_reason(v), BIT(3));
	v->rflags |= RFLAGS_RF;
	assert_int_equal(breakpoint_reason(v), DR6_BS);
	v->rflags &= ~RFLAGS_RF;
	v->rip++;
	assert_int_equal(breakpoint_reason(v), DR6_BS);
}

/* What is left is data or a port; one that is on is the one that was hit. */
static void a_trap_without_a_step_is_a_data_breakpoint(void **state)
{
	struct world *w = *state;
	struct vcpu *v = &w->vm.vcpu;

	assert_int_equal(breakpoint_reason(v), 0);
	arm(v, 0, AT, 0, 0);
	arm(v, 1, AT, 2, 0);
	assert_int_equal(breakpoint_reason(v), 0);
	arm(v, 2, AT, 1, 0);
	assert_int_equal(breakpoint_reason(v), BIT(2));
	v->cr4 = CR4_DE;
	assert_int_equal(breakpoint_reason(v), BIT(1) | BIT(2));
}

static const struct CMUnitTest tests[] = {
	WORLD_TEST(only_l_and_g_arm),
	WORLD_TEST(kinds_are_told_apart),
	WORLD_TEST(addresses_have_the_modes_width),
	WORLD_TEST(an_instruction_breakpoint_is_the_first_reason),
	WORLD_TEST(a_trap_without_a_step_is_a_data_breakpoint),
};

WORLD_MAIN(tests)

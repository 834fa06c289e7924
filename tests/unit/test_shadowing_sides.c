/*
 * CR0.WP clear, a read-only page of the user's that the supervisor writes: an instruction
 * that needs it for both is carried out in software; what software does not have is left
 * to the guest, as long as it gets on.
 */
#include "shadowing_fixture.h"

#define ROUNDS		50u
#define USERS_CODE	(WORLD_CODE + 0x100)
#define READ_ONLY	(PTE_P | PTE_U | PTE_A)

static const uint8_t mov[] = { 0x89, 0x03 };		/* MOV [EBX], EAX */
static const uint8_t mmx[] = { 0x0f, 0x7f, 0x03 };	/* MOVQ [EBX], MM0 */

static struct vcpu *sides(struct rig *r, const uint8_t *code, size_t size)
{
	struct vcpu *v = &r->w->vm.vcpu;

	rig_32bit(r);
	v->cr0 &= ~CR0_WP;
	world_code(r->w, code, size);
	map(r, 0, DATA | READ_ONLY);
	v->gpr[GPR_RBX] = TEST_VA;
	v->gpr[GPR_RAX] = WORLD_CODE;
	return v;
}

/* The instruction's code, or a user's, and then its write; how often, until it was emulated. */
static unsigned until_emulated(struct rig *r, uint64_t users)
{
	struct vcpu *v = &r->w->vm.vcpu;
	unsigned round = 0;

	for (; round < ROUNDS && !get(r, DATA, 4) &&
	     r->w->vm.end != END_STOPPED; round++) {
		v->rip = users;
		GOES_ON(r, FAULT(TEST_VA, PFEC_P | PFEC_U | PFEC_I));
		GOES_ON(r, FAULT(TEST_VA, PFEC_P | PFEC_W));
	}
	return round;
}

static void what_needs_a_page_for_both_sides_is_emulated(void **state)
{
	struct rig *r = *state;

	(void)sides(r, mov, sizeof(mov));
	assert_in_range(until_emulated(r, WORLD_CODE), 2, 2 * SHADOW_TURNS);
	assert_int_equal(get(r, DATA, 4), WORLD_CODE);
	assert_int_equal(world_after(r->w, 0)->rip, WORLD_CODE + sizeof(mov));
}

/* Two who take turns get on: neither is the end of the guest. */
static void what_software_does_not_have_is_left_to_who_gets_on(void **state)
{
	struct rig *r = *state;

	(void)sides(r, mmx, sizeof(mmx));
	assert_int_equal(until_emulated(r, USERS_CODE), ROUNDS);
	assert_int_not_equal(r->w->vm.end, END_STOPPED);
	assert_int_equal(leaf_of(r, TEST_VA) & (PTE_W | PTE_U), PTE_W);
}

/* One instruction for ever: it is named, and the guest ends. */
static void what_software_does_not_have_and_never_gets_on_is_the_end(void **state)
{
	struct rig *r = *state;

	(void)sides(r, mmx, sizeof(mmx));
	assert_in_range(until_emulated(r, WORLD_CODE), 1, ROUNDS);
	assert_int_equal(r->w->vm.end, END_STOPPED);
}

static const struct CMUnitTest tests[] = {
	BOTH(what_needs_a_page_for_both_sides_is_emulated),
	BOTH(what_software_does_not_have_is_left_to_who_gets_on),
	BOTH(what_software_does_not_have_and_never_gets_on_is_the_end),
};

WORLD_MAIN(tests)

/*
 * Exceptions on top of exceptions: SDM 3A "Interrupt 8 - Double Fault Exception"
 * 6.15 tables 6-4 and 6-5, over every pair of vectors; error codes; CR2.
 */
#include "fake_world.h"

#include "core/event.h"

/* Table 6-4, and #CP with the contributory ones, #VE with the page faults. */
static const uint8_t contributory[] = { 0, 10, 11, 12, 13, 21 };
static const uint8_t page_faults[] = { 14, 20 };

/* Vectors that push an error code. SDM 3A table 6-1 */
static const uint8_t with_error[] = { 8, 10, 11, 12, 13, 14, 17, 21 };

#define LISTED(list, vector)	(memchr(list, vector, sizeof(list)) != NULL)

static struct event exception(uint8_t vector)
{
	return (struct event){ .kind = EVENT_EXCEPTION, .vector = vector };
}

/* Table 6-5, read by row and column. */
static enum event_merge expected(uint8_t first, uint8_t second)
{
	bool second_bad = LISTED(contributory, second) ||
			  LISTED(page_faults, second);

	if (first == 8)
		return second_bad ? MERGE_TRIPLE_FAULT : MERGE_SECOND;
	if (LISTED(contributory, first))
		return LISTED(contributory, second) ? MERGE_DOUBLE_FAULT :
						      MERGE_SECOND;
	if (LISTED(page_faults, first))
		return second_bad ? MERGE_DOUBLE_FAULT : MERGE_SECOND;
	return MERGE_SECOND;
}

static void every_pair_follows_the_table(void **state)
{
	(void)state;
	for (unsigned a = 0; a < 32; a++)
		for (unsigned b = 0; b < 32; b++) {
			const struct event first = exception(a);
			const struct event second = exception(b);

			if (b == 8)	/* none is raised but by this table */
				continue;
			if (event_merge(&first, &second) != expected(a, b))
				fail_msg("%u then %u", a, b);
		}
}

/* Interrupts, NMIs and INT n are benign, whatever their vector: table 6-4. */
static void only_exceptions_contribute(void **state)
{
	static const uint8_t kinds[] = {
		EVENT_NONE, EVENT_INTERRUPT, EVENT_NMI, EVENT_SOFT_INT,
		EVENT_SOFT_EXCEPTION, EVENT_PRIV_SOFT_EXCEPTION,
	};

	(void)state;
	for (unsigned k = 0; k < sizeof(kinds); k++)
		for (unsigned a = 0; a < 256; a++)
			for (unsigned b = 0; b < 32; b++) {
				const struct event first = {
					.kind = kinds[k], .vector = a,
				};
				const struct event second = exception(b);

				assert_int_equal(event_merge(&first, &second),
						 MERGE_SECOND);
			}
}

static void error_codes_by_vector(void **state)
{
	(void)state;
	for (unsigned v = 0; v < 32; v++)
		assert_int_equal(vector_has_error(v), LISTED(with_error, v));
}

static void raise_over(struct world *w, uint8_t first, uint8_t second,
		       uint32_t error)
{
	w->vm.vcpu.pending = exception(first);
	event_raise(&w->vm, second, error);
}

/* The second of two that make no double fault is delivered, with its own error code. */
static void the_second_is_delivered(void **state)
{
	struct world *w = *state;
	const struct event *p = &w->vm.vcpu.pending;

	world_protected(w);
	raise_over(w, 3, 13, 0x18);
	assert_int_equal(p->kind, EVENT_EXCEPTION);
	assert_int_equal(p->vector, 13);
	assert_true(p->has_error);
	assert_int_equal(p->error, 0x18);
	assert_int_equal(w->vm.end, END_NOT);
}

/* #DF pushes the error code 0. */
static void double_fault_replaces_both(void **state)
{
	struct world *w = *state;
	const struct event *p = &w->vm.vcpu.pending;

	world_protected(w);
	raise_over(w, 11, 13, 0x18);
	assert_int_equal(p->kind, EVENT_EXCEPTION);
	assert_int_equal(p->vector, 8);
	assert_true(p->has_error);
	assert_int_equal(p->error, 0);
	assert_int_equal(w->vm.end, END_NOT);
}

static void triple_fault_ends_the_guest(void **state)
{
	struct world *w = *state;

	world_protected(w);
	raise_over(w, 8, 13, 0);
	assert_int_equal(w->vm.end, END_TRIPLE_FAULT);
}

/* A benign exception while #DF is delivered is no shutdown. */
static void benign_over_double_fault_goes_on(void **state)
{
	struct world *w = *state;

	world_protected(w);
	raise_over(w, 8, 6, 0);
	assert_int_equal(w->vm.end, END_NOT);
	assert_int_equal(w->vm.vcpu.pending.vector, 6);
}

/* APM vol. 2 "Error Codes" 8.4: none in real mode; its IVT frame has three words. */
static void real_mode_has_no_error_codes(void **state)
{
	struct world *w = *state;
	const struct event *p = &w->vm.vcpu.pending;

	for (unsigned v = 0; v < 32; v++) {
		w->vm.vcpu.pending.kind = EVENT_NONE;
		event_raise(&w->vm, v, 0x123);
		assert_int_equal(p->vector, v);
		assert_false(p->has_error);
		assert_int_equal(p->error, 0);
	}
}

/* The double fault of two contributory faults has none there either. */
static void real_mode_double_fault_has_none(void **state)
{
	struct world *w = *state;

	raise_over(w, 13, 13, 0);
	assert_int_equal(w->vm.vcpu.pending.vector, 8);
	assert_false(w->vm.vcpu.pending.has_error);
}

static void raise_page_fault(struct world *w, uint8_t first, uint64_t address)
{
	struct event pf = exception(14);

	pf.has_error = true;
	pf.error = PFEC_W;
	pf.cr2 = address;
	w->vm.vcpu.pending = first == UINT8_MAX ?
			     (struct event){ .kind = EVENT_NONE } :
			     exception(first);
	w->vm.vcpu.dirty = 0;
	w->vm.vcpu.cr2 = 0x5555;
	event_raise_event(&w->vm, &pf);
}

/* SDM 3A "Interrupt 14 - Page-Fault Exception": CR2 is the address. */
static void page_fault_loads_cr2(void **state)
{
	struct world *w = *state;
	const struct vcpu *v = &w->vm.vcpu;

	world_pae(w);
	raise_page_fault(w, UINT8_MAX, 0x1234567);
	assert_int_equal(v->pending.vector, 14);
	assert_int_equal(v->pending.error, PFEC_W);
	assert_int_equal(v->cr2, 0x1234567);
	assert_int_equal(v->dirty, ST_CR2);

	/* While a contributory fault is delivered it is handled in turn. */
	raise_page_fault(w, 13, 0x89000);
	assert_int_equal(v->pending.vector, 14);
	assert_int_equal(v->cr2, 0x89000);
}

/*
 * A page fault that leads to another event has updated CR2 by then: SDM 3C
 * "Architectural State Before a VM Exit" 27.1, of events that exit indirectly.
 */
static void page_fault_in_a_double_fault_loads_cr2(void **state)
{
	struct world *w = *state;
	const struct vcpu *v = &w->vm.vcpu;

	world_pae(w);
	raise_page_fault(w, 14, 0x1234567);
	assert_int_equal(v->pending.vector, 8);
	assert_int_equal(v->cr2, 0x1234567);
	assert_int_equal(v->dirty, ST_CR2);
}

/* No other exception touches CR2, over a page fault neither. */
static void other_exceptions_leave_cr2(void **state)
{
	struct world *w = *state;
	struct vcpu *v = &w->vm.vcpu;

	world_pae(w);
	for (unsigned vector = 0; vector < 32; vector++) {
		if (vector == 14)
			continue;
		v->cr2 = 0x5555;
		v->dirty = 0;
		raise_over(w, 14, vector, 0);
		assert_int_equal(v->cr2, 0x5555);
		assert_int_equal(v->dirty, 0);
	}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(every_pair_follows_the_table),
	cmocka_unit_test(only_exceptions_contribute),
	cmocka_unit_test(error_codes_by_vector),
	WORLD_TEST(the_second_is_delivered),
	WORLD_TEST(double_fault_replaces_both),
	WORLD_TEST(triple_fault_ends_the_guest),
	WORLD_TEST(benign_over_double_fault_goes_on),
	WORLD_TEST(real_mode_has_no_error_codes),
	WORLD_TEST(real_mode_double_fault_has_none),
	WORLD_TEST(page_fault_loads_cr2),
	WORLD_TEST(page_fault_in_a_double_fault_loads_cr2),
	WORLD_TEST(other_exceptions_leave_cr2),
};

WORLD_MAIN(tests)

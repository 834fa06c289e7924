/*
 * The memory type range registers as a store: which there are and what each takes.
 * SDM 3A "Memory Type Range Registers (MTRRs)" 11.11.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "core/mtrr.h"

#define PHYS_BITS	40
#define ALL_WB		UINT64_C(0x0606060606060606)

static bool is_fixed(uint32_t n)
{
	return n == 0x250 || n == 0x258 || n == 0x259 || (n >= 0x268 && n <= 0x26f);
}

/* Eight pairs from 200h on, eleven fixed ones, the default type and the capabilities. */
static bool exists(uint32_t n)
{
	return (n >= 0x200 && n < 0x210) || is_fixed(n) || n == 0x2ff || n == 0xfe;
}

static void numbers_are_the_manuals(void **state)
{
	struct mtrrs m = { 0 };
	uint64_t value;

	(void)state;
	for (uint32_t n = 0; n < 0x10000; n++) {
		assert_int_equal(mtrr_read(&m, n, &value), exists(n));
		if (!exists(n))
			assert_false(mtrr_write(&m, n, 0, PHYS_BITS));
	}
	assert_false(mtrr_read(&m, 0xc00000fe, &value));
	assert_false(mtrr_write(&m, UINT32_MAX, 0, PHYS_BITS));
}

/* Eight pairs, fixed ones and write combining; read-only. */
static void capabilities_are_read_only(void **state)
{
	struct mtrrs m = { 0 };
	uint64_t value = 0;

	(void)state;
	assert_true(mtrr_read(&m, 0xfe, &value));
	assert_int_equal(value, 0x508);
	assert_false(mtrr_write(&m, 0xfe, 0x508, PHYS_BITS));
}

/* What is written is read back, from that register and no other. */
static void each_register_is_its_own(void **state)
{
	struct mtrrs m = { 0 };
	uint64_t value;

	(void)state;
	for (uint32_t n = 0x200; n < 0x300; n++) {
		if (!exists(n))
			continue;
		memset(&m, 0, sizeof(m));
		assert_true(mtrr_write(&m, n, is_fixed(n) ? ALL_WB :
				       n < 0x210 ? 0x5000 : 0xc06, PHYS_BITS));
		for (uint32_t other = 0x200; other < 0x300; other++)
			if (mtrr_read(&m, other, &value))
				assert_int_equal(!!value, other == n);
	}
}

/* Types 0, 1, 4, 5 and 6, in every field that holds one. */
static void types_are_the_defined_ones(void **state)
{
	struct mtrrs m = { 0 };

	(void)state;
	for (uint64_t type = 0; type < 256; type++) {
		const bool known = type < 2 || (type >= 4 && type <= 6);

		assert_int_equal(mtrr_write(&m, 0x2ff, type, PHYS_BITS), known);
		assert_int_equal(mtrr_write(&m, 0x20e, type, PHYS_BITS), known);
		for (unsigned i = 0; i < 64; i += 8)
			assert_int_equal(mtrr_write(&m, 0x26f, type << i,
						    PHYS_BITS), known);
	}
}

/* Default type: FE 10, E 11. Base: from bit 12 to the last of an address. Mask: V 11 too. */
static void reserved_bits_are_refused(void **state)
{
	struct mtrrs m = { 0 };

	(void)state;
	for (unsigned i = 8; i < 64; i++) {
		const bool address = i >= 12 && i < PHYS_BITS;

		assert_int_equal(mtrr_write(&m, 0x2ff, UINT64_C(1) << i, PHYS_BITS),
				 i == 10 || i == 11);
		assert_int_equal(mtrr_write(&m, 0x200, UINT64_C(1) << i, PHYS_BITS),
				 address);
		assert_int_equal(mtrr_write(&m, 0x201, UINT64_C(1) << i, PHYS_BITS),
				 address || i == 11);
	}
	for (unsigned i = 0; i < 8; i++)
		assert_false(mtrr_write(&m, 0x201, UINT64_C(1) << i, PHYS_BITS));
}

/* A refused write changes nothing. */
static void refused_writes_leave_the_old_value(void **state)
{
	struct mtrrs m = { 0 };
	uint64_t value = 0;

	(void)state;
	assert_true(mtrr_write(&m, 0x250, ALL_WB, PHYS_BITS));
	assert_false(mtrr_write(&m, 0x250, 2, PHYS_BITS));
	assert_true(mtrr_read(&m, 0x250, &value));
	assert_true(value == ALL_WB);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_the_manuals),
		cmocka_unit_test(capabilities_are_read_only),
		cmocka_unit_test(each_register_is_its_own),
		cmocka_unit_test(types_are_the_defined_ones),
		cmocka_unit_test(reserved_bits_are_refused),
		cmocka_unit_test(refused_writes_leave_the_old_value),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * The memory bus beyond RAM: who answers, how an access is split, and what an empty bus
 * says. The rules are those of core/device/mmio.h.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "core/device/mmio.h"

#define BASE	UINT64_C(0xfed00000)
#define SIZE	UINT64_C(0x20)

struct piece { uint64_t offset, value; unsigned size; bool write; };

static struct piece pieces[16];
static unsigned count;

/* Each byte reads as its offset plus 80h. */
static uint64_t probe_read(void *self, uint64_t offset, unsigned size)
{
	uint64_t value = 0;

	assert_ptr_equal(self, pieces);
	assert_true(size == 1 || size == 2 || size == 4 || size == 8);
	assert_int_equal(offset % size, 0);
	assert_true(offset + size <= SIZE);
	pieces[count++] = (struct piece){ offset, 0, size, false };
	for (unsigned i = 0; i < size; i++)
		value |= (0x80 + offset + i) << (8 * i);
	return value;
}

static void probe_write(void *self, uint64_t offset, unsigned size, uint64_t value)
{
	(void)probe_read(self, offset, size);
	pieces[count - 1].write = true;
	pieces[count - 1].value = value;
}

static struct mmio_device probe(uint64_t base, uint64_t size)
{
	return (struct mmio_device){ base, size, pieces, probe_read, probe_write };
}

static struct mmio_bus bus_of_one(void)
{
	struct mmio_bus bus = { .devices = 0 };
	struct mmio_device device = probe(BASE, SIZE);

	assert_true(mmio_attach(&bus, &device));
	count = 0;
	return bus;
}

static void assert_piece(unsigned i, uint64_t offset, unsigned size)
{
	assert_int_equal(pieces[i].offset, offset);
	assert_int_equal(pieces[i].size, size);
}

static void an_aligned_access_comes_in_one_piece(void **state)
{
	struct mmio_bus bus = bus_of_one();

	(void)state;
	for (unsigned size = 1; size <= 8; size *= 2) {
		uint64_t value = 0, want = UINT64_C(0x8f8e8d8c8b8a8988);

		count = 0;
		mmio_access(&bus, BASE + 8, &value, size, false);
		assert_int_equal(count, 1);
		assert_piece(0, 8, size);
		assert_memory_equal(&value, &want, size);
		value = UINT64_C(0x1122334455667788);
		mmio_access(&bus, BASE + 8, &value, size, true);
		assert_int_equal(count, 2);
		assert_int_equal(pieces[1].value, value & BITS(8 * size - 1, 0));
	}
}

/* Low address first, each piece as large as its alignment and the rest allow. */
static void any_other_access_is_split(void **state)
{
	const struct { unsigned at, size, pieces[5]; } rows[] = {
		{ 1, 2, { 1, 1 } }, { 2, 4, { 2, 2 } }, { 1, 4, { 1, 2, 1 } },
		{ 3, 8, { 1, 4, 2, 1 } }, { 4, 8, { 4, 4 } }, { 8, 3, { 2, 1 } },
		{ 8, 5, { 4, 1 } }, { 8, 6, { 4, 2 } }, { 8, 7, { 4, 2, 1 } },
		{ 9, 7, { 1, 2, 4 } },
	};

	(void)state;
	for (unsigned row = 0; row < ARRAY_SIZE(rows); row++) {
		struct mmio_bus bus = bus_of_one();
		uint8_t bytes[8] = { 0 };
		unsigned at = rows[row].at, i;

		mmio_access(&bus, BASE + at, bytes, rows[row].size, false);
		for (i = 0; rows[row].pieces[i]; i++) {
			assert_piece(i, at, rows[row].pieces[i]);
			at += rows[row].pieces[i];
		}
		assert_int_equal(count, i);
		for (i = 0; i < rows[row].size; i++)
			assert_int_equal(bytes[i], 0x80 + rows[row].at + i);
		for (; i < sizeof(bytes); i++)
			assert_int_equal(bytes[i], 0);
	}
}

/* What is beside the range reads ones and swallows writes, in the same access too. */
static void nobody_answers_beside_a_range(void **state)
{
	struct mmio_bus bus = bus_of_one();
	uint64_t value = 0;

	(void)state;
	mmio_access(&bus, BASE - 4, &value, 8, false);
	assert_int_equal(value, UINT64_C(0x83828180ffffffff));
	assert_int_equal(count, 1);
	value = 0;
	mmio_access(&bus, BASE + SIZE - 1, &value, 2, false);
	assert_int_equal(value, 0xff9f);
	count = 0;
	mmio_access(&bus, BASE + SIZE, &value, 8, true);
	mmio_access(&bus, BASE - 8, &value, 8, true);
	assert_int_equal(count, 0);
	mmio_access(&bus, BASE + SIZE, &value, 8, false);
	assert_int_equal(value, UINT64_MAX);
}

static void near_is_what_touches_a_range(void **state)
{
	struct mmio_bus empty = { .devices = 0 }, bus = bus_of_one();

	(void)state;
	assert_false(mmio_near(&empty, 0, 8));
	assert_false(mmio_near(&empty, BASE, 8));
	assert_false(mmio_near(&bus, BASE - 8, 8));
	assert_true(mmio_near(&bus, BASE - 7, 8));
	assert_true(mmio_near(&bus, BASE + SIZE - 1, 1));
	assert_false(mmio_near(&bus, BASE + SIZE, 1));
	assert_false(mmio_near(&bus, UINT64_MAX - 1, 8));
}

static void ranges_must_not_meet(void **state)
{
	const struct { uint64_t base, size; bool fits; } rows[] = {
		{ BASE, SIZE, false }, { BASE - 8, 16, false }, { BASE + 0x18, 8, false },
		{ BASE - 0x100, 0x1000, false }, { BASE + 8, 8, false },
		{ BASE + SIZE, 0, false }, { BASE + SIZE + 4, 8, false },
		{ BASE + SIZE, 12, false }, { UINT64_MAX - 7, 16, false },
		{ BASE + SIZE, 8, true }, { BASE - 8, 8, true }, { 0x1000, 8, true },
		{ 0x2000, 8, false },	/* the table is full */
	};
	struct mmio_bus bus = bus_of_one();

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
		struct mmio_device device = probe(rows[i].base, rows[i].size);

		assert_int_equal(mmio_attach(&bus, &device), rows[i].fits);
	}
	assert_true(mmio_near(&bus, 0x1000, 1));
	assert_true(mmio_near(&bus, BASE + SIZE + 7, 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_aligned_access_comes_in_one_piece),
		cmocka_unit_test(any_other_access_is_split),
		cmocka_unit_test(nobody_answers_beside_a_range),
		cmocka_unit_test(near_is_what_touches_a_range),
		cmocka_unit_test(ranges_must_not_meet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

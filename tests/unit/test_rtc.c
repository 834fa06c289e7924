/*
 * The MC146818's time and memory as a PC's software reads and sets them; each rule from
 * the datasheet (Motorola), "Address Map", "Update Cycle" and "Registers".
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "tests/unit/rtc_fixture.h"

/* A Saturday; 32.768 kHz, 1024 Hz; 24 hours, BCD; nothing pending; the battery good. */
static void starts_at_a_fixed_date(void **state)
{
	struct machine *m = *state;

	expect_time(m, 0x20000101, 0x000000);
	assert_int_equal(in(m, 6), 7);
	assert_int_equal(in(m, 0x0a), 0x26);
	assert_int_equal(in(m, 0x0b), 0x02);
	assert_int_equal(in(m, 0x0c), 0x00);
	assert_int_equal(in(m, 0x0d), 0x80);
	assert_true(m->rtc.next == NEVER);
}

static void time_follows_the_clock(void **state)
{
	struct machine *m = *state;

	advance(m, SECOND - 1);
	expect_time(m, 0x20000101, 0x000000);
	advance(m, 1);
	expect_time(m, 0x20000101, 0x000001);
	advance(m, 59 * DAY - SECOND - 1);
	expect_time(m, 0x20000228, 0x235959);
	advance(m, 1);
	expect_time(m, 0x20000229, 0x000000);
	assert_int_equal(in(m, 6), 3);
	advance(m, DAY);
	expect_time(m, 0x20000301, 0x000000);
	advance(m, 306 * DAY - SECOND);
	expect_time(m, 0x20001231, 0x235959);
	advance(m, SECOND);
	expect_time(m, 0x20010101, 0x000000);
}

/* Table 3: the hour of 12 has bit 7 for PM, in BCD and in binary. */
static void hours_and_numbers_follow_register_b(void **state)
{
	static const struct {
		uint8_t b, hour[4];	/* of 00:30, 11:30, 12:30, 23:30 */
		uint8_t minute;
	} row[] = {
		{ 0x02, { 0x00, 0x11, 0x12, 0x23 }, 0x30 },
		{ 0x00, { 0x12, 0x11, 0x92, 0x91 }, 0x30 },
		{ 0x06, { 0, 11, 12, 23 }, 30 },
		{ 0x04, { 12, 11, 0x8c, 0x8b }, 30 },
	};
	static const unsigned hour[] = { 0x00, 0x11, 0x12, 0x23 };
	struct machine *m = *state;

	for (unsigned i = 0; i < ARRAY_SIZE(row); i++) {
		for (unsigned j = 0; j < 4; j++) {
			out(m, 0x0b, 0x02);
			set_time(m, 0x19991231, hour[j] << 16 | 0x3000);
			out(m, 0x0b, row[i].b);
			assert_int_equal(in(m, 4), row[i].hour[j]);
			assert_int_equal(in(m, 2), row[i].minute);
			assert_int_equal(in(m, 9), row[i].b & 4 ? 99 : 0x99);
			/* A PC's century is BCD, whatever the chip's bytes are. */
			assert_int_equal(in(m, 0x32), 0x19);
			/* And back by writing what was read. */
			out(m, 4, row[i].hour[j]);
			assert_int_equal(in(m, 4), row[i].hour[j]);
			out(m, 0x0b, 0x02);
			expect_time(m, 0x19991231, hour[j] << 16 | 0x3000);
		}
	}
}

/* "Register B" SET: the bytes stand still and take what is written, UIE is cleared. */
static void set_freezes_the_time(void **state)
{
	struct machine *m = *state;

	out(m, 0x0b, 0x12);
	advance(m, 7 * SECOND);
	in(m, 0x0c);
	out(m, 0x0b, 0x92);
	assert_int_equal(in(m, 0x0b), 0x82);
	advance(m, 100 * SECOND);
	expect_time(m, 0x20000101, 0x000007);
	assert_int_equal(in(m, 0x0c), 0x40);
	out(m, 2, 0x45);
	out(m, 0x32, 0x21);
	expect_time(m, 0x21000101, 0x004507);
	out(m, 0x0b, 0x02);
	advance(m, SECOND);
	expect_time(m, 0x21000101, 0x004508);
}

/* SET leaves the divider alone: the next second comes when it would have come. */
static void set_keeps_the_second_s_phase(void **state)
{
	struct machine *m = *state;

	advance(m, 600000000);
	out(m, 0x0b, 0x82);
	out(m, 0, 0x30);
	out(m, 0x0b, 0x02);
	advance(m, 399999999);
	assert_int_equal(in(m, 0), 0x30);
	advance(m, 1);
	assert_int_equal(in(m, 0), 0x31);
}

/* "Register A" DV: reset holds the time; the first update is half a second after it. */
static void divider_reset_sets_the_phase(void **state)
{
	struct machine *m = *state;

	advance(m, 5 * SECOND + 900000000);
	out(m, 0x0a, 0x76);
	advance(m, 33 * SECOND + 333);
	assert_int_equal(in(m, 0), 0x05);
	assert_int_equal(in(m, 0x0a), 0x76);
	out(m, 0x0a, 0x26);
	in(m, 0x0c);
	advance(m, SECOND / 2 - 1);
	assert_int_equal(in(m, 0), 0x05);
	assert_int_equal(in(m, 0x0c) & 0x10, 0x00);
	advance(m, 1);
	assert_int_equal(in(m, 0), 0x06);
	assert_int_equal(in(m, 0x0c) & 0x10, 0x10);
}

/* A byte that is written while time runs is taken, the others go on. */
static void running_time_can_be_written(void **state)
{
	struct machine *m = *state;

	advance(m, 59 * SECOND);
	out(m, 4, 0x17);
	out(m, 7, 0x28);
	out(m, 8, 0x02);
	expect_time(m, 0x20000228, 0x170059);
	advance(m, SECOND);
	expect_time(m, 0x20000228, 0x170100);
	/* The highest bit of the seconds is read-only. */
	out(m, 0, 0xd5);
	assert_int_equal(in(m, 0), 0x55);
}

/* What is no date becomes one; no byte breaks anything. */
static void nonsense_dates_become_dates(void **state)
{
	struct machine *m = *state;

	set_time(m, 0x20011300, 0x000000);
	expect_time(m, 0x20011201, 0x000000);
	set_time(m, 0x20010230, 0x000000);
	expect_time(m, 0x20010302, 0x000000);
	set_time(m, 0x00000000, 0x000000);
	expect_time(m, 0x00000101, 0x000000);
	for (unsigned v = 0; v < 256; v++) {
		set_time(m, v * UINT64_C(0x01010101), v * 0x010101);
		advance(m, SECOND);
		assert_in_range(in(m, 8), 0x01, 0x12);
		assert_in_range(in(m, 7), 0x01, 0x31);
		assert_in_range(in(m, 4), 0x00, 0x23);
		assert_in_range(in(m, 2), 0x00, 0x59);
	}
}

/* "Update Cycle": UIP from 244 us before the update on; never while SET is 1. */
static void uip_warns_of_the_update(void **state)
{
	struct machine *m = *state;

	advance(m, SECOND - 244001);
	assert_int_equal(in(m, 0x0a), 0x26);
	advance(m, 1);
	assert_int_equal(in(m, 0x0a), 0xa6);
	out(m, 0x0b, 0x82);
	assert_int_equal(in(m, 0x0a), 0x26);
	out(m, 0x0b, 0x02);
	advance(m, 243999);
	assert_int_equal(in(m, 0x0a), 0xa6);
	advance(m, 1);
	assert_int_equal(in(m, 0x0a), 0x26);
	/* Bit 7 is read-only. */
	out(m, 0x0a, 0xaf);
	assert_int_equal(in(m, 0x0a), 0x2f);
}

/* Port 70h: bit 7 is the NMI mask and no part of the index; not readable. */
static void index_port_is_seven_bits(void **state)
{
	struct machine *m = *state;

	assert_int_equal(m->device.first, 0x70);
	assert_int_equal(m->device.last, 0x71);
	assert_int_equal(in(m, 0x8d), 0x80);
	out(m, 0xd0, 0x5c);
	assert_int_equal(in(m, 0x50), 0x5c);
	assert_int_equal(m->device.in(m->device.self, 0x70), 0xff);
}

static unsigned word(struct machine *m, uint8_t low)
{
	return in(m, low) | (unsigned)in(m, low + 1) << 8;
}

/* KiB to 640; KiB above 1 MiB; 64 KiB above 16 MiB, and above 4 GiB. */
static void memory_sizes_are_where_a_bios_looks(void **state)
{
	static const struct {
		uint64_t mib;
		unsigned base, extended, above_16m, above_4g;
	} row[] = {
		{ 0, 0, 0, 0, 0 },
		{ 1, 640, 0, 0, 0 },
		{ 16, 640, 15360, 0, 0 },
		{ 64, 640, 64512, 768, 0 },
		{ 128, 640, 65535, 1792, 0 },
		{ 3072, 640, 65535, 48896, 0 },
		{ 5120, 640, 65535, 65280, 16384 },
		{ 12288, 640, 65535, 65280, 131072 },
	};
	struct machine *m = *state;

	for (unsigned i = 0; i < ARRAY_SIZE(row); i++) {
		start(m, row[i].mib << 20);
		assert_int_equal(word(m, 0x15), row[i].base);
		assert_int_equal(word(m, 0x17), row[i].extended);
		assert_int_equal(word(m, 0x30), row[i].extended);
		assert_int_equal(word(m, 0x34), row[i].above_16m);
		assert_int_equal(word(m, 0x5b) | (unsigned)in(m, 0x5d) << 16,
				 row[i].above_4g);
	}
	start(m, 512 << 10);
	assert_int_equal(word(m, 0x15), 512);
}

/* No floppy disk, a coprocessor, one CPU, a normal start, and the hard disk first. */
static void equipment_and_boot_order_are_told(void **state)
{
	struct machine *m = *state;
	unsigned sum = 0;

	assert_int_equal(in(m, 0x0e), 0x00);
	assert_int_equal(in(m, 0x0f), 0x00);
	assert_int_equal(in(m, 0x10), 0x00);
	assert_int_equal(in(m, 0x14), 0x02);
	assert_int_equal(in(m, 0x38) & 0xf0, 0x00);
	assert_int_equal(in(m, 0x3d), 0x02);
	assert_int_equal(in(m, 0x5f), 0x00);
	for (unsigned i = 0x10; i <= 0x2d; i++)
		sum += in(m, (uint8_t)i);
	assert_int_equal(in(m, 0x2e), sum >> 8);
	assert_int_equal(in(m, 0x2f), sum & 0xff);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(starts_at_a_fixed_date),
		TEST(time_follows_the_clock),
		TEST(hours_and_numbers_follow_register_b),
		TEST(set_freezes_the_time),
		TEST(set_keeps_the_second_s_phase),
		TEST(divider_reset_sets_the_phase),
		TEST(running_time_can_be_written),
		TEST(nonsense_dates_become_dates),
		TEST(uip_warns_of_the_update),
		TEST(index_port_is_seven_bits),
		TEST(memory_sizes_are_where_a_bios_looks),
		TEST(equipment_and_boot_order_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The 8259A's EOIs, rotations, modes and reads; each from its datasheet (Intel, 231468). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "pic_machine.h"

static struct machine machine, *const m = &machine;

static int setup(void **state)
{
	(void)state;
	machine_start(m);
	return 0;
}

/* Lines 6, 4 and 1 in service, one nested in the other. */
static void nest(void)
{
	static const uint8_t lines[] = { 6, 4, 1 };

	for (unsigned i = 0; i < 3; i++) {
		rise(m, lines[i]);
		assert_int_equal(pic_ack(&m->pic), 0x20 + lines[i]);
	}
}

/* The vectors of all eight lines in the order in which they come, asked together. */
static void assert_order(const char *lines)
{
	for (unsigned line = 0; line < 8; line++)
		if (line != 2)
			rise(m, line);
	rise(m, 8);
	for (; *lines; lines++) {
		assert_true(pic_intr(&m->pic));
		assert_int_equal(pic_ack(&m->pic), *lines == '2' ? 0x28 : 0x20 + *lines - '0');
		out(m, 0xa0, 0x20);
		out(m, 0x20, 0x60 | (uint8_t)(*lines - '0'));
	}
	assert_false(pic_intr(&m->pic));
}

/* "End of Interrupt": without a line it ends the highest in service. */
static void non_specific_eoi_ends_the_highest(void **state)
{
	static const uint8_t after[] = { 0x50, 0x40, 0x00, 0x00 };

	(void)state;
	nest();
	for (unsigned i = 0; i < 4; i++) {
		out(m, 0x20, 0x20);
		assert_int_equal(isr(m, MASTER), after[i]);
	}
	assert_order("01234567");
}

static void specific_eoi_ends_its_line(void **state)
{
	(void)state;
	nest();
	out(m, 0x20, 0x64);
	assert_int_equal(isr(m, MASTER), 0x42);
	out(m, 0x20, 0x63);
	assert_int_equal(isr(m, MASTER), 0x42);
	out(m, 0x20, 0x61);
	assert_int_equal(isr(m, MASTER), 0x40);
	out(m, 0x20, 0x66);
	assert_order("01234567");
}

/* "Automatic Rotation": the line that was ended becomes the lowest. */
static void rotate_on_non_specific_eoi(void **state)
{
	(void)state;
	nest();
	out(m, 0x20, 0xa0);
	assert_int_equal(isr(m, MASTER), 0x50);
	/* Now 2 is the highest and 1 the lowest: 4 is above 6. */
	out(m, 0x20, 0xa0);
	assert_int_equal(isr(m, MASTER), 0x40);
	out(m, 0x20, 0xa0);
	assert_int_equal(isr(m, MASTER), 0x00);
	assert_order("70123456");
	/* Nothing in service: nothing rotates. */
	out(m, 0x20, 0xa0);
	assert_order("70123456");
}

/* "Specific Rotation": the line named is ended and becomes the lowest. */
static void rotate_on_specific_eoi(void **state)
{
	(void)state;
	nest();
	out(m, 0x20, 0xe4);
	assert_int_equal(isr(m, MASTER), 0x42);
	out(m, 0x20, 0x61);
	out(m, 0x20, 0x66);
	assert_order("56701234");
}

static void set_priority_ends_nothing(void **state)
{
	(void)state;
	nest();
	out(m, 0x20, 0xc2);
	assert_int_equal(isr(m, MASTER), 0x52);
	/* Highest now 3: of 1, 4 and 6 in service the highest is 4. */
	out(m, 0x20, 0x20);
	assert_int_equal(isr(m, MASTER), 0x42);
	out(m, 0x20, 0x61);
	out(m, 0x20, 0x66);
	assert_order("34567012");
}

static void ocw2_of_no_operation_does_nothing(void **state)
{
	(void)state;
	nest();
	for (unsigned line = 0; line < 8; line++)
		out(m, 0x20, 0x40 | (uint8_t)line);
	assert_int_equal(isr(m, MASTER), 0x52);
	out(m, 0x20, 0x61);
	out(m, 0x20, 0x64);
	out(m, 0x20, 0x66);
	assert_order("01234567");
}

/* "Automatic End of Interrupt (AEOI) Mode": the acknowledge is the end. */
static void aeoi_leaves_nothing_in_service(void **state)
{
	(void)state;
	chip_start(m, MASTER, 0x20, 0x11, 0x03);
	rise(m, 3);
	rise(m, 5);
	assert_int_equal(pic_ack(&m->pic), 0x23);
	assert_int_equal(isr(m, MASTER), 0x00);
	assert_int_equal(pic_ack(&m->pic), 0x25);
	assert_false(pic_intr(&m->pic));
}

/* "Automatic Rotation" in AEOI mode, set and cleared by OCW2. */
static void aeoi_rotates_when_told(void **state)
{
	(void)state;
	chip_start(m, MASTER, 0x20, 0x11, 0x03);
	out(m, 0x20, 0x80);
	rise(m, 3);
	assert_int_equal(pic_ack(&m->pic), 0x23);
	out(m, 0x20, 0x00);
	assert_order("45670123");
	out(m, 0x20, 0x80);
	rise(m, 6);
	assert_int_equal(pic_ack(&m->pic), 0x26);
	out(m, 0x20, 0x00);
	assert_order("70123456");
}

/* With an AEOI slave each of its requests is an edge at the master. */
static void aeoi_slave_asks_again_for_the_next(void **state)
{
	(void)state;
	chip_start(m, SLAVE, 0x28, 0x11, 0x03);
	rise(m, 9);
	rise(m, 12);
	assert_int_equal(pic_ack(&m->pic), 0x29);
	assert_int_equal(isr(m, SLAVE), 0x00);
	assert_false(pic_intr(&m->pic));
	out(m, 0x20, 0x20);
	assert_int_equal(pic_ack(&m->pic), 0x2c);
	out(m, 0x20, 0x20);
	assert_false(pic_intr(&m->pic));
}

/* "Special Fully Nested Mode": the slave in service may interrupt itself from above. */
static void special_fully_nested_lets_the_slave_nest(void **state)
{
	(void)state;
	rise(m, 12);
	assert_int_equal(pic_ack(&m->pic), 0x2c);
	rise(m, 9);
	assert_false(pic_intr(&m->pic));
	machine_start(m);
	chip_start(m, MASTER, 0x20, 0x11, 0x11);
	rise(m, 12);
	assert_int_equal(pic_ack(&m->pic), 0x2c);
	rise(m, 13);
	rise(m, 3);
	assert_false(pic_intr(&m->pic));
	rise(m, 9);
	assert_int_equal(pic_ack(&m->pic), 0x29);
	/* No such thing for a line that has no slave. */
	rise(m, 1);
	assert_int_equal(pic_ack(&m->pic), 0x21);
	rise(m, 1);
	assert_false(pic_intr(&m->pic));
}

/* "Special Mask Mode": masked in service bars nobody; not masked, it does. */
static void special_mask_opens_what_a_masked_line_bars(void **state)
{
	(void)state;
	rise(m, 4);
	assert_int_equal(pic_ack(&m->pic), 0x24);
	rise(m, 6);
	out(m, 0x20, 0x68);
	assert_false(pic_intr(&m->pic));
	out(m, 0x21, 0x10);
	assert_true(pic_intr(&m->pic));
	/* SMM without ESMM is not looked at. */
	out(m, 0x20, 0x08);
	assert_true(pic_intr(&m->pic));
	out(m, 0x20, 0x48);
	assert_false(pic_intr(&m->pic));
	out(m, 0x20, 0x28);
	assert_false(pic_intr(&m->pic));
}

/* "End of Interrupt": in special mask mode one without a line skips masked lines. */
static void special_mask_hides_a_line_from_the_eoi(void **state)
{
	(void)state;
	nest();
	out(m, 0x20, 0x68);
	out(m, 0x21, 0x02);
	out(m, 0x20, 0x20);
	assert_int_equal(isr(m, MASTER), 0x42);
	out(m, 0x20, 0x61);
	assert_int_equal(isr(m, MASTER), 0x40);
}

/* "Poll Command": the next read acknowledges, from either port, and no further one. */
static void poll_acknowledges_once(void **state)
{
	(void)state;
	rise(m, 5);
	out(m, 0x20, 0x0c);
	assert_int_equal(in(m, 0x20), 0x85);
	assert_int_equal(in(m, 0x20), 0x00);	/* the IRR */
	assert_int_equal(isr(m, MASTER), 0x20);
	assert_false(pic_intr(&m->pic));
	/* Barred by 5: no request. */
	rise(m, 7);
	out(m, 0x20, 0x0c);
	assert_int_equal(in(m, 0x20) & 0x80, 0);
	rise(m, 0);
	out(m, 0x20, 0x0c);
	assert_int_equal(in(m, 0x21), 0x80);
	assert_int_equal(in(m, 0x21), 0x00);	/* the IMR */
	/* P overrides RR: the ISR, selected above, stays selected. */
	out(m, 0x20, 0x0e);
	assert_int_equal(in(m, 0x20), 0x00);
	assert_int_equal(in(m, 0x20), 0x21);
}

/* Polling the pair: the master says 2, then the slave which. */
static void poll_reaches_the_slave(void **state)
{
	(void)state;
	rise(m, 11);
	out(m, 0x20, 0x0c);
	assert_int_equal(in(m, 0x20), 0x82);
	out(m, 0xa0, 0x0c);
	assert_int_equal(in(m, 0xa0), 0x83);
	assert_int_equal(isr(m, SLAVE), 0x08);
	assert_int_equal(irr(m, SLAVE), 0x00);
	out(m, 0xa0, 0x20);
	out(m, 0x20, 0x20);
	assert_false(pic_intr(&m->pic));
}

/* "Reading the 8259A Status": RR selects, and the choice stays. */
static void status_reads_stay_selected(void **state)
{
	(void)state;
	rise(m, 3);
	assert_int_equal(pic_ack(&m->pic), 0x23);
	rise(m, 6);
	assert_int_equal(in(m, 0x20), 0x40);
	out(m, 0x20, 0x0b);
	assert_int_equal(in(m, 0x20), 0x08);
	out(m, 0x20, 0x08);
	out(m, 0x20, 0x09);
	assert_int_equal(in(m, 0x20), 0x08);
	out(m, 0x20, 0x0a);
	assert_int_equal(in(m, 0x20), 0x40);
	assert_int_equal(in(m, 0x20), 0x40);
}

#define TEST(f)	cmocka_unit_test_setup(f, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(non_specific_eoi_ends_the_highest),
		TEST(specific_eoi_ends_its_line),
		TEST(rotate_on_non_specific_eoi),
		TEST(rotate_on_specific_eoi),
		TEST(set_priority_ends_nothing),
		TEST(ocw2_of_no_operation_does_nothing),
		TEST(aeoi_leaves_nothing_in_service),
		TEST(aeoi_rotates_when_told),
		TEST(aeoi_slave_asks_again_for_the_next),
		TEST(special_fully_nested_lets_the_slave_nest),
		TEST(special_mask_opens_what_a_masked_line_bars),
		TEST(special_mask_hides_a_line_from_the_eoi),
		TEST(poll_acknowledges_once),
		TEST(poll_reaches_the_slave),
		TEST(status_reads_stay_selected),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* One 8259A and the pair, rule by rule; each from the 8259A datasheet (Intel, 231468). */
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

/* As a BIOS that set nothing up would leave it: nothing gets through, masks read ffh. */
static void power_on_masks_every_line(void **state)
{
	(void)state;
	machine_init(m);
	assert_int_equal(in(m, 0x21), 0xff);
	assert_int_equal(in(m, 0xa1), 0xff);
	for (unsigned line = 0; line < PIC_LINES; line++)
		assert_false(pic_open(&m->pic, line));
	rise(m, 0);
	assert_false(pic_intr(&m->pic));
}

/* "Initialization Command Words": nothing before the sequence of 2 to 4 bytes is complete. */
static void no_request_before_the_last_icw(void **state)
{
	static const uint8_t icws[] = { 0x20, 0x04, 0x01 };

	(void)state;
	machine_init(m);
	out(m, 0x21, 0x00);
	rise(m, 3);
	assert_false(pic_intr(&m->pic));
	assert_false(pic_open(&m->pic, 3));
	out(m, 0x20, 0x11);
	for (unsigned i = 0; i < 3; i++) {
		rise(m, 3);
		assert_false(pic_intr(&m->pic));
		out(m, 0x21, icws[i]);
	}
	assert_true(pic_intr(&m->pic));
	assert_true(pic_open(&m->pic, 3));
	assert_int_equal(pic_ack(&m->pic), 0x23);
}

/* Drivers find the chip so before they start it: OCW1 reads back. */
static void mask_is_kept_before_any_icw(void **state)
{
	(void)state;
	machine_init(m);
	for (unsigned mask = 0; mask < 256; mask++) {
		out(m, 0x21, (uint8_t)mask);
		out(m, 0xa1, (uint8_t)~mask);
		assert_int_equal(in(m, 0x21), mask);
		assert_int_equal(in(m, 0xa1), (uint8_t)~mask);
	}
}

/* "Initialization Command Word 2": T7 to T3; the line is the rest. */
static void vector_is_icw2_s_high_bits_and_the_line(void **state)
{
	(void)state;
	chip_start(m, MASTER, 0x47, 0x11, 0x01);
	chip_start(m, SLAVE, 0xff, 0x11, 0x01);
	rise(m, 5);
	assert_int_equal(pic_ack(&m->pic), 0x45);
	out(m, 0x20, 0x20);
	rise(m, 13);
	assert_int_equal(pic_ack(&m->pic), 0xfd);
}

/* ICW1: SNGL leaves ICW3 out, IC4 = 0 leaves ICW4 out; what follows is OCW1. */
static void icw1_says_how_many_follow(void **state)
{
	static const struct { uint8_t icw1, more; } rows[] = {
		{ 0x10, 2 }, { 0x11, 3 }, { 0x12, 1 }, { 0x13, 2 },
	};

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		out(m, 0x20, rows[i].icw1);
		for (unsigned n = 0; n < rows[i].more; n++) {
			out(m, 0x21, 0x40);
			assert_int_equal(in(m, 0x21), 0x00);
		}
		out(m, 0x21, 0xa5);
		assert_int_equal(in(m, 0x21), 0xa5);
	}
}

/* Whatever ICW3 says, the slave is on line 2: GNU Mach writes 0. */
static void icw3_does_not_move_the_wires(void **state)
{
	(void)state;
	for (unsigned icw3 = 0; icw3 < 256; icw3++) {
		out(m, 0x20, 0x11);
		out(m, 0x21, 0x20);
		out(m, 0x21, (uint8_t)icw3);
		out(m, 0x21, 0x01);
		out(m, 0xa0, 0x11);
		out(m, 0xa1, 0x28);
		out(m, 0xa1, (uint8_t)icw3);
		out(m, 0xa1, 0x01);
		rise(m, 12);
		assert_int_equal(pic_ack(&m->pic), 0x2c);
		pic_set(&m->pic, 12, false);
	}
}

/* ICW1 SNGL: a master that is alone gives its own vector for line 2. */
static void single_master_knows_no_slave(void **state)
{
	(void)state;
	chip_start(m, MASTER, 0x20, 0x13, 0x01);
	rise(m, 9);
	assert_int_equal(pic_ack(&m->pic), 0x22);
	assert_int_equal(isr(m, SLAVE), 0x00);
	assert_int_equal(irr(m, SLAVE), 0x02);
}

/* "Initialization Command Word 1": edge sense, IMR, priorities, mask mode, read select. */
static void icw1_starts_over(void **state)
{
	(void)state;
	rise(m, 4);
	assert_int_equal(pic_ack(&m->pic), 0x24);
	rise(m, 6);
	out(m, 0x21, 0xff);
	out(m, 0x20, 0xc2);	/* lowest: 2 */
	out(m, 0x20, 0x6b);	/* special mask mode, read the ISR */
	out(m, 0x20, 0x80);	/* rotate in AEOI */
	chip_start(m, MASTER, 0x20, 0x11, 0x03);
	assert_int_equal(in(m, 0x21), 0x00);
	assert_int_equal(in(m, 0x20), 0x00);	/* the IRR: line 6 must rise again */
	assert_int_equal(isr(m, MASTER), 0x00);
	assert_false(pic_intr(&m->pic));
	rise(m, 7);
	rise(m, 3);
	rise(m, 0);
	assert_int_equal(pic_ack(&m->pic), 0x20);
	assert_int_equal(pic_ack(&m->pic), 0x23);
	rise(m, 0);
	assert_int_equal(pic_ack(&m->pic), 0x20);
}

/* "Fully Nested Mode": in service bars the same and lower, lets higher pass. */
static void in_service_bars_the_same_and_lower(void **state)
{
	(void)state;
	rise(m, 4);
	assert_int_equal(pic_ack(&m->pic), 0x24);
	assert_false(pic_intr(&m->pic));
	rise(m, 4);
	rise(m, 5);
	assert_false(pic_intr(&m->pic));
	rise(m, 3);
	assert_true(pic_intr(&m->pic));
	assert_int_equal(pic_ack(&m->pic), 0x23);
	assert_int_equal(isr(m, MASTER), 0x18);
	out(m, 0x20, 0x20);
	assert_int_equal(isr(m, MASTER), 0x10);
	assert_false(pic_intr(&m->pic));
	out(m, 0x20, 0x20);
	assert_int_equal(pic_ack(&m->pic), 0x24);
}

/* The request is in the IRR masked or not; unmasking lets it through. */
static void mask_holds_back_and_does_not_forget(void **state)
{
	(void)state;
	out(m, 0x21, 0x02);
	rise(m, 1);
	assert_int_equal(irr(m, MASTER), 0x02);
	assert_false(pic_intr(&m->pic));
	assert_false(pic_open(&m->pic, 1));
	out(m, 0x21, 0x00);
	assert_true(pic_intr(&m->pic));
}

/* Whoever runs the vcpu is told of each change of INTR and of nothing else. */
static void attention_is_for_changes_of_intr(void **state)
{
	(void)state;
	rise(m, 5);
	assert_true(m->clock.attention);
	m->clock.attention = false;
	rise(m, 6);
	out(m, 0x21, 0x40);
	assert_false(m->clock.attention);
	assert_int_equal(pic_ack(&m->pic), 0x25);
	assert_false(pic_intr(&m->pic));
	assert_true(m->clock.attention);
	m->clock.attention = false;
	pic_set(&m->pic, 5, false);
	assert_false(m->clock.attention);
}

/* "Edge and Level Triggered Modes": a line gone before the acknowledge is IR7, not served. */
static void withdrawn_edge_is_the_spurious_line(void **state)
{
	(void)state;
	rise(m, 3);
	pic_set(&m->pic, 3, false);
	assert_int_equal(irr(m, MASTER), 0x00);
	assert_false(pic_intr(&m->pic));
	assert_int_equal(pic_ack(&m->pic), 0x27);
	assert_int_equal(isr(m, MASTER), 0x00);
}

/* An edge asks once: the line may stay up after the EOI. */
static void edge_asks_once(void **state)
{
	(void)state;
	rise(m, 3);
	assert_int_equal(pic_ack(&m->pic), 0x23);
	out(m, 0x20, 0x20);
	pic_set(&m->pic, 3, true);
	assert_false(pic_intr(&m->pic));
	assert_int_equal(irr(m, MASTER), 0x00);
}

/* ICW1 LTIM: the IRR is the lines; what is up after the EOI asks again. */
static void level_asks_for_as_long_as_it_is_up(void **state)
{
	(void)state;
	chip_start(m, MASTER, 0x20, 0x19, 0x01);
	pic_set(&m->pic, 3, true);
	assert_int_equal(pic_ack(&m->pic), 0x23);
	assert_int_equal(irr(m, MASTER), 0x08);
	assert_false(pic_intr(&m->pic));
	out(m, 0x20, 0x20);
	assert_true(pic_intr(&m->pic));
	pic_set(&m->pic, 3, false);
	assert_false(pic_intr(&m->pic));
	assert_int_equal(irr(m, MASTER), 0x00);
	/* ICW1 does not forget a level. */
	pic_set(&m->pic, 3, true);
	chip_start(m, MASTER, 0x20, 0x19, 0x01);
	assert_true(pic_intr(&m->pic));
}

/* PIIX4 "ELCR1", "ELCR2": a bit for each line but 0, 1, 2, 8 and 13. */
static void elcr_is_a_bit_for_each_line(void **state)
{
	(void)state;
	out(m, 0x4d0, 0xff);
	out(m, 0x4d1, 0xff);
	assert_int_equal(in(m, 0x4d0), 0xf8);
	assert_int_equal(in(m, 0x4d1), 0xde);
	out(m, 0x4d0, 0x20);
	out(m, 0x4d1, 0x08);
	for (unsigned line = 3; line < PIC_LINES; line++) {
		machine_start(m);
		out(m, 0x4d0, 0x20);
		out(m, 0x4d1, 0x08);
		rise(m, line);
		assert_int_equal(pic_ack(&m->pic), 0x20 + line);
		out(m, 0xa0, 0x20);
		out(m, 0x20, 0x20);
		assert_int_equal(pic_intr(&m->pic), line == 5 || line == 11);
	}
	/* A line that is up when it becomes level-triggered asks. */
	assert_int_equal(irr(m, SLAVE), 0x00);
	out(m, 0x4d1, 0x80);
	assert_int_equal(irr(m, SLAVE), 0x80);
	assert_true(pic_intr(&m->pic));
}

/* "Cascade Mode": two acknowledges, two EOIs, the slave's vector. */
static void slave_s_interrupt_is_in_service_twice(void **state)
{
	(void)state;
	rise(m, 10);
	rise(m, 9);
	assert_int_equal(irr(m, MASTER), 0x04);
	assert_int_equal(pic_ack(&m->pic), 0x29);
	assert_int_equal(isr(m, MASTER), 0x04);
	assert_int_equal(isr(m, SLAVE), 0x02);
	out(m, 0xa0, 0x20);
	assert_false(pic_intr(&m->pic));
	out(m, 0x20, 0x20);
	assert_int_equal(pic_ack(&m->pic), 0x2a);
	/* And the other order of EOIs. */
	rise(m, 15);
	out(m, 0x20, 0x20);
	assert_false(pic_intr(&m->pic));
	out(m, 0xa0, 0x20);
	assert_int_equal(pic_ack(&m->pic), 0x2f);
}

static void slave_ranks_at_line_2(void **state)
{
	(void)state;
	rise(m, 3);
	rise(m, 15);
	rise(m, 1);
	assert_int_equal(pic_ack(&m->pic), 0x21);
	out(m, 0x20, 0x20);
	assert_int_equal(pic_ack(&m->pic), 0x2f);
	out(m, 0x20, 0x20);
	assert_int_equal(pic_ack(&m->pic), 0x23);
}

/* Between the master's choice and the slave's the line may fall: IR7 of the slave. */
static void slave_without_request_gives_its_line_7(void **state)
{
	(void)state;
	m->pic.chip[0].irr = 0x04;
	assert_int_equal(pic_ack(&m->pic), 0x2f);
	assert_int_equal(isr(m, MASTER), 0x04);
	assert_int_equal(isr(m, SLAVE), 0x00);
}

/* A mask in either chip shuts a line of the slave; line 2 and 16 are no device's. */
static void open_looks_at_both_masks(void **state)
{
	(void)state;
	assert_true(pic_open(&m->pic, 14));
	out(m, 0x21, 0x04);
	assert_false(pic_open(&m->pic, 14));
	assert_true(pic_open(&m->pic, 3));
	out(m, 0x21, 0x00);
	out(m, 0xa1, 0x40);
	assert_false(pic_open(&m->pic, 14));
	assert_true(pic_open(&m->pic, 15));
	assert_false(pic_open(&m->pic, 2));
	assert_false(pic_open(&m->pic, 16));
	rise(m, 2);
	rise(m, 16);
	assert_false(pic_intr(&m->pic));
	/* In service is no mask. */
	rise(m, 0);
	assert_int_equal(pic_ack(&m->pic), 0x20);
	assert_true(pic_open(&m->pic, 15));
}

#define TEST(f)	cmocka_unit_test_setup(f, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(power_on_masks_every_line),
		TEST(no_request_before_the_last_icw),
		TEST(mask_is_kept_before_any_icw),
		TEST(vector_is_icw2_s_high_bits_and_the_line),
		TEST(icw1_says_how_many_follow),
		TEST(icw3_does_not_move_the_wires),
		TEST(single_master_knows_no_slave),
		TEST(icw1_starts_over),
		TEST(in_service_bars_the_same_and_lower),
		TEST(mask_holds_back_and_does_not_forget),
		TEST(attention_is_for_changes_of_intr),
		TEST(withdrawn_edge_is_the_spurious_line),
		TEST(edge_asks_once),
		TEST(level_asks_for_as_long_as_it_is_up),
		TEST(elcr_is_a_bit_for_each_line),
		TEST(slave_s_interrupt_is_in_service_twice),
		TEST(slave_ranks_at_line_2),
		TEST(slave_without_request_gives_its_line_7),
		TEST(open_looks_at_both_masks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

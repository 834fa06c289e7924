/*
 * The 16550A's interrupts and receiver; each rule from the PC16550D datasheet,
 * "Registers" 8, and what drivers do to find the chip.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "core/device/uart.h"

#define TRAFFIC	100000u

struct line {
	struct uart	uart;
	struct device	device;
	bool		level;
	unsigned	rises, sent;
};

static void take_byte(void *opaque, uint8_t byte)
{
	struct line *line = opaque;

	(void)byte;
	line->sent++;
}

/* Told only when the level changes. */
static void take_level(void *opaque, unsigned number, bool level)
{
	struct line *line = opaque;

	assert_int_equal(number, 4);
	assert_int_not_equal(level, line->level);
	line->level = level;
	line->rises += level;
}

static int setup(void **state)
{
	static struct line line;

	memset(&line, 0, sizeof(line));
	uart_init(&line.uart, take_byte, &line);
	line.uart.irq = (struct irq_line){ take_level, &line, 4 };
	line.device = uart_device(&line.uart, UART_COM1);
	*state = &line;
	return 0;
}

static uint8_t in(struct line *line, unsigned reg)
{
	return line->device.in(line->device.self, (uint16_t)(UART_COM1 + reg));
}

static void out(struct line *line, unsigned reg, uint8_t value)
{
	line->device.out(line->device.self, (uint16_t)(UART_COM1 + reg), value);
}

/* The interrupt is there with OUT2 off too, but a PC's gate keeps it from the line. */
static void out2_opens_the_line(void **state)
{
	struct line *l = *state;

	out(l, 1, 0x02);
	assert_false(l->level);
	out(l, 4, 0x08);
	assert_true(l->level);
	out(l, 4, 0x00);
	assert_false(l->level);
	out(l, 4, 0x0b);
	assert_true(l->level);
	assert_int_equal(in(l, 2), 0x02);
	assert_false(l->level);
}

/* Writing THR resets the source, and the byte is sent at once: an edge for each. */
static void each_byte_sent_is_an_edge(void **state)
{
	struct line *l = *state;

	out(l, 4, 0x08);
	out(l, 1, 0x02);
	assert_int_equal(l->rises, 1);
	for (unsigned i = 2; i < 6; i++) {
		out(l, 0, 'x');
		assert_true(l->level);
		assert_int_equal(l->rises, i);
	}
	assert_int_equal(l->sent, 4);
	assert_int_equal(in(l, 2), 0x02);
	assert_false(l->level);
	out(l, 0, 'x');
	assert_true(l->level);
	out(l, 1, 0x00);
	assert_false(l->level);
	assert_int_equal(in(l, 2), 0x01);
}

/* With the source off no byte moves the line. */
static void polled_output_leaves_the_line_alone(void **state)
{
	struct line *l = *state;

	out(l, 4, 0x0b);
	for (unsigned i = 0; i < 100; i++)
		out(l, 0, 'x');
	assert_int_equal(l->sent, 100);
	assert_int_equal(l->rises, 0);
}

/* 8.6 bit 4: OUT2's pin is forced inactive; the sources stay "fully operational". */
static void loop_back_interrupts_in_the_register_only(void **state)
{
	struct line *l = *state;

	out(l, 4, 0x18);
	out(l, 1, 0x01);
	out(l, 0, 0x42);
	assert_int_equal(in(l, 2), 0x04);
	assert_false(l->level);
	assert_int_equal(l->sent, 0);
	/* What was received stays when loop-back ends. */
	out(l, 4, 0x08);
	assert_true(l->level);
	assert_int_equal(in(l, 0), 0x42);
	assert_false(l->level);
	assert_int_equal(in(l, 2), 0x01);
}

/* 8.3 bit 1: without FIFOs the next byte destroys the one that was not read. */
static void overrun_without_fifos_keeps_the_last(void **state)
{
	struct line *l = *state;

	out(l, 4, 0x10);
	out(l, 0, 0x11);
	out(l, 0, 0x22);
	out(l, 1, 0x05);
	assert_int_equal(in(l, 2), 0x06);
	assert_int_equal(in(l, 2), 0x06);
	assert_int_equal(in(l, 5), 0x63);
	assert_int_equal(in(l, 5), 0x61);
	assert_int_equal(in(l, 2), 0x04);
	assert_int_equal(in(l, 0), 0x22);
	assert_int_equal(in(l, 5), 0x60);
}

/* With FIFOs the byte too many is lost, the sixteen before it are not. */
static void overrun_with_fifos_keeps_the_first(void **state)
{
	struct line *l = *state;

	out(l, 2, 0x07);
	out(l, 4, 0x10);
	for (unsigned i = 0; i < 16; i++)
		out(l, 0, (uint8_t)(0xa0 + i));
	assert_int_equal(in(l, 5), 0x61);
	out(l, 0, 0x55);
	assert_int_equal(in(l, 5), 0x63);
	for (unsigned i = 0; i < 16; i++) {
		assert_int_equal(in(l, 5), 0x61);
		assert_int_equal(in(l, 0), 0xa0 + i);
	}
	assert_int_equal(in(l, 5), 0x60);
}

/* Overrun's interrupt reaches the line, and reading LSR takes it back. */
static void line_status_interrupt_ends_with_lsr(void **state)
{
	struct line *l = *state;

	out(l, 4, 0x18);
	out(l, 0, 1);
	out(l, 0, 2);
	out(l, 1, 0x04);
	out(l, 4, 0x08);
	assert_true(l->level);
	assert_int_equal(in(l, 5), 0x63);
	assert_false(l->level);
}

/* 8.4 bits 7:6 and table IV: data from the trigger level on, the time-out below it. */
static void trigger_level_tells_data_from_time_out(void **state)
{
	static const unsigned level[] = { 1, 4, 8, 14 };
	struct line *l = *state;

	out(l, 1, 0x01);
	out(l, 4, 0x10);
	for (unsigned t = 0; t < 4; t++) {
		out(l, 2, (uint8_t)(t << 6 | 0x03));
		assert_int_equal(in(l, 2), 0xc1);
		for (unsigned i = 1; i <= 16; i++) {
			out(l, 0, 0);
			assert_int_equal(in(l, 2), i < level[t] ? 0xcc : 0xc4);
		}
		for (unsigned i = 16; i-- > 0; ) {
			in(l, 0);
			assert_int_equal(in(l, 2), !i ? 0xc1 :
					 i < level[t] ? 0xcc : 0xc4);
		}
	}
}

/* 8.7: the lines that change when loop-back ends, told until MSR is read. */
static void modem_status_interrupt_ends_with_msr(void **state)
{
	struct line *l = *state;

	out(l, 1, 0x08);
	out(l, 4, 0x18);
	assert_int_equal(in(l, 2), 0x00);
	out(l, 4, 0x08);
	assert_true(l->level);
	assert_int_equal(in(l, 6), 0xb3);
	assert_false(l->level);
}

/* A driver that looks for a 16550A and for its later kin. */
static void probing_finds_a_16550a(void **state)
{
	struct line *l = *state;
	unsigned held = 0;

	out(l, 1, 0x00);
	assert_int_equal(in(l, 1) & 0x0f, 0x00);
	out(l, 1, 0x0f);
	assert_int_equal(in(l, 1) & 0x0f, 0x0f);
	out(l, 1, 0x00);
	out(l, 4, 0x1a);
	assert_int_equal(in(l, 6) & 0xf0, 0x90);
	out(l, 4, 0x00);
	out(l, 2, 0x01);
	assert_int_equal(in(l, 2) >> 6, 3);
	/* A 16650 has a register of zeros here under these two values of LCR. */
	out(l, 3, 0x80);
	assert_int_not_equal(in(l, 2), 0);
	out(l, 3, 0xbf);
	assert_int_not_equal(in(l, 2), 0);
	/* A 16750 shows FIFOs of 64 bytes in IIR bit 5. */
	out(l, 3, 0x80);
	out(l, 2, 0x21);
	assert_int_equal(in(l, 2) >> 5, 6);
	out(l, 3, 0x00);
	/* The FIFO's size: 256 bytes in, 16 come back. */
	out(l, 2, 0x07);
	out(l, 4, 0x10);
	for (unsigned i = 0; i < 256; i++)
		out(l, 0, (uint8_t)i);
	for (; held < 256 && in(l, 5) & 0x01; held++)
		in(l, 0);
	assert_int_equal(held, 16);
	assert_int_equal(l->sent, 0);
}

/* A driver that tests whether enabling the source twice raises it twice. */
static void enabling_thre_again_raises_it_again(void **state)
{
	struct line *l = *state;

	out(l, 2, 0x01);
	for (unsigned i = 0; i < 2; i++) {
		out(l, 1, 0x02);
		assert_int_equal(in(l, 5) & 0x60, 0x60);
		assert_int_equal(in(l, 2), 0xc2);
		out(l, 1, 0x00);
		assert_int_equal(in(l, 2), 0xc1);
	}
}

static void check(const struct line *l)
{
	struct uart copy = l->uart;
	struct device device = uart_device(&copy, UART_COM1);
	uint8_t lsr, iir;

	copy.irq = (struct irq_line){ 0 };
	iir = device.in(&copy, UART_COM1 + 2);
	lsr = device.in(&copy, UART_COM1 + 5);
	assert_int_equal(l->level, (l->uart.mcr & 0x18) == 0x08 && !(iir & 1));
	assert_int_equal(lsr & 0xfc, 0x60);
	assert_int_equal(lsr & 1, l->uart.count != 0);
	assert_in_range(l->uart.count, 0, l->uart.fcr & 1 ? 16 : 1);
	assert_int_equal(iir & 0xc0, l->uart.fcr & 1 ? 0xc0 : 0);
	assert_true((iir & 0x3f) == 0x0c || (iir & 0x3f) <= 6);
}

/* Any traffic: the line is what the registers say, the receiver within its bounds. */
static void random_traffic_keeps_line_and_registers_one(void **state)
{
	struct line *l = *state;
	uint64_t seed = 1;

	for (unsigned i = 0; i < TRAFFIC; i++) {
		unsigned reg;

		seed = seed * 6364136223846793005u + 1442695040888963407u;
		reg = (unsigned)(seed >> 33) % 8;
		if (seed >> 63)
			in(l, reg);
		else
			out(l, reg, (uint8_t)(seed >> 40));
		check(l);
	}
	assert_true(l->rises > 1000);
	assert_true(l->sent > 1000);
}

#define TEST(f) cmocka_unit_test_setup(f, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(out2_opens_the_line),
		TEST(each_byte_sent_is_an_edge),
		TEST(polled_output_leaves_the_line_alone),
		TEST(loop_back_interrupts_in_the_register_only),
		TEST(overrun_without_fifos_keeps_the_last),
		TEST(overrun_with_fifos_keeps_the_first),
		TEST(line_status_interrupt_ends_with_lsr),
		TEST(trigger_level_tells_data_from_time_out),
		TEST(modem_status_interrupt_ends_with_msr),
		TEST(probing_finds_a_16550a),
		TEST(enabling_thre_again_raises_it_again),
		TEST(random_traffic_keeps_line_and_registers_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

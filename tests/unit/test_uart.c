/* The 16550 as drivers probe it; each rule from the PC16550D datasheet, "Registers" 8. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "core/device/uart.h"

struct line {
	struct uart	uart;
	struct device	device;
	uint8_t		sent[8];
	unsigned	count;
};

static void take_byte(void *opaque, uint8_t byte)
{
	struct line *line = opaque;

	assert_in_range(line->count, 0, sizeof(line->sent) - 1);
	line->sent[line->count++] = byte;
}

static int setup(void **state)
{
	static struct line line;

	memset(&line, 0, sizeof(line));
	uart_init(&line.uart, take_byte, &line);
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

/* Table III "UART Reset Configuration": what a master reset leaves. */
static void reset_values_are_the_datasheet_s(void **state)
{
	struct line *l = *state;

	assert_int_equal(l->device.first, 0x3f8);
	assert_int_equal(l->device.last, 0x3ff);
	assert_int_equal(in(l, 1), 0x00);
	assert_int_equal(in(l, 2), 0x01);
	assert_int_equal(in(l, 3), 0x00);
	assert_int_equal(in(l, 4), 0x00);
	assert_int_equal(in(l, 5), 0x60);
	assert_int_equal(in(l, 6), 0xb0);
}

static void bytes_go_out_unchanged_and_counted(void **state)
{
	struct line *l = *state;

	out(l, 0, 0x00);
	out(l, 0, 0xff);
	out(l, 0, '\n');
	assert_int_equal(l->count, 3);
	assert_memory_equal(l->sent, "\x00\xff\n", 3);
	assert_int_equal(l->uart.bytes, 3);
	assert_int_equal(in(l, 5), 0x60);
}

/* "Scratchpad Register" 8.8: holds data, controls nothing. */
static void scratch_holds_any_byte(void **state)
{
	struct line *l = *state;

	for (unsigned v = 0; v < 256; v++) {
		out(l, 7, (uint8_t)v);
		assert_int_equal(in(l, 7), v);
	}
}

/* "Line Control Register" 8.1 bit 7: DLAB turns ports 0 and 1 into the divisor. */
static void divisor_is_behind_dlab(void **state)
{
	struct line *l = *state;

	out(l, 1, 0x05);
	out(l, 3, 0x83);
	out(l, 0, 0x34);
	out(l, 1, 0x12);
	assert_int_equal(in(l, 0), 0x34);
	assert_int_equal(in(l, 1), 0x12);
	out(l, 3, 0x03);
	assert_int_equal(in(l, 1), 0x05);
	assert_int_equal(in(l, 0), 0x00);
	assert_int_equal(l->count, 0);
	assert_int_equal(in(l, 3), 0x03);
}

/* IER bits 7:4 are always 0: how a driver tells a UART from an empty bus. */
static void ier_high_bits_read_zero(void **state)
{
	struct line *l = *state;

	out(l, 1, 0xff);
	assert_int_equal(in(l, 1), 0x0f);
}

/* MCR bits 7:5 are permanently 0. */
static void mcr_high_bits_read_zero(void **state)
{
	struct line *l = *state;

	out(l, 4, 0xff);
	assert_int_equal(in(l, 4), 0x1f);
}

/* IIR bits 7:6 are set when FCR bit 0 is: how a 16550A is told from a 16450. */
static void iir_shows_the_fifos(void **state)
{
	struct line *l = *state;

	out(l, 2, 0x01);
	assert_int_equal(in(l, 2), 0xc1);
	out(l, 2, 0xc7);
	assert_int_equal(in(l, 2), 0xc1);
	/* Without bit 0 the other bits are not programmed. */
	out(l, 2, 0xc6);
	assert_int_equal(in(l, 2), 0x01);
}

/* "Modem Control Register" 8.6 bit 4: what is sent arrives, nothing leaves. */
static void loop_back_returns_the_byte(void **state)
{
	struct line *l = *state;

	out(l, 4, 0x10);
	out(l, 0, 0xae);
	assert_int_equal(l->count, 0);
	assert_int_equal(in(l, 5), 0x61);
	assert_int_equal(in(l, 0), 0xae);
	assert_int_equal(in(l, 5), 0x60);
	assert_int_equal(in(l, 0), 0x00);
}

/* DTR to DSR, RTS to CTS, OUT1 to RI, OUT2 to DCD. */
static void loop_back_ties_the_modem_lines(void **state)
{
	static const uint8_t tied[][2] = {
		{ 0x10, 0x00 }, { 0x11, 0x20 }, { 0x12, 0x10 },
		{ 0x14, 0x40 }, { 0x18, 0x80 }, { 0x1a, 0x90 }, { 0x1f, 0xf0 },
	};
	struct line *l = *state;

	for (unsigned i = 0; i < ARRAY_SIZE(tied); i++) {
		out(l, 4, tied[i][0]);
		assert_int_equal(in(l, 6) & 0xf0, tied[i][1]);
	}
	out(l, 4, 0x0b);
	assert_int_equal(in(l, 6) & 0xf0, 0xb0);
}

/* "Modem Status Register" 8.7: deltas until read; TERI only when RI ends. */
static void line_changes_are_told_once(void **state)
{
	struct line *l = *state;

	out(l, 4, 0x1b);
	assert_int_equal(in(l, 6), 0xb0);
	out(l, 4, 0x19);
	assert_int_equal(in(l, 6), 0xa1);
	assert_int_equal(in(l, 6), 0xa0);
	out(l, 4, 0x1d);
	assert_int_equal(in(l, 6), 0xe0);
	out(l, 4, 0x19);
	assert_int_equal(in(l, 6), 0xa4);
}

/* Table IV: THRE is pending from enabling on; reading IIR or writing THR resets it. */
static void thre_interrupt_is_pending_until_told(void **state)
{
	struct line *l = *state;

	assert_int_equal(in(l, 2), 0x01);
	out(l, 1, 0x02);
	assert_int_equal(in(l, 2), 0x02);
	assert_int_equal(in(l, 2), 0x01);
	/* Sent at once: empty again, pending again. */
	out(l, 0, 'x');
	assert_int_equal(in(l, 2), 0x02);
	assert_int_equal(in(l, 2), 0x01);
	/* Enabled already: nothing new. */
	out(l, 1, 0x03);
	assert_int_equal(in(l, 2), 0x01);
	out(l, 1, 0x00);
	out(l, 1, 0x02);
	assert_int_equal(in(l, 2), 0x02);
}

/* Table IV: received data before THRE before modem status. */
static void interrupts_are_told_in_priority_order(void **state)
{
	struct line *l = *state;

	out(l, 4, 0x10);
	in(l, 6);
	out(l, 4, 0x11);
	out(l, 0, 0x55);
	out(l, 1, 0x0f);
	assert_int_equal(in(l, 2), 0x04);
	assert_int_equal(in(l, 2), 0x04);
	in(l, 0);
	assert_int_equal(in(l, 2), 0x02);
	assert_int_equal(in(l, 2), 0x00);
	in(l, 6);
	assert_int_equal(in(l, 2), 0x01);
}

/* FCR bit 1 clears the receiver, and so does turning the FIFOs on or off. */
static void fifo_control_empties_the_receiver(void **state)
{
	static const uint8_t fcr[] = { 0x01, 0x03, 0x00 };
	struct line *l = *state;

	out(l, 4, 0x10);
	for (unsigned i = 0; i < ARRAY_SIZE(fcr); i++) {
		out(l, 0, 0x77);
		assert_int_equal(in(l, 5), 0x61);
		out(l, 2, fcr[i]);
		assert_int_equal(in(l, 5), 0x60);
	}
}

/* LSR and MSR writes are for factory tests only. */
static void status_registers_ignore_writes(void **state)
{
	struct line *l = *state;

	out(l, 5, 0x00);
	out(l, 6, 0x00);
	assert_int_equal(in(l, 5), 0x60);
	assert_int_equal(in(l, 6), 0xb0);
}

#define TEST(f) cmocka_unit_test_setup(f, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(reset_values_are_the_datasheet_s),
		TEST(bytes_go_out_unchanged_and_counted),
		TEST(scratch_holds_any_byte),
		TEST(divisor_is_behind_dlab),
		TEST(ier_high_bits_read_zero),
		TEST(mcr_high_bits_read_zero),
		TEST(iir_shows_the_fifos),
		TEST(loop_back_returns_the_byte),
		TEST(loop_back_ties_the_modem_lines),
		TEST(line_changes_are_told_once),
		TEST(thre_interrupt_is_pending_until_told),
		TEST(interrupts_are_told_in_priority_order),
		TEST(fifo_control_empties_the_receiver),
		TEST(status_registers_ignore_writes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * Packets of the remote protocol: "$data#checksum", the checksum being the sum of the
 * data modulo 256 in two hexadecimal digits (Debugging with GDB, "Overview").
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/gdb/packet.h"

static struct packet_in in;

/* What the last byte of the text is answered with; no byte before it is an event. */
static enum packet_event feed(const char *text)
{
	enum packet_event event = PACKET_NOTHING;

	for (; *text; text++) {
		assert_int_equal(event, PACKET_NOTHING);
		event = packet_feed(&in, (uint8_t)*text);
	}
	return event;
}

static int fresh(void **state)
{
	(void)state;
	memset(&in, 0, sizeof(in));
	return 0;
}

static void a_packet_with_its_checksum_is_whole(void **state)
{
	(void)state;
	/* 'm' + '0' + ',' + '4' = 6d + 30 + 2c + 34 = fd */
	assert_int_equal(feed("$m0,4#fd"), PACKET_WHOLE);
	assert_string_equal(in.data, "m0,4");
	assert_int_equal(feed("$#00"), PACKET_WHOLE);
	assert_string_equal(in.data, "");
}

static void a_wrong_checksum_is_bad(void **state)
{
	(void)state;
	assert_int_equal(feed("$m0,4#fc"), PACKET_BAD);
	assert_int_equal(feed("$m0,4#xx"), PACKET_BAD);
	assert_int_equal(feed("$m0,4#f$"), PACKET_NOTHING);
}

/* The sender gives up a packet and begins anew. */
static void a_dollar_begins_anew(void **state)
{
	(void)state;
	assert_int_equal(feed("$m0,$g#67"), PACKET_WHOLE);
	assert_string_equal(in.data, "g");
}

static void ctrl_c_counts_outside_packets_alone(void **state)
{
	(void)state;
	assert_int_equal(feed("\x03"), PACKET_BREAK);
	assert_int_equal(feed("$\x03#03"), PACKET_WHOLE);
	assert_int_equal(feed("-"), PACKET_NAK);
	assert_int_equal(feed("+"), PACKET_NOTHING);
	assert_int_equal(feed("$-#2d"), PACKET_WHOLE);
}

static void the_largest_packet_fits_and_one_byte_more_does_not(void **state)
{
	static const struct { unsigned size; enum packet_event event; } rows[] = {
		{ PACKET_DATA, PACKET_WHOLE }, { PACKET_DATA + 1, PACKET_LONG },
		{ 3 * PACKET_DATA, PACKET_LONG },
	};

	(void)state;
	for (unsigned r = 0; r < ARRAY_SIZE(rows); r++) {
		uint8_t sum = 0;

		packet_feed(&in, '$');
		for (unsigned i = 0; i < rows[r].size; i++, sum += 'a')
			assert_int_equal(packet_feed(&in, 'a'), PACKET_NOTHING);
		packet_feed(&in, '#');
		packet_feed(&in, (uint8_t)packet_digit(sum >> 4));
		assert_int_equal(packet_feed(&in, (uint8_t)packet_digit(sum)),
				 rows[r].event);
		assert_true(in.size <= PACKET_DATA);
	}
}

/* Whatever the line brings: no overrun (the sanitizers look), and a good packet gets through. */
static void noise_does_no_harm(void **state)
{
	uint32_t noise = 1;

	(void)state;
	for (unsigned i = 0; i < 200000; i++) {
		noise ^= noise << 13;
		noise ^= noise >> 17;
		noise ^= noise << 5;
		packet_feed(&in, (uint8_t)noise);
		assert_true(in.size <= PACKET_DATA);
	}
	assert_int_equal(feed("$g#67"), PACKET_WHOLE);
}

static void an_answer_stays_in_its_bounds(void **state)
{
	static struct packet_out out;
	uint8_t bytes[100];

	(void)state;
	memset(bytes, 0xa5, sizeof(bytes));
	packet_begin(&out);
	for (unsigned i = 0; i < PACKET_DATA; i++)
		packet_hex(&out, bytes, sizeof(bytes));
	assert_int_equal(out.size, PACKET_DATA);
	assert_true(out.full);
	assert_int_equal(out.data[PACKET_DATA], 0);
}

static void numbers_have_at_most_64_bits(void **state)
{
	const char *text = "ffffffffffffffff,";
	uint64_t value;

	(void)state;
	assert_true(packet_take(&text, &value));
	assert_int_equal(value, UINT64_MAX);
	assert_int_equal(*text, ',');
	text = "10000000000000000";
	assert_false(packet_take(&text, &value));
	text = ",";
	assert_false(packet_take(&text, &value));
}

static void numbers_are_told_without_leading_zeros(void **state)
{
	static struct packet_out out;

	(void)state;
	packet_begin(&out);
	packet_number(&out, 0);
	packet_text(&out, " ");
	packet_number(&out, 0x7c00);
	packet_text(&out, " ");
	packet_number(&out, UINT64_MAX);
	assert_string_equal(out.data, "0 7c00 ffffffffffffffff");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_packet_with_its_checksum_is_whole, fresh),
		cmocka_unit_test_setup(a_wrong_checksum_is_bad, fresh),
		cmocka_unit_test_setup(a_dollar_begins_anew, fresh),
		cmocka_unit_test_setup(ctrl_c_counts_outside_packets_alone, fresh),
		cmocka_unit_test_setup(the_largest_packet_fits_and_one_byte_more_does_not, fresh),
		cmocka_unit_test_setup(noise_does_no_harm, fresh),
		cmocka_unit_test_setup(an_answer_stays_in_its_bounds, fresh),
		cmocka_unit_test_setup(numbers_have_at_most_64_bits, fresh),
		cmocka_unit_test_setup(numbers_are_told_without_leading_zeros, fresh),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

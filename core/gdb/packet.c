/* Framing, checksums and hexadecimal digits. Must not know what is said with them. */
#include "core/gdb/packet.h"

#include <string.h>

#include "core/span.h"

#define NUMBER_DIGITS	16

enum { OUTSIDE, INSIDE, SUM_HIGH, SUM_LOW };

char packet_digit(unsigned value)
{
	return "0123456789abcdef"[value & 15];
}

uint8_t packet_sum(const char *data, unsigned size)
{
	uint8_t sum = 0;

	for (unsigned i = 0; i < size; i++)
		sum += (uint8_t)data[i];
	return sum;
}

static void begin(struct packet_in *in)
{
	in->state = INSIDE;
	in->size = 0;
	in->sum = 0;
	in->overlong = false;
}

static void inside(struct packet_in *in, uint8_t byte)
{
	if (byte == '#') {
		in->state = SUM_HIGH;
		return;
	}
	in->sum += byte;
	if (in->size == PACKET_DATA)
		in->overlong = true;
	else
		in->data[in->size++] = (char)byte;
}

/* What is no digit makes a wrong checksum. */
static enum packet_event end(struct packet_in *in, unsigned low)
{
	in->state = OUTSIDE;
	in->data[in->size] = 0;
	if (low > 15 || in->told > 15 || (in->told << 4 | low) != in->sum)
		return PACKET_BAD;
	return in->overlong ? PACKET_LONG : PACKET_WHOLE;
}

static enum packet_event outside(uint8_t byte)
{
	if (byte == PACKET_STOP)
		return PACKET_BREAK;
	return byte == '-' ? PACKET_NAK : PACKET_NOTHING;
}

enum packet_event packet_feed(struct packet_in *in, uint8_t byte)
{
	/* The sender has started anew. */
	if (byte == '$') {
		begin(in);
		return PACKET_NOTHING;
	}
	switch (in->state) {
	case INSIDE:
		inside(in, byte);
		return PACKET_NOTHING;
	case SUM_HIGH:
		in->told = (uint8_t)span_digit((char)byte);
		in->state = SUM_LOW;
		return PACKET_NOTHING;
	case SUM_LOW:
		return end(in, span_digit((char)byte));
	default:
		return outside(byte);
	}
}

void packet_begin(struct packet_out *out)
{
	out->size = 0;
	out->full = false;
	out->data[0] = 0;
}

static void put(struct packet_out *out, char c)
{
	if (out->size == PACKET_DATA) {
		out->full = true;
		return;
	}
	out->data[out->size++] = c;
	out->data[out->size] = 0;
}

void packet_text(struct packet_out *out, const char *text)
{
	while (*text)
		put(out, *text++);
}

void packet_hex(struct packet_out *out, const void *bytes, unsigned size)
{
	const uint8_t *from = bytes;

	for (unsigned i = 0; i < size; i++) {
		put(out, packet_digit(from[i] >> 4));
		put(out, packet_digit(from[i]));
	}
}

void packet_number(struct packet_out *out, uint64_t value)
{
	unsigned digits = 1;

	while (digits < NUMBER_DIGITS && value >> (4 * digits))
		digits++;
	while (digits--)
		put(out, packet_digit((unsigned)(value >> (4 * digits))));
}

bool packet_take(const char **text, uint64_t *value)
{
	unsigned digits = 0;

	for (*value = 0; span_digit(**text) != UINT32_MAX; digits++, (*text)++)
		*value = *value << 4 | span_digit(**text);
	return digits && digits <= NUMBER_DIGITS;
}

bool packet_bytes(const char **text, uint8_t *bytes, unsigned size)
{
	for (unsigned i = 0; i < size; i++) {
		unsigned high = span_digit((*text)[0]), low = high;

		if (high != UINT32_MAX)		/* else the text may end here */
			low = span_digit((*text)[1]);
		if (low == UINT32_MAX)
			return false;
		bytes[i] = (uint8_t)(high << 4 | low);
		*text += 2;
	}
	return true;
}

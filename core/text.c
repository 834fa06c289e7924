/* Formatting without a C library: pure, bounded, no locale, no floating point. */
#include "core/text.h"

#include "mmu/bits.h"

#define DIGITS_MAX	20	/* of a 64-bit number in base 10 */
#define BASE_HEX	16
#define BASE_DECIMAL	10

struct sink {
	char		*out;
	unsigned	size, used;
};

/* One conversion: %[flags][width][.precision][size]letter. */
struct spec {
	bool		left, zero;
	unsigned	width;
	unsigned	precision;
	unsigned	longs;		/* 0: int, else 64 bits */
	char		letter;
};

static void put(struct sink *sink, char c)
{
	if (sink->used + 1 < sink->size)
		sink->out[sink->used++] = c;
}

static void put_padded(struct sink *sink, const struct spec *spec,
		       const char *text, unsigned length)
{
	unsigned pad = spec->width > length ? spec->width - length : 0;

	while (!spec->left && pad) {
		put(sink, ' ');
		pad--;
	}
	for (unsigned i = 0; i < length; i++)
		put(sink, text[i]);
	while (pad--)
		put(sink, ' ');
}

static void put_string(struct sink *sink, const struct spec *spec,
		       const char *text)
{
	unsigned length = 0;

	if (!text)
		text = "(null)";
	while (length < spec->precision && text[length])
		length++;
	put_padded(sink, spec, text, length);
}

static void put_number(struct sink *sink, struct spec *spec, uint64_t value,
		       unsigned base, bool negative)
{
	char digits[DIGITS_MAX];
	unsigned at = DIGITS_MAX;

	do {
		digits[--at] = "0123456789abcdef"[value % base];
		value /= base;
	} while (value);
	if (spec->zero && !spec->left) {
		unsigned length = DIGITS_MAX - at + negative;

		if (negative)
			put(sink, '-');
		for (; length < spec->width; length++)
			put(sink, '0');
		spec->width = 0;
	} else if (negative) {
		/* 19 digits at most follow a sign, so one place is free. */
		digits[--at] = '-';
	}
	put_padded(sink, spec, digits + at, DIGITS_MAX - at);
}

/*
 * va_list may be an array type, so that only a struct can carry it into the
 * functions that consume it.
 */
struct values { va_list list; };

static unsigned parse_count(const char **format, struct values *values)
{
	unsigned count = 0;

	if (**format == '*') {
		int given = va_arg(values->list, int);

		(*format)++;
		return given > 0 ? (unsigned)given : 0;
	}
	while (**format >= '0' && **format <= '9')
		count = count * BASE_DECIMAL + (unsigned)(*(*format)++ - '0');
	return count;
}

static struct spec parse_spec(const char **format, struct values *values)
{
	struct spec spec = { .precision = ~0u };

	for (;; (*format)++) {
		if (**format == '-')
			spec.left = true;
		else if (**format == '0')
			spec.zero = true;
		else
			break;
	}
	spec.width = parse_count(format, values);
	if (**format == '.') {
		(*format)++;
		spec.precision = parse_count(format, values);
	}
	while (**format == 'l' || **format == 'z') {
		spec.longs++;
		(*format)++;
	}
	spec.letter = **format;
	return spec;
}

static void put_integer(struct sink *sink, struct spec *spec,
			struct values *values)
{
	unsigned base = spec->letter == 'x' ? BASE_HEX : BASE_DECIMAL;
	uint64_t value;

	if (spec->letter == 'd') {
		int64_t given = spec->longs ? va_arg(values->list, int64_t) :
					      va_arg(values->list, int);

		value = given < 0 ? -(uint64_t)given : (uint64_t)given;
		put_number(sink, spec, value, base, given < 0);
		return;
	}
	value = spec->longs ? va_arg(values->list, uint64_t) :
			      va_arg(values->list, unsigned);
	put_number(sink, spec, value, base, false);
}

static void convert(struct sink *sink, struct spec *spec, struct values *values)
{
	char c;

	switch (spec->letter) {
	case 's':
		put_string(sink, spec, va_arg(values->list, const char *));
		break;
	case 'c':
		c = (char)va_arg(values->list, int);
		put_padded(sink, spec, &c, 1);
		break;
	case 'd':
	case 'u':
	case 'x':
		put_integer(sink, spec, values);
		break;
	case '%':
		put(sink, '%');
		break;
	default:
		put(sink, '%');
		put(sink, spec->letter);
		break;
	}
}

unsigned text_vformat(char *out, unsigned size, const char *format, va_list list)
{
	struct sink sink = { out, size, 0 };
	struct values values;

	va_copy(values.list, list);
	while (*format) {
		struct spec spec;

		if (*format != '%') {
			put(&sink, *format++);
			continue;
		}
		format++;
		spec = parse_spec(&format, &values);
		if (!spec.letter)
			break;
		format++;
		convert(&sink, &spec, &values);
	}
	va_end(values.list);
	if (size)
		out[sink.used] = '\0';
	return sink.used;
}

unsigned text_format(char *out, unsigned size, const char *format, ...)
{
	va_list list;
	unsigned used;

	va_start(list, format);
	used = text_vformat(out, size, format, list);
	va_end(list);
	return used;
}

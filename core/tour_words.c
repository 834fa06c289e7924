/* The words that make a module a guest, read. Must not know how it is run. */
#include "core/tour.h"

#include <stdarg.h>
#include <string.h>

#include "core/span.h"
#include "core/text.h"

#define SHOWN		40	/* bytes of a bad word that an error repeats */
#define BLANK		" "	/* between words */

static const char first_key[] = "guest";

static bool fail(struct tour_guest *out, const char *format, ...)
{
	va_list values;

	va_start(values, format);
	text_vformat(out->error, sizeof(out->error), format, values);
	va_end(values);
	for (char *c = out->error; *c; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';
	return false;
}

static int shown(struct span span)
{
	return span.size < SHOWN ? (int)span.size : SHOWN;
}

/* The first word with a `=`, past the file's name where the loader gives it. */
static struct span first_word(const char **text)
{
	struct span value, word = span_word(text, BLANK);

	span_cut(word, '=', &value);
	return value.at ? word : span_word(text, BLANK);
}

bool tour_guest_begins(const char *text)
{
	struct span value, word = first_word(&text);

	return span_is(span_cut(word, '=', &value), first_key) && value.at;
}

static bool take_text(struct tour_guest *out, const char *key, struct span value,
		      char *to, unsigned size)
{
	if (!value.size || value.size >= size)
		return fail(out, "%s=%.*s: must have 1 to %u bytes", key,
			    shown(value), value.at, size - 1);
	memcpy(to, value.at, value.size);
	to[value.size] = '\0';
	return true;
}

static bool take_drop(struct tour_guest *out, struct span value)
{
	struct tour_drop *drop = &out->drop[out->drops];
	unsigned i = value.size && value.at[0] == '^';

	if (out->drops == TOUR_DROPS)
		return fail(out, "drop: more than %u", TOUR_DROPS);
	drop->at_start = i;
	for (drop->size = 0; i < value.size;) {
		char c;

		if (!span_byte(value, &i, &c))
			return fail(out, "drop: %% needs two digits, 0 to 9 and a to f");
		if (drop->size == TOUR_DROP)
			return fail(out, "drop: longer than %u bytes", TOUR_DROP);
		drop->text[drop->size++] = c;
	}
	if (!drop->size)
		return fail(out, "drop: needs a text");
	out->drops++;
	return true;
}

static bool take_seconds(struct tour_guest *out, struct span value)
{
	uint64_t seconds;

	if (!span_number(value, 1, &seconds) || !seconds || seconds > TOUR_SECONDS_MAX)
		return fail(out, "seconds=%.*s: must be 1 to %u", shown(value),
			    value.at, TOUR_SECONDS_MAX);
	out->seconds = (unsigned)seconds;
	return true;
}

static bool take_word(struct tour_guest *out, struct span word)
{
	struct span value, key = span_cut(word, '=', &value);

	if (!value.at)
		return fail(out, "%.*s: needs a value", shown(key), key.at);
	if (span_is(key, first_key))
		return take_text(out, first_key, value, out->name, sizeof(out->name));
	if (span_is(key, "sha256"))
		return take_text(out, "sha256", value, out->sha256, sizeof(out->sha256));
	if (span_is(key, "ends"))
		return take_text(out, "ends", value, out->ends, sizeof(out->ends));
	if (span_is(key, "seconds"))
		return take_seconds(out, value);
	if (span_is(key, "drop"))
		return take_drop(out, value);
	if (!span_is(key, "compare"))
		return fail(out, "%.*s: no such word; known: guest sha256 ends seconds "
			    "compare drop", shown(key), key.at);
	if (!span_is(value, "no"))
		return fail(out, "compare=%.*s: must be no", shown(value), value.at);
	out->compared = false;
	return true;
}

bool tour_guest_parse(const char *text, struct tour_guest *out)
{
	struct span word = first_word(&text);

	memset(out, 0, sizeof(*out));
	out->seconds = TOUR_SECONDS;
	out->compared = true;
	for (; word.size && !span_is(word, "--"); word = span_word(&text, BLANK))
		if (!take_word(out, word))
			return false;
	if (!out->name[0])
		return fail(out, "guest: missing; give guest=NAME");
	out->words = text;
	return true;
}

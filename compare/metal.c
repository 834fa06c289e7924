/*
 * The runs in a serial log: found among whatever else the line carried, and held to
 * the sums that the machine sent with them. Must not judge what came of them.
 */
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "compare/metal.h"
#include "core/tour.h"

struct log {
	struct metal		*metal;
	struct metal_run	*open;		/* begun, not yet ended; or NULL */
	unsigned		line;		/* of the log */
	unsigned		tour, lines;	/* lines: of the open run */
	uint32_t		crc;
	uint64_t		promised, seen;	/* runs of this tour */
	bool			ended;		/* its last record is there */
};

static const char mark[] = "{\"record\":\"";

static void damage(struct log *log, char *what)
{
	if (log->open && !log->open->damage)
		log->open->damage = what;
	else
		free(what);
	log->metal->partial = true;
}

static char *text_of(json_t *record, const char *key)
{
	const char *text = json_string_value(json_object_get(record, key));

	return xdup(text ? text : "");
}

static uint64_t count_of(json_t *record, const char *key)
{
	json_int_t n = json_integer_value(json_object_get(record, key));

	return n < 0 ? 0 : (uint64_t)n;
}

static void run_close(struct log *log)
{
	damage(log, fmt("the log stops, or goes on with another run, after its line %u",
			log->line));
	log->open = NULL;
}

/* What the last tour has promised and not kept. */
static void tour_close(struct log *log)
{
	if (log->open)
		run_close(log);
	if (!log->tour || (log->ended && log->seen == log->promised))
		return;
	log->metal->partial = true;
	if (log->seen < log->promised)
		buf_fmt(&log->metal->notes, "%llu of %llu runs are not in the log\n",
			(unsigned long long)(log->promised - log->seen),
			(unsigned long long)log->promised);
	else
		buf_fmt(&log->metal->notes, "the log stops before the comparison's end\n");
}

static void on_tour(struct log *log, json_t *record)
{
	json_t *missing = json_object_get(record, "missing"), *why;
	const char *rung;

	tour_close(log);
	log->tour++;
	log->promised = count_of(record, "runs");
	log->seen = 0;
	log->ended = false;
	json_object_foreach(missing, rung, why) {
		buf_fmt(&log->metal->notes, "no runs on %s: this CPU lacks %s\n", rung,
			json_is_string(why) ? json_string_value(why) : "something");
	}
}

static void on_run(struct log *log, json_t *record)
{
	struct metal *m = log->metal;

	if (log->open)
		run_close(log);
	m->runs = xgrow(m->runs, m->count + 1, sizeof(*m->runs));
	log->open = &m->runs[m->count++];
	*log->open = (struct metal_run){
		.guest = text_of(record, "guest"), .sha256 = text_of(record, "sha256"),
		.rung = text_of(record, "rung"), .ends = text_of(record, "ends"),
		.tour = log->tour, .number = (unsigned)count_of(record, "number"),
	};
	buf_add(&log->open->stream, "", 0);
	buf_add(&log->open->output, "", 0);
	log->seen++;
	log->crc = 0;
	log->lines = 0;
}

/* Characters of the JSON text are the guest's bytes. */
static void on_text(struct log *log, json_t *record)
{
	const char *text = json_string_value(json_object_get(record, "text"));

	for (; text && *text; text++) {
		unsigned char byte = (unsigned char)*text;

		/* Two bytes of UTF-8 are one of those from 80h on. */
		if (byte >= 0xc0 && text[1])
			byte = (unsigned char)(byte << 6 | (*++text & 0x3f));
		buf_add(&log->open->output, &byte, 1);
	}
	if (json_is_true(json_object_get(record, "zero")))
		buf_add(&log->open->output, "", 1);
}

static void on_sum(struct log *log, json_t *record)
{
	if (count_of(record, "lines") != log->lines)
		damage(log, fmt("%llu lines were sent and %u are here",
				(unsigned long long)count_of(record, "lines"), log->lines));
	else if (count_of(record, "crc") != log->crc)
		damage(log, xdup("its lines are not as they were sent: a byte is wrong"));
	log->open->lost = count_of(record, "lost");
	log->open = NULL;
}

/* The record in a line, from its mark to the last brace; false: there is none. */
static bool record_find(const char *line, size_t size, const char **at, size_t *length)
{
	*at = memmem(line, size, mark, sizeof(mark) - 1);
	if (!*at)
		return false;
	*length = size - (size_t)(*at - line);
	while (*length && (*at)[*length - 1] != '}')
		--*length;
	return *length;
}

static bool is(const char *at, size_t length, const char *kind)
{
	size_t size = strlen(kind);

	at += sizeof(mark) - 1;
	length -= sizeof(mark) - 1;
	return length > size && !memcmp(at, kind, size) && at[size] == '"';
}

/* The records that are the disc's own; false: one of the run's. */
static bool own_take(struct log *log, const char *at, size_t length)
{
	static const struct {
		const char *kind;
		void (*take)(struct log *log, json_t *record);
		bool inside;
	} kinds[] = {
		{ "tour", on_tour, false }, { "run", on_run, false },
		{ "text", on_text, true }, { "sum", on_sum, true },
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		json_t *record;

		if (!is(at, length, kinds[i].kind))
			continue;
		record = json_loadb(at, length, 0, NULL);
		if (!record)
			damage(log, fmt("line %u of the log is damaged", log->line));
		else if (log->open || !kinds[i].inside)
			kinds[i].take(log, record);
		json_decref(record);
		return true;
	}
	return false;
}

static void line_take(struct log *log, const char *line, size_t size)
{
	const char *at;
	size_t length;

	log->line++;
	if (!record_find(line, size, &at, &length))
		return;
	if (is(at, length, "tour-end")) {
		log->ended = true;
		return;
	}
	if (own_take(log, at, length)) {
		if (is(at, length, "sum") || is(at, length, "tour") || !log->open)
			return;
	} else if (log->open) {
		buf_add(&log->open->stream, at, length);
		buf_add(&log->open->stream, "\n", 1);
	}
	log->crc = tour_crc(tour_crc(log->crc, at, (unsigned)length), "\n", 1);
	log->lines++;
}

bool metal_read(const char *text, size_t size, struct metal *metal)
{
	struct log log = { .metal = metal };
	const char *end;

	*metal = (struct metal){ 0 };
	buf_add(&metal->notes, "", 0);
	while (size && (end = memchr(text, '\n', size))) {
		line_take(&log, text, (size_t)(end - text));
		size -= (size_t)(end - text) + 1;
		text = end + 1;
	}
	tour_close(&log);
	return metal->count || log.tour;
}

void metal_free(struct metal *metal)
{
	for (size_t i = 0; i < metal->count; i++) {
		struct metal_run *m = &metal->runs[i];

		free(m->guest);
		free(m->sha256);
		free(m->rung);
		free(m->ends);
		free(m->damage);
		buf_free(&m->stream);
		buf_free(&m->output);
		run_free(m->run);
	}
	free(metal->runs);
	buf_free(&metal->notes);
}

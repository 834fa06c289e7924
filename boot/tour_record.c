/*
 * The records around the runs' own: which guest this is, what it wrote, and a sum that
 * tells whether all of it has arrived. Must not know how a guest is run.
 */
#include "boot/tour_state.h"

#include "boot/console.h"
#include "core/record.h"

/* Of one record: each byte may take six in the line. */
#define TEXT_BYTES	600u

static struct host_io io;
static struct record record;
static uint32_t crc;
static unsigned lines;

static void record_line(struct host_io *self, const char *line, unsigned size)
{
	(void)self;
	crc = tour_crc(crc, line, size);
	lines++;
	console_io()->record_line(console_io(), line, size);
}

struct host_io *tour_record_io(void)
{
	io = *console_io();
	io.record_line = record_line;
	return &io;
}

void tour_record_start(const struct tour *tour)
{
	record_begin(&record, &io, "tour");
	record_string(&record, "schema", "diptych-tour/1");
	record_string(&record, "build", tour->build);
	record_number(&record, "runs", (uint64_t)tour->guests * tour->rungs);
	record_open(&record, "missing");
	for (unsigned i = 0; i < tour->absent; i++)
		record_string(&record, tour->absent_rung[i], tour->absent_why[i]);
	record_close(&record);
	record_end(&record);
}

void tour_record_run(const struct tour *tour, unsigned guest, unsigned rung)
{
	crc = 0;
	lines = 0;
	record_begin(&record, &io, "run");
	record_number(&record, "number", tour->number);
	record_string(&record, "guest", tour->guest[guest].name);
	record_string(&record, "sha256", tour->guest[guest].sha256);
	record_string(&record, "rung", tour->rung[rung]);
	record_string(&record, "ends", tour->guest[guest].ends);
	record_end(&record);
}

/* A zero byte cannot be in a text: `zero` says that one follows. */
static unsigned text_record(unsigned from, unsigned end)
{
	static char text[TEXT_BYTES + 1];
	unsigned used = 0;
	bool zero = false;

	while (from != end && used < TEXT_BYTES && !zero) {
		char c = (char)console_kept(from++);

		zero = !c;
		if (c)
			text[used++] = c;
	}
	text[used] = '\0';
	record_begin(&record, &io, "text");
	record_string(&record, "text", text);
	if (zero)
		record_bool(&record, "zero", true);
	record_end(&record);
	return from;
}

void tour_record_done(const struct tour *tour, unsigned from, unsigned end)
{
	unsigned lost = end - from > CONSOLE_KEPT ? end - from - CONSOLE_KEPT : 0;

	for (from += lost; from != end;)
		from = text_record(from, end);
	record_begin(&record, console_io(), "sum");
	record_number(&record, "number", tour->number);
	record_number(&record, "lost", lost);
	record_number(&record, "lines", lines);
	record_number(&record, "crc", crc);
	record_end(&record);
}

void tour_record_end(const struct tour *tour)
{
	record_begin(&record, &io, "tour-end");
	record_number(&record, "runs", tour->number);
	record_end(&record);
}

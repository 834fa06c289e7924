/* Counting a run: the timeline's segments and the record lines made of them. */
#include "core/tally.h"

/* What of the clock is the hypervisor's: it carries out emulated instructions itself. */
static uint64_t host_time(const struct tally *t, uint64_t now)
{
	return now - t->idle - (t->guest - t->emulated);
}

static void segment_close(struct tally *t, uint64_t now)
{
	uint64_t host = host_time(t, now), began = t->segment_host;
	struct segment *s;

	if (t->open && t->guest == t->segment_at && t->exits == t->segment_exits)
		return;
	t->segment_host = host;
	if (!t->open)
		return;
	if (t->segments == TALLY_SEGMENTS) {
		t->dropped++;
		return;
	}
	s = &t->segment[t->segments++];
	s->at = t->segment_at;
	s->exits = t->exits - t->segment_exits;
	s->instructions = t->guest - t->segment_at;
	/* The last exit may lie before the change that its handling made. */
	s->hypervisor = host > began ? host - began : 0;
	s->mode = t->mode;
	s->ran_as = t->ran_as;
}

void tally_start(struct tally *t, uint64_t now)
{
	t->first_entry = now;
	t->last_exit = now;
	t->segment_host = host_time(t, now);
}

void tally_mode(struct tally *t, enum guest_mode mode, enum ran_as ran_as,
		uint64_t now)
{
	segment_close(t, now);
	t->segment_at = t->guest;
	t->segment_exits = t->exits;
	t->mode = mode;
	t->ran_as = ran_as;
	t->open = true;
}

static void report_exits(const struct tally *t, struct record *r,
			 struct host_io *io)
{
	record_begin(r, io, "exits");
	record_number(r, "total", t->exits);
	record_number(r, "observe", t->observe);
	record_open(r, "by_reason");
	for (unsigned i = 0; i < EXIT_REASONS; i++)
		if (t->by_reason[i])
			record_number(r, exit_reason_name(i), t->by_reason[i]);
	record_close(r);
	record_end(r);
}

void tally_report(struct tally *t, struct record *r, struct host_io *io)
{
	segment_close(t, t->last_exit);
	t->open = false;
	for (unsigned i = 0; i < t->segments; i++) {
		const struct segment *s = &t->segment[i];

		record_begin(r, io, "segment");
		record_number(r, "at", s->at);
		record_string(r, "mode", guest_mode_name(s->mode));
		record_string(r, "ran_as", ran_as_name(s->ran_as));
		record_number(r, "exits", s->exits);
		record_number(r, "instructions", s->instructions);
		record_number(r, "hypervisor", s->hypervisor);
		record_end(r);
	}
	report_exits(t, r, io);
}

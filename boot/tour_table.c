/*
 * A tour's table, on the screen while it goes on and as text at its end. Must not know how
 * a guest is run.
 */
#include "boot/tour_state.h"

#include "boot/console.h"
#include "boot/screen.h"
#include "core/text.h"
#include "core/x86_insn.h"

#define LINE_SIZE	256
#define NAME_WIDTH	14u
#define CELL_WIDTH	22u
#define HEAD_ROWS	4u	/* title, CPU, two lines of heads */
#define FOOT_ROWS	5u
#define SHORT_LIMIT	100000u	/* a count is shown with five digits at most */
#define SHORT_STEP	1000u
#define PAGE_SECONDS	8u
#define MHZ		1000000u

/* 99999, 12345K, 678M: never more than six bytes. */
static void short_count(char out[8], uint64_t value)
{
	static const char units[] = "\0KMGTP";
	unsigned unit = 0;

	while (value >= SHORT_LIMIT) {
		value /= SHORT_STEP;
		unit++;
	}
	text_format(out, 8, "%lu", value);
	for (unsigned i = 0; unit && i < 8; i++) {
		if (out[i])
			continue;
		out[i] = units[unit];
		out[i + 1] = '\0';
		break;
	}
}

static void cell_text(char *out, unsigned size, const struct tour_cell *cell)
{
	char exits[8], hypervisor[8];

	short_count(exits, cell->exits);
	short_count(hypervisor, cell->hypervisor);
	if (cell->verdict == TOUR_NOT_RUN)
		text_format(out, size, "%-7s%7s %6s", "", "", "");
	else if (cell->verdict == TOUR_ERROR)
		text_format(out, size, "%-7s%7s %6s", "error", "-", "-");
	else
		text_format(out, size, "%-7s%7s %6s", tour_verdict_name(cell->verdict),
			    exits, hypervisor);
}

static enum screen_colour cell_colour(const struct tour_cell *cell)
{
	switch (cell->verdict) {
	case TOUR_AGREES:
		return SCREEN_GOOD;
	case TOUR_DIFFERS:
	case TOUR_FAILS:
	case TOUR_ERROR:
		return SCREEN_BAD;
	default:
		return SCREEN_PLAIN;
	}
}

/* How many guests the screen has room for at once. */
static unsigned page_size(void)
{
	unsigned rows = screen_rows();

	return rows > HEAD_ROWS + FOOT_ROWS ? rows - HEAD_ROWS - FOOT_ROWS : 1;
}

static unsigned row_of(unsigned guest)
{
	return HEAD_ROWS + guest % page_size();
}

static unsigned column_of(unsigned rung)
{
	return NAME_WIDTH + rung * CELL_WIDTH;
}

static unsigned foot(unsigned line)
{
	return screen_rows() > FOOT_ROWS ? screen_rows() - FOOT_ROWS + line : line;
}

static void foot_put(unsigned line, enum screen_colour colour, const char *text)
{
	screen_clear_from(foot(line), 0);
	screen_put(foot(line), 0, colour, text);
}

static void title_text(char *out, unsigned size, const struct tour *t)
{
	text_format(out, size, "Diptych %s: %u guest%s, each on every rung that this CPU can do",
		    t->build, t->guests, t->guests == 1 ? "" : "s");
}

static void cpu_text(char *out, unsigned size, const struct tour *t)
{
	const struct host_cpu *h = t->host;
	unsigned used;

	used = text_format(out, size, "%s %s", h->vendor, h->name);
	if (h->hypervisor[0])
		used += text_format(out + used, size - used, ", under %s", h->hypervisor);
	if (h->tsc_counts_instructions)
		text_format(out + used, size - used, ", counts instructions");
	else
		text_format(out + used, size - used, ", TSC at %lu MHz", h->tsc_hz / MHZ);
}

static const char *unit_name(const struct tour *t)
{
	return t->host->tsc_counts_instructions ? "insns" : "cycles";
}

/* "- vmx-ug, vmx-ept: this CPU lacks ...": rungs one behind another that lack the same. */
static void absent_text(char *out, unsigned size, const struct tour *t)
{
	unsigned used = 0;

	out[0] = '\0';
	for (unsigned i = 0; i < t->absent; i++) {
		bool more = i + 1 < t->absent &&
			    text_equal(t->absent_why[i], t->absent_why[i + 1]);

		used += text_format(out + used, size - used, "%s%s", i ? "" : "- ",
				    t->absent_rung[i]);
		if (more)
			used += text_format(out + used, size - used, ", ");
		else
			used += text_format(out + used, size - used, ": this CPU lacks %s%s",
					    t->absent_why[i], i + 1 < t->absent ? "; " : "");
	}
}

static void counts_text(char *out, unsigned size, const struct tour *t)
{
	unsigned n[TOUR_ERROR + 1] = { 0 };

	for (unsigned g = 0; g < t->guests; g++)
		for (unsigned r = 0; r < t->rungs; r++)
			n[t->cell[g][r].verdict]++;
	text_format(out, size, "%u runs: %u agree, %u ran alone, %u differ, %u fail, %u errors",
		    t->number, n[TOUR_AGREES], n[TOUR_ALONE], n[TOUR_DIFFERS],
		    n[TOUR_FAILS], n[TOUR_ERROR]);
}

static void heads_draw(const struct tour *t)
{
	char text[LINE_SIZE];

	title_text(text, sizeof(text), t);
	screen_put(0, 0, SCREEN_BRIGHT, text);
	cpu_text(text, sizeof(text), t);
	screen_put(1, 0, SCREEN_PLAIN, text);
	screen_put(2, 0, SCREEN_BRIGHT, "guest");
	for (unsigned r = 0; r < t->rungs; r++) {
		text_format(text, sizeof(text), "%.21s", t->rung[r]);
		screen_put(2, column_of(r), SCREEN_BRIGHT, text);
		text_format(text, sizeof(text), "%-7s%7s %6s", "", "exits", unit_name(t));
		screen_put(3, column_of(r), SCREEN_PLAIN, text);
	}
}

void tour_table_row(const struct tour *tour, unsigned guest)
{
	char text[LINE_SIZE];

	text_format(text, sizeof(text), "%.13s", tour->guest[guest].name);
	screen_put(row_of(guest), 0, SCREEN_PLAIN, text);
	for (unsigned r = 0; r < tour->rungs; r++) {
		const struct tour_cell *cell = &tour->cell[guest][r];

		cell_text(text, sizeof(text), cell);
		screen_put(row_of(guest), column_of(r), cell_colour(cell), text);
	}
}

void tour_table_draw(const struct tour *tour, unsigned guest)
{
	unsigned first = guest - guest % page_size();
	char text[LINE_SIZE];

	screen_clear();
	heads_draw(tour);
	for (unsigned g = first; g < tour->guests && g < first + page_size(); g++)
		tour_table_row(tour, g);
	absent_text(text, sizeof(text), tour);
	foot_put(0, SCREEN_PLAIN, text);
	tour_table_trouble(tour);
}

void tour_table_running(const struct tour *tour, unsigned guest, unsigned rung)
{
	char text[LINE_SIZE];

	if (guest && !rung && !(guest % page_size()))
		tour_table_draw(tour, guest);
	screen_put(row_of(guest), column_of(rung), SCREEN_BRIGHT, "...");
	text_format(text, sizeof(text), "Run %u of %u: %s on %s", tour->number,
		    tour->guests * tour->rungs, tour->guest[guest].name, tour->rung[rung]);
	foot_put(2, SCREEN_PLAIN, text);
}

void tour_table_trouble(const struct tour *tour)
{
	foot_put(1, SCREEN_BAD, tour->trouble);
}

static const char *next_text(const struct tour *t)
{
	if (!t->rungs)
		return "No rung runs here. Is virtualisation switched on in the firmware's setup?";
	if (!t->recorded)
		return "No serial port was found: this table is all there is. Photograph it.";
	return t->one_port ?
	       "All records went out on COM1. On the machine that has them: diptych metal LOG" :
	       "All records went out on COM2. On the machine that has them: diptych metal LOG";
}

static void line_say(const char *text)
{
	console_text(text);
	console_text("\r\n");
}

/* The same table for the serial line, all pages of it. */
static void table_say(const struct tour *t)
{
	char line[LINE_SIZE];
	unsigned used;

	line_say("");
	title_text(line, sizeof(line), t);
	line_say(line);
	cpu_text(line, sizeof(line), t);
	line_say(line);
	used = text_format(line, sizeof(line), "%-14s", "guest");
	for (unsigned r = 0; r < t->rungs; r++)
		used += text_format(line + used, sizeof(line) - used, "%-22.21s", t->rung[r]);
	line_say(line);
	used = text_format(line, sizeof(line), "%-14s", "");
	for (unsigned r = 0; r < t->rungs; r++)
		used += text_format(line + used, sizeof(line) - used, "%-7s%7s %6s ", "",
				    "exits", unit_name(t));
	line_say(line);
	for (unsigned g = 0; g < t->guests; g++) {
		used = text_format(line, sizeof(line), "%-14.13s", t->guest[g].name);
		for (unsigned r = 0; r < t->rungs; r++) {
			cell_text(line + used, sizeof(line) - used, &t->cell[g][r]);
			used += text_format(line + used + CELL_WIDTH - 1,
					    sizeof(line) - used - CELL_WIDTH, " ") +
				CELL_WIDTH - 1;
		}
		line_say(line);
	}
	absent_text(line, sizeof(line), t);
	line_say(line);
	counts_text(line, sizeof(line), t);
	line_say(line);
	line_say(next_text(t));
}

static void foot_end(const struct tour *t, const char *pages)
{
	char text[LINE_SIZE];

	counts_text(text, sizeof(text), t);
	foot_put(2, SCREEN_BRIGHT, text);
	foot_put(3, SCREEN_PLAIN, next_text(t));
	text_format(text, sizeof(text), "The comparison is over: the machine may be "
		    "switched off.%s", pages);
	foot_put(4, SCREEN_BRIGHT, text);
}

void tour_table_end(const struct tour *tour)
{
	foot_end(tour, "");
	console_mirror(NULL);
	table_say(tour);
	console_mirror(screen_say);
}

void tour_table_turn(const struct tour *tour)
{
	uint64_t wait = PAGE_SECONDS * tour->host->tsc_hz;
	unsigned pages = (tour->guests + page_size() - 1) / page_size();
	char text[32];

	if (pages < 2 || screen_rows() < HEAD_ROWS + FOOT_ROWS)
		return;
	for (unsigned page = 0;; page = (page + 1) % pages) {
		uint64_t start = x86_rdtsc();

		tour_table_draw(tour, page * page_size());
		text_format(text, sizeof(text), " Page %u of %u.", page + 1, pages);
		foot_end(tour, text);
		while (x86_rdtsc() - start < wait)
			x86_pause();
	}
}

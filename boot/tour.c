/*
 * Many guests on every rung that this CPU can do, one run after the other without a reset
 * in between: each from a clean slate. Must not know how a run or a table is made.
 */
#include "boot/tour.h"

#include "boot/console.h"
#include "boot/machine.h"
#include "boot/screen.h"
#include "boot/slate.h"
#include "boot/stop.h"
#include "boot/tour_state.h"
#include "core/span.h"
#include "core/text.h"

#include <string.h>

static const char first_word[] = "tour", blank[] = " ";

/* Too large for the stack. */
static struct tour tour;
static struct cmdline cmdline;
static struct memory again;
static struct guest_run run;
static struct hv_result result;

/* What follows the word `tour`, be it the first one or behind the program's name. */
static const char *asked(const char *text)
{
	for (unsigned i = 0; i < 2; i++)
		if (span_is(span_word(&text, blank), first_word))
			return text;
	return NULL;
}

bool tour_asked(const char *command_line)
{
	return asked(command_line);
}

/* A rung with its options: a column, when this CPU can do it. */
static void rung_add(const char *text, unsigned size)
{
	char line[TOUR_RUNG_TEXT + sizeof("rung=")], *to;
	const char *missing;

	if (size >= TOUR_RUNG_TEXT || tour.rungs == TOUR_RUNGS || tour.absent == TOUR_RUNGS)
		stop_error(false, "rungs: too many, or one with too many options");
	text_format(line, sizeof(line), "rung=%.*s", (int)size, text);
	if (!cmdline_parse(line, &cmdline))
		stop_error(false, "%s", cmdline.error);
	run.cmdline = &cmdline;
	missing = guest_missing(&run);
	to = missing ? tour.absent_rung[tour.absent] : tour.rung[tour.rungs];
	text_format(to, TOUR_RUNG_TEXT, "%.*s", (int)size, text);
	if (missing)
		tour.absent_why[tour.absent++] = missing;
	else
		tour.rungs++;
}

/* "svm-npt,vmx-ept,unpaged=emulate": an item with `=` belongs to the rung before it. */
static void rungs_add(struct span list)
{
	struct span rest = list, rung = { list.at, 0 }, value;

	while (rest.at) {
		struct span item = span_cut(rest, ',', &rest);

		span_cut(item, '=', &value);
		if (!value.at && rung.size) {
			rung_add(rung.at, rung.size);
			rung = item;
		} else {
			rung.size = (unsigned)(item.at + item.size - rung.at);
		}
	}
	rung_add(rung.at, rung.size);
}

static void rungs_all(void)
{
	for (unsigned i = 0; i < RUNG_COUNT; i++) {
		const char *name = rungs[i].name;
		unsigned size = 0;

		while (name[size])
			size++;
		if (rungs[i].backend && rungs[i].built)
			rung_add(name, size);
	}
}

static void options(const char *text)
{
	struct span word, value, key;
	bool first_port = false;

	for (word = span_word(&text, blank); word.size; word = span_word(&text, blank)) {
		key = span_cut(word, '=', &value);
		if (span_is(key, "rungs") && value.size)
			rungs_add(value);
		else if (span_is(key, "records") && span_is(value, "com1"))
			first_port = true;
		else if (!span_is(key, "records") || !span_is(value, "com2"))
			stop_error(false, "tour: %.*s: known are rungs=LIST and "
				   "records=com1|com2", (int)word.size, word.at);
	}
	if (!tour.rungs && !tour.absent)
		rungs_all();
	tour.recorded = console_one_port(first_port);
	tour.one_port = console_is_one_port();
}

static void guests_find(const struct boot_info *info)
{
	for (unsigned i = 0; i < info->modules; i++) {
		if (!tour_guest_begins(info->module[i].string)) {
			if (!tour.guests)
				stop_error(false, "tour: module %u belongs to no guest: "
					   "the first one has no guest=NAME", i);
			continue;
		}
		if (tour.guests == TOUR_GUESTS)
			stop_error(false, "tour: more than %u guests", TOUR_GUESTS);
		if (!tour_guest_parse(info->module[i].string, &tour.guest[tour.guests]))
			stop_error(false, "tour: module %u: %s", i,
				   tour.guest[tour.guests].error);
		tour.module[tour.guests++] = i;
	}
	if (!tour.guests)
		stop_error(false, "tour: no guest among the modules");
	tour.module[tour.guests] = info->modules;
}

/* A guest may write to its disk: it gets a copy. */
static bool disk_copy(void)
{
	uint64_t base;

	if (!run.disk.size)
		return true;
	if (!ranges_take(&again.free, run.disk.size, PAGE_SIZE, 0, BIT(52), &base))
		return false;
	memcpy(hpa_ptr(hpa(base)), run.disk.data, run.disk.size);
	run.disk.data = hpa_ptr(hpa(base));
	return true;
}

/* The words of the run; false with result.reason when they are wrong. */
static bool request(const struct boot_info *info, unsigned guest, unsigned rung)
{
	static char line[CMDLINE_MAX];
	const struct tour_guest *g = &tour.guest[guest];
	const char *wrong = NULL;

	text_format(line, sizeof(line), "rung=%s %s", tour.rung[rung], g->words);
	if (!cmdline_parse(line, &cmdline))
		wrong = cmdline.error;
	else if (guest_modules(&run, &info->module[tour.module[guest]],
			       tour.module[guest + 1] - tour.module[guest],
			       result.reason, sizeof(result.reason)))
		wrong = disk_copy() ? NULL : "no memory for a copy of the disk";
	else
		return false;
	if (wrong)
		text_format(result.reason, sizeof(result.reason), "%s", wrong);
	return !wrong;
}

/* On COM1, but not on the screen, which has its own way to tell. */
static void say(const char *text)
{
	console_mirror(NULL);
	console_text(text);
	console_mirror(screen_say);
}

static void title(unsigned guest, unsigned rung)
{
	char text[160];

	if (tour.one_port)
		return;
	text_format(text, sizeof(text), "\r\n--- %s on %s (run %u of %u)\r\n",
		    tour.guest[guest].name, tour.rung[rung], tour.number,
		    tour.guests * tour.rungs);
	say(text);
}

/* A run that went wrong says so in words; the screen keeps the first one's. */
static void trouble(unsigned guest, unsigned rung)
{
	const struct tour_cell *cell = &tour.cell[guest][rung];
	char text[sizeof(tour.trouble)];

	if (cell->verdict != TOUR_FAILS && cell->verdict != TOUR_ERROR)
		return;
	text_format(text, sizeof(text), "%s on %s: %s: %s", tour.guest[guest].name,
		    tour.rung[rung], cell->end ? cell->end : "error", result.reason);
	if (!tour.trouble[0])
		memcpy(tour.trouble, text, sizeof(text));
	tour_table_trouble(&tour);
	say("\r\n");
	say(text);
	say("\r\n");
}

static uint64_t output_sum(unsigned guest, unsigned from, unsigned end)
{
	struct tour_output output;

	tour_output_start(&output, &tour.guest[guest]);
	if (end - from > CONSOLE_KEPT)
		from = end - CONSOLE_KEPT;
	while (from != end)
		tour_output_byte(&output, console_kept(from++));
	return tour_output_end(&output);
}

/* One run, from a clean slate to its last record. */
static void run_one(const struct boot_info *info, const struct memory *memory,
		    unsigned guest, unsigned rung)
{
	struct tour_cell *cell = &tour.cell[guest][rung];
	unsigned from;

	tour.number++;
	tour_table_running(&tour, guest, rung);
	title(guest, rung);
	tour_record_run(&tour, guest, rung);
	again = *memory;
	result = (struct hv_result){ 0 };
	run.disk = (struct load_blob){ 0 };
	slate_clean();
	console_drain();
	from = console_written();
	if (!request(info, guest, rung)) {
		hv_record_error(run.io, false, "%s", result.reason);
	} else {
		if (!tour.host->tsc_counts_instructions)
			cmdline.limit = tour.guest[guest].seconds * tour.host->tsc_hz;
		/* How it went is in the result, too. */
		if (guest_start(&run) != HV_OK)
			result.end = NULL;
	}
	*cell = (struct tour_cell){
		.run = true, .end = result.end, .code = result.code,
		.exits = result.exits, .hypervisor = result.hypervisor,
		.output = output_sum(guest, from, console_written()),
	};
	slate_clean();
	tour_record_done(&tour, from, console_written());
	tour_judge(&tour.guest[guest], tour.cell[guest], tour.rungs);
	tour_table_row(&tour, guest);
	trouble(guest, rung);
}

void tour_run(const struct boot_info *info, const struct guest_ground *ground,
	      const struct memory *memory)
{
	tour.build = ground->build;
	tour.host = ground->host;
	again = *memory;
	run = (struct guest_run){
		.ground = ground, .memory = &again, .io = tour_record_io(),
		.result = &result,
	};
	screen_init(&info->screen);
	console_mirror(screen_say);
	guests_find(info);
	options(asked(info->command_line));
	slate_keep();
	ground->host->tsc_hz = machine_tsc_hz(ground->host);
	tour_record_start(&tour);
	tour_table_draw(&tour, 0);
	for (unsigned g = 0; g < tour.guests; g++)
		for (unsigned r = 0; r < tour.rungs; r++)
			run_one(info, memory, g, r);
	tour_record_end(&tour);
	tour_table_end(&tour);
	console_drain();
	tour_table_turn(&tour);
}

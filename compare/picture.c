/*
 * Pictures of addresses, two columns of table entries with their flags spelled. Must not
 * know why an entry is as it is: the records say that.
 */
#include <inttypes.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "compare/grid.h"
#include "compare/picture.h"
#include "compare/util.h"
#include "compare/wide.h"

#define FLAG(bit)	(UINT64_C(1) << (bit))
#define FIELD(hi, lo)	((UINT64_MAX >> (63 - (hi))) & (UINT64_MAX << (lo)))
#define ADDRESS_BITS	52
#define PSE36_HIGH	FIELD(20, 13)	/* a 4 MiB page's address bits 39:32 */
#define PSE36_SHIFT	19

enum { LABEL = 6, COLUMN = 40, CELL = 96, HEXADECIMAL = 16 };
enum { SHIFT_4K = 12, SHIFT_4M = 22, LEVEL_BITS = 9, KIB_SHIFT = 10 };
enum { LEVELS = 5, PD = 1, PML4 = 3 };

static const char *const level_names[LEVELS] = { "PT", "PD", "PDPT", "PML4", "PML5" };

/* An entry's flags in the order of their bits, each as wide as its name. */
static const struct {
	unsigned	bit;
	const char	*name, *clear;
} flags[] = {
	{ 0, "P", "." }, { 1, "W", "." }, { 2, "U", "." }, { 5, "A", "." },
	{ 6, "D", "." }, { 7, "PS", ".." }, { 8, "G", "." }, { 63, "NX", ".." },
};
enum { FLAG_PRESENT = 0, FLAG_LARGE = 7 };

struct picture {
	json_t	*record, *levels;
	FILE	*out;
	bool	colour;
	bool	narrow;		/* the guest's entries have 32 bits */
	unsigned last;		/* the lowest level that the guest's walk came to */
};

static const char *text_of(const json_t *from, const char *key)
{
	const char *text = json_string_value(json_object_get(from, key));

	return text ? text : "";
}

/* A number, also one that was too wide for JSON's readers. */
static bool number_of(const json_t *from, const char *key, uint64_t *out)
{
	const json_t *value = json_object_get(from, key);

	if (json_is_integer(value))
		*out = (uint64_t)json_integer_value(value);
	else if (json_is_string(value))
		*out = strtoull(json_string_value(value), NULL, HEXADECIMAL);
	else
		return false;
	return true;
}

static json_t *level_of(const struct picture *p, unsigned level)
{
	return json_object_get(p->levels, level_names[level]);
}

/* ---- one entry ---- */

/* In the lowest entries bit 7 is no PS. */
static void flags_put(uint64_t entry, unsigned level, char *out, size_t size)
{
	size_t used = 0;

	for (size_t i = 0; i < sizeof(flags) / sizeof(*flags); i++) {
		bool set = (entry & FLAG(flags[i].bit)) &&
			   (level || flags[i].bit != FLAG_LARGE);

		used += (size_t)snprintf(out + used, size - used, "%s ",
					 set ? flags[i].name : flags[i].clear);
	}
}

static const char *size_text(unsigned shift)
{
	static const char *const units[] = { "", "K", "M", "G" };
	static char text[16];

	snprintf(text, sizeof(text), "%u%s", 1u << shift % KIB_SHIFT,
		 units[shift / KIB_SHIFT % 4]);
	return text;
}

/* What the entry leads to: a table, a page of some size, or nothing. */
static void target_put(uint64_t entry, unsigned level, bool leaf, bool narrow,
		       char *out, size_t size)
{
	unsigned shift = SHIFT_4K + level * LEVEL_BITS;
	uint64_t page = entry & FIELD(ADDRESS_BITS - 1, SHIFT_4K);

	if (!(entry & FLAG(FLAG_PRESENT))) {
		snprintf(out, size, "not present");
		return;
	}
	if (!leaf) {
		snprintf(out, size, "table 0x%08" PRIx64, page);
		return;
	}
	if (narrow && level == PD) {
		shift = SHIFT_4M;
		page |= (entry & PSE36_HIGH) << PSE36_SHIFT;
	}
	snprintf(out, size, "%s page 0x%08" PRIx64, size_text(shift),
		 page & (UINT64_MAX << shift));
}

/* Two lines of one column: where and what, then what it means. */
struct cell {
	char	line[2][CELL];
};

static void entry_cell(const json_t *level, const char *at_key, const char *key,
		       unsigned index, bool leaf, bool narrow, struct cell *cell)
{
	uint64_t at, entry;
	size_t used;

	if (!number_of(level, at_key, &at) || !number_of(level, key, &entry))
		return;
	snprintf(cell->line[0], CELL, "at 0x%08" PRIx64 "  0x%0*" PRIx64, at,
		 narrow ? 8 : 16, entry);
	flags_put(entry, index, cell->line[1], CELL);
	used = strlen(cell->line[1]);
	target_put(entry, index, leaf, narrow, cell->line[1] + used, CELL - used);
}

/* ---- lines ---- */

static void line_put(const struct picture *p, const char *label, enum paint paint,
		     const char *left, const char *right)
{
	paint_put(p->out, label, paint, *left || *right ? -LABEL : 0, p->colour);
	if (*right)
		fprintf(p->out, "%-*s%s\n", COLUMN, left, right);
	else
		fprintf(p->out, "%s\n", left);
}

static void why_put(const struct picture *p, const char *why)
{
	if (!*why)
		return;
	fprintf(p->out, "%*s", LABEL, "");
	paint_put(p->out, why, PAINT_DIM, 0, p->colour);
	fputc('\n', p->out);
}

static void level_put(const struct picture *p, unsigned level)
{
	const json_t *entry = level_of(p, level);
	bool leaf = level == p->last && !strcmp(text_of(p->record, "outcome"), "maps");
	struct cell guest = { { "", "" } }, hardware = { { "", "" } };
	uint64_t value = 0;

	entry_cell(entry, "guest_at", "guest", level, leaf, p->narrow, &guest);
	number_of(entry, "hardware", &value);
	/* The bit means that in two levels alone; above, no entry of the hardware has it. */
	leaf = !level || (level < PML4 && (value & FLAG(FLAG_LARGE)));
	entry_cell(entry, "hardware_at", "hardware", level, leaf, false, &hardware);
	fputc('\n', p->out);
	for (size_t i = 0; i < 2; i++)
		if (!i || *guest.line[i] || *hardware.line[i])
			line_put(p, i ? "" : level_names[level], PAINT_BOLD,
				 *guest.line[i] ? guest.line[i] : i ? "" : "-",
				 hardware.line[i]);
	why_put(p, text_of(entry, "why"));
}

static unsigned shift_of(uint64_t size)
{
	unsigned shift = 0;

	while (size >>= 1)
		shift++;
	return shift;
}

static void nested_put(const struct picture *p)
{
	const json_t *nested = json_object_get(p->record, "nested");
	char left[CELL], right[CELL];
	uint64_t physical = 0, root = 0, host, size = 0;

	if (!nested)
		return;
	number_of(p->record, "physical", &physical);
	number_of(nested, "root", &root);
	number_of(nested, "size", &size);
	snprintf(left, CELL, "guest-physical 0x%08" PRIx64, physical);
	snprintf(right, CELL, "nested tables at 0x%08" PRIx64, root);
	fputc('\n', p->out);
	line_put(p, "", PAINT_NONE, left, right);
	if (number_of(nested, "host", &host))
		snprintf(right, CELL, "%-4s host 0x%08" PRIx64 " of a %s page",
			 text_of(nested, "rights"), host, size_text(shift_of(size)));
	else
		snprintf(right, CELL, "nothing there: every access is emulated");
	line_put(p, "", PAINT_NONE, "", right);
}

static void title_put(const struct picture *p, const char *rung, uint64_t address)
{
	char *title = fmt("0x%016" PRIx64 " on %s", address, rung);
	const char *outcome = text_of(p->record, "outcome");
	uint64_t physical = 0;

	fputc('\n', p->out);
	paint_put(p->out, title, PAINT_BOLD, 0, p->colour);
	fprintf(p->out, ", %s, mode %s, ran as %s\n",
		strcmp(text_of(p->record, "when"), "call") ? "at the guest's end" :
		"when the guest asked", text_of(p->record, "mode"),
		text_of(p->record, "ran_as"));
	if (number_of(p->record, "physical", &physical))
		fprintf(p->out, "the guest's tables lead to its physical address 0x%08"
			PRIx64 "\n", physical);
	else
		fprintf(p->out, "the guest's tables lead nowhere: %s\n",
			!strcmp(outcome, "not-present") ? "an entry is not present" :
			!strcmp(outcome, "reserved") ? "a reserved bit is set" :
			"the address is not canonical");
	free(title);
}

static void heads_put(const struct picture *p)
{
	bool own = json_object_get(p->record, "nested") != NULL;
	char left[CELL], right[CELL];
	uint64_t guest = 0, hardware = 0;

	number_of(p->record, "guest_cr3", &guest);
	number_of(p->record, "hardware_cr3", &hardware);
	fputc('\n', p->out);
	line_put(p, "", PAINT_NONE, "the guest's tables", own ?
		 "what the hardware walks: these, then nested" :
		 "what the hardware walks");
	snprintf(left, CELL, "0x%08" PRIx64, guest);
	snprintf(right, CELL, "0x%08" PRIx64, hardware);
	line_put(p, "CR3", PAINT_BOLD, left, right);
}

static void picture_print(json_t *record, const char *rung, FILE *out, bool colour)
{
	struct picture p = {
		.record = record, .levels = json_object_get(record, "levels"),
		.out = out, .colour = colour,
		.narrow = !strcmp(text_of(record, "mode"), "32bit"),
	};
	uint64_t address;

	if (!json_is_object(p.levels) || !number_of(record, "address", &address))
		return;
	while (p.last < LEVELS - 1 && !json_object_get(level_of(&p, p.last), "guest"))
		p.last++;
	title_put(&p, rung, address);
	heads_put(&p);
	for (unsigned level = LEVELS; level--;)
		if (level_of(&p, level))
			level_put(&p, level);
	nested_put(&p);
}

static json_t *line_read(const char *text, size_t size)
{
	struct buf line = { 0 };
	json_t *record;

	buf_add(&line, "", 0);
	wide_numbers_quote(text, size, &line);
	record = json_loadb(line.text, line.size, JSON_REJECT_DUPLICATES, NULL);
	buf_free(&line);
	return record;
}

static void dropped_put(const json_t *end, FILE *out)
{
	uint64_t dropped = 0;

	number_of(end, "dropped_pictures", &dropped);
	if (dropped)
		fprintf(out, "\nThe guest asked %" PRIu64 " times more.\n", dropped);
}

void pictures_print(const char *records, size_t size, const char *rung,
		    FILE *out, bool colour)
{
	const char *end;

	while (size && (end = memchr(records, '\n', size))) {
		json_t *record = line_read(records, (size_t)(end - records));
		const char *kind = text_of(record, "record");

		if (!strcmp(kind, "mmu"))
			picture_print(record, rung, out, colour);
		else if (!strcmp(kind, "end"))
			dropped_put(record, out);
		json_decref(record);
		size -= (size_t)(end - records) + 1;
		records = end + 1;
	}
}

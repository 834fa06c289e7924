/* What the runs of one guest say together. Must not know where they ran. */
#include "core/tour.h"

#include "core/text.h"
#include "core/tour_defs.h"

static uint64_t fnv(uint64_t hash, uint64_t value)
{
	return (hash ^ value) * FNV_PRIME;
}

static void line_start(struct tour_output *o)
{
	o->line = FNV_START;
	o->column = 0;
	o->dropped = !o->guest->compared;
	for (unsigned i = 0; i < TOUR_DROPS; i++)
		o->seen[i] = 0;
}

void tour_output_start(struct tour_output *output, const struct tour_guest *guest)
{
	*output = (struct tour_output){ .guest = guest, .hash = FNV_START };
	line_start(output);
}

/* Every prefix of the text that ends here, as a bit (the shift-and method). */
static void look_for(struct tour_output *o, unsigned n, uint8_t byte)
{
	const struct tour_drop *drop = &o->guest->drop[n];
	uint64_t next = 0, ways = o->seen[n] << 1;

	if (!drop->at_start || !o->column)
		ways |= 1;
	for (unsigned i = 0; i < drop->size; i++)
		if ((uint8_t)drop->text[i] == byte)
			next |= BIT(i);
	o->seen[n] = next & ways;
	if (drop->size && o->seen[n] & BIT(drop->size - 1))
		o->dropped = true;
}

static void line_end(struct tour_output *o)
{
	if (!o->dropped)
		o->hash = fnv(o->hash, o->line);
	line_start(o);
}

void tour_output_byte(struct tour_output *output, uint8_t byte)
{
	for (unsigned i = 0; i < output->guest->drops; i++)
		look_for(output, i, byte);
	output->line = fnv(output->line, byte);
	output->column++;
	if (byte == '\n')
		line_end(output);
}

uint64_t tour_output_end(struct tour_output *output)
{
	if (output->column)
		line_end(output);
	return output->hash;
}

/* Did it end as it must, as far as one run alone can tell? */
static bool ended_well(const struct tour_guest *guest, const struct tour_cell *cell)
{
	if (!guest->ends[0])
		return true;
	return text_equal(cell->end, guest->ends) &&
	       (!text_equal(cell->end, "exit") || !cell->code);
}

static bool same(const struct tour_cell *a, const struct tour_cell *b)
{
	return a->output == b->output && text_equal(a->end, b->end) && a->code == b->code;
}

void tour_judge(const struct tour_guest *guest, struct tour_cell *cells, unsigned count)
{
	enum tour_verdict verdict = TOUR_ALONE;
	const struct tour_cell *first = NULL;

	for (unsigned i = 0; i < count; i++) {
		struct tour_cell *cell = &cells[i];

		cell->verdict = !cell->run ? TOUR_NOT_RUN : !cell->end ? TOUR_ERROR :
				ended_well(guest, cell) ? TOUR_ALONE : TOUR_FAILS;
		if (cell->verdict != TOUR_ALONE)
			continue;
		if (!guest->compared)
			continue;
		if (!first)
			first = cell;
		else if (!same(first, cell))
			verdict = TOUR_DIFFERS;
		else if (verdict == TOUR_ALONE)
			verdict = TOUR_AGREES;
	}
	for (unsigned i = 0; i < count; i++)
		if (cells[i].verdict == TOUR_ALONE)
			cells[i].verdict = verdict;
}

const char *tour_verdict_name(enum tour_verdict verdict)
{
	static const char *const names[] = {
		[TOUR_NOT_RUN] = "", [TOUR_AGREES] = "agree", [TOUR_ALONE] = "ran",
		[TOUR_DIFFERS] = "differ", [TOUR_FAILS] = "fail", [TOUR_ERROR] = "error",
	};

	return names[verdict];
}

uint32_t tour_crc(uint32_t crc, const char *bytes, unsigned size)
{
	crc = ~crc;
	for (unsigned i = 0; i < size; i++) {
		crc ^= (uint8_t)bytes[i];
		for (unsigned bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? CRC_POLYNOMIAL : 0);
	}
	return ~crc;
}

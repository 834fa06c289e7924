/*
 * Timelines to phases. Must not know how they are shown, nor trust a number of
 * theirs.
 */
#include <stdlib.h>
#include <string.h>

#include "compare/html.h"
#include "compare/phases.h"

enum { PERIOD_MOST = 8, REPEATS_LEAST = 3, PLAIN = 32 };

static const char *const mode_names[PHASE_MODES] = {
	"real", "unpaged", "32bit", "pae", "long", "unknown",
};
static const char *const way_names[PHASE_WAYS] = {
	"native", "paged-real", "hidden", "vm86", "emulated", "shadow", "ring3",
	"unknown",
};

const char *phase_mode_name(enum phase_mode mode)
{
	return mode_names[mode];
}

const char *phase_way_name(enum phase_way way)
{
	return way_names[way];
}

bool phase_paged(enum phase_mode mode)
{
	return mode == P_32BIT || mode == P_PAE || mode == P_LONG;
}

/* Place of a segment's text in a list; what is not in it is the last. */
static size_t named(const json_t *segment, const char *key,
		    const char *const *names, size_t count)
{
	const char *text = json_string_value(json_object_get(segment, key));
	size_t i = 0;

	while (i < count - 1 && (!text || strcmp(text, names[i])))
		i++;
	return i;
}

static uint64_t count_of(const json_t *segment, const char *key)
{
	json_int_t n = json_integer_value(json_object_get(segment, key));

	return n < 0 ? 0 : (uint64_t)n;
}

static void stretches_read(const json_t *segments, struct timeline *t)
{
	size_t count = json_array_size(segments);

	t->hypervisor = count != 0;
	t->stretch = xcalloc(count < STRETCHES ? count : STRETCHES,
			     sizeof(*t->stretch));
	for (size_t i = 0; i < count; i++) {
		const json_t *segment = json_array_get(segments, i);
		struct stretch *s = &t->stretch[t->stretches];

		if (!json_is_object(segment) || t->stretches == STRETCHES) {
			t->left_out++;
			continue;
		}
		s->mode = (enum phase_mode)named(segment, "mode", mode_names,
						 PHASE_MODES);
		s->way = (enum phase_way)named(segment, "ran_as", way_names,
					       PHASE_WAYS);
		s->at = count_of(segment, "at");
		s->instructions = count_of(segment, "instructions");
		s->exits = count_of(segment, "exits");
		s->hypervisor = count_of(segment, "hypervisor");
		t->hypervisor &= !!json_object_get(segment, "hypervisor");
		t->stretches++;
	}
}

static void share_add(struct share *to, const struct share *more)
{
	to->stretches = add_capped(to->stretches, more->stretches);
	to->instructions = add_capped(to->instructions, more->instructions);
	to->exits = add_capped(to->exits, more->exits);
	to->hypervisor = add_capped(to->hypervisor, more->hypervisor);
}

static void phase_add(struct phase *to, const struct phase *more)
{
	to->times = add_capped(to->times, more->times);
	share_add(&to->all, &more->all);
	for (int w = 0; w < PHASE_WAYS; w++)
		share_add(&to->way[w], &more->way[w]);
}

/* One phase for each change of mode. */
static void phases_make(struct timeline *t)
{
	t->phase = xcalloc(t->stretches, sizeof(*t->phase));
	for (size_t i = 0; i < t->stretches; i++) {
		const struct stretch *s = &t->stretch[i];
		struct share share = { 1, s->instructions, s->exits,
				       s->hypervisor };
		uint64_t end = add_capped(s->at, s->instructions);

		if (!t->phases || t->phase[t->phases - 1].mode != s->mode)
			t->phase[t->phases++] = (struct phase){
				.mode = s->mode, .times = 1, .period = 1,
			};
		share_add(&t->phase[t->phases - 1].all, &share);
		share_add(&t->phase[t->phases - 1].way[s->way], &share);
		share_add(&t->sum[s->mode][s->way], &share);
		t->end = end > t->end ? end : t->end;
	}
	t->changes = t->phases;
}

/* How often the `period` phases at `at` come in a row. */
static size_t repeats(const struct timeline *t, size_t at, size_t period)
{
	size_t i = at + period;

	while (i < t->phases && t->phase[i].mode == t->phase[i - period].mode)
		i++;
	return i < at + period ? 1 : (i - at) / period;
}

static void cycles_join(struct timeline *t)
{
	size_t made = 0;

	for (size_t at = 0; at < t->phases;) {
		size_t period = 1, times = 1;

		for (size_t p = 2; p <= PERIOD_MOST && at + p <= t->phases; p++) {
			size_t n = repeats(t, at, p);

			if (n >= REPEATS_LEAST && n * p > times * period) {
				period = p;
				times = n;
			}
		}
		for (size_t p = 0; p < period; p++) {
			struct phase sum = t->phase[at + p];

			for (size_t n = 1; n < times; n++)
				phase_add(&sum, &t->phase[at + p + n * period]);
			sum.period = (unsigned)period;
			sum.place = (unsigned)p;
			t->phase[made++] = sum;
		}
		at += period * times;
	}
	t->phases = made;
}

/* What is too much goes from the middle, into one. */
static void middle_join(struct timeline *t, size_t limit)
{
	size_t head = limit / 2, tail = limit - head - 1, from;
	struct phase sum = { .mode = P_UNKNOWN, .rest = true, .period = 1 };

	if (t->phases <= limit)
		return;
	from = t->phases - tail;
	for (size_t i = head; i < from; i++)
		phase_add(&sum, &t->phase[i]);
	t->phase[head] = sum;
	memmove(&t->phase[head + 1], &t->phase[from], tail * sizeof(*t->phase));
	t->phases = limit;
}

void timeline_read(const json_t *segments, size_t limit, struct timeline *out)
{
	*out = (struct timeline){ 0 };
	stretches_read(segments, out);
	phases_make(out);
	if (out->phases > PLAIN || out->phases > limit)
		cycles_join(out);
	middle_join(out, limit);
	out->phase = xgrow(out->phase, out->phases, sizeof(*out->phase));
}

void timeline_free(struct timeline *t)
{
	free(t->stretch);
	free(t->phase);
}

bool timeline_alike(const struct timeline *a, const struct timeline *b)
{
	if (a->phases != b->phases)
		return false;
	for (size_t i = 0; i < a->phases; i++)
		if (a->phase[i].mode != b->phase[i].mode ||
		    a->phase[i].rest != b->phase[i].rest ||
		    a->phase[i].period != b->phase[i].period ||
		    a->phase[i].place != b->phase[i].place)
			return false;
	return true;
}

/*
 * Puts the runs of a page in order. Must not know how they are shown.
 */
#include <stdlib.h>
#include <string.h>

#include "compare/page_model.h"
#include "compare/report.h"

static struct run **without_bare(const struct page *page, size_t *count)
{
	struct run **list = xcalloc(page->count, sizeof(*list));

	*count = 0;
	for (size_t i = 0; i < page->count; i++)
		if (!run_is_bare(page->runs[i]))
			list[(*count)++] = page->runs[i];
	return list;
}

static size_t at_most(size_t n, size_t most)
{
	return n < most ? n : most;
}

void page_init(struct page *page, struct run *const *runs, size_t count,
	       const char *docs, const struct page_limits *limits)
{
	struct run **list;
	size_t listed;

	*page = (struct page){ .count = count, .docs = docs, .limits = *limits };
	page->runs = xcalloc(count, sizeof(*page->runs));
	if (count)
		memcpy(page->runs, runs, count * sizeof(*runs));
	runs_sort(page->runs, count);
	list = without_bare(page, &listed);
	page->columns = columns_make(list, listed, &page->columns_all);
	page->column_of = xcalloc(count, sizeof(*page->column_of));
	for (size_t i = 0; i < count; i++)
		page->column_of[i] = run_is_bare(page->runs[i]) ?
			page->columns_all :
			column_find(page->columns, page->columns_all,
				    page->runs[i]);
	page->width = at_most(page->columns_all, limits->columns);
	page->guests = guest_names(page->runs, count, &page->guests_all);
	page->height = at_most(page->guests_all, limits->guests);
	free(list);
}

void page_fini(struct page *page)
{
	columns_free(page->columns, page->columns_all);
	free(page->guests);
	free(page->column_of);
	free(page->runs);
	buf_free(&page->out);
}

bool run_ran(const struct run *run)
{
	return *run->end || json_array_size(run->timeline);
}

/* How well a lane would stand below another: its unit tells, then its phases. */
static int fitness(const struct lane *above, const struct lane *lane)
{
	if (strcmp(above->run->unit, lane->run->unit))
		return 0;
	return timeline_alike(&above->time, &lane->time) ? 2 : 1;
}

/* Drawings take lanes that lie together: the last one moves up to those most like it. */
static void lane_settle(struct section *s)
{
	struct lane last = s->lanes[s->count - 1];
	size_t place = s->count - 1;
	int best = 0;

	for (size_t i = s->count - 1; i-- > 0;)
		if (fitness(&s->lanes[i], &last) > best) {
			best = fitness(&s->lanes[i], &last);
			place = i + 1;
		}
	memmove(&s->lanes[place + 1], &s->lanes[place],
		(s->count - 1 - place) * sizeof(last));
	s->lanes[place] = last;
}

static void lane_add(const struct page *page, struct section *s,
		     const struct run *run)
{
	unsigned copies = 0;
	struct lane *lane;

	if (s->count == page->limits.lanes) {
		s->left_out++;
		return;
	}
	s->lanes = xgrow(s->lanes, s->count + 1, sizeof(*s->lanes));
	lane = &s->lanes[s->count];
	*lane = (struct lane){ .run = run, .label = run_label(run) };
	for (size_t i = 0; i < s->count; i++)
		copies += !run_compare(s->lanes[i].run, run);
	lane->copy = copies ? copies + 1 : 0;
	timeline_read(run->timeline, page->limits.phases, &lane->time);
	s->count++;
	lane_settle(s);
}

void section_make(const struct page *page, size_t guest, struct section *out)
{
	*out = (struct section){ .guest = page->guests[guest],
				 .number = guest + 1 };
	for (size_t c = 0; c < page->columns_all; c++)
		for (size_t i = 0; i < page->count; i++)
			if (page->column_of[i] == c && run_ran(page->runs[i]) &&
			    !strcmp(page->runs[i]->guest, out->guest))
				lane_add(page, out, page->runs[i]);
}

void section_free(struct section *s)
{
	for (size_t i = 0; i < s->count; i++) {
		timeline_free(&s->lanes[i].time);
		free(s->lanes[i].label);
	}
	free(s->lanes);
}

size_t section_group(const struct section *s, size_t from)
{
	size_t to = from + 1;

	while (to < s->count &&
	       timeline_alike(&s->lanes[from].time, &s->lanes[to].time))
		to++;
	return to;
}

const char *rung_vendor(const char *rung)
{
	return !strncmp(rung, "svm-", strlen("svm-")) ? "AMD-V" :
	       !strncmp(rung, "vmx-", strlen("vmx-")) ? "VT-x" : "";
}

int text_order(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

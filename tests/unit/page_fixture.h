/* Made-up runs with timelines, and a look at pages: what is well-formed and what is in. */
#ifndef TESTS_UNIT_PAGE_FIXTURE_H
#define TESTS_UNIT_PAGE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compare/page.h"
#include "tests/unit/runs.h"

/* One stretch more at the end of the run's timeline. */
static inline void stretch_add(struct run *run, const char *mode, const char *way,
			       int64_t instructions, int64_t exits,
			       int64_t hypervisor)
{
	json_array_append_new(run->timeline, json_pack("{sI ss ss sI sI sI}",
		"at", (json_int_t)run->of_guest, "mode", mode, "ran_as", way,
		"instructions", (json_int_t)instructions,
		"exits", (json_int_t)exits,
		"hypervisor", (json_int_t)hypervisor));
	run->of_guest += (uint64_t)instructions;
}

static inline void reason_add(struct run *run, const char *name, int64_t exits)
{
	json_object_set_new(run->by_reason, name, json_integer(exits));
}

/* Length of an entity or a character reference at `text`; 0: there is none. */
static inline size_t entity_at(const char *text)
{
	static const char *const known[] = {
		"&amp;", "&lt;", "&gt;", "&quot;", "&#39;",
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (!strncmp(text, known[i], strlen(known[i])))
			return strlen(known[i]);
	return 0;
}

/* Past the attributes of a tag, each a name and a value in double quotes. */
static inline const char *attributes_skip(const char *at)
{
	while (*at == ' ') {
		at++;
		at += strspn(at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-:");
		assert_memory_equal(at, "=\"", 2);
		for (at += 2; *at != '"'; at += *at == '&' ? entity_at(at) : 1) {
			assert_true(*at && *at != '<');
			assert_true(*at != '&' || entity_at(at));
		}
		at++;
	}
	return at;
}

enum { DEPTH_MOST = 40, TAG_MOST = 16 };

/* Every tag is closed in its turn, every `<` and `&` is markup. As XML has it. */
static inline void assert_well_formed(const char *page)
{
	char open[DEPTH_MOST][TAG_MOST];
	size_t depth = 0;
	const char *at = page + strlen("<!DOCTYPE html>");

	assert_memory_equal(page, "<!DOCTYPE html>", strlen("<!DOCTYPE html>"));
	while (*at) {
		bool closes = at[0] == '<' && at[1] == '/';
		size_t size;

		if (*at != '<') {
			assert_true(*at != '&' || entity_at(at));
			assert_true((unsigned char)*at >= ' ' || strchr("\n\t", *at));
			at += *at == '&' ? entity_at(at) : 1;
			continue;
		}
		at += closes ? 2 : 1;
		size = strspn(at, "abcdefghijklmnopqrstuvwxyz123456789");
		assert_in_range(size, 1, TAG_MOST - 1);
		if (closes) {
			assert_true(depth);
			depth--;
			assert_int_equal(strlen(open[depth]), size);
			assert_memory_equal(open[depth], at, size);
			at += size;
		} else {
			assert_in_range(depth, 0, DEPTH_MOST - 1);
			memcpy(open[depth], at, size);
			open[depth++][size] = '\0';
			at = attributes_skip(at + size);
			depth -= *at == '/';
			at += *at == '/';
		}
		assert_int_equal(*at++, '>');
	}
	assert_int_equal(depth, 0);
}

/* The page of these runs, well-formed and of the right size; to be freed. */
static inline char *page_of(struct run *const *runs, size_t count)
{
	char *page = page_write(runs, count, "docs/");

	assert_well_formed(page);
	assert_in_range(strlen(page), 1, PAGE_BYTES);
	return page;
}

/* A run that passed, through three modes. */
static inline struct run *modes_on(const char *rung, const char *machine)
{
	struct run *run = run_make("modes", rung, machine, OUTCOME_PASS, 12148);

	stretch_add(run, "real", "native", 1234, 7, 2222);
	stretch_add(run, "unpaged", "native", 4321, 3, 3333);
	stretch_add(run, "32bit", "native", 98765, 31, 44444);
	reason_add(run, "io", 41);
	return run;
}

/* The page of runs that are not needed any more. */
static inline char *page_freeing(struct run **runs, size_t count)
{
	char *page = page_of(runs, count);

	for (size_t i = 0; i < count; i++)
		run_free(runs[i]);
	return page;
}

static inline void assert_has(const char *page, const char *text)
{
	if (!strstr(page, text))
		fail_msg("the page lacks %s", text);
}

static inline void assert_lacks(const char *page, const char *text)
{
	if (strstr(page, text))
		fail_msg("the page has %s", text);
}

#endif

/*
 * Exits as CSV. Must not know how they were counted.
 */
#include <stdlib.h>
#include <string.h>

#include "compare/csv.h"
#include "compare/fingerprint.h"
#include "compare/report.h"
#include "compare/util.h"

/* A spreadsheet takes a cell that begins with one of these for a formula. */
static const char formula[] = "=+-@\t\r";

static void cell_add(struct buf *out, const char *text)
{
	bool guarded = *text && strchr(formula, *text);

	if (!guarded && !strpbrk(text, ",\"\r\n")) {
		buf_fmt(out, "%s", text);
		return;
	}
	buf_fmt(out, guarded ? "\"'" : "\"");
	for (; *text; text++)
		buf_fmt(out, *text == '"' ? "\"\"" : "%c", *text);
	buf_fmt(out, "\"");
}

static void row_add(struct buf *out, const struct run *run, const char *reason,
		    uint64_t exits)
{
	char *options = run_options(run, false);
	char *cpu = fingerprint_cpu(run->fingerprint);
	char *emulator = fingerprint_emulator(run->fingerprint);
	char *commit = fingerprint_commit(run->fingerprint);
	const char *const cells[] = {
		run->guest, run->guest_sha256, run->rung, options, run->machine,
		outcome_name(run->outcome), run->unit, cpu, emulator, commit,
		reason,
	};

	for (size_t i = 0; i < sizeof(cells) / sizeof(*cells); i++) {
		cell_add(out, cells[i]);
		buf_fmt(out, ",");
	}
	buf_fmt(out, "%llu\r\n", (unsigned long long)exits);
	free(options);
	free(cpu);
	free(emulator);
	free(commit);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void run_add(struct buf *out, const struct run *run)
{
	size_t count = json_object_size(run->by_reason), i = 0;
	const char **names = xcalloc(count + 1, sizeof(*names)), *name;
	json_t *value;

	json_object_foreach(run->by_reason, name, value)
		names[i++] = name;
	qsort(names, count, sizeof(*names), by_name);
	for (i = 0; i < count; i++)
		row_add(out, run, names[i], (uint64_t)json_integer_value(
			json_object_get(run->by_reason, names[i])));
	if (run->observe)
		row_add(out, run, "observe", run->observe);
	if (!count && !run->observe)
		row_add(out, run, "", 0);
	free(names);
}

char *csv_write(struct run *const *runs, size_t count)
{
	struct run **sorted = xcalloc(count + 1, sizeof(*sorted));
	struct buf out = { 0 };

	if (count)
		memcpy(sorted, runs, count * sizeof(*sorted));
	runs_sort(sorted, count);
	buf_fmt(&out, "guest,guest_sha256,rung,options,machine,outcome,unit,cpu,"
		"emulator,commit,reason,exits\r\n");
	for (size_t i = 0; i < count; i++)
		run_add(&out, sorted[i]);
	free(sorted);
	return out.text;
}

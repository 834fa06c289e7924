/*
 * Making, naming and ordering runs. Must not know where a run came from.
 */
#include <stdlib.h>
#include <string.h>

#include "compare/run.h"
#include "compare/util.h"

static const char *const names[OUTCOMES] = {
	[OUTCOME_PASS] = "pass",
	[OUTCOME_DIFFERS] = "differs",
	[OUTCOME_FAIL] = "fail",
	[OUTCOME_SKIP] = "skip",
	[OUTCOME_ERROR] = "error",
};

struct run *run_new(void)
{
	struct run *run = xcalloc(1, sizeof(*run));
	char **texts[] = {
		&run->guest, &run->guest_sha256, &run->rung, &run->machine,
		&run->reason, &run->output_sha256, &run->end, &run->unit,
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		*texts[i] = xdup("");
	run->options = json_object();
	run->cpu = json_object();
	run->fingerprint = json_object();
	run->by_reason = json_object();
	run->timeline = json_array();
	run->controls = json_object();
	run->shadow = json_object();
	run->more = json_object();
	run->code = -1;
	return run;
}

void run_free(struct run *run)
{
	if (!run)
		return;
	json_decref(run->options);
	json_decref(run->cpu);
	json_decref(run->fingerprint);
	json_decref(run->by_reason);
	json_decref(run->timeline);
	json_decref(run->controls);
	json_decref(run->shadow);
	json_decref(run->more);
	free(run->guest);
	free(run->guest_sha256);
	free(run->rung);
	free(run->machine);
	free(run->reason);
	free(run->output_sha256);
	free(run->end);
	free(run->unit);
	free(run->log);
	free(run);
}

const char *outcome_name(enum outcome outcome)
{
	return names[outcome];
}

bool outcome_find(const char *name, enum outcome *out)
{
	for (int i = 0; i < OUTCOMES; i++) {
		if (!strcmp(names[i], name)) {
			*out = (enum outcome)i;
			return true;
		}
	}
	return false;
}

void run_judge(struct run *run, enum outcome outcome, char *reason)
{
	run->outcome = outcome;
	text_set(&run->reason, reason);
}

static int key_order(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

char *run_options(const struct run *run, bool defaults)
{
	json_t *options = run->options;
	size_t count = json_object_size(options), i = 0;
	const char **keys = xcalloc(count, sizeof(*keys));
	const char *key;
	struct buf b = { 0 };
	json_t *value;

	json_object_foreach(options, key, value)
		keys[i++] = key;
	qsort(keys, count, sizeof(*keys), key_order);
	buf_add(&b, "", 0);
	for (i = 0; i < count; i++) {
		const char *text =
			json_string_value(json_object_get(options, keys[i]));

		if (!defaults && !strcmp(keys[i], "observe") && text &&
		    !strcmp(text, "modes"))
			continue;
		buf_fmt(&b, "%s%s=%s", b.size ? "," : "", keys[i],
			text ? text : "");
	}
	free(keys);
	return b.text;
}

char *run_label(const struct run *run)
{
	char *options = run_options(run, false);
	char *label = fmt("%s%s%s", run->rung, *options ? "," : "", options);

	free(options);
	return label;
}

int run_compare(const struct run *a, const struct run *b)
{
	char *left, *right;
	int order = strcmp(a->guest, b->guest);

	if (!order)
		order = strcmp(a->rung, b->rung);
	if (order)
		return order;
	left = run_options(a, true);
	right = run_options(b, true);
	order = strcmp(left, right);
	free(left);
	free(right);
	return order ? order : strcmp(a->machine, b->machine);
}

int runs_status(struct run *const *runs, size_t count)
{
	int status = STATUS_PASS;

	for (size_t i = 0; i < count; i++) {
		enum outcome o = runs[i]->outcome;

		if (o == OUTCOME_DIFFERS || o == OUTCOME_FAIL)
			return STATUS_FAIL;
		if (o == OUTCOME_ERROR)
			status = STATUS_ERROR;
	}
	return status;
}

/*
 * From a log's runs to outcomes: by how each guest ended, and whether its rungs agree.
 * Must not know how the log was read.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "compare/filter.h"
#include "compare/fingerprint.h"
#include "compare/metal.h"
#include "compare/records.h"
#include "compare/rungs.h"
#include "compare/sha256.h"

static const struct guest unknown = { .name = "" };

/* The table's guest, for its filters; one that is none is compared byte by byte. */
static const struct guest *guest_of(const struct metal_run *m)
{
	const struct guest *guest = guest_at(guest_rank(m->guest));

	return guest ? guest : &unknown;
}

/* "metal:amd-ryzen-9-5950x"; under another hypervisor it is no metal. */
static char *machine_name(const struct run *run)
{
	const char *name = json_string_value(json_object_get(run->cpu, "name"));
	const char *under = json_string_value(json_object_get(run->cpu, "hypervisor"));
	struct buf b = { 0 };
	bool gap = false;

	buf_fmt(&b, "%s:", under && *under ? "vm" : "metal");
	for (; name && *name; name++) {
		if (!isalnum((unsigned char)*name)) {
			gap = true;
			continue;
		}
		buf_fmt(&b, "%s%c", gap && b.text[b.size - 1] != ':' ? "-" : "",
			tolower((unsigned char)*name));
		gap = false;
	}
	if (b.text[b.size - 1] == ':')
		buf_fmt(&b, "unnamed");
	return b.text;
}

/* The options that the rung was asked for with, as `compare` tells them. */
static void choice_set(struct run *run, const char *text)
{
	struct rung_choice *choice;
	size_t count = 0;
	char *why;

	choice = rung_list_parse(text, &count, &why);
	free(why);
	json_decref(run->options);
	run->options = json_object();
	for (size_t c = 0; c < count; c++) {
		rung_choice_default(&choice[c], "observe", "modes");
		for (size_t i = 0; !c && i < choice[c].count; i++)
			json_object_set_new(run->options, choice[c].options[i].name,
					    json_string(choice[c].options[i].value));
		if (!c)
			text_set(&run->rung, xdup(choice[c].rung->name));
		rung_choice_free(&choice[c]);
	}
	free(choice);
}

static void judge_end(struct metal_run *m)
{
	struct run *run = m->run;

	if (*m->ends && strcmp(run->end, m->ends))
		run_judge(run, OUTCOME_FAIL, fmt("ended by %s%s%s, not %s", run->end,
			  *run->reason ? ": " : "", run->reason, m->ends));
	else if (!strcmp(m->ends, "exit") && run->code)
		run_judge(run, OUTCOME_FAIL, fmt("exit code %lld, not 0",
			  (long long)run->code));
	else
		run_judge(run, OUTCOME_PASS, xdup(""));
}

/* One run by itself; the outputs are compared afterwards. */
static void run_make(struct metal_run *m, const char *machine)
{
	struct run *run = m->run = run_new();
	char sum[SHA256_TEXT], *why;
	enum stream s = records_read(m->stream.text, m->stream.size, run, &why);

	choice_set(run, m->rung);
	text_set(&run->guest, xdup(m->guest));
	text_set(&run->guest_sha256, xdup(m->sha256));
	text_set(&run->machine, machine ? xdup(machine) : machine_name(run));
	fingerprint_complete(run->fingerprint, EMULATOR_NONE);
	sha256_text(m->output.text, m->output.size, sum);
	text_set(&run->output_sha256, xdup(sum));
	if (m->damage)
		run_judge(run, OUTCOME_ERROR, xdup(m->damage));
	else if (s == STREAM_END)
		judge_end(m);
	else
		run_judge(run, s == STREAM_MISSING ? OUTCOME_SKIP : OUTCOME_ERROR,
			  xdup(why ? why : "not the record of a run"));
	free(why);
}

/* Another rung's run of the same guest at the same start of the disc. */
static bool beside(const struct metal_run *a, const struct metal_run *b)
{
	return a != b && a->tour == b->tour && !strcmp(a->guest, b->guest) &&
	       !strcmp(a->sha256, b->sha256);
}

static bool compared(const struct metal_run *m)
{
	return !m->lost && (m->run->outcome == OUTCOME_PASS ||
			    m->run->outcome == OUTCOME_DIFFERS);
}

/* Which of two that part is wrong, nobody here can tell: both differ. */
static void judge_output(struct metal *metal, struct metal_run *m)
{
	const struct metal_run *other = NULL;
	char *difference = NULL;

	if (m->lost) {
		run_judge(m->run, OUTCOME_SKIP,
			  fmt("%llu bytes of its output are lost: not compared",
			      (unsigned long long)m->lost));
		return;
	}
	for (size_t i = 0; !difference && i < metal->count; i++) {
		const struct metal_run *o = &metal->runs[i];

		if (!beside(m, o) || !compared(o))
			continue;
		other = o;
		difference = output_difference(guest_of(m), o->output.text, o->output.size,
					       m->output.text, m->output.size);
	}
	if (difference)
		run_judge(m->run, OUTCOME_DIFFERS,
			  fmt("not as on %s: %s", other->rung, difference));
	else if (!other)
		run_judge(m->run, OUTCOME_SKIP, xdup("ran and ended as it must, but there is "
			  "no other run to agree with"));
	free(difference);
}

/* A machine's name is its CPU's, and the runs that tell of none are on it, too. */
static void machines_fill(struct metal *metal)
{
	for (size_t i = 0; i < metal->count; i++) {
		struct metal_run *m = &metal->runs[i];

		for (size_t k = 0; k < metal->count && !json_object_size(m->run->cpu); k++) {
			const struct metal_run *o = &metal->runs[k];

			if (o->tour != m->tour || !json_object_size(o->run->cpu))
				continue;
			text_set(&m->run->machine, xdup(o->run->machine));
			break;
		}
	}
}

void metal_judge(struct metal *metal, const char *machine)
{
	for (size_t i = 0; i < metal->count; i++)
		run_make(&metal->runs[i], machine);
	if (!machine)
		machines_fill(metal);
	for (size_t i = 0; i < metal->count; i++)
		if (metal->runs[i].run->outcome == OUTCOME_PASS)
			judge_output(metal, &metal->runs[i]);
}

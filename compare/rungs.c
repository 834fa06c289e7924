/*
 * The table of rungs and the reader of lists of rungs. Must not know how an
 * emulator is started.
 */
#include <stdlib.h>
#include <string.h>

#include "compare/rungs.h"
#include "compare/util.h"

const struct rung rung_table[] = {
	{ "bare", 0, true, "-", "-", "-", { NULL } },
	{ "svm-npt", CAP_SVM | CAP_NPT, true, "native", "native",
	  "native (NPT)", { "qemu:EPYC", "bochs:ryzen" } },
	{ "svm-shadow", CAP_SVM, true, "paged-real", "hidden", "shadow",
	  { "bochs:turion64_tyler", "qemu:EPYC-npt" } },
	{ "vmx-ug", CAP_VMX | CAP_EPT | CAP_UG, true, "native", "native",
	  "native (EPT)",
	  { "bochs:corei5_arrandale_m520", "bochs:corei7_skylake_x" } },
	{ "vmx-ept", CAP_VMX | CAP_EPT, true, "vm86, emulated", "hidden",
	  "native (EPT)",
	  { "bochs:corei5_lynnfield_750", "bochs:corei7_skylake_x" } },
	{ "vmx-shadow", CAP_VMX, true, "vm86, emulated", "hidden", "shadow",
	  { "bochs:core2_penryn_t9600", "bochs:corei7_skylake_x" } },
	{ "ring3", 0, false, "emulated", "ring3", "ring3 + shadow",
	  { "bochs:p4_prescott_celeron_336" } },
};
const size_t rung_table_size = sizeof(rung_table) / sizeof(*rung_table);

/* Options, their values, and the rungs they mean something on. */
static const struct {
	const char *name, *values[4], *rungs[7];
} options[] = {
	{ "observe", { "modes", "none" },
	  { "svm-npt", "svm-shadow", "vmx-ug", "vmx-ept", "vmx-shadow",
	    "ring3" } },
	{ "sync", { "protect", "unsync", "flush" },
	  { "svm-shadow", "vmx-shadow", "ring3" } },
	{ "tags", { "on", "off" },
	  { "svm-npt", "svm-shadow", "vmx-ug", "vmx-ept", "vmx-shadow" } },
	{ "unpaged", { "hidden", "emulate" },
	  { "svm-shadow", "vmx-ept", "vmx-shadow" } },
	{ "vm86", { "fast", "exact" }, { "vmx-ept", "vmx-shadow" } },
};

static const struct {
	enum cap cap;
	const char *words;
} cap_words[] = {
	{ CAP_SVM, "no SVM" },
	{ CAP_VMX, "no VT-x" },
	{ CAP_NPT, "no nested paging" },
	{ CAP_EPT, "no EPT" },
	{ CAP_UG, "no unrestricted guest" },
};

const struct rung *rung_named(const char *name)
{
	for (size_t i = 0; i < rung_table_size; i++)
		if (!strcmp(rung_table[i].name, name))
			return &rung_table[i];
	return NULL;
}

const char *rung_missing(const struct rung *rung, unsigned caps)
{
	unsigned missing = caps & CAP_UNKNOWN ? 0 : rung->needs & ~caps;

	for (size_t i = 0; i < sizeof(cap_words) / sizeof(*cap_words); i++)
		if (missing & cap_words[i].cap)
			return cap_words[i].words;
	return NULL;
}

static bool listed(const char *const *list, size_t count, const char *text)
{
	for (size_t i = 0; i < count && list[i]; i++)
		if (!strcmp(list[i], text))
			return true;
	return false;
}

/* One clear line on what is wrong with `name=value` on this rung, or NULL. */
static char *option_wrong(const struct rung *rung, const char *name,
			  const char *value)
{
	for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++) {
		struct buf values = { 0 };
		char *why;

		if (strcmp(options[i].name, name))
			continue;
		if (!listed(options[i].rungs, 7, rung->name))
			return fmt("rung %s has no option %s", rung->name, name);
		if (listed(options[i].values, 4, value))
			return NULL;
		for (int v = 0; v < 4 && options[i].values[v]; v++)
			buf_fmt(&values, "%s%s", v ? ", " : "",
				options[i].values[v]);
		why = fmt("%s=%s: not one of %s", name, value, values.text);
		buf_free(&values);
		return why;
	}
	return fmt("unknown option %s=%s", name, value);
}

static void option_insert(struct rung_choice *c, const char *name,
			  const char *value)
{
	size_t at = c->count;

	while (at && strcmp(c->options[at - 1].name, name) > 0) {
		c->options[at] = c->options[at - 1];
		at--;
	}
	c->options[at] = (struct rung_option){ xdup(name), xdup(value) };
	c->count++;
}

static bool option_given(const struct rung_choice *c, const char *name)
{
	for (size_t i = 0; i < c->count; i++)
		if (!strcmp(c->options[i].name, name))
			return true;
	return false;
}

/* Returns what is wrong with the item, or NULL; grows the list for a rung. */
static char *item_add(char *item, struct rung_choice **list, size_t *count)
{
	char *value = strchr(item, '='), *why;
	const struct rung *rung;
	struct rung_choice *last;

	if (!value) {
		rung = rung_named(item);
		if (!rung)
			return *item ? fmt("unknown rung %s", item)
				     : xdup("empty item in the list of rungs");
		*list = xgrow(*list, *count + 1, sizeof(**list));
		(*list)[(*count)++] = (struct rung_choice){ .rung = rung };
		return NULL;
	}
	*value++ = '\0';
	if (!*count)
		return fmt("option %s=%s comes before any rung", item, value);
	last = &(*list)[*count - 1];
	why = option_wrong(last->rung, item, value);
	if (why)
		return why;
	if (option_given(last, item))
		return fmt("option %s given twice", item);
	option_insert(last, item, value);
	return NULL;
}

struct rung_choice *rung_list_parse(const char *text, size_t *count,
				    char **why)
{
	struct rung_choice *list = NULL;
	char *copy = xdup(text), *rest = copy, *item;

	*why = NULL;
	*count = 0;
	while (!*why && (item = strsep(&rest, ",")))
		*why = item_add(item, &list, count);
	for (size_t i = 0; !*why && i < *count; i++)
		for (size_t j = 0; j < i; j++)
			if (rung_choice_equal(&list[i], &list[j]))
				text_set(why, fmt("rung %s given twice",
						  list[i].rung->name));
	free(copy);
	if (!*why)
		return list;
	for (size_t i = 0; i < *count; i++)
		rung_choice_free(&list[i]);
	free(list);
	return NULL;
}

void rung_choice_default(struct rung_choice *c, const char *name,
			 const char *value)
{
	if (strcmp(c->rung->name, "bare") && !option_given(c, name))
		option_insert(c, name, value);
}

struct rung_choice rung_choice_copy(const struct rung_choice *c)
{
	struct rung_choice copy = { .rung = c->rung };

	for (size_t i = 0; i < c->count; i++)
		option_insert(&copy, c->options[i].name, c->options[i].value);
	return copy;
}

void rung_choice_free(struct rung_choice *c)
{
	for (size_t i = 0; i < c->count; i++) {
		free(c->options[i].name);
		free(c->options[i].value);
	}
	c->count = 0;
}

bool rung_choice_equal(const struct rung_choice *a,
		       const struct rung_choice *b)
{
	char *left = rung_choice_text(a), *right = rung_choice_text(b);
	bool same = !strcmp(left, right);

	free(left);
	free(right);
	return same;
}

char *rung_choice_text(const struct rung_choice *c)
{
	struct buf b = { 0 };

	buf_fmt(&b, "%s", c->rung->name);
	for (size_t i = 0; i < c->count; i++)
		buf_fmt(&b, ",%s=%s", c->options[i].name, c->options[i].value);
	return b.text;
}

/*
 * What each column was read from: the CPU, the controls read back, the fingerprint.
 * Must not know what any of it means.
 */
#include <stdlib.h>
#include <string.h>

#include "compare/page_parts.h"
#include "compare/table.h"

enum { DECIMAL_MOST = 65535, VALUE = 64 };

/* A kind of facts, and where a run has them. */
struct source {
	const char	*title, *note;
	size_t		offset;		/* of the object in struct run */
	bool		hexadecimal;
};

static const struct source sources[] = {
	{ "The processors", "As CPUID and the capability registers tell them to the "
	  "hypervisor.", offsetof(struct run, cpu), false },
	{ "The controls", "Read back from the VMCB or VMCS after the last exit, so that "
	  "no rung is taken for another. <i>varies</i>: not the same for every guest.",
	  offsetof(struct run, controls), true },
	{ "The fingerprints", "What else tells this run from another.",
	  offsetof(struct run, fingerprint), false },
};

static const char varies[] = "varies";

static char *value_text(json_t *value, bool hexadecimal)
{
	long long n = json_integer_value(value);

	switch (json_typeof(value)) {
	case JSON_STRING:
		return xdup(json_string_value(value));
	case JSON_INTEGER:
		return fmt(n > DECIMAL_MOST || (hexadecimal && n > 9) ? "0x%llx" :
			   "%lld", n);
	case JSON_TRUE:
		return xdup("yes");
	case JSON_FALSE:
		return xdup("no");
	case JSON_REAL:
		return fmt("%g", json_real_value(value));
	default:
		return xdup("");
	}
}

/* Each fact of `from` into `to`, as text, under "outer.inner". */
static void facts_add(json_t *to, const char *outer, json_t *from,
		      bool hexadecimal, size_t limit)
{
	const char *key;
	json_t *value;

	json_object_foreach(from, key, value) {
		char *name = *outer ? fmt("%s.%s", outer, key) : xdup(key);
		char *text = value_text(value, hexadecimal);
		const char *known = json_string_value(json_object_get(to, name));

		if (json_is_object(value) && !*outer)
			facts_add(to, key, value, hexadecimal, limit);
		else if (known && strcmp(known, text))
			json_object_set_new(to, name, json_string(varies));
		else if (!known && *text && json_object_size(to) < limit)
			json_object_set_new(to, name, json_string(text));
		free(text);
		free(name);
	}
}

/* What all runs of each column say, an object for each. */
static json_t **columns_read(const struct page *page, const struct source *source)
{
	json_t **facts = xcalloc(page->width, sizeof(json_t *));

	for (size_t c = 0; c < page->width; c++)
		facts[c] = json_object();
	for (size_t i = 0; i < page->count; i++) {
		json_t *const *part = (json_t *const *)
			((const char *)page->runs[i] + source->offset);

		if (page->column_of[i] < page->width)
			facts_add(facts[page->column_of[i]], "", *part,
				  source->hexadecimal, page->limits.fields);
	}
	return facts;
}

static const char **keys_of(json_t *const *facts, size_t from, size_t to,
			    size_t limit, size_t *made)
{
	json_t *all = json_object(), *value;
	const char **keys, *key;

	*made = 0;
	for (size_t c = from; c < to; c++)
		json_object_update_missing(all, facts[c]);
	keys = xcalloc(json_object_size(all), sizeof(*keys));
	for (size_t c = from; c < to; c++)
		json_object_foreach(facts[c], key, value)
			if (json_object_get(all, key)) {
				keys[(*made)++] = key;
				json_object_del(all, key);
			}
	qsort(keys, *made, sizeof(*keys), text_order);
	*made = *made < limit ? *made : limit;
	json_decref(all);
	return keys;
}

static void row_put(struct page *page, json_t *const *facts, size_t from,
		    size_t to, const char *key)
{
	struct buf *out = &page->out;

	html_put(out, "<tr><th scope=\"row\">");
	html_text(out, key, HTML_NAME);
	html_put(out, "</th>");
	for (size_t c = from; c < to; c++) {
		const char *text =
			json_string_value(json_object_get(facts[c], key));

		html_put(out, "<td>");
		html_text(out, text ? text : "", VALUE);
		html_put(out, "</td>");
	}
	html_put(out, "</tr>\n");
}

/* Columns of one vendor: their facts have the same names. */
static void vendor_table(struct page *page, json_t *const *facts, size_t from,
			 size_t to)
{
	struct buf *out = &page->out;
	size_t count;
	const char **keys = keys_of(facts, from, to, page->limits.fields, &count);

	if (count) {
		html_put(out, "<div class=\"scroll\" tabindex=\"0\">"
			 "<table class=\"data facts\"><thead><tr><th></th>");
		for (size_t c = from; c < to; c++) {
			html_put(out, "<th scope=\"col\">");
			html_text(out, page->columns[c].label, HTML_NAME);
			html_put(out, "<br/><small>");
			html_text(out, machine_label(page->columns[c].machine),
				  HTML_NAME);
			html_put(out, "</small></th>");
		}
		html_put(out, "</tr></thead><tbody>\n");
		for (size_t k = 0; k < count; k++)
			row_put(page, facts, from, to, keys[k]);
		html_put(out, "</tbody></table></div>\n");
	}
	free(keys);
}

static void source_put(struct page *page, const struct source *source)
{
	json_t **facts = columns_read(page, source);
	bool some = false;
	size_t to;

	for (size_t c = 0; c < page->width; c++)
		some |= json_object_size(facts[c]) != 0;
	if (some)
		buf_fmt(&page->out, "<details><summary>%s</summary>\n"
			"<p class=\"note\">%s</p>\n", source->title, source->note);
	for (size_t from = 0; some && from < page->width; from = to) {
		to = from + 1;
		while (to < page->width &&
		       !strcmp(rung_vendor(page->columns[to].rung),
			       rung_vendor(page->columns[from].rung)))
			to++;
		vendor_table(page, facts, from, to);
	}
	if (some)
		html_put(&page->out, "</details>\n");
	for (size_t c = 0; c < page->width; c++)
		json_decref(facts[c]);
	free(facts);
}

void page_facts(struct page *page)
{
	for (size_t i = 0; i < sizeof(sources) / sizeof(*sources); i++)
		source_put(page, &sources[i]);
}

/*
 * The command line's parser: the rung, its options, and which word is which. Hostile text
 * in, a struct or one clear line out.
 */
#include <string.h>

#include "core/cmdline_parse.h"
#include "core/text.h"

#define SHOWN		40	/* bytes of a bad word that an error repeats */

enum { KEY_RUNG, KEY_MEM, KEY_LIMIT, KEY_KIND, KEY_ENTRY, KEY_DUMP, KEY_CLOCK,
       KEY_PCI, KEY_HPET, KEY_DISK, KEY_SCREEN, KEY_UNTIL, KEY_LM, KEY_TRACE,
       KEY_GDB, KEYS };
enum { OPTION_OBSERVE, OPTION_TAGS, OPTION_SYNC, OPTION_UNPAGED, OPTION_VM86,
       OPTIONS };

bool cmdline_fail(struct parser *p, const char *format, ...)
{
	char *error = p->out->error;
	va_list values;

	va_start(values, format);
	text_vformat(error, sizeof(p->out->error), format, values);
	va_end(values);
	/* One line of plain text, whatever the word held. */
	for (; *error; error++)
		if (*error < ' ' || *error > '~')
			*error = '?';
	return false;
}

int cmdline_shown(struct span span)
{
	return span.size < SHOWN ? (int)span.size : SHOWN;
}

bool cmdline_fail_value(struct parser *p, const char *key, struct span value,
			const char *what)
{
	return cmdline_fail(p, "%s=%.*s: %s", key, cmdline_shown(value), value.at, what);
}

/* Rungs that an option means something on. */
enum offer { OFFER_ALL, OFFER_SHADOW, OFFER_RESTRICTED, OFFER_VM86 };

/* Every option is one of a few words. */
static const struct option {
	const char	*name;
	const char	*value[3];	/* NULL ends */
	const char	*must;		/* what to say of anything else */
	enum offer	offer;
} options[OPTIONS] = {
	[OPTION_OBSERVE] = { "observe", { "modes", "none" },
			     "must be modes or none", OFFER_ALL },
	[OPTION_TAGS] = { "tags", { "off", "on" }, "must be on or off",
			  OFFER_ALL },
	[OPTION_SYNC] = { "sync", { "unsync", "protect", "flush" },
			  "must be protect, unsync or flush", OFFER_SHADOW },
	[OPTION_UNPAGED] = { "unpaged", { "hidden", "emulate" },
			     "must be hidden or emulate", OFFER_RESTRICTED },
	[OPTION_VM86] = { "vm86", { "exact", "fast" },
			  "must be exact or fast", OFFER_VM86 },
};

/* `which`: index of the value. */
static void set_option(struct rung_options *out, unsigned option,
		       unsigned which)
{
	static const enum shadow_sync sync[] = {
		SHADOW_UNSYNC, SHADOW_PROTECT, SHADOW_FLUSH,
	};

	switch (option) {
	case OPTION_OBSERVE:
		out->observe = which ? OBSERVE_NONE : OBSERVE_MODES;
		break;
	case OPTION_TAGS:
		out->tags = which;
		break;
	case OPTION_SYNC:
		out->sync = sync[which];
		break;
	case OPTION_UNPAGED:
		out->unpaged = which ? UNPAGED_EMULATE : UNPAGED_HIDDEN;
		break;
	case OPTION_VM86:
		out->vm86 = which ? VM86_FAST : VM86_EXACT;
		break;
	}
}

static bool offered(const struct parser *p, const struct option *option)
{
	const struct rung *rung = p->out->rung;

	switch (option->offer) {
	case OFFER_SHADOW:
		return rung->shadow;
	case OFFER_RESTRICTED:
		return !rung->unrestricted;
	case OFFER_VM86:
		return rung->vm86;
	default:
		return true;
	}
}

static bool unknown_option(struct parser *p, struct span name)
{
	char known[KNOWN_SIZE];
	unsigned used = 0;

	known[0] = 0;
	for (unsigned i = 0; i < OPTIONS; i++)
		if (offered(p, &options[i]))
			used += text_format(known + used, sizeof(known) - used,
					    " %s", options[i].name);
	return cmdline_fail(p, "rung option %.*s: no such option; known:%s",
			    cmdline_shown(name), name.at, known);
}

static bool parse_option(struct parser *p, struct span item)
{
	struct span value, name = span_cut(item, '=', &value);
	unsigned i;

	for (i = 0; i < OPTIONS; i++)
		if (span_is(name, options[i].name) && offered(p, &options[i]))
			break;
	if (i == OPTIONS)
		return unknown_option(p, name);
	if (p->options & BIT(i))
		return cmdline_fail(p, "rung option %.*s: given twice",
				    cmdline_shown(name), name.at);
	p->options |= (uint32_t)BIT(i);
	for (unsigned which = 0; which < ARRAY_SIZE(options[i].value); which++) {
		const char *word = options[i].value[which];

		if (!word || !span_is(value, word))
			continue;
		set_option(&p->out->options, i, which);
		return true;
	}
	return cmdline_fail_value(p, options[i].name, value, options[i].must);
}

static bool parse_rung(struct parser *p, struct span value)
{
	struct span rest, name = span_cut(value, ',', &rest);
	const struct rung *rung = rung_find(name.at, name.size);
	char known[KNOWN_SIZE];
	unsigned used = 0;

	if (!rung) {
		for (unsigned i = 0; i < RUNG_COUNT; i++)
			used += text_format(known + used, sizeof(known) - used,
					    " %s", rungs[i].name);
		return cmdline_fail(p, "rung=%.*s: no such rung; known:%s",
				    cmdline_shown(name), name.at, known);
	}
	if (!rung->built)
		return cmdline_fail_value(p, "rung", name, "not in this build");
	p->out->rung = rung;
	while (rest.at) {
		struct span item = span_cut(rest, ',', &rest);

		if (!parse_option(p, item))
			return false;
	}
	return true;
}

static bool parse_word(struct parser *p, struct span word)
{
	static const struct {
		const char *name;
		bool (*parse)(struct parser *p, struct span value);
	} keys[KEYS] = {
		[KEY_RUNG]	= { "rung", parse_rung },
		[KEY_MEM]	= { "mem", cmdline_mem },
		[KEY_LIMIT]	= { "limit", cmdline_limit },
		[KEY_KIND]	= { "kind", cmdline_kind },
		[KEY_ENTRY]	= { "entry", cmdline_entry },
		[KEY_DUMP]	= { "dump", cmdline_dump },
		[KEY_CLOCK]	= { "clock", cmdline_clock },
		[KEY_PCI]	= { "pci", cmdline_pci },
		[KEY_HPET]	= { "hpet", cmdline_hpet },
		[KEY_DISK]	= { "disk", cmdline_disk },
		[KEY_SCREEN]	= { "screen", cmdline_screen },
		[KEY_UNTIL]	= { "until", cmdline_until },
		[KEY_LM]	= { "lm", cmdline_lm },
		[KEY_TRACE]	= { "trace", cmdline_trace },
		[KEY_GDB]	= { "gdb", cmdline_gdb },
	};
	struct span value, name = span_cut(word, '=', &value);

	for (unsigned i = 0; i < KEYS; i++) {
		if (!span_is(name, keys[i].name))
			continue;
		if (!value.at)
			return cmdline_fail(p, "%s: needs a value, as in %s=...",
					    keys[i].name, keys[i].name);
		if (p->keys & BIT(i))
			return cmdline_fail(p, "%s: given twice", keys[i].name);
		p->keys |= (uint32_t)BIT(i);
		return keys[i].parse(p, value);
	}
	return cmdline_fail(p, "%.*s: no such option; known: rung mem limit kind "
			    "entry dump clock pci hpet disk screen until lm trace gdb",
			    cmdline_shown(name), name.at);
}

/* The text's length, or CMDLINE_MAX when it is that or longer. */
static unsigned bounded_length(const char *text)
{
	unsigned length = 0;

	while (length < CMDLINE_MAX && text[length])
		length++;
	return length;
}

bool cmdline_parse(const char *text, struct cmdline *out)
{
	struct parser p = { .out = out };
	struct span word, value;
	bool first = true;

	memset(out, 0, sizeof(*out));
	out->memory = CMDLINE_DEFAULT_MEM;
	out->pci = true;
	out->hpet = true;
	out->options.observe = OBSERVE_MODES;
	out->options.tags = true;
	out->options.sync = SHADOW_UNSYNC;
	if (bounded_length(text) == CMDLINE_MAX)
		return cmdline_fail(&p, "command line: longer than %u bytes",
			    CMDLINE_MAX - 1);
	for (;;) {
		word = span_word(&text, " \t");
		if (!word.size || span_is(word, "--"))
			break;
		span_cut(word, '=', &value);
		if (!(first && !value.at) && !parse_word(&p, word))
			return false;
		first = false;
	}
	/* The one separator after "--" is not the guest's. */
	if (word.size && *text)
		text++;
	memcpy(out->guest, text, bounded_length(text));
	if ((p.keys & BIT(KEY_KIND)) && (p.keys & BIT(KEY_ENTRY)))
		return cmdline_fail(&p, "entry: kind is given too, which says the same");
	if (!out->rung)
		return cmdline_fail(&p, "rung: missing; give rung=R");
	if (out->dump.count && !out->rung->backend)
		return cmdline_fail(&p, "dump: rung %s has no hypervisor that could look",
			    out->rung->name);
	if (out->trace.room && !out->rung->backend)
		return cmdline_fail(&p, "trace: rung %s has no hypervisor that sees exits",
			    out->rung->name);
	if (out->gdb && !out->rung->backend)
		return cmdline_fail(&p, "gdb: rung %s has no hypervisor that could stop the guest",
			    out->rung->name);
	return true;
}

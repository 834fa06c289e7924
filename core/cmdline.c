/* The command line's parser: hostile text in, a struct or one clear line out. */
#include "core/cmdline.h"

#include <string.h>

#include "core/span.h"
#include "core/text.h"

#define SHOWN		40	/* bytes of a bad word that an error repeats */
#define KNOWN_SIZE	100	/* bytes of a list of known names */
#define MEM_UNIT	1024	/* what K multiplies by; M and G are its powers */
#define LIMIT_UNIT	1000

enum { KEY_RUNG, KEY_MEM, KEY_LIMIT, KEY_KIND, KEY_ENTRY, KEY_DUMP,
       KEY_CLOCK, KEY_PCI, KEY_DISK, KEYS };
enum { OPTION_OBSERVE, OPTION_TAGS, OPTION_SYNC, OPTION_UNPAGED, OPTION_VM86,
       OPTIONS };

struct parser {
	struct cmdline	*out;
	bool		key_seen[KEYS];
	bool		option_seen[OPTIONS];
};

static bool fail(struct parser *p, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static bool fail(struct parser *p, const char *format, ...)
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

static int shown(struct span span)
{
	return span.size < SHOWN ? (int)span.size : SHOWN;
}

static bool fail_value(struct parser *p, const char *key, struct span value,
		       const char *what)
{
	return fail(p, "%s=%.*s: %s", key, shown(value), value.at, what);
}

static bool parse_mem(struct parser *p, struct span value)
{
	uint64_t bytes;

	if (!span_number(value, MEM_UNIT, &bytes))
		return fail_value(p, "mem", value, "not a size such as 64M");
	if (bytes < CMDLINE_MIN_MEM || bytes > CMDLINE_MAX_MEM)
		return fail_value(p, "mem", value, "must be 2M to 3G");
	if (bytes % SIZE_2M)
		return fail_value(p, "mem", value, "must be a multiple of 2M");
	p->out->memory = bytes;
	return true;
}

static bool parse_limit(struct parser *p, struct span value)
{
	if (!span_number(value, LIMIT_UNIT, &p->out->limit))
		return fail_value(p, "limit", value,
				  "not a number such as 500M");
	return true;
}

static bool parse_clock(struct parser *p, struct span value)
{
	uint64_t hz;

	if (!span_number(value, LIMIT_UNIT, &hz))
		return fail_value(p, "clock", value,
				  "not a frequency such as 100M");
	if (hz < CMDLINE_MIN_CLOCK || hz > CMDLINE_MAX_CLOCK)
		return fail_value(p, "clock", value, "must be 4M to 10G");
	p->out->clock = hz;
	return true;
}

static bool parse_pci(struct parser *p, struct span value)
{
	if (!span_is(value, "on") && !span_is(value, "off"))
		return fail_value(p, "pci", value, "must be on or off");
	p->out->pci = span_is(value, "on");
	return true;
}

static bool parse_disk(struct parser *p, struct span value)
{
	uint64_t number;

	if (!span_number(value, 1, &number) || !number ||
	    number > LOAD_MODULES)
		return fail_value(p, "disk", value,
				  "not the number of a module, from 1");
	p->out->disk = (unsigned)number;
	return true;
}

/* `key`: kind or entry. */
static bool name_kind(struct parser *p, const char *key, struct span value)
{
	char known[KNOWN_SIZE];
	unsigned used = 0;

	for (unsigned kind = 0; kind < GUEST_KINDS; kind++) {
		const char *name = guest_kind_name(kind);

		if (span_is(value, name)) {
			p->out->kind = kind;
			return true;
		}
		used += text_format(known + used, sizeof(known) - used, " %s",
				    name);
	}
	return fail(p, "%s=%.*s: no such kind; known:%s", key, shown(value),
		    value.at, known);
}

static bool parse_kind(struct parser *p, struct span value)
{
	return name_kind(p, "kind", value);
}

/* The entries of a Linux kernel image by their width, too. */
static bool parse_entry(struct parser *p, struct span value)
{
	static const struct { const char *width; enum guest_kind kind; } linux_entry[] = {
		{ "16", GUEST_LINUX16 }, { "32", GUEST_LINUX32 }, { "64", GUEST_LINUX64 },
	};

	for (unsigned i = 0; i < ARRAY_SIZE(linux_entry); i++) {
		if (!span_is(value, linux_entry[i].width))
			continue;
		p->out->kind = linux_entry[i].kind;
		return true;
	}
	return name_kind(p, "entry", value);
}

static bool parse_dump(struct parser *p, struct span value)
{
	struct picture_list *list = &p->out->dump;

	while (value.at) {
		struct span item = span_cut(value, ',', &value);

		if (list->count == PICTURE_ADDRESSES)
			return fail(p, "dump: more than %u addresses",
				    PICTURE_ADDRESSES);
		if (!span_address(item, &list->address[list->count]))
			return fail_value(p, "dump", item,
					  "not an address such as 0x400000");
		list->count++;
	}
	return true;
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
	return fail(p, "rung option %.*s: no such option; known:%s",
		    shown(name), name.at, known);
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
	if (p->option_seen[i])
		return fail(p, "rung option %.*s: given twice", shown(name),
			    name.at);
	p->option_seen[i] = true;
	for (unsigned which = 0; which < ARRAY_SIZE(options[i].value); which++) {
		const char *word = options[i].value[which];

		if (!word || !span_is(value, word))
			continue;
		set_option(&p->out->options, i, which);
		return true;
	}
	return fail_value(p, options[i].name, value, options[i].must);
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
		return fail(p, "rung=%.*s: no such rung; known:%s", shown(name),
			    name.at, known);
	}
	if (!rung->built)
		return fail_value(p, "rung", name, "not in this build");
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
		[KEY_MEM]	= { "mem", parse_mem },
		[KEY_LIMIT]	= { "limit", parse_limit },
		[KEY_KIND]	= { "kind", parse_kind },
		[KEY_ENTRY]	= { "entry", parse_entry },
		[KEY_DUMP]	= { "dump", parse_dump },
		[KEY_CLOCK]	= { "clock", parse_clock },
		[KEY_PCI]	= { "pci", parse_pci },
		[KEY_DISK]	= { "disk", parse_disk },
	};
	struct span value, name = span_cut(word, '=', &value);

	for (unsigned i = 0; i < KEYS; i++) {
		if (!span_is(name, keys[i].name))
			continue;
		if (!value.at)
			return fail(p, "%s: needs a value, as in %s=...",
				    keys[i].name, keys[i].name);
		if (p->key_seen[i])
			return fail(p, "%s: given twice", keys[i].name);
		p->key_seen[i] = true;
		return keys[i].parse(p, value);
	}
	return fail(p, "%.*s: no such option; known: rung mem limit kind "
		    "entry dump clock pci disk",
		    shown(name), name.at);
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t';
}

/* The next word, or size 0 at the end. */
static struct span next_word(const char **text)
{
	struct span word;

	while (is_space(**text))
		(*text)++;
	word = (struct span){ *text, 0 };
	while (**text && !is_space(**text)) {
		(*text)++;
		word.size++;
	}
	return word;
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
	out->options.observe = OBSERVE_MODES;
	out->options.tags = true;
	out->options.sync = SHADOW_UNSYNC;
	if (bounded_length(text) == CMDLINE_MAX)
		return fail(&p, "command line: longer than %u bytes",
			    CMDLINE_MAX - 1);
	for (;;) {
		word = next_word(&text);
		if (!word.size || span_is(word, "--"))
			break;
		span_cut(word, '=', &value);
		if (!(first && !value.at) && !parse_word(&p, word))
			return false;
		first = false;
	}
	/* The one separator after "--" is not the guest's. */
	if (word.size && is_space(*text))
		text++;
	memcpy(out->guest, text, bounded_length(text));
	if (p.key_seen[KEY_KIND] && p.key_seen[KEY_ENTRY])
		return fail(&p, "entry: kind is given too, which says the same");
	if (!out->rung)
		return fail(&p, "rung: missing; give rung=R");
	if (out->dump.count && !out->rung->backend)
		return fail(&p, "dump: rung %s has no hypervisor that could look",
			    out->rung->name);
	return true;
}

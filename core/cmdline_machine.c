/*
 * The command line's words that say what the virtual machine is and when it ends.
 * Hostile text in, fields or one clear line out. Knows no rung.
 */
#include "core/cmdline_parse.h"
#include "core/text.h"

#define MEM_UNIT	1024	/* what K multiplies by; M and G are its powers */
#define LIMIT_UNIT	1000

bool cmdline_mem(struct parser *p, struct span value)
{
	uint64_t bytes;

	if (!span_number(value, MEM_UNIT, &bytes))
		return cmdline_fail_value(p, "mem", value, "not a size such as 64M");
	if (bytes < CMDLINE_MIN_MEM || bytes > CMDLINE_MAX_MEM)
		return cmdline_fail_value(p, "mem", value, "must be 2M to 3G");
	if (bytes % SIZE_2M)
		return cmdline_fail_value(p, "mem", value, "must be a multiple of 2M");
	p->out->memory = bytes;
	return true;
}

bool cmdline_limit(struct parser *p, struct span value)
{
	if (!span_number(value, LIMIT_UNIT, &p->out->limit))
		return cmdline_fail_value(p, "limit", value,
				  "not a number such as 500M");
	return true;
}

bool cmdline_clock(struct parser *p, struct span value)
{
	uint64_t hz;

	if (!span_number(value, LIMIT_UNIT, &hz))
		return cmdline_fail_value(p, "clock", value,
				  "not a frequency such as 100M");
	if (hz < CMDLINE_MIN_CLOCK || hz > CMDLINE_MAX_CLOCK)
		return cmdline_fail_value(p, "clock", value, "must be 4M to 10G");
	p->out->clock = hz;
	return true;
}

/* One of two words: `*is` says whether it is `yes`. */
static bool either(struct parser *p, const char *key, struct span value,
		   const char *yes, const char *no, const char *must, bool *is)
{
	*is = span_is(value, yes);
	return *is || span_is(value, no) ||
	       cmdline_fail_value(p, key, value, must);
}

bool cmdline_pci(struct parser *p, struct span value)
{
	return either(p, "pci", value, "on", "off", "must be on or off",
		      &p->out->pci);
}

bool cmdline_hpet(struct parser *p, struct span value)
{
	return either(p, "hpet", value, "on", "off", "must be on or off",
		      &p->out->hpet);
}

bool cmdline_lm(struct parser *p, struct span value)
{
	return either(p, "lm", value, "off", "on", "must be on or off",
		      &p->out->no_long_mode);
}

bool cmdline_screen(struct parser *p, struct span value)
{
	return either(p, "screen", value, "serial", "none",
		      "must be none or serial", &p->out->serial_screen);
}

bool cmdline_disk(struct parser *p, struct span value)
{
	uint64_t number;

	if (!span_number(value, 1, &number) || !number ||
	    number > LOAD_MODULES)
		return cmdline_fail_value(p, "disk", value,
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
	return cmdline_fail(p, "%s=%.*s: no such kind; known:%s", key, cmdline_shown(value),
		    value.at, known);
}

bool cmdline_kind(struct parser *p, struct span value)
{
	return name_kind(p, "kind", value);
}

/* The entries of a Linux kernel image by their width, too. */
bool cmdline_entry(struct parser *p, struct span value)
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

bool cmdline_dump(struct parser *p, struct span value)
{
	struct picture_list *list = &p->out->dump;

	while (value.at) {
		struct span item = span_cut(value, ',', &value);

		if (list->count == PICTURE_ADDRESSES)
			return cmdline_fail(p, "dump: more than %u addresses",
				    PICTURE_ADDRESSES);
		if (!span_address(item, &list->address[list->count]))
			return cmdline_fail_value(p, "dump", item,
					  "not an address such as 0x400000");
		list->count++;
	}
	return true;
}

/* Text with %xx for what a word cannot hold: blanks, and % itself. */
bool cmdline_until(struct parser *p, struct span value)
{
	struct cmdline *out = p->out;
	unsigned size = 0;

	for (unsigned i = 0; i < value.size;) {
		char c;

		if (!span_byte(value, &i, &c))
			return cmdline_fail_value(p, "until", value,
						  "% needs two digits, 0 to 9 and a to f");
		if (size == CMDLINE_UNTIL)
			return cmdline_fail(p, "until: longer than %u bytes",
					    CMDLINE_UNTIL);
		out->until[size++] = c;
	}
	out->until_size = size;
	return size || cmdline_fail(p, "until: needs a text");
}

bool cmdline_trace(struct parser *p, struct span value)
{
	struct trace_request *trace = &p->out->trace;
	struct span count = value, which = span_cut(value, ':', &count);
	uint64_t room;

	trace->first = count.at && span_is(which, "first");
	if (count.at && !trace->first)
		return cmdline_fail_value(p, "trace", value,
					  "must be a number, or first: and a number");
	if (!count.at)
		count = value;
	if (!span_number(count, 1, &room) || !room || room > TRACE_MAX)
		return cmdline_fail(p, "trace=%.*s: must be 1 to %u entries",
				    cmdline_shown(value), value.at, TRACE_MAX);
	trace->room = (unsigned)room;
	return true;
}

bool cmdline_gdb(struct parser *p, struct span value)
{
	p->out->gdb = span_is(value, "com3");
	return p->out->gdb || cmdline_fail_value(p, "gdb", value, "must be com3");
}

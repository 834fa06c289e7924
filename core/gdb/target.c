/*
 * The target description that gdb asks for: XML made from the table of registers, from
 * any offset. Must not know values. Debugging with GDB, "Target Description Format".
 */
#include "core/gdb/gdb.h"
#include "core/text.h"

#define LINE	160

struct window {
	struct packet_out	*out;
	uint64_t		skip, room;
	bool			more;
};

static void say(struct window *w, const char *text)
{
	char one[2] = { 0, 0 };

	for (; *text; text++) {
		if (w->skip) {
			w->skip--;
		} else if (!w->room) {
			w->more = true;
			return;
		} else {
			w->room--;
			one[0] = *text;
			packet_text(w->out, one);
		}
	}
}

/* Names by bit: SDM 1 "EFLAGS Register" 3.4.3. */
static void flags(struct window *w)
{
	static const char *const names[] = {
		[0] = "CF", [1] = "", [2] = "PF", [4] = "AF", [6] = "ZF", [7] = "SF",
		[8] = "TF", [9] = "IF", [10] = "DF", [11] = "OF", [14] = "NT", [16] = "RF",
		[17] = "VM", [18] = "AC", [19] = "VIF", [20] = "VIP", [21] = "ID",
	};
	char line[LINE];

	say(w, "<flags id=\"i386_eflags\" size=\"4\">\n");
	for (unsigned bit = 0; bit < ARRAY_SIZE(names); bit++) {
		if (!names[bit])
			continue;
		text_format(line, sizeof(line), "<field name=\"%s\" start=\"%u\" end=\"%u\"/>\n",
			    names[bit], bit, bit);
		say(w, line);
	}
	say(w, "</flags>\n");
}

bool gdb_target_text(struct packet_out *out, uint64_t offset, uint64_t room)
{
	struct window w = { .out = out, .skip = offset, .room = room };
	char line[LINE];

	say(&w, "<?xml version=\"1.0\"?>\n<!DOCTYPE target SYSTEM \"gdb-target.dtd\">\n"
		"<target>\n<architecture>i386:x86-64</architecture>\n");
	for (unsigned n = 0; n < gdb_registers(); n++) {
		const struct gdb_register *r = gdb_register_row(n);

		if (r->feature) {
			text_format(line, sizeof(line), "%s<feature name=\"%s\">\n",
				    n ? "</feature>\n" : "", r->feature);
			say(&w, line);
		}
		if (!n)
			flags(&w);
		text_format(line, sizeof(line),
			    "<reg name=\"%s\" bitsize=\"%u\" type=\"%s\" regnum=\"%u\"/>\n",
			    r->name, r->bits, r->type, n);
		say(&w, line);
	}
	say(&w, "</feature>\n</target>\n");
	return w.more;
}

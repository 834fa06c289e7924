/*
 * One command of the remote protocol: into an answer, into a change of the guest, or
 * into letting it run. Must not know the line. Debugging with GDB, "Packets".
 */
#include "core/gdb/gdb.h"

#include "core/text.h"
#include "core/vm.h"

/* Errors as errno has them: gdb shows the number. */
#define E_FAULT		"E0e"	/* EFAULT: no such memory */
#define E_FULL		"E1c"	/* ENOSPC: no breakpoint is free */
#define E_ARGUMENT	"E16"	/* EINVAL */

#define SIGNAL_INT	2
#define SIGNAL_ABORT	6
#define SIGNAL_TRAP	5
#define SIGNAL_LIMIT	24	/* SIGXCPU */

/* Past `word` when the text begins with it, else NULL. */
static const char *after(const char *text, const char *word)
{
	while (*word)
		if (*text++ != *word++)
			return NULL;
	return text;
}

static bool take_char(const char **text, char c)
{
	if (**text != c)
		return false;
	(*text)++;
	return true;
}

static void answer(struct gdb *g, const char *text)
{
	packet_text(&g->out, text);
}

static void byte(struct gdb *g, uint8_t value)
{
	packet_hex(&g->out, &value, 1);
}

static void signal(struct gdb *g, const char *kind, uint8_t number)
{
	answer(g, kind);
	byte(g, number);
}

/* The guest has ended: a code if it gave one, else a signal that says of what. */
static void tell_end(struct vm *vm, struct gdb *g)
{
	switch (vm->end) {
	case END_TRIPLE_FAULT:
	case END_STOPPED:
	case END_ENTRY_FAILED:
		signal(g, "X", SIGNAL_ABORT);
		break;
	case END_LIMIT:
		signal(g, "X", SIGNAL_LIMIT);
		break;
	default:
		signal(g, "W", (uint8_t)vm->end_code);
	}
}

/* Which of the two kinds of data breakpoint covers this address. */
static const char *watch_word(const struct debug *d, uint64_t address)
{
	for (unsigned n = 0; n < DR_COUNT; n++)
		if (d->point[n].kind == BREAK_WRITE && d->point[n].at == address)
			return "watch:";
	return "awatch:";
}

void gdb_tell_stop(struct vm *vm, struct gdb *g)
{
	if (vm->end) {
		tell_end(vm, g);
		return;
	}
	if (g->stop.why != DEBUG_WATCH) {
		signal(g, "S", g->stop.why == DEBUG_ASKED ? SIGNAL_INT : SIGNAL_TRAP);
		return;
	}
	signal(g, "T", SIGNAL_TRAP);
	answer(g, watch_word(&g->debug, g->stop.address));
	packet_number(&g->out, g->stop.address);
	answer(g, ";");
}

static void registers(struct vm *vm, struct gdb *g)
{
	uint8_t value[GDB_REG_BYTES];

	for (unsigned n = 0; n < gdb_registers(); n++)
		packet_hex(&g->out, value, gdb_register_read(vm, g, n, value));
}

static void register_read(struct vm *vm, struct gdb *g, const char *text)
{
	uint8_t value[GDB_REG_BYTES];
	uint64_t n;

	if (packet_take(&text, &n) && !*text && n < gdb_registers())
		packet_hex(&g->out, value, gdb_register_read(vm, g, (unsigned)n, value));
	else
		answer(g, E_ARGUMENT);
}

static bool register_taken(struct vm *vm, struct gdb *g, unsigned n, const char **text)
{
	uint8_t value[GDB_REG_BYTES] = { 0 };

	return packet_bytes(text, value, gdb_register_size(n)) &&
	       gdb_register_write(vm, g, n, value);
}

static void register_write(struct vm *vm, struct gdb *g, const char *text)
{
	uint64_t n;
	bool done = packet_take(&text, &n) && take_char(&text, '=') &&
		    n < gdb_registers() && register_taken(vm, g, (unsigned)n, &text);

	answer(g, done ? "OK" : E_ARGUMENT);
}

/* All of them: those that cannot be written must be as they are. */
static void registers_write(struct vm *vm, struct gdb *g, const char *text)
{
	bool done = true;

	for (unsigned n = 0; done && n < gdb_registers(); n++)
		done = register_taken(vm, g, n, &text);
	answer(g, done ? "OK" : E_ARGUMENT);
}

/* "ADDRESS,LENGTH" */
static bool range(const char **text, uint64_t *at, uint64_t *size)
{
	return packet_take(text, at) && take_char(text, ',') && packet_take(text, size);
}

#define CHUNK	256u

static void memory_read(struct vm *vm, struct gdb *g, const char *text)
{
	uint64_t at, size, done = 0;
	uint8_t bytes[CHUNK];
	unsigned got = CHUNK;

	if (!range(&text, &at, &size) || *text) {
		answer(g, E_ARGUMENT);
		return;
	}
	/* Less than asked for is an answer. */
	if (size > PACKET_DATA / 2)
		size = PACKET_DATA / 2;
	for (; done < size && got == CHUNK; done += got) {
		got = gdb_memory_read(vm, at + done, bytes,
				      size - done < CHUNK ? (unsigned)(size - done) : CHUNK);
		packet_hex(&g->out, bytes, got);
	}
	if (size && !done)
		answer(g, E_FAULT);
}

static void memory_write(struct vm *vm, struct gdb *g, const char *text)
{
	uint8_t bytes[CHUNK];
	uint64_t at, size;

	if (!range(&text, &at, &size) || !take_char(&text, ':')) {
		answer(g, E_ARGUMENT);
		return;
	}
	while (size) {
		unsigned chunk = size < CHUNK ? (unsigned)size : CHUNK;

		if (!packet_bytes(&text, bytes, chunk)) {
			answer(g, E_ARGUMENT);
			return;
		}
		if (gdb_memory_write(vm, at, bytes, chunk) != chunk) {
			answer(g, E_FAULT);
			return;
		}
		at += chunk;
		size -= chunk;
	}
	answer(g, "OK");
}

/* "TYPE,ADDRESS,KIND": software and hardware breakpoints are one here. */
static void point(struct vm *vm, struct gdb *g, const char *text, bool set)
{
	static const uint8_t kinds[] = { BREAK_CODE, BREAK_CODE, BREAK_WRITE, 0, BREAK_ACCESS };
	uint64_t type, at, size;
	struct debug_point p;

	if (!packet_take(&text, &type) || !take_char(&text, ',') ||
	    !range(&text, &at, &size)) {
		answer(g, E_ARGUMENT);
		return;
	}
	/* The CPU has none for reads alone; no answer says that. */
	if (type >= ARRAY_SIZE(kinds) || !kinds[type])
		return;
	if (kinds[type] != BREAK_CODE && vm->cpu->caps.break_flat)
		return;
	p = (struct debug_point){ .at = at, .kind = kinds[type],
				  .size = kinds[type] == BREAK_CODE ? 1 : (uint8_t)size };
	if (size > UINT8_MAX)
		answer(g, E_ARGUMENT);
	else if (set)
		answer(g, debug_point_add(vm, &p) ? "OK" : E_FULL);
	else
		answer(g, debug_point_remove(vm, &p) ? "OK" : E_ARGUMENT);
}

/* "[SIGNAL;][ADDRESS]": the guest knows no signals. */
static void run(struct vm *vm, struct gdb *g, const char *text, bool has_signal, bool step)
{
	uint8_t value[GDB_REG_BYTES] = { 0 };
	uint64_t number;

	if (has_signal && !packet_take(&text, &number)) {
		answer(g, E_ARGUMENT);
		return;
	}
	if (has_signal && *text)
		text++;
	if (*text) {
		unsigned n = 0;

		while (!text_equal(gdb_register_row(n)->name, "rip"))
			n++;
		if (!packet_take(&text, &number)) {
			answer(g, E_ARGUMENT);
			return;
		}
		for (unsigned i = 0; i < sizeof(number); i++)
			value[i] = (uint8_t)(number >> (8 * i));
		if (!gdb_register_write(vm, g, n, value)) {
			answer(g, E_ARGUMENT);
			return;
		}
	}
	vm->debug->step = step;
	g->owed = true;
	g->go = true;
}

static void target(struct gdb *g, const char *text)
{
	uint64_t offset, size;
	bool more;

	if (!range(&text, &offset, &size)) {
		answer(g, E_ARGUMENT);
		return;
	}
	if (size > PACKET_DATA - 1)
		size = PACKET_DATA - 1;
	answer(g, "m");
	more = gdb_target_text(&g->out, offset, size);
	if (!more)
		g->out.data[0] = 'l';
}

static void monitor(struct vm *vm, struct gdb *g, const char *text)
{
	uint8_t words[CHUNK];
	unsigned size = 0;

	while (size < CHUNK - 1 && packet_bytes(&text, &words[size], 1))
		size++;
	words[size] = 0;
	g->text[0] = 0;
	gdb_monitor(vm, g, (const char *)words);
	for (size = 0; g->text[size];)
		size++;
	packet_hex(&g->out, g->text, size);
}

static void query(struct vm *vm, struct gdb *g, const char *text)
{
	const char *rest;

	if (after(text, "qSupported"))
		answer(g, "PacketSize=1000;qXfer:features:read+");
	else if ((rest = after(text, "qXfer:features:read:target.xml:")))
		target(g, rest);
	else if ((rest = after(text, "qRcmd,")))
		monitor(vm, g, rest);
	else if (after(text, "qAttached"))
		answer(g, "1");
	else if (text_equal(text, "qC"))
		answer(g, "QC1");
	else if (text_equal(text, "qfThreadInfo"))
		answer(g, "m1");
	else if (text_equal(text, "qsThreadInfo"))
		answer(g, "l");
}

static void detach(struct vm *vm, struct gdb *g)
{
	debug_points_clear(vm);
	g->attached = g->owed = false;
	g->go = true;
	answer(g, "OK");
}

static void kill(struct vm *vm, struct gdb *g)
{
	vm_finish(vm, END_STOPPED, 0, "killed by the debugger");
	g->owed = false;
	g->go = true;
}

void gdb_command(struct vm *vm, struct gdb *g)
{
	const char *text = g->in.data;

	g->attached = true;
	switch (*text) {
	case '?':
		gdb_tell_stop(vm, g);
		break;
	case 'g':
		registers(vm, g);
		break;
	case 'G':
		registers_write(vm, g, text + 1);
		break;
	case 'p':
		register_read(vm, g, text + 1);
		break;
	case 'P':
		register_write(vm, g, text + 1);
		break;
	case 'm':
		memory_read(vm, g, text + 1);
		break;
	case 'M':
		memory_write(vm, g, text + 1);
		break;
	case 'Z':
	case 'z':
		point(vm, g, text + 1, *text == 'Z');
		break;
	case 'c':
	case 's':
		run(vm, g, text + 1, false, *text == 's');
		break;
	case 'C':
	case 'S':
		run(vm, g, text + 1, true, *text == 'S');
		break;
	case 'D':
		detach(vm, g);
		break;
	case 'k':
		kill(vm, g);
		break;
	case 'v':
		/* No answer: a command this stub has not got. */
		if (after(text, "vKill")) {
			kill(vm, g);
			answer(g, "OK");
		}
		break;
	case 'q':
		query(vm, g, text);
		break;
	case 'H':
	case 'T':
		answer(g, "OK");	/* there is one thread */
		break;
	}
}

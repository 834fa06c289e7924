/*
 * What an exit was about, and the trace as lines of the record, many entries to a line: a
 * serial port is slow. Knows docs/record.md, not how entries are had.
 */
#include "core/insn_plain.h"
#include "core/record.h"
#include "core/trace.h"
#include "core/vm.h"

#define EDX_SHIFT	32

static uint32_t low32(uint64_t value)
{
	return (uint32_t)value;
}

/* The register of a plain MOV to or from CR, and what it puts there. Looks at the copy. */
static void cr_detail(const struct vcpu *v, struct trace_entry *e)
{
	const uint8_t *code = e->code;
	unsigned rex = 0, reg, rm;

	if (e->bits == 64 && (code[0] & 0xf0) == PLAIN_REX)
		rex = *code++;
	if (e->size < PLAIN_SIZE + (rex ? 1u : 0u) || code[0] != BYTE_0F ||
	    (code[1] != OP_0F_MOV_CR_TO && code[1] != OP_0F_MOV_CR_FROM))
		return;
	reg = (code[2] >> 3 & 7) | (rex & 4) << 1;
	rm = (code[2] & 7) | (rex & 1) << 3;
	e->number = reg;
	e->is |= TRACE_KNOWN;
	if (code[1] != OP_0F_MOV_CR_TO || rm == GPR_RSP)
		return;
	/* A register written to a CR still holds what was written. */
	e->is |= TRACE_WRITE;
	e->value = e->bits == 64 ? v->gpr[rm] : low32(v->gpr[rm]);
}

static void io_detail(const struct vcpu *v, const struct trace *t,
		      struct trace_entry *e)
{
	const struct exit *exit = t->exit;
	unsigned bits = 8u * exit->io.size;

	e->number = exit->io.port;
	e->more = exit->io.size;
	e->is |= (exit->io.in ? 0 : TRACE_WRITE) |
		 (exit->io.rare & IO_STRING ? TRACE_STRING : 0);
	e->value = (exit->io.in ? v->gpr[GPR_RAX] : t->rax) & (BIT(bits) - 1);
}

static void msr_detail(const struct trace *t, struct trace_entry *e)
{
	e->number = low32(t->rcx);
	if (!t->exit->msr.write)
		return;
	e->is |= TRACE_WRITE;
	e->value = t->rdx << EDX_SHIFT | low32(t->rax);
}

static void memory_detail(const struct exit *exit, struct trace_entry *e)
{
	e->value = exit->memory.gpa.v;
	e->is |= (exit->memory.write ? TRACE_WRITE : 0) |
		 (exit->memory.fetch ? TRACE_FETCH : 0);
}

static void exception_detail(const struct event *event, struct trace_entry *e)
{
	e->number = event->vector;
	e->more = event->error;
	e->value = event->cr2;
	e->is |= event->has_error || event->vector == VEC_PF ? TRACE_ERROR : 0;
}

void trace_detail(const struct vm *vm, const struct trace *t,
		  struct trace_entry *e)
{
	const struct exit *exit = t->exit;

	e->reason = exit->reason;
	e->raw = exit->raw;
	e->is = exit->observed ? TRACE_OBSERVED : 0;
	switch ((enum exit_reason)exit->reason) {
	case EXIT_CPUID:
		e->number = low32(t->rax);
		e->more = low32(t->rcx);
		break;
	case EXIT_HYPERCALL:
		e->number = low32(t->rax);
		break;
	case EXIT_MSR:
		msr_detail(t, e);
		break;
	case EXIT_IO:
		io_detail(&vm->vcpu, t, e);
		break;
	case EXIT_CR:
		cr_detail(&vm->vcpu, e);
		break;
	case EXIT_MEMORY:
		memory_detail(exit, e);
		break;
	case EXIT_EXCEPTION:
	case EXIT_SHADOW:
		exception_detail(&exit->exception, e);
		break;
	case EXIT_INVLPG:
		e->is |= exit->decoded ? TRACE_KNOWN : 0;
		e->value = exit->address.v;
		break;
	case EXIT_REFUSED_INSN:
		e->number = exit->refused.vector;
		break;
	case EXIT_TASK_SWITCH:
		if (!exit->decoded)
			break;
		e->is |= TRACE_KNOWN;
		e->number = exit->task.selector;
		break;
	default:
		break;
	}
}

/* The names of the fields, in the order of put_entry(). */
#define FIELDS	"gap took reason mode ran_as bits cs rip base code pages raw is number more value"

/* The longest that one entry can be: numbers of 16 digits, names, code. */
#define ENTRY_TEXT	320
_Static_assert(TRACE_TEXT + 400 <= RECORD_LINE, "the other members need less");

/* A line of entries under way. */
struct writer {
	struct vm	*vm;
	char		*text;		/* TRACE_TEXT bytes */
	unsigned	used;
	struct record	record;
	struct trace_entry before;	/* what is the same as there is left out */
	uint64_t	gap;
	bool		first;		/* of its line: nothing is left out */
};

static void put(struct writer *w, const char *text)
{
	w->used += text_format(w->text + w->used, TRACE_TEXT - w->used, "%s", text);
}

static void put_hex(struct writer *w, uint64_t value, uint64_t before)
{
	if (w->first || value != before)
		w->used += text_format(w->text + w->used, TRACE_TEXT - w->used,
				       "%lx", value);
	put(w, ",");
}

static void put_name(struct writer *w, const char *name, const char *before)
{
	if (w->first || !text_equal(name, before))
		put(w, name);
	put(w, ",");
}

/* The instruction alone where its end is known, else all there is. */
static void put_code(struct writer *w, const struct trace_entry *e)
{
	struct insn insn;
	unsigned size = e->size;

	if (insn_decode(e->code, size, e->bits, &insn) == DECODE_OK)
		size = insn.length;
	for (unsigned i = 0; i < size; i++)
		w->used += text_format(w->text + w->used, TRACE_TEXT - w->used,
				       "%02x", (unsigned)e->code[i]);
	put(w, ",");
}

static const char *reason_name(const struct trace_entry *e)
{
	return e->exit ? exit_reason_name(e->reason) : "emulated";
}

static void put_entry(struct writer *w, const struct trace_entry *e)
{
	const struct trace_entry *b = &w->before;
	uint64_t gap = w->first ? 0 : e->at - (b->at + b->took);

	put_hex(w, gap, w->gap);
	put_hex(w, e->took, b->took);
	put_name(w, reason_name(e), reason_name(b));
	put_name(w, guest_mode_name(e->mode), guest_mode_name(b->mode));
	put_name(w, ran_as_name(e->ran_as), ran_as_name(b->ran_as));
	put_hex(w, e->bits, b->bits);
	put_hex(w, e->cs, b->cs);
	put_hex(w, e->rip, b->rip);
	put_hex(w, e->linear - e->rip, b->linear - b->rip);
	put_code(w, e);
	put_hex(w, e->pages, b->pages);
	put_hex(w, e->raw, b->raw);
	put_hex(w, e->is, b->is);
	put_hex(w, e->number, b->number);
	put_hex(w, e->more, b->more);
	put_hex(w, e->value, b->value);
	w->text[w->used - 1] = ';';
	w->before = *e;
	w->gap = gap;
	w->first = false;
}

static void line_end(struct writer *w)
{
	if (!w->used)
		return;
	w->text[w->used - 1] = 0;	/* nothing follows that last ; */
	record_string(&w->record, "entries", w->text);
	record_end(&w->record);
	w->used = 0;
}

static void line_begin(struct writer *w, const struct trace_entry *e, uint64_t exit)
{
	record_begin(&w->record, w->vm->io, "trace");
	record_number(&w->record, "exit", exit);
	record_number(&w->record, "at", e->at);
	record_number(&w->record, "guest", e->guest);
	w->first = true;
}

static void put_ring(struct vm *vm)
{
	struct trace *t = vm->trace;
	struct writer w = { .vm = vm, .text = t->text };
	uint64_t exit = (t->request.first ? 0 : t->dropped_exits) + 1;
	/* The oldest is where the next one would go, once all is used. */
	unsigned at = t->kept == t->request.room ? t->next : 0;

	for (unsigned i = 0; i < t->kept; i++) {
		const struct trace_entry *e = &t->entry[at];

		if (w.used > TRACE_TEXT - ENTRY_TEXT)
			line_end(&w);
		if (!w.used)
			line_begin(&w, e, exit);
		put_entry(&w, e);
		if (e->exit)
			exit = e->exit + 1;
		at = at + 1 == t->request.room ? 0 : at + 1;
	}
	line_end(&w);
}

void trace_report(struct vm *vm)
{
	const struct trace *t = vm->trace;
	struct record r;

	if (!t)
		return;
	record_begin(&r, vm->io, "tracing");
	record_number(&r, "room", t->request.room);
	record_string(&r, "keeps", t->request.first ? "first" : "last");
	record_number(&r, "kept", t->kept);
	record_number(&r, "dropped_exits", t->dropped_exits);
	record_number(&r, "dropped_stretches", t->dropped_stretches);
	record_string(&r, "fields", FIELDS);
	record_end(&r);
	put_ring(vm);
}

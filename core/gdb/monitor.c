/*
 * `monitor` commands: what the guest's state is in the hypervisor's words. Must not
 * change anything.
 */
#include <stdarg.h>

#include "core/control.h"
#include "core/gdb/gdb.h"
#include "core/insn.h"
#include "core/text.h"

static void say(struct gdb *g, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void say(struct gdb *g, const char *format, ...)
{
	unsigned used = 0;
	va_list args;

	while (g->text[used])
		used++;
	va_start(args, format);
	text_vformat(g->text + used, sizeof(g->text) - used, format, args);
	va_end(args);
}

static void mode(struct vm *vm, struct gdb *g)
{
	const struct vcpu *v = &vm->vcpu;
	const struct guest_view view = {
		.cr0 = v->cr0, .cr3 = v->cr3, .cr4 = v->cr4, .efer = v->efer,
	};

	say(g, "mode %s%s, %u-bit code, CPL %u, runs as %s on %s\n",
	    guest_mode_name(strategy_mode(&view)),
	    v->rflags & RFLAGS_VM ? " (virtual-8086)" : "", insn_code_bits(v), v->cpl,
	    ran_as_name(vm->hw.ran_as), vm->rung->name);
	say(g, "hardware: cr0 %lx cr3 %lx cr4 %lx efer %lx\n", vm->hw.cr0,
	    vm->hw.root == ROOT_GUEST ? v->cr3 : vm->hw.cr3, vm->hw.cr4, vm->hw.efer);
}

static void segment(struct gdb *g, const char *name, const struct vcpu_seg *s)
{
	say(g, "%-4s %04x base %016lx limit %08x rights %05x\n", name, s->sel, s->base,
	    s->limit, s->ar);
}

static void regs(struct vm *vm, struct gdb *g)
{
	static const char *const names[SEG_COUNT] = {
		"es", "cs", "ss", "ds", "fs", "gs", "ldtr", "tr",
	};
	const struct vcpu *v = &vm->vcpu;

	mode(vm, g);
	say(g, "rip %016lx linear %016lx rflags %08lx\n", v->rip, insn_linear_rip(v),
	    v->rflags);
	say(g, "cr0 %08lx cr2 %016lx cr3 %016lx cr4 %08lx efer %04lx\n", v->cr0, v->cr2,
	    v->cr3, v->cr4, v->efer);
	for (unsigned n = 0; n < SEG_COUNT; n++)
		segment(g, names[n], &v->seg[n]);
	say(g, "gdtr %016lx %04x  idtr %016lx %04x\n", v->gdtr.base, v->gdtr.limit,
	    v->idtr.base, v->idtr.limit);
	say(g, "shadow%s%s%s, pending %s %02x\n", v->shadow & SHADOW_STI ? " sti" : "",
	    v->shadow & SHADOW_MOV_SS ? " mov-ss" : "", v->shadow & SHADOW_NMI ? " nmi" : "",
	    v->pending.kind ? "event" : "nothing", v->pending.vector);
}

static const char *const levels[PT_LEVELS_MAX] = { "PT", "PD", "PDPT", "PML4", "PML5" };

static void shadow_levels(struct vm *vm, struct gdb *g, const struct walk_mode *walk_mode,
			  gva_t address)
{
	struct shadow_line lines[SHADOW_LINES];
	unsigned count = shadow_picture(&vm->shadow, walk_mode, address, lines);

	for (unsigned i = 0; i < count; i++) {
		const struct shadow_line *l = &lines[i];

		say(g, "%-5s", levels[l->level]);
		if (l->has_guest)
			say(g, " guest %016lx at %08lx", l->guest, l->guest_at.v);
		if (l->has_shadow)
			say(g, " hardware %016lx at %08lx", l->shadow, l->shadow_at.v);
		say(g, " (%s)\n", shadow_why_text(l->why));
	}
}

static void nested(struct vm *vm, struct gdb *g, gpa_t at)
{
	struct ptab_leaf leaf;

	if (ptab_lookup(&vm->nested, at.v, &leaf))
		say(g, "nested: host %lx, page of %lx, %s%s%s\n", leaf.frame.v,
		    BIT(vm->nested.format->level[leaf.level].shift),
		    leaf.prot & PROT_R ? "R" : "", leaf.prot & PROT_W ? "W" : "",
		    leaf.prot & PROT_X ? "X" : "");
	else
		say(g, "nested: nothing there\n");
}

/* The guest's entries beside what the hardware walks: as `run --dump-mmu` shows it. */
static void mmu(struct vm *vm, struct gdb *g, uint64_t linear)
{
	struct walk_mode m = control_walk_mode(vm);
	struct walk_mode open = m;
	enum walk_result result;
	struct walk w = { 0 };

	if (!(m.efer & EFER_LMA))
		linear = (uint32_t)linear;
	open.cr4 &= ~(CR4_SMEP | CR4_SMAP | CR4_PKE);
	result = walk(&open, &vm->mem, gva(linear), ACCESS_READ | ACCESS_NO_AD, &w);
	say(g, "linear %lx: ", linear);
	if (result == WALK_OK)
		say(g, "physical %lx, page of %lx\n", w.gpa.v, w.page_size);
	else
		say(g, "%s\n", result == WALK_NOT_CANONICAL ? "not canonical" :
		    w.error & PFEC_RSVD ? "reserved bit set" : "not present");
	if (vm->rung->shadow) {
		shadow_levels(vm, g, &m, gva(linear));
		return;
	}
	for (unsigned n = w.levels; result != WALK_NOT_CANONICAL && n-- > w.level;)
		say(g, "%-5s guest %016lx at %08lx\n", levels[n], w.entry[n], w.entry_gpa[n].v);
	if (result == WALK_OK)
		nested(vm, g, w.gpa);
}

/* Past `word` and the blanks behind it, or NULL. */
static const char *argument(const char *words, const char *word)
{
	while (*word)
		if (*words++ != *word++)
			return NULL;
	if (*words && *words != ' ')
		return NULL;
	while (*words == ' ')
		words++;
	return words;
}

void gdb_monitor(struct vm *vm, struct gdb *g, const char *words)
{
	const char *rest;
	uint64_t address;

	if (argument(words, "mode")) {
		mode(vm, g);
	} else if (argument(words, "regs")) {
		regs(vm, g);
	} else if ((rest = argument(words, "mmu")) && *rest) {
		if (rest[0] == '0' && rest[1] == 'x')
			rest += 2;
		if (packet_take(&rest, &address) && !*rest)
			mmu(vm, g, address);
		else
			say(g, "mmu: not a hexadecimal address\n");
	} else {
		say(g, "monitor mode         how the guest runs\n"
		       "monitor regs         all of its state\n"
		       "monitor mmu ADDRESS  how a linear address is translated (hexadecimal)\n");
	}
}

/*
 * Pictures of linear addresses, for the record stream: on shadow tables level by level,
 * else the guest's own walk and what nested paging makes of it. Knows no vendor.
 */
#include "core/picture.h"

#include "core/control.h"
#include "core/record.h"

static const char *const level_names[PT_LEVELS_MAX] = {
	"PT", "PD", "PDPT", "PML4", "PML5",
};

static const char *outcome(enum walk_result result, const struct walk *w)
{
	if (result == WALK_OK)
		return "maps";
	if (result == WALK_NOT_CANONICAL)
		return "not-canonical";
	return w->error & PFEC_RSVD ? "reserved" : "not-present";
}

/* What the tables say, whoever asks; nothing is marked accessed. */
static enum walk_result look(const struct vm *vm, const struct walk_mode *mode,
			     gva_t address, struct walk *w)
{
	struct walk_mode tables = *mode;

	tables.cr4 &= ~(CR4_SMEP | CR4_SMAP | CR4_PKE);
	return walk(&tables, &vm->mem, address, ACCESS_READ | ACCESS_NO_AD, w);
}

static void guest_side(struct record *r, gpa_t at, uint64_t entry)
{
	record_number(r, "guest_at", at.v);
	record_number(r, "guest", entry);
}

static void shadow_levels(struct record *r, const struct vm *vm,
			  const struct walk_mode *mode, gva_t address)
{
	struct shadow_line lines[SHADOW_LINES];
	unsigned count = shadow_picture(&vm->shadow, mode, address, lines);

	for (unsigned i = 0; i < count; i++) {
		const struct shadow_line *line = &lines[i];

		record_open(r, level_names[line->level]);
		if (line->has_guest)
			guest_side(r, line->guest_at, line->guest);
		if (line->has_shadow) {
			record_number(r, "hardware_at", line->shadow_at.v);
			record_number(r, "hardware", line->shadow);
		}
		record_string(r, "why", shadow_why_text(line->why));
		record_close(r);
	}
}

/* The hardware walks the guest's own tables. */
static void guest_levels(struct record *r, enum walk_result result,
			 const struct walk *w)
{
	if (result == WALK_NOT_CANONICAL)
		return;
	for (unsigned level = w->levels; level-- > w->level;) {
		record_open(r, level_names[level]);
		guest_side(r, w->entry_gpa[level], w->entry[level]);
		record_close(r);
	}
}

/* What nested paging makes of the guest's physical address. */
static void nested(struct record *r, const struct vm *vm, gpa_t address)
{
	const struct pt_level *levels = vm->nested.format->level;
	char rights[8];
	struct ptab_leaf leaf;
	unsigned used = 0;

	record_open(r, "nested");
	record_number(r, "root", vm->nested.root.v);
	if (ptab_lookup(&vm->nested, address.v, &leaf)) {
		for (unsigned i = 0; i < 4; i++)
			if (leaf.prot & BIT(i))
				rights[used++] = "RWXU"[i];
		rights[used] = 0;
		record_number(r, "host", leaf.frame.v);
		record_number(r, "size", BIT(levels[leaf.level].shift));
		record_string(r, "rights", rights);
	}
	record_close(r);
}

static uint64_t hardware_cr3(const struct vm *vm)
{
	return vm->hw.root == ROOT_GUEST ? vm->vcpu.cr3 : vm->hw.cr3;
}

static void picture(struct vm *vm, gva_t address, const char *when)
{
	const struct vcpu *v = &vm->vcpu;
	struct guest_view view;
	enum walk_result result;
	struct walk_mode mode;
	struct record r;
	struct walk w = { 0 };

	vcpu_need(&vm->vcpu, ST_CR | ST_RIP);
	view = (struct guest_view){ .cr0 = v->cr0, .cr4 = v->cr4, .efer = v->efer };
	mode = control_walk_mode(vm);
	if (!(v->efer & EFER_LMA))
		address = gva((uint32_t)address.v);
	result = look(vm, &mode, address, &w);
	record_begin(&r, vm->io, "mmu");
	record_string(&r, "when", when);
	record_number(&r, "address", address.v);
	record_string(&r, "mode", guest_mode_name(strategy_mode(&view)));
	record_string(&r, "ran_as", ran_as_name(vm->hw.ran_as));
	record_number(&r, "guest_cr3", v->cr3);
	record_number(&r, "hardware_cr3", hardware_cr3(vm));
	record_string(&r, "outcome", outcome(result, &w));
	if (result == WALK_OK)
		record_number(&r, "physical", w.gpa.v);
	record_open(&r, "levels");
	if (vm->rung->shadow)
		shadow_levels(&r, vm, &mode, address);
	else
		guest_levels(&r, result, &w);
	record_close(&r);
	if (!vm->rung->shadow && result == WALK_OK)
		nested(&r, vm, w.gpa);
	record_end(&r);
}

void picture_call(struct vm *vm, gva_t address)
{
	if (vm->pictures.calls == PICTURE_CALLS)
		vm->pictures.dropped++;
	else {
		vm->pictures.calls++;
		picture(vm, address, "call");
	}
}

void pictures_at_end(struct vm *vm)
{
	const struct picture_list *list = &vm->pictures.at_end;

	for (unsigned i = 0; i < list->count; i++)
		picture(vm, gva(list->address[i]), "end");
}

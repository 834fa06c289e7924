/*
 * The ring of a run's exits, and the backend that stands before the real one to fill it.
 * Looks at the guest without a trace of its own: nothing is marked accessed, no fault is
 * raised, and what was valid of the vcpu stays so. Knows no vendor.
 */
#include "core/trace.h"

#include "core/insn.h"
#include "core/vm.h"

_Static_assert(TRACE_MAX * sizeof(struct trace_entry) <= SIZE_2M, "as trace.h says");

static uint64_t clock_now(const struct vm *vm)
{
	return vm->io->clock(vm->io);
}

/* Times that are still to come; some never do. */
static void put_off(uint64_t *at, uint64_t by)
{
	if (*at != UINT64_MAX)
		*at += by;
}

/*
 * Set the host's timer anew, for what will be later by this much, by what setting it takes
 * and by what there is to do before the next entry.
 */
static void arm_later(struct vm *vm, uint64_t by)
{
	uint64_t due = vm->board.due < vm->deadline ? vm->board.due : vm->deadline;
	struct trace *t = vm->trace;
	uint64_t start = clock_now(vm);

	if (due == UINT64_MAX || !vm->board.armed || !vm->io->timer)
		return;
	vm->io->timer(vm->io, due + by + t->arming + t->closing);
	t->arming = clock_now(vm) - start;
}

/*
 * Move all that is known by its time as if the clock had stood still since `start`, and
 * for `more`: what was, so that it is as long ago as it would be; what is to come, too. How
 * long it stood.
 */
static uint64_t hide(struct vm *vm, uint64_t start, uint64_t more)
{
	struct vcpu *v = &vm->vcpu;
	struct tally *tally = &vm->tally;
	uint64_t now = clock_now(vm);
	uint64_t spent = now - start + vm->trace->moving + more;

	v->tsc.entry += spent;
	v->tsc.exit += spent;
	v->tsc_offset -= spent;
	vcpu_touch(v, ST_TSC);
	tally->first_entry += spent;
	tally->last_exit += spent;
	tally->segment_host += spent;
	vm->trace->began += spent;
	put_off(&vm->deadline, spent);
	put_off(&vm->wake, spent);
	put_off(&vm->board.due, spent);
	vm->trace->moving = clock_now(vm) - now;
	return spent;
}

/* Needs ST_CR. Observed or not. */
static enum guest_mode mode_of(const struct vcpu *v)
{
	const struct guest_view view = {
		.cr0 = v->cr0, .cr3 = v->cr3, .cr4 = v->cr4, .efer = v->efer,
	};

	return strategy_mode(&view);
}

/* Where the guest is. What handlers will want of it they fetch as they always do. */
static void look(struct vm *vm, struct trace_entry *e)
{
	struct vcpu *v = &vm->vcpu;
	uint32_t valid = v->valid;

	vcpu_need(v, ST_RIP | ST_CR | ST_CS | ST_CPL);
	e->mode = (uint8_t)mode_of(v);
	e->ran_as = (uint8_t)vm->hw.ran_as;
	e->cs = v->seg[SEG_CS].sel;
	e->rip = v->rip;
	e->linear = insn_linear_rip(v);
	e->bits = (uint8_t)insn_code_bits(v);
	e->size = (uint8_t)insn_bytes(vm, e->code);
	v->valid = valid;
}

static bool is_full(const struct trace *t)
{
	return t->kept == t->request.room;
}

/* Into the ring, at the cost of the oldest, or not, when the first are to be kept. */
static struct trace_entry *keep(struct trace *t)
{
	struct trace_entry *e = &t->entry[t->next];
	const struct trace_entry *lost = t->request.first ? &t->now : e;

	if (is_full(t)) {
		if (lost->exit)
			t->dropped_exits++;
		else
			t->dropped_stretches++;
		if (t->request.first)
			return NULL;
	} else {
		t->kept++;
	}
	*e = t->now;
	t->next = t->next + 1 == t->request.room ? 0 : t->next + 1;
	return e;
}

/* What is under way is over at this time. */
static void finish(struct vm *vm, uint64_t at)
{
	struct trace *t = vm->trace;
	struct trace_entry *e = &t->now;

	t->last = NULL;
	if (!t->open)
		return;
	t->open = false;
	e->took = at - t->began;
	if (e->exit)
		trace_detail(vm, t, e);
	else
		e->value = vm->tally.emulated - t->emulated;
	e->pages = (uint32_t)vm->shadow.counts.pages;
	t->last = keep(t);
}

static void begin(struct vm *vm, uint64_t at, uint64_t guest, uint64_t number)
{
	struct trace *t = vm->trace;

	t->now = (struct trace_entry){
		.exit = number, .at = at - vm->tally.first_entry,
		.guest = guest,
	};
	t->emulated = vm->tally.emulated;
	t->began = at;
	t->open = true;
	if (!t->request.first || !is_full(t))
		look(vm, &t->now);
}

typedef void vcpu_run_t(struct vcpu *v, struct exit *exit);

/* Enter by `enter`, and trace what comes of it; what that took, but for `outside`. */
static __attribute__((noinline))
uint64_t enter_traced(struct vcpu *v, struct exit *exit, vcpu_run_t *enter)
{
	struct vm *vm = v->vm;
	struct trace *t = vm->trace;
	uint64_t start = clock_now(vm);

	finish(vm, start);
	t->closing = hide(vm, start, 0);
	enter(v, exit);
	if (exit->reason == EXIT_ENTRY_FAILED)
		return 0;
	/* The way in is part of what the exit took. */
	if (t->last)
		t->last->took += v->tsc.entry - (start + t->closing);
	start = clock_now(vm);
	t->exit = exit;
	t->rax = v->gpr[GPR_RAX];
	t->rcx = v->gpr[GPR_RCX];
	t->rdx = v->gpr[GPR_RDX];
	t->exits++;
	begin(vm, v->tsc.exit, vm->tally.guest + v->tsc.exit - v->tsc.entry,
	     t->exits);
	arm_later(vm, clock_now(vm) - start);
	return t->closing + hide(vm, start, t->outside);
}

static void enter_nothing(struct vcpu *v, struct exit *exit)
{
	(void)v;
	exit->reason = EXIT_OTHER;
}

/*
 * What enter_traced() executes before and after the spans that it measures itself: the
 * whole of it around nothing, less those and the nothing. Before anything is under way.
 */
static void measure_outside(struct vcpu *v)
{
	vcpu_run_t *volatile nothing = enter_nothing;
	struct vm *vm = v->vm;
	struct exit none = { .reason = EXIT_OTHER };
	uint64_t start = clock_now(vm), measured, around, alone;

	measured = enter_traced(v, &none, nothing);
	around = clock_now(vm) - start - measured;
	start = clock_now(vm);
	nothing(v, &none);
	alone = clock_now(vm) - start;
	vm->trace->outside = around > alone ? around - alone : 0;
	vm->trace->measured = true;
	vm->trace->open = false;
	vm->trace->exits = 0;
}

/* In the place of the backend's own vcpu_run. */
static void run(struct vcpu *v, struct exit *exit)
{
	struct trace *t = v->vm->trace;

	if (!t->measured)
		measure_outside(v);
	enter_traced(v, exit, t->real->vcpu_run);
}

void trace_emulating(struct vm *vm)
{
	struct trace *t = vm->trace;
	uint64_t start;

	if (!t->measured)
		measure_outside(&vm->vcpu);
	start = clock_now(vm);
	vcpu_need(&vm->vcpu, ST_CR);
	if (t->open && !t->now.exit && t->now.mode == mode_of(&vm->vcpu))
		return;
	finish(vm, start);
	begin(vm, start, vm->tally.guest, 0);
	hide(vm, start, 0);
}

void trace_end(struct vm *vm)
{
	finish(vm, clock_now(vm));
}

enum hv_err trace_make(struct vm *vm, const struct trace_request *request,
		       struct frame_pool *pool)
{
	uint64_t size = sizeof(struct trace) +
			request->room * sizeof(struct trace_entry);
	enum hv_err err;
	hpa_t frames;

	if (!request->room)
		return HV_OK;
	err = frame_alloc_run(pool, (unsigned)((size + PAGE_SIZE - 1) / PAGE_SIZE),
			      &frames);
	if (err != HV_OK)
		return err;
	vm->trace = hpa_ptr(frames);
	*vm->trace = (struct trace){
		.backend = *vm->backend, .real = vm->backend,
		.entry = (struct trace_entry *)(vm->trace + 1),
		.request = *request,
	};
	vm->trace->backend.vcpu_run = run;
	vm->backend = &vm->trace->backend;
	return HV_OK;
}

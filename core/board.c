/* The virtual PC's time and interrupts, between two entries. Knows no vendor. */
#include "core/board.h"

#include "core/vm.h"

/*
 * A waiting guest that is not woken by as many deadlines of open lines has its
 * interrupts blocked by one it never finished: more than RTC alarms have seconds.
 */
#define WAIT_DEADLINES	100000

/* a / b with the point; b is above 2^20, so a is below its range. */
static uint64_t ratio(uint64_t a, uint64_t b)
{
	uint64_t whole = a / b, rest = a % b;

	/* rest < b, and both ends of the frequency are below 2^36: no overflow in two steps. */
	uint64_t high = (rest << BOARD_POINT / 2) / b;
	uint64_t low = ((rest << BOARD_POINT / 2) % b << BOARD_POINT / 2) / b;

	return whole << BOARD_POINT | high << BOARD_POINT / 2 | low;
}

void board_start(struct vm *vm, uint64_t hz, bool skips)
{
	struct board *b = &vm->board;

	/* Nobody has measured it: then a tick is a nanosecond. */
	if (!hz)
		hz = NS_PER_SECOND;
	b->ns_per_tick = ratio(NS_PER_SECOND, hz);
	b->ticks_per_ns = ratio(hz, NS_PER_SECOND);
	b->start = vm->vcpu.tsc.exit + vm->vcpu.tsc_offset;
	b->next = NEVER;
	b->due = UINT64_MAX;
	b->skips = skips;
	b->pc.clock.attention = true;
}

/* The host's TSC at which it will be `ns`: never too early by more than rounding. */
static uint64_t tsc_at(const struct board *b, uint64_t now, uint64_t ns)
{
	uint64_t later = ns > b->pc.clock.ns ?
			 board_scale(ns - b->pc.clock.ns, b->ticks_per_ns) + 1 : 0;

	return now + later < now ? UINT64_MAX : now + later;
}

/* Devices up to now; the host's timer for what comes next, be it the guest's end. */
static void advance(struct vm *vm)
{
	struct board *b = &vm->board;
	uint64_t now = vm->vcpu.tsc.exit, next, first;

	next = pc_advance(&b->pc, board_ns(b, &vm->vcpu, now));
	if (next == b->next && b->armed)
		return;
	b->next = next;
	b->due = next == NEVER ? UINT64_MAX : tsc_at(b, now, next);
	b->armed = true;
	first = b->due < vm->deadline ? b->due : vm->deadline;
	if (first != UINT64_MAX && vm->io->timer)
		vm->io->timer(vm->io, first);
}

/* Can an interrupt go in at the next entry? */
static bool open(struct vcpu *v)
{
	if (v->pending.kind)
		return false;
	vcpu_need(v, ST_RIP | ST_SHADOW);
	return vcpu_takes_interrupts(v);
}

/* What the controllers ask for: into the guest, or as soon as it lets it in. */
static void offer(struct vm *vm)
{
	struct vcpu *v = &vm->vcpu;
	struct pic *pic = &vm->board.pc.pic;

	if (pic_intr(pic) && open(v))
		v->pending = (struct event){
			.kind = EVENT_INTERRUPT, .vector = pic_ack(pic),
		};
	if (v->window != pic_intr(pic)) {
		v->window = !v->window;
		vcpu_touch(v, ST_WINDOW);
	}
}

/* Let the time pass to `ns`: where counted, by moving the guest's TSC; else by waiting. */
static void pass_to(struct vm *vm, uint64_t ns)
{
	struct board *b = &vm->board;
	struct vcpu *v = &vm->vcpu;
	uint64_t at = tsc_at(b, v->tsc.exit, ns);

	if (b->skips) {
		v->tsc_offset += at - v->tsc.exit;
		vcpu_touch(v, ST_TSC);
		b->armed = false;	/* the deadlines are nearer now */
		return;
	}
	while (v->tsc.exit < at && v->tsc.exit <= vm->deadline) {
		vm->io->poll(vm->io);
		vm->tally.idle -= v->tsc.exit;
		v->tsc.exit = vm->io->clock(vm->io);
		vm->tally.idle += v->tsc.exit;
	}
	vm->tally.last_exit = v->tsc.exit;
}

/* In HLT until an interrupt is on its way in, or it is plain that none will be. */
static void wait(struct vm *vm)
{
	struct vcpu *v = &vm->vcpu;

	vm->board.halted = false;
	vcpu_need(v, ST_RIP);
	for (unsigned i = 0; i < WAIT_DEADLINES && v->rflags & RFLAGS_IF; i++) {
		uint64_t at;

		if (v->pending.kind || v->tsc.exit > vm->deadline)
			return;
		at = pc_wakes_at(&vm->board.pc);
		if (at == NEVER)
			break;
		pass_to(vm, at);
		advance(vm);
		offer(vm);
	}
	vm_finish(vm, END_HALT, 0, "HLT, and nothing can wake the guest");
}

void board_service(struct vm *vm)
{
	struct board *b = &vm->board;

	advance(vm);
	offer(vm);
	if (b->halted)
		wait(vm);
	/* What moved the devices is looked at now; what they do next asks anew. */
	b->pc.clock.attention = false;
}

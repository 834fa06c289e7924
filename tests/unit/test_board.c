/*
 * Where the virtual PC meets the vcpu: when interrupts go in, what a HLT waits for, and
 * how time passes. On the fake backend, at one nanosecond a tick. Knows no vendor.
 */
#include "fake_world.h"

#define VECTOR		0x20u		/* of line 0, by ICW2 */
#define TICK_NS		838u		/* of the PIT: 1/1193182 s, rounded down */
#define COUNT		1000u		/* of counter 0 in these tests */
#define PERIOD		(COUNT * (TICK_NS + 1))	/* at least a whole period, in ns */

static void out(struct world *w, uint16_t port, uint8_t value)
{
	bus_out(&w->vm.board.pc.bus, port, 1, value);
}

/* 8259A "Programming": base vector 20h, second chip on line 2; only line 0 open. */
static void controllers(struct world *w, uint8_t mask)
{
	out(w, 0x20, 0x11);
	out(w, 0x21, VECTOR);
	out(w, 0x21, 0x04);
	out(w, 0x21, 0x01);
	out(w, 0xa0, 0x11);
	out(w, 0xa1, 0x28);
	out(w, 0xa1, 0x02);
	out(w, 0xa1, 0x01);
	out(w, 0x21, mask);
	out(w, 0xa1, 0xff);
}

/* 8254: counter 0, both bytes, mode 2. */
static void timer(struct world *w)
{
	out(w, 0x43, 0x34);
	out(w, 0x40, COUNT & 0xff);
	out(w, 0x40, COUNT >> 8);
}

static struct world *ticking(void **state, bool interrupts)
{
	struct world *w = *state;

	controllers(w, 0xfe);
	timer(w);
	if (interrupts)
		w->vm.vcpu.rflags |= RFLAGS_IF;
	return w;
}

#define LONG_STEP(reason_, ...)						\
	{ .exit = { .reason = reason_, __VA_ARGS__ }, .guest = 2 * PERIOD }

/* The vector is line 0's, at the first entry after the counter ran out. */
static void a_device_interrupts_an_open_guest(void **state)
{
	static const struct fake_step script[] = {
		STEP(EXIT_CPUID, .insn_len = 2),
		LONG_STEP(EXIT_CPUID, .insn_len = 2),
		STEP(EXIT_TRIPLE_FAULT),
	};
	struct world *w = ticking(state, true);

	RUN(w, script);
	assert_int_equal(world_event(w, 0)->kind, EVENT_NONE);
	assert_int_equal(world_event(w, 1)->kind, EVENT_INTERRUPT);
	assert_int_equal(world_event(w, 1)->vector, VECTOR);
	assert_int_equal(world_after(w, 1)->rip, WORLD_CODE + 4);
}

/* IF = 0: no interrupt, but a window is asked for; it goes in when that opens. */
static void a_closed_guest_is_left_alone_until_its_window(void **state)
{
	static const struct fake_step script[] = {
		LONG_STEP(EXIT_CPUID, .insn_len = 2),
		STEP(EXIT_CPUID, .insn_len = 2),
	};
	struct world *w = ticking(state, false);

	RUN(w, script);
	assert_int_equal(world_event(w, 0)->kind, EVENT_NONE);
	assert_true(w->fake.entry[1].dirty & ST_WINDOW);
	assert_false(w->fake.entry[2].dirty & ST_WINDOW);
	assert_true(w->vm.vcpu.window);
}

static void open_the_window(struct fake *fake)
{
	fake->cpu.rflags |= RFLAGS_IF;
}

static void an_open_window_lets_it_in_and_is_closed(void **state)
{
	static const struct fake_step script[] = {
		LONG_STEP(EXIT_CPUID, .insn_len = 2),
		{ .exit.reason = EXIT_WINDOW, .play = open_the_window },
		STEP(EXIT_TRIPLE_FAULT),
	};
	struct world *w = ticking(state, false);

	RUN(w, script);
	assert_int_equal(world_event(w, 1)->kind, EVENT_INTERRUPT);
	assert_int_equal(world_event(w, 1)->vector, VECTOR);
	assert_true(w->fake.entry[2].dirty & ST_WINDOW);
	assert_false(w->vm.vcpu.window);
}

static void block(struct fake *fake)
{
	fake->cpu.shadow = SHADOW_STI;
}

/* The instruction after STI runs first. SDM 2B "STI" */
static void the_shadow_of_sti_holds_it_off(void **state)
{
	static const struct fake_step script[] = {
		{ .exit.reason = EXIT_HOST_INTERRUPT, .guest = 2 * PERIOD,
		  .play = block },
		STEP(EXIT_TRIPLE_FAULT),
	};
	struct world *w = ticking(state, true);

	RUN(w, script);
	assert_int_equal(world_event(w, 0)->kind, EVENT_NONE);
	assert_true(w->vm.vcpu.window);
}

/* SDM 3A table 6-2: faults of the instruction that is done come first. */
static void an_exception_goes_first(void **state)
{
	static const struct fake_step script[] = {
		LONG_STEP(EXIT_REFUSED_INSN, .refused.vector = VEC_UD),
		STEP(EXIT_TRIPLE_FAULT),
	};
	struct world *w = ticking(state, true);

	RUN(w, script);
	assert_int_equal(world_event(w, 0)->kind, EVENT_EXCEPTION);
	assert_int_equal(world_event(w, 0)->vector, VEC_UD);
	assert_true(w->vm.vcpu.window);
}

/* What is counted is not waited for: the guest's TSC moves on to the deadline. */
static void hlt_skips_to_the_interrupt(void **state)
{
	static const struct fake_step script[] = {
		STEP(EXIT_HLT, .insn_len = 1), STEP(EXIT_TRIPLE_FAULT),
	};
	struct world *w = ticking(state, true);

	RUN(w, script);
	assert_int_equal(w->vm.end, END_TRIPLE_FAULT);
	assert_int_equal(world_event(w, 0)->vector, VECTOR);
	assert_int_equal(world_event(w, 0)->kind, EVENT_INTERRUPT);
	assert_int_equal(world_after(w, 0)->rip, WORLD_CODE + 1);
	assert_in_range(w->vm.vcpu.tsc_offset, COUNT * TICK_NS - FAKE_GUEST,
			PERIOD);
	assert_true(w->fake.entry[1].dirty & ST_TSC);
	assert_int_equal(w->vm.tally.idle, 0);
}

static uint64_t waited;

static uint64_t real_clock(struct host_io *io)
{
	(void)io;
	return FAKE_TSC + (waited += 50);
}

/* Where the TSC is real the wait is, and is told apart from the hypervisor's work. */
static void hlt_waits_where_time_is_real(void **state)
{
	static const struct fake_step script[] = {
		STEP(EXIT_HLT, .insn_len = 1), STEP(EXIT_TRIPLE_FAULT),
	};
	struct world *w = ticking(state, true);

	waited = 0;
	w->io.clock = real_clock;
	w->fake.host.tsc_counts_instructions = false;
	RUN(w, script);
	assert_int_equal(world_event(w, 0)->kind, EVENT_INTERRUPT);
	assert_int_equal(w->vm.vcpu.tsc_offset, 0);
	assert_in_range(w->vm.tally.idle, COUNT * TICK_NS - 2 * FAKE_GUEST, PERIOD);
}

/* A masked timer ticks on, but wakes nobody. */
static void hlt_with_every_line_masked_ends_the_guest(void **state)
{
	static const struct fake_step script[] = { STEP(EXIT_HLT, .insn_len = 1) };
	struct world *w = ticking(state, true);

	out(w, 0x21, 0xff);
	RUN(w, script);
	assert_int_equal(w->vm.end, END_HALT);
	assert_int_equal(w->fake.entries, 1);
}

static void hlt_with_interrupts_off_ends_the_guest(void **state)
{
	static const struct fake_step script[] = { STEP(EXIT_HLT, .insn_len = 1) };
	struct world *w = ticking(state, false);

	RUN(w, script);
	assert_int_equal(w->vm.end, END_HALT);
}

/* Line 0 is in service and never finished: the wait has an end. */
static void hlt_behind_an_unfinished_interrupt_ends_the_guest(void **state)
{
	static const struct fake_step script[] = {
		LONG_STEP(EXIT_CPUID, .insn_len = 2),
		STEP(EXIT_HLT, .insn_len = 1),
	};
	struct world *w = ticking(state, true);

	RUN(w, script);
	assert_int_equal(world_event(w, 0)->kind, EVENT_INTERRUPT);
	assert_int_equal(w->vm.end, END_HALT);
	assert_int_equal(w->fake.entries, 2);
}

/* RDTSC by exit and the guest's own agree: both are the CPU's and the offset. */
static void the_tsc_msr_has_the_offset(void **state)
{
	static const struct fake_step script[] = {
		STEP(EXIT_HLT, .insn_len = 1),
		STEP(EXIT_MSR, .insn_len = 2),
		STEP(EXIT_TRIPLE_FAULT),
	};
	struct world *w = ticking(state, true);

	w->vm.vcpu.gpr[GPR_RCX] = 0x10;
	RUN(w, script);
	/* FAKE_TSC, the first stay, the hypervisor's, the second stay. */
	assert_int_equal((uint32_t)world_after(w, 1)->gpr[GPR_RAX],
			 FAKE_TSC + 2 * FAKE_GUEST + FAKE_HOST +
			 w->vm.vcpu.tsc_offset);
}

static uint64_t asked[4];
static unsigned asks;

static void take_timer(struct host_io *io, uint64_t tsc)
{
	(void)io;
	if (asks < ARRAY_SIZE(asked))
		asked[asks] = tsc;
	asks++;
}

/* The host's timer is set once for a deadline, and again after it went off. */
static void the_hosts_timer_is_set_for_the_deadline(void **state)
{
	static const struct fake_step script[] = {
		STEP(EXIT_CPUID, .insn_len = 2), STEP(EXIT_CPUID, .insn_len = 2),
		STEP(EXIT_HOST_INTERRUPT),
		STEP(EXIT_CPUID, .insn_len = 2),
		STEP(EXIT_TRIPLE_FAULT),
	};
	struct world *w = ticking(state, true);

	asks = 0;
	w->io.timer = take_timer;
	RUN(w, script);
	assert_int_equal(asks, 2);
	assert_in_range(asked[0], FAKE_TSC + COUNT * TICK_NS, FAKE_TSC + PERIOD);
	assert_in_range(asked[1], asked[0] - 1, asked[0] + 1);
}

/* The guest's end is a deadline too, and set before the first entry: it may never exit. */
static void the_hosts_timer_is_set_for_the_guests_end(void **state)
{
	static const struct fake_step script[] = { STEP(EXIT_TRIPLE_FAULT) };
	struct world *w = ticking(state, true);

	asks = 0;
	w->io.timer = take_timer;
	w->vm.limit = COUNT;
	RUN(w, script);
	assert_int_equal(asks, 1);
	assert_int_equal(asked[0], FAKE_TSC + COUNT);
}

/* The reset line ends the guest under a name of its own; here from port 92h. */
static bool reset_asked;

static void take_reset(void *opaque)
{
	struct world *w = opaque;

	reset_asked = true;
	vm_finish(&w->vm, END_RESET, 0, "reset");
}

static void the_reset_line_ends_the_guest(void **state)
{
	static const struct fake_step script[] = {
		STEP(EXIT_IO, .insn_len = 2, .io = { .port = 0x92, .size = 1 }),
		STEP(EXIT_CPUID, .insn_len = 2),
	};
	struct world *w = *state;

	reset_asked = false;
	w->vm.board.pc.i8042.reset = take_reset;
	w->vm.board.pc.i8042.opaque = w;
	w->vm.vcpu.gpr[GPR_RAX] = 1;
	RUN(w, script);
	assert_true(reset_asked);
	assert_int_equal(w->vm.end, END_RESET);
	assert_int_equal(w->fake.entries, 1);
}

static const struct CMUnitTest tests[] = {
	WORLD_TEST(a_device_interrupts_an_open_guest),
	WORLD_TEST(a_closed_guest_is_left_alone_until_its_window),
	WORLD_TEST(an_open_window_lets_it_in_and_is_closed),
	WORLD_TEST(the_shadow_of_sti_holds_it_off),
	WORLD_TEST(an_exception_goes_first),
	WORLD_TEST(hlt_skips_to_the_interrupt),
	WORLD_TEST(hlt_waits_where_time_is_real),
	WORLD_TEST(hlt_with_every_line_masked_ends_the_guest),
	WORLD_TEST(hlt_with_interrupts_off_ends_the_guest),
	WORLD_TEST(hlt_behind_an_unfinished_interrupt_ends_the_guest),
	WORLD_TEST(the_tsc_msr_has_the_offset),
	WORLD_TEST(the_hosts_timer_is_set_for_the_deadline),
	WORLD_TEST(the_hosts_timer_is_set_for_the_guests_end),
	WORLD_TEST(the_reset_line_ends_the_guest),
};

WORLD_MAIN(tests)

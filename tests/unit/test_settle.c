/*
 * What the run loop settles in software before it enters the hardware: states that
 * do not fit it, and events that it would take to the wrong handler. A guest without
 * unrestricted guest on the fake backend. Knows no vendor.
 */
#include "fake_world.h"

#define HANDLER		0x9000u
#define STACK_LEFT	(WORLD_STACK - 6)	/* FLAGS, CS, IP */
#define ODD_BASE	(WORLD_CODE + 1)
#define HOLE		0xfb000000u
#define CODE(w, bytes)	world_code(w, bytes, sizeof(bytes) - 1)

static unsigned ticks;

/* A clock that goes on while nothing is entered. */
static uint64_t ticking(struct host_io *io)
{
	(void)io;
	return FAKE_TSC + 100 * ++ticks;
}

/* Real mode at 0:7c00 on hardware that must have PE and PG set. */
static struct world *restricted(void **state)
{
	struct world *w = *state;

	w->vm.rung = &rungs[RUNG_VMX_EPT];
	w->cpu.caps.unrestricted = false;
	w->cpu.caps.masks = true;
	w->vm.vcpu.gpr[GPR_RSP] = WORLD_STACK;
	ticks = 0;
	return w;
}

static void vector(struct world *w, unsigned at, unsigned number)
{
	const uint16_t entry[2] = { HANDLER, 0 };

	memcpy(w->ram + at + number * sizeof(entry), entry, sizeof(entry));
}

static uint16_t stacked(const struct world *w, unsigned slot)
{
	uint16_t value;

	memcpy(&value, w->ram + STACK_LEFT + 2 * slot, sizeof(value));
	return value;
}

/* A state that virtual-8086 mode cannot hold: CS of no paragraph, from the second byte. */
static void odd_code(struct world *w)
{
	w->vm.vcpu.seg[SEG_CS].base = ODD_BASE;
	w->vm.vcpu.rip = 0;
}

static void run(struct world *w)
{
	world_run(w, NULL, 0);
}

/* Real mode that fits is entered at once, as vm86. */
static void what_fits_is_entered(void **state)
{
	struct world *w = restricted(state);

	run(w);
	assert_int_equal(w->vm.hw.ran_as, RAN_VM86);
	assert_int_equal(w->fake.entries, 1);
	assert_int_equal(w->fake.entry[0].cpu.rip, WORLD_CODE);
	assert_int_equal(w->vm.tally.emulated, 0);
}

/* INC AX; JMP 0:9000: emulated up to the load of CS that makes it a paragraph. */
static void an_odd_state_is_emulated_until_it_fits(void **state)
{
	static const uint8_t code[] = { 0x90, 0x40, 0xea, 0x00, 0x90, 0x00, 0x00 };
	struct world *w = restricted(state);

	odd_code(w);
	world_code(w, code, sizeof(code));
	w->vm.vcpu.gpr[GPR_RAX] = 6;
	run(w);
	assert_int_equal(w->vm.end, END_HALT);
	assert_int_equal(w->fake.entries, 1);
	assert_int_equal(w->fake.entry[0].cpu.rip, HANDLER);
	assert_int_equal(w->fake.entry[0].cpu.gpr[GPR_RAX], 7);
	assert_int_equal(w->vm.tally.emulated, 2);
	assert_int_equal(w->vm.hw.ran_as, RAN_VM86);
}

/* unpaged=emulate: nothing unpaged is entered, whether it fits or not. */
static void all_unpaged_code_is_emulated_when_asked(void **state)
{
	struct world *w = restricted(state);

	w->vm.options.unpaged = UNPAGED_EMULATE;
	CODE(w, "\x40\x40\xf4");
	run(w);
	assert_int_equal(w->vm.end, END_HALT);
	assert_int_equal(w->fake.entries, 0);
	assert_int_equal(w->vm.tally.emulated, 3);
}

static void hlt_while_emulated_ends_the_guest(void **state)
{
	struct world *w = restricted(state);

	odd_code(w);
	CODE(w, "\x90\xf4");
	run(w);
	assert_int_equal(w->vm.end, END_HALT);
	assert_int_equal(w->fake.entries, 0);
}

/* No vector is within the limit: #UD, #DF, shutdown. SDM 2A "INT n", real mode. */
static void a_triple_fault_while_emulated_ends_the_guest(void **state)
{
	struct world *w = restricted(state);

	odd_code(w);
	w->vm.vcpu.idtr.limit = 0;
	CODE(w, "\x90\x0f\x0b");
	run(w);
	assert_int_equal(w->vm.end, END_TRIPLE_FAULT);
	assert_int_equal(w->fake.entries, 0);
}

/* JMP to itself: the clock is looked at although nothing exits. */
static void the_budget_ends_an_emulated_loop(void **state)
{
	struct world *w = restricted(state);

	odd_code(w);
	CODE(w, "\x90\xeb\xfe");
	w->io.clock = ticking;
	w->vm.limit = 1000;
	run(w);
	assert_int_equal(w->vm.end, END_LIMIT);
	assert_int_equal(w->fake.entries, 0);
	assert_non_null(strstr(w->vm.end_reason, "1000"));
	assert_in_range(ticks, 10, 13);
}

/* A fault of emulated real-mode code goes through the IVT, with no error code. */
static void an_emulated_fault_goes_through_the_ivt(void **state)
{
	struct world *w = restricted(state);
	const struct vcpu *v;

	odd_code(w);
	vector(w, 0, VEC_UD);
	CODE(w, "\x90\x0f\x0b");
	w->vm.vcpu.rflags |= RFLAGS_IF | RFLAGS_AC;
	run(w);
	v = &w->fake.entry[0].cpu;
	assert_int_equal(v->rip, HANDLER);
	assert_int_equal(v->gpr[GPR_RSP], STACK_LEFT);
	assert_int_equal(stacked(w, 0), 0);	/* IP of UD2, from the odd base */
	assert_int_equal(v->rflags & (RFLAGS_IF | RFLAGS_TF | RFLAGS_AC), 0);
	assert_int_equal(w->fake.entry[0].event.kind, EVENT_NONE);
}

/* One exit in virtual-8086 mode; then the guest is entered at its handler. */
static const struct vcpu *in_handler(struct world *w, struct fake_step step,
				     unsigned ip)
{
	const struct vcpu *v = world_one(w, step);

	assert_int_equal(w->fake.entry[0].cpu.rip, WORLD_CODE);
	assert_int_equal(v->rip, HANDLER);
	assert_int_equal(v->gpr[GPR_RSP], STACK_LEFT);
	assert_int_equal(stacked(w, 0), ip);
	assert_int_equal(stacked(w, 1), 0);
	assert_int_equal(world_event(w, 0)->kind, EVENT_NONE);
	return v;
}

#define RAISED(vector_, ...)	(struct fake_step)STEP(EXIT_EXCEPTION,	\
	.exception = { .kind = EVENT_EXCEPTION, .vector = vector_, __VA_ARGS__ })

/* SDM 3B "Interrupt and Exception Handling" 20.1.4: six bytes, never an error code. */
static void exceptions_of_vm86_go_through_the_ivt(void **state)
{
	static const uint8_t vectors[] = { VEC_DE, VEC_DB, VEC_BR, VEC_UD, VEC_NM, VEC_MF };
	struct world *w = restricted(state);

	for (unsigned i = 0; i < ARRAY_SIZE(vectors); i++) {
		struct world *each = world_make(world_seed + i);
		void *made = each;

		restricted(&made);
		vector(each, 0, vectors[i]);
		in_handler(each, RAISED(vectors[i]), WORLD_CODE);
		world_free(each);
	}
	assert_int_equal(w->fake.entries, 0);
}

/* #AC has an error code in an IDT's world. */
static void an_error_code_is_not_pushed(void **state)
{
	struct world *w = restricted(state);

	vector(w, 0, VEC_AC);
	in_handler(w, RAISED(VEC_AC, .has_error = true, .error = 0), WORLD_CODE);
}

/* The vectors are where IDTR says. */
static void vectors_are_found_at_the_idtr(void **state)
{
	struct world *w = restricted(state);

	w->vm.vcpu.idtr = (struct vcpu_dtr){ 0x2000, 0x3ff };
	vector(w, 0x2000, VEC_DE);
	in_handler(w, RAISED(VEC_DE), WORLD_CODE);
}

/* One that the IDTR's limit leaves out: #GP in its place. SDM 2A "INT n". */
static void a_vector_past_the_limit_is_a_general_protection_fault(void **state)
{
	struct world *w = restricted(state);

	w->vm.vcpu.idtr.limit = 4 * VEC_AC - 1;
	vector(w, 0, VEC_GP);
	in_handler(w, RAISED(VEC_AC), WORLD_CODE);
}

/* CLI faults in virtual-8086 mode below IOPL 3, not in real mode: it is carried out. */
static void a_general_protection_fault_of_vm86_is_emulated(void **state)
{
	struct world *w = restricted(state);
	const struct vcpu *v;

	CODE(w, "\xfa");
	w->vm.vcpu.rflags |= RFLAGS_IF;
	v = world_one(w, RAISED(VEC_GP, .has_error = true));
	assert_int_equal(v->rip, WORLD_CODE + 1);
	assert_int_equal(v->rflags, RFLAGS_ONE);
	assert_int_equal(v->gpr[GPR_RSP], WORLD_STACK);
	assert_int_equal(world_event(w, 0)->kind, EVENT_NONE);
}

/* One that real mode raises too, past the limit, comes out of the emulation. */
static void a_real_general_protection_fault_arrives(void **state)
{
	struct world *w = restricted(state);

	vector(w, 0, VEC_GP);
	CODE(w, "\xa1\xff\xff");	/* MOV AX, [FFFF] */
	in_handler(w, RAISED(VEC_GP, .has_error = true), WORLD_CODE);
}

/* An interrupt whose delivery exited is delivered too, not injected. */
static void an_interrupted_interrupt_goes_through_the_ivt(void **state)
{
	struct world *w = restricted(state);
	const struct vcpu *v;

	vector(w, 0, 0x20);
	w->vm.vcpu.rflags |= RFLAGS_IF;
	v = in_handler(w, (struct fake_step)STEP(EXIT_HOST_INTERRUPT,
		.vectoring = { .kind = EVENT_INTERRUPT, .vector = 0x20 }), WORLD_CODE);
	assert_int_equal(v->rflags & RFLAGS_IF, 0);
	assert_int_equal(stacked(w, 2) & RFLAGS_IF, RFLAGS_IF);
}

/* In protected mode the CPU finds the guest's IDT itself: injected. */
static void events_of_protected_mode_are_injected(void **state)
{
	struct world *w = restricted(state);

	world_protected(w);
	w->vm.vcpu.seg[SEG_TR] = (struct vcpu_seg){ 0x18, AR_TSS32_BUSY, 0x67, 0x3000 };
	ONE(w, EXIT_HOST_INTERRUPT,
	    .vectoring = { .kind = EVENT_INTERRUPT, .vector = 0x20 });
	assert_int_equal(w->vm.hw.ran_as, RAN_HIDDEN);
	assert_int_equal(world_event(w, 0)->kind, EVENT_INTERRUPT);
	assert_int_equal(world_event(w, 0)->vector, 0x20);
}

/* Where the hidden map has its hole the guest has no memory: the bus reads all ones. */
static void the_hole_reads_as_an_empty_bus(void **state)
{
	static const uint8_t code[] = { 0xa1, 0x10, 0x00, 0x00, 0xfb };	/* MOV EAX, [hole] */
	struct world *w = restricted(state);
	const struct vcpu *v;

	world_protected(w);
	w->vm.vcpu.seg[SEG_TR] = (struct vcpu_seg){ 0x18, AR_TSS32_BUSY, 0x67, 0x3000 };
	world_code(w, code, sizeof(code));
	v = world_one(w, RAISED(VEC_PF, .has_error = true, .cr2 = HOLE + 0x10));
	assert_int_equal(v->rip, WORLD_CODE + sizeof(code));
	assert_int_equal((uint32_t)v->gpr[GPR_RAX], UINT32_MAX);
	assert_int_equal(v->cr2, 0);
	assert_int_equal(world_event(w, 0)->kind, EVENT_NONE);
}

static const struct CMUnitTest tests[] = {
	WORLD_TEST(what_fits_is_entered),
	WORLD_TEST(an_odd_state_is_emulated_until_it_fits),
	WORLD_TEST(all_unpaged_code_is_emulated_when_asked),
	WORLD_TEST(hlt_while_emulated_ends_the_guest),
	WORLD_TEST(a_triple_fault_while_emulated_ends_the_guest),
	WORLD_TEST(the_budget_ends_an_emulated_loop),
	WORLD_TEST(an_emulated_fault_goes_through_the_ivt),
	WORLD_TEST(exceptions_of_vm86_go_through_the_ivt),
	WORLD_TEST(an_error_code_is_not_pushed),
	WORLD_TEST(vectors_are_found_at_the_idtr),
	WORLD_TEST(a_vector_past_the_limit_is_a_general_protection_fault),
	WORLD_TEST(a_general_protection_fault_of_vm86_is_emulated),
	WORLD_TEST(a_real_general_protection_fault_arrives),
	WORLD_TEST(an_interrupted_interrupt_goes_through_the_ivt),
	WORLD_TEST(events_of_protected_mode_are_injected),
	WORLD_TEST(the_hole_reads_as_an_empty_bus),
};

WORLD_MAIN(tests)

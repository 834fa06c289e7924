/*
 * Ports, CPUID, hypercalls, refused instructions and emulated ones, from exit to
 * the state that the next entry commits.
 */
#include "fake_world.h"

#define RAX_BEFORE	UINT64_C(0x1122334455667788)

static void out_of(struct world *w, unsigned size)
{
	w->vm.vcpu.gpr[GPR_RAX] = RAX_BEFORE;
	ONE(w, EXIT_IO, .insn_len = 2, .io = { .port = WORLD_PORT,
					       .size = size });
	assert_int_equal(w->port_writes, size);
	assert_int_equal(world_after(w, 0)->rip, WORLD_CODE + 2);
	assert_int_equal(world_after(w, 0)->gpr[GPR_RAX], RAX_BEFORE);
}

/* OUT writes as many bytes as it is wide, the low one to the low port. */
static void out_of_one_byte(void **state)
{
	struct world *w = *state;

	out_of(w, 1);
	assert_memory_equal(w->port, "\x88\x00\x00\x00", 4);
}

static void out_of_two_bytes(void **state)
{
	struct world *w = *state;

	out_of(w, 2);
	assert_memory_equal(w->port, "\x88\x77\x00\x00", 4);
}

static void out_of_four_bytes(void **state)
{
	struct world *w = *state;

	out_of(w, 4);
	assert_memory_equal(w->port, "\x88\x77\x66\x55", 4);
}

static uint64_t in_of(struct world *w, uint16_t port, unsigned size)
{
	w->vm.vcpu.gpr[GPR_RAX] = RAX_BEFORE;
	return ONE(w, EXIT_IO, .insn_len = 1, .io = {
		.port = port, .size = size, .in = true })->gpr[GPR_RAX];
}

/* AL and AX keep the rest of RAX; EAX clears the high half. SDM 1 3.4.1.1 */
static void in_of_one_byte_keeps_the_rest(void **state)
{
	assert_int_equal(in_of(*state, WORLD_PORT, 1),
			 UINT64_C(0x11223344556677a0));
}

static void in_of_two_bytes_keeps_the_rest(void **state)
{
	assert_int_equal(in_of(*state, WORLD_PORT, 2),
			 UINT64_C(0x112233445566a1a0));
}

static void in_of_four_bytes_clears_the_high_half(void **state)
{
	assert_int_equal(in_of(*state, WORLD_PORT, 4), 0xa3a2a1a0);
}

/* Nobody answers: the bus floats high. */
static void an_empty_port_reads_all_ones(void **state)
{
	assert_int_equal(in_of(*state, 0xcfc, 4), UINT32_MAX);
}

static void an_empty_port_swallows_writes(void **state)
{
	struct world *w = *state;

	assert_int_equal(ONE(w, EXIT_IO, .insn_len = 2, .io = {
			     .port = 0xcf8, .size = 4 })->rip, WORLD_CODE + 2);
	assert_int_equal(w->port_writes, 0);
	assert_int_equal(w->vm.end, END_HALT);
}

static void end_the_guest(void *self, uint16_t port, uint8_t value)
{
	(void)port;
	vm_finish(self, END_EXIT, value, "asked to");
}

/* A port that ends the guest ends the run at once. */
static void a_port_can_end_the_guest(void **state)
{
	static const struct fake_step script[] = {
		STEP(EXIT_IO, .insn_len = 2, .io = { .port = 0xf4, .size = 1 }),
		STEP(EXIT_CPUID, .insn_len = 2),
	};
	struct world *w = *state;
	const struct device end = {
		.first = 0xf4, .last = 0xf4, .self = &w->vm,
		.in = world_port_in, .out = end_the_guest,
	};

	assert_true(bus_attach(&w->vm.board.pc.bus, &end));
	w->vm.vcpu.gpr[GPR_RAX] = 0x107;
	RUN(w, script);
	assert_int_equal(w->vm.end, END_EXIT);
	assert_int_equal(w->vm.end_code, 7);
	assert_int_equal(w->fake.entries, 1);
	assert_int_equal(w->vm.tally.by_reason[EXIT_IO], 1);
}

/* OUTSB: the byte at DS:SI, SI steps on. */
static void string_output_is_emulated(void **state)
{
	struct world *w = *state;
	const struct vcpu *v;

	world_code(w, "\x6e", 1);
	w->ram[0x5000] = 0x5a;
	w->vm.vcpu.gpr[GPR_RSI] = 0x5000;
	w->vm.vcpu.gpr[GPR_RDX] = WORLD_PORT;
	v = ONE(w, EXIT_IO, .io = { .port = WORLD_PORT, .size = 1,
				    .rare = IO_STRING });
	assert_int_equal(w->port_writes, 1);
	assert_int_equal(w->port[0], 0x5a);
	assert_int_equal(v->gpr[GPR_RSI], 0x5001);
	assert_int_equal(v->rip, WORLD_CODE + 1);
}

/* REP INSW: CX words to ES:DI. */
static void repeated_string_input_is_emulated(void **state)
{
	struct world *w = *state;
	const struct vcpu *v;

	world_code(w, "\xf3\x6d", 2);
	w->vm.vcpu.gpr[GPR_RDI] = 0x5000;
	w->vm.vcpu.gpr[GPR_RCX] = 2;
	w->vm.vcpu.gpr[GPR_RDX] = WORLD_PORT;
	v = ONE(w, EXIT_IO, .io = { .port = WORLD_PORT, .size = 2, .in = true,
				    .rare = IO_STRING });
	assert_memory_equal(w->ram + 0x5000, "\xa0\xa1\xa0\xa1\x00", 5);
	assert_int_equal(v->gpr[GPR_RDI], 0x5004);
	assert_int_equal(v->gpr[GPR_RCX], 0);
	assert_int_equal(v->rip, WORLD_CODE + 2);
}

/* CPUID answers from the policy and clears the high halves. SDM 2A "CPUID" */
static void cpuid_loads_four_registers(void **state)
{
	struct world *w = *state;
	const struct vcpu *v;

	w->vm.policy.basic[0] = (struct cpuid_regs){ 0x16, 1, 2, 3 };
	for (unsigned i = 0; i < GPR_COUNT; i++)
		w->vm.vcpu.gpr[i] = UINT64_MAX << 32;
	v = ONE(w, EXIT_CPUID, .insn_len = 2);
	assert_int_equal(v->gpr[GPR_RAX], 0x16);
	assert_int_equal(v->gpr[GPR_RBX], 1);
	assert_int_equal(v->gpr[GPR_RCX], 2);
	assert_int_equal(v->gpr[GPR_RDX], 3);
	assert_int_equal(v->gpr[GPR_RSI], UINT64_MAX << 32);
}

/* The host's own hypervisor leaves are not the guest's. */
static void cpuid_denies_unknown_leaves(void **state)
{
	struct world *w = *state;
	const struct vcpu *v;

	w->vm.vcpu.gpr[GPR_RAX] = 0x40000000;
	v = ONE(w, EXIT_CPUID, .insn_len = 2);
	assert_int_equal(v->gpr[GPR_RAX] | v->gpr[GPR_RBX] |
			 v->gpr[GPR_RCX] | v->gpr[GPR_RDX], 0);
}

static void hypercall_nop_is_answered(void **state)
{
	struct world *w = *state;

	w->vm.vcpu.gpr[GPR_RAX] = UINT64_MAX << 32;
	assert_int_equal(ONE(w, EXIT_HYPERCALL, .insn_len = 3)->gpr[GPR_RAX],
			 0);
	assert_int_equal(world_after(w, 0)->rip, WORLD_CODE + 3);
	assert_int_equal(world_event(w, 0)->kind, EVENT_NONE);
}

/* Unknown hypercalls are denied as by a CPU without any: #UD, nothing changed. */
static void other_hypercalls_are_denied(void **state)
{
	struct world *w = *state;

	w->vm.vcpu.gpr[GPR_RAX] = 3;
	assert_int_equal(ONE(w, EXIT_HYPERCALL, .insn_len = 3)->gpr[GPR_RAX],
			 3);
	assert_fault(w, VEC_UD);
}

/* How many shadow pages were made, so that a guest can see what its tables cost. */
static void hypercall_tables_tells_the_shadow_pages_made(void **state)
{
	struct world *w = *state;

	w->vm.vcpu.gpr[GPR_RAX] = 2;
	w->vm.shadow.counts.made = 77;
	assert_int_equal(ONE(w, EXIT_HYPERCALL, .insn_len = 3)->gpr[GPR_RAX],
			 77);
	assert_int_equal(world_after(w, 0)->rip, WORLD_CODE + 3);
}

static void hypercalls_are_for_ring_0(void **state)
{
	struct world *w = *state;

	world_protected(w);
	w->vm.vcpu.cpl = 3;
	ONE(w, EXIT_HYPERCALL, .insn_len = 3);
	assert_fault(w, VEC_UD);
}

static void a_refused_instruction_faults(void **state)
{
	ONE(*state, EXIT_REFUSED_INSN, .insn_len = 3,
	    .refused.vector = VEC_UD);
	assert_fault(*state, VEC_UD);
	assert_false(world_event(*state, 0)->has_error);
}

static void a_refused_instruction_can_raise_gp(void **state)
{
	world_protected(*state);
	ONE(*state, EXIT_REFUSED_INSN, .insn_len = 3,
	    .refused.vector = VEC_GP);
	assert_fault(*state, VEC_GP);
	assert_true(world_event(*state, 0)->has_error);
	assert_int_equal(world_event(*state, 0)->error, 0);
}

/* INVD and WBINVD do nothing that the guest could see. */
static void cache_control_is_stepped_over(void **state)
{
	assert_int_equal(ONE(*state, EXIT_CACHE, .insn_len = 2)->rip,
			 WORLD_CODE + 2);
}

/* MOV AL, moffs: memory that is not there reads all ones. */
static void a_read_past_memory_is_all_ones(void **state)
{
	struct world *w = *state;
	const struct vcpu *v;

	world_protected(w);
	world_code(w, "\xa0\x00\x00\x40\x00", 5);
	w->vm.vcpu.gpr[GPR_RAX] = 0;
	v = ONE(w, EXIT_MEMORY, .memory.gpa = gpa(WORLD_RAM));
	assert_int_equal(v->gpr[GPR_RAX], 0xff);
	assert_int_equal(v->rip, WORLD_CODE + 5);
	assert_int_equal(world_event(w, 0)->kind, EVENT_NONE);
}

static void a_write_past_memory_is_dropped(void **state)
{
	struct world *w = *state;

	world_protected(w);
	world_code(w, "\xa2\x00\x00\x40\x00", 5);
	assert_int_equal(ONE(w, EXIT_MEMORY, .memory = {
			     .gpa = gpa(WORLD_RAM), .write = true })->rip,
			 WORLD_CODE + 5);
}

/* An instruction that faults when it is emulated faults for the guest. */
static void a_fault_of_the_emulated_instruction_is_raised(void **state)
{
	struct world *w = *state;

	world_pae(w);
	world_code(w, "\xa0\x00\x00\x40\x00", 5);
	ONE(w, EXIT_MEMORY, .memory.gpa = gpa(WORLD_RAM));
	assert_fault(w, VEC_PF);
	assert_int_equal(world_event(w, 0)->error, 0);
	assert_int_equal(world_after(w, 0)->cr2, WORLD_RAM);
}

/* What an emulated instruction steps over is single-stepped and ends shadows too. */
static void emulated_instructions_step_as_others(void **state)
{
	struct world *w = *state;
	const struct vcpu *v;

	world_protected(w);
	world_code(w, "\xa0\x00\x00\x40\x00", 5);
	w->vm.vcpu.shadow = SHADOW_STI;
	w->vm.vcpu.rflags |= RFLAGS_TF;
	v = ONE(w, EXIT_MEMORY, .memory.gpa = gpa(WORLD_RAM));
	assert_int_equal(v->shadow, 0);
	assert_int_equal(v->dr6, DR6_INIT | DR6_BS);
	assert_int_equal(world_event(w, 0)->vector, VEC_DB);
}

/* INVLPG [EAX]. */
static void invlpg_drops_translations(void **state)
{
	struct world *w = *state;

	world_pae(w);
	world_code(w, "\x0f\x01\x38", 3);
	assert_int_equal(ONE(w, EXIT_INVLPG)->rip, WORLD_CODE + 3);
	assert_int_equal(w->fake.entry[1].flushes, 1);
}

/* x87 is beyond the emulator: the guest ends with the reason, not the host. */
static void what_cannot_be_emulated_stops_the_guest(void **state)
{
	struct fake_step step = STEP(EXIT_MEMORY, .memory.gpa = gpa(WORLD_RAM));
	struct world *w = *state;

	world_protected(w);
	world_code(w, "\xd9\x05\x00\x00\x40\x00", 6);
	world_run(w, &step, 1);
	assert_int_equal(w->vm.end, END_STOPPED);
	assert_non_null(strstr(w->vm.end_reason, "x87"));
	assert_non_null(strstr(w->vm.end_reason, "d9 05"));
	assert_int_equal(w->fake.entries, 1);
}

static const struct CMUnitTest tests[] = {
	WORLD_TEST(out_of_one_byte),
	WORLD_TEST(out_of_two_bytes),
	WORLD_TEST(out_of_four_bytes),
	WORLD_TEST(in_of_one_byte_keeps_the_rest),
	WORLD_TEST(in_of_two_bytes_keeps_the_rest),
	WORLD_TEST(in_of_four_bytes_clears_the_high_half),
	WORLD_TEST(an_empty_port_reads_all_ones),
	WORLD_TEST(an_empty_port_swallows_writes),
	WORLD_TEST(a_port_can_end_the_guest),
	WORLD_TEST(string_output_is_emulated),
	WORLD_TEST(repeated_string_input_is_emulated),
	WORLD_TEST(cpuid_loads_four_registers),
	WORLD_TEST(cpuid_denies_unknown_leaves),
	WORLD_TEST(hypercall_nop_is_answered),
	WORLD_TEST(other_hypercalls_are_denied),
	WORLD_TEST(hypercall_tables_tells_the_shadow_pages_made),
	WORLD_TEST(hypercalls_are_for_ring_0),
	WORLD_TEST(a_refused_instruction_faults),
	WORLD_TEST(a_refused_instruction_can_raise_gp),
	WORLD_TEST(cache_control_is_stepped_over),
	WORLD_TEST(a_read_past_memory_is_all_ones),
	WORLD_TEST(a_write_past_memory_is_dropped),
	WORLD_TEST(a_fault_of_the_emulated_instruction_is_raised),
	WORLD_TEST(emulated_instructions_step_as_others),
	WORLD_TEST(invlpg_drops_translations),
	WORLD_TEST(what_cannot_be_emulated_stops_the_guest),
};

WORLD_MAIN(tests)

/*
 * Events whose delivery the hardware could not finish: the exit comes in the
 * middle of it, and software carries the event on, not the instruction at RIP.
 * SDM 3C "Information for VM Exits That Occur During Event Delivery" 27.2.4.
 */
#include "fake_world.h"

#define GDT		0x4000u
#define IDT		0x5000u
#define OLD_TSS		0x4800u
#define NEW_TSS		0x4a00u
#define HANDLER		0x9000u
#define TSS_SELECTOR	0x20u
#define GATE_SELECTOR	0x28u
#define TSS_LIMIT	0x67u
#define CR2_BEFORE	0x123000u

static void put(struct world *w, unsigned at, const void *bytes, size_t size)
{
	memcpy(w->ram + at, bytes, size);
}

static void put32(struct world *w, unsigned at, uint32_t value)
{
	put(w, at, &value, sizeof(value));
}

static uint32_t get32(const struct world *w, unsigned at)
{
	uint32_t value;

	memcpy(&value, w->ram + at, sizeof(value));
	return value;
}

/* Flat code and data, two 32-bit TSSs, and an empty IDT. SDM 3A 3.4.5, 7.2.2 */
static void put_tables(struct world *w)
{
	struct vcpu *v = &w->vm.vcpu;

	world_entry(w, GDT, LOAD_CS / 8, UINT64_C(0x00cf9b000000ffff));
	world_entry(w, GDT, LOAD_DS / 8, UINT64_C(0x00cf93000000ffff));
	world_entry(w, GDT, TSS_SELECTOR / 8,
		    UINT64_C(0x00008b0000000000) | OLD_TSS << 16 | TSS_LIMIT);
	world_entry(w, GDT, GATE_SELECTOR / 8,
		    UINT64_C(0x0000890000000000) | NEW_TSS << 16 | TSS_LIMIT);
	v->gdtr = (struct vcpu_dtr){ GDT, 0x2f };
	v->idtr = (struct vcpu_dtr){ IDT, 0x7ff };
	v->seg[SEG_TR] = (struct vcpu_seg){
		TSS_SELECTOR, AR_TSS32_BUSY, TSS_LIMIT, OLD_TSS,
	};
	v->gpr[GPR_RSP] = WORLD_STACK;
}

/* A 32-bit interrupt gate. SDM 3A figure 6-2 */
static void put_gate(struct world *w, unsigned vector)
{
	world_entry(w, IDT, vector, UINT64_C(0x00008e0000000000) |
		    LOAD_CS << 16 | HANDLER);
}

/* The stack of an interrupt in real mode lies where no memory is. */
static void a_real_mode_interrupt_arrives(void **state)
{
	struct world *w = *state;
	const struct vcpu *v;

	put32(w, 0x20 * 4, HANDLER);	/* 0:9000 */
	w->vm.vcpu.seg[SEG_SS].base = WORLD_RAM;
	w->vm.vcpu.rflags |= RFLAGS_IF;
	v = ONE(w, EXIT_MEMORY, .memory.write = true,
		.vectoring = { .kind = EVENT_INTERRUPT, .vector = 0x20 });
	assert_int_equal(v->rip, HANDLER);
	assert_int_equal(v->gpr[GPR_RSP], WORLD_STACK - 6);
	assert_int_equal(v->rflags & RFLAGS_IF, 0);
	assert_int_equal(world_event(w, 0)->kind, EVENT_NONE);
}

/* CR2 was loaded when the fault was met; what the exit tells has no address. */
static void a_page_fault_arrives_with_its_cr2(void **state)
{
	struct world *w = *state;
	const struct vcpu *v;

	world_pae(w);
	put_tables(w);
	put_gate(w, VEC_PF);
	w->vm.vcpu.cr2 = CR2_BEFORE;
	v = ONE(w, EXIT_MEMORY, .memory.write = true, .vectoring = {
		.kind = EVENT_EXCEPTION, .vector = VEC_PF, .has_error = true,
		.error = PFEC_W });
	assert_int_equal(v->rip, HANDLER);
	assert_int_equal(v->cr2, CR2_BEFORE);
	assert_int_equal(get32(w, WORLD_STACK - 16), PFEC_W);
	assert_int_equal(get32(w, WORLD_STACK - 12), WORLD_CODE);
	assert_int_equal(world_event(w, 0)->kind, EVENT_NONE);
}

/* The delivery faults in turn: a gate that is not present, on top of #GP. */
static void a_fault_of_the_delivery_tops_the_event(void **state)
{
	struct world *w = *state;

	world_protected(w);
	put_tables(w);
	ONE(w, EXIT_MEMORY, .vectoring = { .kind = EVENT_EXCEPTION,
					   .vector = VEC_GP, .has_error = true });
	assert_int_equal(world_event(w, 0)->vector, VEC_DF);
	assert_int_equal(world_after(w, 0)->rip, WORLD_CODE);
}

/* An exception through a task gate: the new task runs, the error code on its stack. */
static void an_exception_switches_tasks(void **state)
{
	struct world *w = *state;
	const struct vcpu *v;

	world_protected(w);
	put_tables(w);
	world_entry(w, IDT, VEC_GP, UINT64_C(0x0000850000000000) |
		    GATE_SELECTOR << 16);
	put32(w, NEW_TSS + 32, HANDLER);	/* EIP, EFLAGS, ESP, CS, SS */
	put32(w, NEW_TSS + 36, RFLAGS_ONE);
	put32(w, NEW_TSS + 56, WORLD_STACK - 0x100);
	put32(w, NEW_TSS + 76, LOAD_CS);
	put32(w, NEW_TSS + 80, LOAD_DS);
	v = ONE(w, EXIT_TASK_SWITCH, .task.selector = GATE_SELECTOR,
		.vectoring = { .kind = EVENT_EXCEPTION, .vector = VEC_GP,
			       .has_error = true, .error = 0x18 });
	assert_int_equal(v->rip, HANDLER);
	assert_int_equal(v->seg[SEG_TR].sel, GATE_SELECTOR);
	assert_int_equal(get32(w, WORLD_STACK - 0x104), 0x18);
	assert_int_equal(get32(w, OLD_TSS + 32), WORLD_CODE);
	assert_int_equal(world_event(w, 0)->kind, EVENT_NONE);
}

/* The new task's T flag: a trap before its first instruction. SDM 3B 17.3.1.5 */
static void a_task_that_traps_keeps_its_trap(void **state)
{
	struct world *w = *state;
	const struct vcpu *v;

	world_protected(w);
	put_tables(w);
	world_entry(w, IDT, VEC_UD, UINT64_C(0x0000850000000000) |
		    GATE_SELECTOR << 16);
	put32(w, NEW_TSS + 32, HANDLER);
	put32(w, NEW_TSS + 36, RFLAGS_ONE);
	put32(w, NEW_TSS + 76, LOAD_CS);
	put32(w, NEW_TSS + 80, LOAD_DS);
	put32(w, NEW_TSS + 100, 1);
	v = ONE(w, EXIT_TASK_SWITCH, .task.selector = GATE_SELECTOR,
		.vectoring = { .kind = EVENT_EXCEPTION, .vector = VEC_UD });
	assert_int_equal(v->rip, HANDLER);
	assert_int_equal(world_event(w, 0)->kind, EVENT_EXCEPTION);
	assert_int_equal(world_event(w, 0)->vector, VEC_DB);
	assert_int_equal(v->dr6, DR6_INIT | DR6_BT);
}

/* A breakpoint on the stack that a delivery pushes to: the trap comes behind it. */
static void a_watched_stack_traps_in_the_handler(void **state)
{
	struct world *w = *state;
	const struct vcpu *v;

	put32(w, 0x20 * 4, HANDLER);
	w->vm.vcpu.dr[2] = WORLD_STACK - 2;
	w->vm.vcpu.dr7 = DR7_INIT | BIT(5) | BIT(24);	/* G2, writes */
	v = ONE(w, EXIT_MEMORY, .memory.write = true,
		.vectoring = { .kind = EVENT_INTERRUPT, .vector = 0x20 });
	assert_int_equal(v->rip, HANDLER);
	assert_int_equal(v->dr6, DR6_INIT | BIT(2));
	assert_int_equal(world_event(w, 0)->kind, EVENT_EXCEPTION);
	assert_int_equal(world_event(w, 0)->vector, VEC_DB);
}

/* The hardware has begun the instruction: no breakpoint on it was due. */
static void what_exited_meets_no_instruction_breakpoint(void **state)
{
	static const uint8_t nop[] = { 0x90 };
	struct world *w = *state;
	const struct vcpu *v;

	world_code(w, nop, sizeof(nop));
	w->vm.vcpu.dr[0] = WORLD_CODE;
	w->vm.vcpu.dr7 = DR7_INIT | BIT(1);
	v = ONE(w, EXIT_MEMORY, .memory.write = true);
	assert_int_equal(v->rip, WORLD_CODE + 1);
	assert_int_equal(world_event(w, 0)->kind, EVENT_NONE);
}

/* A #DF that exits is delivered whatever led to it. */
static void a_double_fault_arrives(void **state)
{
	struct world *w = *state;
	const struct vcpu *v;

	world_protected(w);
	put_tables(w);
	put_gate(w, VEC_DF);
	v = ONE(w, EXIT_EXCEPTION,
		.exception = { .kind = EVENT_EXCEPTION, .vector = VEC_DF,
			       .has_error = true },
		.vectoring = { .kind = EVENT_EXCEPTION, .vector = VEC_GP });
	assert_int_equal(v->rip, HANDLER);
	assert_int_equal(get32(w, WORLD_STACK - 16), 0);
	assert_int_equal(world_event(w, 0)->kind, EVENT_NONE);
}

/* One that has no handler is the third fault. */
static void a_double_fault_without_a_gate_is_the_end(void **state)
{
	const struct fake_step step = STEP(EXIT_EXCEPTION,
		.exception = { .kind = EVENT_EXCEPTION, .vector = VEC_DF,
			       .has_error = true });
	struct world *w = *state;

	world_protected(w);
	put_tables(w);
	world_run(w, &step, 1);
	assert_int_equal(w->vm.end, END_TRIPLE_FAULT);
	assert_int_equal(w->fake.entries, 1);
}

static const struct CMUnitTest tests[] = {
	WORLD_TEST(a_real_mode_interrupt_arrives),
	WORLD_TEST(a_page_fault_arrives_with_its_cr2),
	WORLD_TEST(a_fault_of_the_delivery_tops_the_event),
	WORLD_TEST(an_exception_switches_tasks),
	WORLD_TEST(a_task_that_traps_keeps_its_trap),
	WORLD_TEST(a_watched_stack_traps_in_the_handler),
	WORLD_TEST(what_exited_meets_no_instruction_breakpoint),
	WORLD_TEST(a_double_fault_arrives),
	WORLD_TEST(a_double_fault_without_a_gate_is_the_end),
};

WORLD_MAIN(tests)

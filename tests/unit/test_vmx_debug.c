/*
 * Whose the debug registers are under VT-x, on a CPU made of arrays: MOV DR exits while
 * nothing is enabled in DR7, so that whoever answers for a port need not ask.
 * SDM 3C "Instructions That Cause VM Exits Conditionally" 25.1.3.
 */
#include "vmx_machine.h"

#define ENABLED	(DR7_INIT | BIT(1))

static bool exits(void)
{
	return m.field[VMCS_CTL_PROC] & VMX_PROC_MOV_DR;
}

/* What the hardware says next, while the guest runs on. */
static uint16_t exit_with(uint64_t reason)
{
	struct exit exit;

	m.field[VMCS_EXIT_REASON] = reason;
	m.field[VMCS_EXIT_QUALIFICATION] = 0;
	vmx_exit_decode(&m.vm.vcpu, &exit);
	return exit.reason == EXIT_IO ? exit.io.rare : 0;
}

static void the_first_access_exits_and_no_other(void **state)
{
	(void)state;
	for (unsigned cpu = 0; cpu < CPUS; cpu++) {
		born((enum cpu)cpu, true, PAE);
		assert_true(exits());
		exit_with(VMX_REASON_DR_ACCESS);
		assert_false(exits());
		m.field[VMCS_GUEST_DR7] = ENABLED;
		assert_int_equal(exit_with(VMX_REASON_IO), BIT(1));
		assert_false(exits());
		buried();
	}
}

/* A guest that has nothing enabled any more is as one that never had. */
static void a_port_finds_nothing_enabled_and_takes_them_back(void **state)
{
	(void)state;
	born(CPU_LATER, true, PAE);
	exit_with(VMX_REASON_DR_ACCESS);
	m.field[VMCS_GUEST_DR7] = DR7_INIT;
	assert_int_equal(exit_with(VMX_REASON_IO), 0);
	assert_true(exits());
	buried();
}

/* The emulator has carried out a MOV DR, in real mode say. */
static void what_software_enables_is_the_guests_too(void **state)
{
	(void)state;
	born(CPU_LATER, true, PAE);
	m.vm.vcpu.dr7 = ENABLED;
	vcpu_touch(&m.vm.vcpu, ST_DR);
	enter();
	assert_false(exits());
	assert_int_equal(exit_with(VMX_REASON_IO), BIT(1));
	buried();
}

/* A change of mode or of the interrupt window writes the same control. */
static void other_controls_leave_it_alone(void **state)
{
	(void)state;
	born(CPU_LATER, true, PAE);
	mode_set(LONG);
	enter();
	assert_true(exits());
	exit_with(VMX_REASON_DR_ACCESS);
	m.vm.vcpu.window = true;
	vcpu_touch(&m.vm.vcpu, ST_WINDOW);
	enter();
	assert_false(exits());
	buried();
}

/* Under its user's control they are never the guest's alone: core/debug.h. */
static void under_a_debugger_each_access_exits(void **state)
{
	struct debug debug = { .stopping = true };

	(void)state;
	born(CPU_LATER, true, PAE);
	m.vm.debug = &debug;
	exit_with(VMX_REASON_DR_ACCESS);
	assert_true(exits());
	m.field[VMCS_GUEST_DR7] = ENABLED;
	assert_int_equal(exit_with(VMX_REASON_IO), BIT(1));
	buried();
}

/* SDM 3C table 24-4: B0 to B3, and bit 12 with any of them; bit 14 is the step. */
static void what_a_load_of_ss_has_hit_is_pending(void **state)
{
	struct vcpu *v = &m.vm.vcpu;

	(void)state;
	born(CPU_LATER, true, PAE);
	v->shadow = SHADOW_MOV_SS;
	v->held_hits = BIT(0) | BIT(2);
	vcpu_touch(v, ST_ALL);
	enter();
	assert_int_equal(m.field[VMCS_GUEST_PENDING_DEBUG], BIT(12) | BIT(2) | BIT(0));
	v->held_hits = 0;
	vmx_state_fetch(v, ST_SHADOW);
	assert_int_equal(v->held_hits, BIT(0) | BIT(2));
	v->rflags |= RFLAGS_TF;
	vcpu_touch(v, ST_RIP | ST_SHADOW);
	enter();
	assert_int_equal(m.field[VMCS_GUEST_PENDING_DEBUG],
			 BIT(14) | BIT(12) | BIT(2) | BIT(0));
	v->shadow = 0;
	vcpu_touch(v, ST_SHADOW);
	enter();
	assert_int_equal(m.field[VMCS_GUEST_PENDING_DEBUG], 0);
	buried();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_access_exits_and_no_other),
		cmocka_unit_test(a_port_finds_nothing_enabled_and_takes_them_back),
		cmocka_unit_test(what_software_enables_is_the_guests_too),
		cmocka_unit_test(other_controls_leave_it_alone),
		cmocka_unit_test(under_a_debugger_each_access_exits),
		cmocka_unit_test(what_a_load_of_ss_has_hit_is_pending),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

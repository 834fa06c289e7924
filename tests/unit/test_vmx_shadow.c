/*
 * VT-x without EPT, on a CPU made of arrays: what each generation is given, what an
 * entry holds, whose translations are dropped when. What is expected comes from SDM 3C
 * "VM Entries" 26, "VM Exits" 27, "Caching Translation Information" 28.4.
 */
#include "vmx_machine.h"

/* Any absent field that is touched, any rule of entry that is broken, fails in the machine. */
static void every_generation_enters_every_mode(void **state)
{
	(void)state;
	for (unsigned cpu = 0; cpu < CPUS; cpu++)
		for (unsigned from = 0; from < MODES; from++) {
			born((enum cpu)cpu, true, from);
			for (unsigned to = 0; to < MODES; to++) {
				mode_set(to);
				enter();
				vmx_state_fetch(&m.vm.vcpu, ST_ALL | ST_CONTROLS);
			}
			assert_int_equal(m.entries, 1 + MODES);
			buried();
		}
}

/* 24.6.1 ff.: EPT never, INVLPG and CR3 exit, EFER and VPID where there are controls for them. */
static void controls_are_those_of_the_generation(void **state)
{
	const uint64_t exits = VMX_PROC_INVLPG | VMX_PROC_CR3_LOAD | VMX_PROC_CR3_STORE;

	(void)state;
	born(CPU_FIRST, true, LONG);
	assert_int_equal(m.field[VMCS_CTL_PROC] & exits, exits);
	assert_int_equal(m.field[VMCS_CTL_PROC] & VMX_PROC_SECONDARY, 0);
	assert_int_equal(m.field[VMCS_CTL_ENTRY] & EFER_PAT_ENTRY, 0);
	assert_int_equal(m.field[VMCS_CTL_EXIT] & EFER_PAT_EXIT, 0);
	buried();
	born(CPU_LATER, true, LONG);
	assert_int_equal(m.field[VMCS_CTL_PROC] & exits, exits);
	assert_int_equal(m.field[VMCS_CTL_PROC2], VMX_PROC2_VPID);
	assert_int_equal(m.field[VMCS_CTL_ENTRY] & EFER_PAT_ENTRY, VMX_ENTRY_LOAD_EFER);
	assert_int_equal(m.field[VMCS_CTL_EXIT] & VMX_EXIT_LOAD_EFER, VMX_EXIT_LOAD_EFER);
	buried();
	born(CPU_LATER, false, LONG);
	assert_int_equal(m.field[VMCS_CTL_PROC] & VMX_PROC_SECONDARY, 0);
	buried();
}

/* 26.2.1.3, A.5: an exit must load the host's EFER where entry loads the guest's, or neither. */
static void half_of_the_efer_controls_is_none(void **state)
{
	(void)state;
	machine_make(CPU_LATER, true);
	m.exit &= ~MAY(VMX_EXIT_LOAD_EFER);
	mode_set(LONG);
	assert_int_equal(vmx_vcpu_init(&m.vm.vcpu, &m.cpu), HV_OK);
	enter();
	assert_int_equal(m.field[VMCS_CTL_ENTRY] & VMX_ENTRY_LOAD_EFER, 0);
	assert_int_equal(m.field[VMCS_CTL_EXIT] & VMX_EXIT_SAVE_EFER, 0);
	buried();
}

/* 26.3.2.1: entry makes LMA and LME from its own control; SCE is all that is left to do. */
static void only_sce_is_written_where_entry_does_not_load_efer(void **state)
{
	const uint64_t host = EFER_LME | EFER_LMA | EFER_NXE;

	(void)state;
	born(CPU_FIRST, false, PAE);
	assert_int_equal(m.efer_writes, 0);
	mode_set(LONG);
	enter();
	assert_int_equal(m.efer, host | EFER_SCE);
	mode_set(LONG);
	enter();
	assert_int_equal(m.efer_writes, 1);
	mode_set(UNPAGED);
	enter();
	assert_int_equal(m.efer, host);
	assert_int_equal(m.efer_writes, 2);
	buried();
}

static void efer_is_loaded_by_entry_where_it_can_be(void **state)
{
	(void)state;
	born(CPU_LATER, false, LONG);
	assert_int_equal(m.field[VMCS_GUEST_EFER],
			 EFER_LME | EFER_LMA | EFER_NXE | EFER_SCE);
	mode_set(UNPAGED);
	enter();
	assert_int_equal(m.field[VMCS_GUEST_EFER], EFER_NXE);
	assert_int_equal(m.efer_writes, 0);
	buried();
}

/* The record's word for each stretch comes from the VMCS, not from the plan. */
static void the_vmcs_tells_how_the_guest_runs(void **state)
{
	const struct vmx_vcpu *vmx;

	(void)state;
	for (unsigned cpu = 0; cpu < CPUS; cpu++)
		for (unsigned n = 0; n < MODES; n++) {
			born((enum cpu)cpu, true, n);
			vmx = vmx_of(&m.vm.vcpu);
			assert_int_equal(vmx_ran_as(vmx), modes[n].ran_as);
			m.field[VMCS_GUEST_CR0] &= ~CR0_PG;
			assert_int_equal(vmx_ran_as(vmx), RAN_NATIVE);
			m.field[VMCS_GUEST_CR0] |= CR0_PG;
			m.field[VMCS_GUEST_RFLAGS] &= ~RFLAGS_VM;
			if (n == REAL)
				assert_int_not_equal(vmx_ran_as(vmx), RAN_VM86);
			m.field[VMCS_CTL_PROC] |= VMX_PROC_SECONDARY;
			m.field[VMCS_CTL_PROC2] |= VMX_PROC2_EPT;
			assert_int_equal(vmx_ran_as(vmx), RAN_NATIVE);
			buried();
		}
}

/* What hardware lets the guest change without an exit is the hardware's, the rest ours. */
static void only_the_guests_own_bits_come_from_the_hardware(void **state)
{
	struct vcpu *v = &m.vm.vcpu;

	(void)state;
	born(CPU_LATER, true, PAE);
	m.field[VMCS_GUEST_CR0] |= CR0_TS | CR0_MP;
	m.field[VMCS_GUEST_CR4] |= CR4_DE;
	vmx_state_fetch(v, ST_CR);
	assert_int_equal(v->cr0, modes[PAE].cr0 | CR0_TS | CR0_MP);
	assert_int_equal(v->cr4, modes[PAE].cr4 | CR4_DE);
	assert_int_equal(v->efer, modes[PAE].efer);
	assert_int_equal(v->cr3, 0);
	buried();
}

/* vm86 finds its task where our tables have it; protected mode has the guest's. */
static void vm86_has_its_task_in_our_tables(void **state)
{
	(void)state;
	born(CPU_FIRST, true, REAL);
	assert_int_equal(m.field[VMCS_GUEST_TR_BASE], 0xfb002000);
	assert_int_equal(m.field[VMCS_GUEST_TR_LIMIT], 0x2088);
	assert_true(m.field[VMCS_GUEST_RFLAGS] & RFLAGS_VM);
	mode_set(UNPAGED);
	enter();
	assert_int_equal(m.field[VMCS_GUEST_TR_BASE], 0);
	assert_false(m.field[VMCS_GUEST_RFLAGS] & RFLAGS_VM);
	buried();
}

static void assert_dropped_all(unsigned at)
{
	assert_int_equal(m.invvpid[at].type, INVVPID_SINGLE);
	assert_int_equal(m.invvpid[at].vpid, VMX_VPID);
}

/*
 * CVE-2026-89932: what another hypervisor's guest left under our tag must be gone at the
 * first entry, with the one INVVPID that a CPU with tags is sure to have (28.4.3.3).
 */
static void a_tag_is_born_flushed(void **state)
{
	static const enum rung_id with[] = { RUNG_VMX_SHADOW, RUNG_VMX_UG };

	(void)state;
	for (unsigned n = 0; n < 2 * MODES; n++) {
		machine_make(CPU_LATER, true);
		m.vm.rung = &rungs[with[n / MODES]];
		m.vm.nested.root = hpa(2 * ROOT);
		m.ept_vpid = EPT_ALL | TAGS_FIRST;
		mode_set(n % MODES);
		assert_int_equal(vmx_vcpu_init(&m.vm.vcpu, &m.cpu), HV_OK);
		enter();
		assert_true(m.before_entry > 0);
		assert_dropped_all(m.before_entry - 1);
		assert_int_equal(m.field[VMCS_VPID], VMX_VPID);
		enter();
		assert_int_equal(m.before_entry, 0);
		buried();
	}
}

/* A flush of one page: by its address, else of all, and no INVVPID without tags (28.4.3.1). */
static void a_page_is_dropped_as_the_cpu_can(void **state)
{
	const gva_t page = gva(0x12345000);

	(void)state;
	born(CPU_LATER, true, PAE);
	vmx_tlb_flush(&m.vm.vcpu, &page);
	enter();
	assert_int_equal(m.before_entry, 1);
	assert_int_equal(m.invvpid[0].type, INVVPID_ADDRESS);
	assert_int_equal(m.invvpid[0].vpid, VMX_VPID);
	assert_int_equal(m.invvpid[0].address, page.v);
	vmx_tlb_flush(&m.vm.vcpu, NULL);
	enter();
	assert_int_equal(m.before_entry, 1);
	assert_dropped_all(0);
	m.ept_vpid &= ~VMX_VPID_INVVPID_ADDRESS;
	vmx_of(&m.vm.vcpu)->cpu->ept_vpid = m.ept_vpid;
	vmx_tlb_flush(&m.vm.vcpu, &page);
	enter();
	assert_int_equal(m.before_entry, 1);
	assert_dropped_all(0);
	buried();
	for (unsigned cpu = 0; cpu < CPUS; cpu++) {
		born((enum cpu)cpu, false, PAE);
		vmx_tlb_flush(&m.vm.vcpu, &page);
		vmx_tlb_flush(&m.vm.vcpu, NULL);
		enter();
		assert_int_equal(m.before_entry, 0);
		buried();
	}
}

/* One tag for all roots: what was walked from the one must not answer for the other. */
static void another_root_drops_all(void **state)
{
	static const uint32_t groups[] = { ST_ROOT, ST_CR };

	(void)state;
	born(CPU_LATER, true, PAE);
	for (unsigned i = 0; i < 6; i++) {
		m.vm.hw.cr3 = i % 3 ? ROOT : 2 * ROOT;
		vcpu_touch(&m.vm.vcpu, ST_RIP | ST_CS_SS | groups[i % 2]);
		enter();
		assert_int_equal(m.field[VMCS_GUEST_CR3], m.vm.hw.cr3);
		assert_int_equal(m.before_entry, i % 3 != 2);
	}
	buried();
	/* The task state of vm86 is the supervisor's, and protected mode is that. */
	born(CPU_LATER, true, REAL);
	mode_set(UNPAGED);
	enter();
	assert_true(m.before_entry > 0);
	buried();
}

static struct exit exit_as(uint64_t reason, uint64_t qualification)
{
	struct exit exit;

	m.field[VMCS_EXIT_REASON] = reason;
	m.field[VMCS_EXIT_QUALIFICATION] = qualification;
	m.field[VMCS_EXIT_INSN_LEN] = 3;
	vmx_exit_decode(&m.vm.vcpu, &exit);
	return exit;
}

/* 27.2.1: INVLPG's qualification is the linear address. */
static void invlpg_comes_with_its_address(void **state)
{
	struct exit exit;

	(void)state;
	born(CPU_FIRST, true, LONG);
	exit = exit_as(VMX_REASON_INVLPG, 0xffff800012345678);
	assert_int_equal(exit.reason, EXIT_INVLPG);
	assert_true(exit.decoded);
	assert_int_equal(exit.address.v, 0xffff800012345678);
	assert_int_equal(exit.insn_len, 3);
	buried();
}

/* 27.1: an exit for #PF leaves CR2 as it was; the address is the qualification. */
static void a_page_faults_address_is_not_in_cr2(void **state)
{
	struct exit exit;

	(void)state;
	born(CPU_FIRST, true, PAE);
	m.cr2 = 0x1234;
	m.cr2_writes = 0;
	m.field[VMCS_EXIT_INTR_INFO] = VMX_EVENT_VALID | VMX_EVENT_ERROR_VALID | VEC_PF |
		FIELD_PUT(VMX_EVENT_TYPE, (uint64_t)VMX_EVENT_EXCEPTION);
	m.field[VMCS_EXIT_INTR_ERROR] = PFEC_W | PFEC_U;
	exit = exit_as(VMX_REASON_EXCEPTION_NMI, 0xcafe000);
	assert_int_equal(exit.reason, EXIT_EXCEPTION);
	assert_int_equal(exit.exception.vector, VEC_PF);
	assert_int_equal(exit.exception.error, PFEC_W | PFEC_U);
	assert_int_equal(exit.exception.cr2, 0xcafe000);
	vmx_state_fetch(&m.vm.vcpu, ST_CR2);
	assert_int_equal(m.vm.vcpu.cr2, 0x1234);
	assert_int_equal(m.cr2_writes, 0);
	buried();
}

static uint64_t told(const char *name)
{
	const struct vcpu *v = &m.vm.vcpu;

	for (unsigned i = 0; i < v->controls; i++)
		if (!strcmp(v->control[i].name, name))
			return v->control[i].value;
	fail_msg("the record has no %s", name);
	return 0;
}

/* What a run claims is read back: neither EPT nor unrestricted guest, and whose EFER it was. */
static void the_record_shows_what_was_run(void **state)
{
	(void)state;
	for (unsigned cpu = 0; cpu < CPUS; cpu++) {
		born((enum cpu)cpu, true, LONG);
		vmx_state_fetch(&m.vm.vcpu, ST_CONTROLS);
		assert_int_equal(told("ept"), 0);
		assert_int_equal(told("unrestricted_guest"), 0);
		assert_int_equal(told("vpid"), cpu == CPU_LATER);
		assert_int_equal(told("vmcs.cr3"), ROOT);
		assert_int_equal(told(cpu == CPU_LATER ? "vmcs.efer" : "msr.efer"),
				 EFER_LME | EFER_LMA | EFER_NXE | EFER_SCE);
		m.field[VMCS_CTL_PROC] |= VMX_PROC_SECONDARY;
		m.field[VMCS_CTL_PROC2] |= VMX_PROC2_EPT;
		m.absent[VMCS_EPTP] = false;
		vmx_state_fetch(&m.vm.vcpu, ST_CONTROLS);
		assert_int_equal(told("ept"), 1);
		buried();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_generation_enters_every_mode),
		cmocka_unit_test(controls_are_those_of_the_generation),
		cmocka_unit_test(half_of_the_efer_controls_is_none),
		cmocka_unit_test(only_sce_is_written_where_entry_does_not_load_efer),
		cmocka_unit_test(efer_is_loaded_by_entry_where_it_can_be),
		cmocka_unit_test(the_vmcs_tells_how_the_guest_runs),
		cmocka_unit_test(only_the_guests_own_bits_come_from_the_hardware),
		cmocka_unit_test(vm86_has_its_task_in_our_tables),
		cmocka_unit_test(a_tag_is_born_flushed),
		cmocka_unit_test(a_page_is_dropped_as_the_cpu_can),
		cmocka_unit_test(another_root_drops_all),
		cmocka_unit_test(invlpg_comes_with_its_address),
		cmocka_unit_test(a_page_faults_address_is_not_in_cr2),
		cmocka_unit_test(the_record_shows_what_was_run),
	};

	return cmocka_run_group_tests_name("vmx without EPT", tests, NULL, NULL);
}

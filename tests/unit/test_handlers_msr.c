/*
 * RDMSR and WRMSR exits against the allow-list: what is refused changes nothing
 * and raises #GP(0), what is allowed reaches the guest's state.
 */
#include "msr_fixture.h"

#define CANONICAL	UINT64_C(0xffff800000000000)
#define NOT_CANONICAL	UINT64_C(0x0000800000000000)
#define OLD		UINT64_C(0x7f1234567890)

/* Fresh worlds: each exit starts from the same guest. */
static struct world *fresh(struct world **w)
{
	if (*w)
		world_free(*w);
	*w = world_make(world_seed);
	world_long(*w);
	return *w;
}

/* Not in the list, or listed as refused: the host's CPU is out of reach. */
static const uint32_t refused[] = {
	0, 1, 0xdead, MSR_MTRR_CAP, MSR_FEATURE_CONTROL, MSR_SPEC_CTRL,
	MSR_BIOS_UPDT_TRIG, MSR_MTRR_DEF_TYPE, MSR_VMX_BASIC, 0x800,
	0x40000000, MSR_TSC_AUX, MSR_SYSCFG, MSR_HWCR, MSR_VM_CR,
	MSR_VM_HSAVE_PA, UINT32_MAX,
};

static void refused_reads_raise_gp(void **state)
{
	struct world *w = NULL;

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(refused); i++) {
		const struct vcpu *v = rdmsr(fresh(&w), refused[i]);

		assert_gp(w);
		assert_int_equal(v->gpr[GPR_RAX], UINT64_MAX);
		assert_int_equal(v->gpr[GPR_RDX], UINT64_MAX);
		assert_int_equal(v->gpr[GPR_RCX], refused[i]);
	}
	world_free(w);
}

static void refused_writes_raise_gp(void **state)
{
	struct world *w = NULL;

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(refused); i++) {
		wrmsr(fresh(&w), refused[i], 0);
		assert_gp(w);
	}
	world_free(w);
}

/* Firmware's policy has MTRRs: kept, and nothing of the vcpu changes. */
static void mtrrs_are_there_for_firmware(void **state)
{
	struct world *w = NULL;

	(void)state;
	fresh(&w)->vm.policy.mtrr = true;
	assert_int_equal(wrmsr(w, MSR_MTRR_DEF_TYPE, 0xc06)->rip, WORLD_CODE + 2);
	assert_int_equal(w->fake.entry[1].dirty & ~ST_RIP, 0);
	assert_int_equal(w->vm.mtrrs.type, 0xc06);
	fresh(&w)->vm.policy.mtrr = true;
	w->vm.mtrrs.type = 0xc00;
	assert_read(w, MSR_MTRR_DEF_TYPE, 0xc00);
	fresh(&w)->vm.policy.mtrr = true;
	wrmsr(w, MSR_MTRR_DEF_TYPE, 0x02);
	assert_gp(w);
	world_free(w);
}

/* A CPU without a local APIC to CPUID has it switched off; only firmware looks. */
static void local_apic_is_off_and_stays_so(void **state)
{
	struct world *w = NULL;

	(void)state;
	fresh(&w)->vm.policy.firmware = true;
	assert_read(w, MSR_APIC_BASE, 0xfee00100);
	fresh(&w)->vm.policy.firmware = true;
	assert_int_equal(wrmsr(w, MSR_APIC_BASE, 0xfee00900)->rip,
			 WORLD_CODE + 2);
	world_long(fresh(&w));
	wrmsr(w, MSR_APIC_BASE, 0xfee00100);
	assert_gp(w);
	world_free(w);
}

/* The guest's own registers, and which of them hold linear addresses. */
static const struct {
	uint32_t	number;
	size_t		at;
	bool		linear;
} live[] = {
	{ MSR_SYSENTER_CS, offsetof(struct vcpu, sysenter_cs), false },
	{ MSR_SYSENTER_ESP, offsetof(struct vcpu, sysenter_esp), true },
	{ MSR_SYSENTER_EIP, offsetof(struct vcpu, sysenter_eip), true },
	{ MSR_STAR, offsetof(struct vcpu, star), false },
	{ MSR_LSTAR, offsetof(struct vcpu, lstar), true },
	{ MSR_CSTAR, offsetof(struct vcpu, cstar), true },
	{ MSR_SFMASK, offsetof(struct vcpu, sfmask), false },
	{ MSR_FS_BASE, offsetof(struct vcpu, seg[SEG_FS].base), true },
	{ MSR_GS_BASE, offsetof(struct vcpu, seg[SEG_GS].base), true },
	{ MSR_KERNEL_GS_BASE, offsetof(struct vcpu, kernel_gs_base), true },
};

static uint64_t field(const struct vcpu *v, size_t at)
{
	uint64_t value;

	memcpy(&value, (const uint8_t *)v + at, sizeof(value));
	return value;
}

static void set_field(struct vcpu *v, size_t at, uint64_t value)
{
	memcpy((uint8_t *)v + at, &value, sizeof(value));
}

static void live_registers_are_read(void **state)
{
	struct world *w = NULL;

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(live); i++) {
		set_field(&fresh(&w)->vm.vcpu, live[i].at, OLD + i);
		assert_read(w, live[i].number, OLD + i);
	}
	world_free(w);
}

/* A write changes its register and no other. */
static void live_registers_are_written(void **state)
{
	struct world *w = NULL;

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(live); i++) {
		const struct vcpu *v;
		uint64_t value;

		fresh(&w);
		for (unsigned n = 0; n < ARRAY_SIZE(live); n++)
			set_field(&w->vm.vcpu, live[n].at, OLD + n);
		value = live[i].number == MSR_SFMASK ? 0x123 : CANONICAL | 0x123;
		v = wrmsr(w, live[i].number, value);
		for (unsigned n = 0; n < ARRAY_SIZE(live); n++)
			assert_int_equal(field(v, live[n].at),
					 n == i ? value : OLD + n);
		assert_int_equal(v->rip, WORLD_CODE + 2);
	}
	world_free(w);
}

/* SFMASK masks 32 flags: what CPUs reserve must never reach the hardware's WRMSR. */
static void sfmask_upper_half_is_refused(void **state)
{
	struct world *w = NULL;
	const struct vcpu *v;

	(void)state;
	fresh(&w)->vm.vcpu.sfmask = OLD;
	v = wrmsr(w, MSR_SFMASK, BIT(32));
	assert_int_equal(v->sfmask, OLD);
	assert_gp(w);
	world_free(w);
}

/* SDM 2B "WRMSR": a non-canonical address in an MSR that holds one raises #GP(0). */
static void linear_addresses_must_be_canonical(void **state)
{
	struct world *w = NULL;

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(live); i++) {
		const struct vcpu *v;

		if (live[i].number == MSR_SFMASK)
			continue;
		set_field(&fresh(&w)->vm.vcpu, live[i].at, OLD);
		v = wrmsr(w, live[i].number, NOT_CANONICAL);
		assert_int_equal(field(v, live[i].at), live[i].linear ?
				 OLD : NOT_CANONICAL);
		if (live[i].linear)
			assert_gp(w);
	}
	world_free(w);
}

static void canonical_limits(void **state)
{
	static const struct { uint64_t value; bool fine; } rows[] = {
		{ UINT64_C(0x00007fffffffffff), true },
		{ UINT64_C(0x0000800000000000), false },
		{ UINT64_C(0xffff7fffffffffff), false },
		{ UINT64_C(0xffff800000000000), true },
		{ UINT64_C(0x8000000000000000), false },
		{ UINT64_MAX, true },
	};
	struct world *w = NULL;

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++)
		assert_int_equal(wrmsr(fresh(&w), MSR_LSTAR,
				       rows[i].value)->lstar,
				 rows[i].fine ? rows[i].value : 0);
	world_free(w);
}

/* SDM 3A "IA32_PAT MSR" 11.12.2: types 2, 3 and above 7 are reserved, in each entry. */
static void pat_takes_known_types_only(void **state)
{
	struct world *w = NULL;

	(void)state;
	for (unsigned entry = 0; entry < 8; entry++)
		for (unsigned type = 0; type < 256; type += type < 9 ? 1 : 31) {
			const uint64_t pat = (uint64_t)type << entry * 8;
			const bool known = type < 8 && type != 2 && type != 3;
			const struct vcpu *v = wrmsr(fresh(&w), MSR_PAT, pat);

			assert_int_equal(v->pat, known ? pat : PAT_INIT);
			if (!known)
				assert_gp(w);
		}
	world_free(w);
}

static void pat_is_read(void **state)
{
	world_long(*state);
	assert_read(*state, MSR_PAT, UINT64_C(0x0007040600070406));
}

/* The hardware's EFER may have more bits; the guest sees its own. */
static void efer_reads_the_guests_view(void **state)
{
	struct world *w = *state;

	w->cpu.caps.efer_hidden = true;
	w->cpu.caps.efer_must = EFER_SVME;
	world_long(w);
	assert_read(w, MSR_EFER, EFER_LME | EFER_LMA);
}

static void efer_refuses_what_cpuid_does_not_offer(void **state)
{
	struct world *w = *state;

	world_long(w);
	assert_int_equal(wrmsr(w, MSR_EFER, EFER_LME | EFER_SVME)->efer,
			 EFER_LME | EFER_LMA);
	assert_gp(w);
}

/* The counter at the exit; it cannot be moved. */
static void tsc_is_read(void **state)
{
	assert_read(*state, MSR_TSC, FAKE_TSC + FAKE_GUEST);
}

static void tsc_cannot_be_written(void **state)
{
	world_long(*state);
	wrmsr(*state, MSR_TSC, 0);
	assert_gp(*state);
}

/* DEBUGCTL has no bits here: 0 is all it takes. */
static void a_constant_takes_its_own_value(void **state)
{
	assert_int_equal(wrmsr(*state, MSR_DEBUGCTL, 0)->rip, WORLD_CODE + 2);
}

static void a_constant_refuses_others(void **state)
{
	world_long(*state);
	wrmsr(*state, MSR_DEBUGCTL, 1);
	assert_gp(*state);
}

/* The microcode protocol writes 0 to it and reads the revision: none. */
static void the_microcode_revision_ignores_writes(void **state)
{
	assert_int_equal(wrmsr(*state, MSR_BIOS_SIGN_ID, 0x1234)->rip,
			 WORLD_CODE + 2);
}

static void the_microcode_revision_reads_zero(void **state)
{
	assert_read(*state, MSR_BIOS_SIGN_ID, 0);
}

static const struct CMUnitTest tests[] = {
	WORLD_TEST(refused_reads_raise_gp),
	WORLD_TEST(refused_writes_raise_gp),
	WORLD_TEST(mtrrs_are_there_for_firmware),
	WORLD_TEST(local_apic_is_off_and_stays_so),
	WORLD_TEST(live_registers_are_read),
	WORLD_TEST(live_registers_are_written),
	WORLD_TEST(linear_addresses_must_be_canonical),
	WORLD_TEST(sfmask_upper_half_is_refused),
	WORLD_TEST(canonical_limits),
	WORLD_TEST(pat_takes_known_types_only),
	WORLD_TEST(pat_is_read),
	WORLD_TEST(efer_reads_the_guests_view),
	WORLD_TEST(efer_refuses_what_cpuid_does_not_offer),
	WORLD_TEST(tsc_is_read),
	WORLD_TEST(tsc_cannot_be_written),
	WORLD_TEST(a_constant_takes_its_own_value),
	WORLD_TEST(a_constant_refuses_others),
	WORLD_TEST(the_microcode_revision_ignores_writes),
	WORLD_TEST(the_microcode_revision_reads_zero),
};

WORLD_MAIN(tests)

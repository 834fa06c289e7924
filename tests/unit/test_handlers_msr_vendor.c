/*
 * The MSRs that one vendor's CPUs have and the other's have not, and that kernels read
 * without asking CPUID.
 */
#include "msr_fixture.h"

/* A 64-bit kernel's first code reads it before it has an IDT. */
static void misc_enable_is_intels(void **state)
{
	assert_read(*state, MSR_MISC_ENABLE, 0x1801);
}

static void misc_enable_cannot_be_changed(void **state)
{
	world_long(*state);
	wrmsr(*state, MSR_MISC_ENABLE, 0);
	assert_gp(*state);
}

static void amd_has_no_misc_enable(void **state)
{
	struct world *w = *state;

	w->fake.host.amd = true;
	world_long(w);
	wrmsr(w, MSR_MISC_ENABLE, 0x1801);
	assert_gp(w);
}

/* APM vol. 2 "HWCR": TscFreqSel, which kernels ask for; what it holds may be written. */
static void hwcr_is_amds(void **state)
{
	struct world *w = *state;

	w->fake.host.amd = true;
	assert_read(w, MSR_HWCR, UINT64_C(1) << 24);
}

static void hwcr_takes_what_it_holds(void **state)
{
	struct world *w = *state;

	w->fake.host.amd = true;
	world_long(w);
	assert_int_equal(wrmsr(w, MSR_HWCR, UINT64_C(1) << 24)->rip, WORLD_CODE + 2);
}

static void hwcr_cannot_be_changed(void **state)
{
	struct world *w = *state;

	w->fake.host.amd = true;
	world_long(w);
	wrmsr(w, MSR_HWCR, UINT64_C(1) << 24 | 1);	/* SMMLOCK */
	assert_gp(w);
}

static void others_have_no_hwcr(void **state)
{
	world_long(*state);
	wrmsr(*state, MSR_HWCR, UINT64_C(1) << 24);
	assert_gp(*state);
}

static const struct CMUnitTest tests[] = {
	WORLD_TEST(misc_enable_is_intels),
	WORLD_TEST(misc_enable_cannot_be_changed),
	WORLD_TEST(amd_has_no_misc_enable),
	WORLD_TEST(hwcr_is_amds),
	WORLD_TEST(hwcr_takes_what_it_holds),
	WORLD_TEST(hwcr_cannot_be_changed),
	WORLD_TEST(others_have_no_hwcr),
};

WORLD_MAIN(tests)

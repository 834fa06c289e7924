/*
 * The strategy row by row where the CPU has EPT but no unrestricted guest. What is
 * expected comes from the manuals named beside each test.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/strategy.h"
#include "mmu/x86_defs.h"

#define GUEST_CR4	(CR4_VME | CR4_PSE | CR4_PAE | CR4_PGE | CR4_OSFXSR | \
			 CR4_SMEP | CR4_SMAP | CR4_PKE)
#define IC_EFER		(IC_EFER_READ | IC_EFER_WRITE)

/* SDM 3D "VMX-Fixed Bits in CR0" A.7, "in CR4" A.8; PE and PG are the strategy's. */
static const struct hv_caps caps = {
	.nested = true, .pat_switch = true, .masks = true,
	.cr0_must = CR0_NE, .cr4_must = CR4_VMXE,
	.cr4_can = GUEST_CR4 | CR4_VMXE | CR4_OSXSAVE,
};

static const struct guest_view real = { .cr0 = CR0_ET, .fits = true };
static const struct guest_view unpaged = {
	.cr0 = CR0_ET | CR0_PE, .cr3 = 0x5000, .fits = true,
};
static const struct guest_view paged[] = {
	{ .cr0 = CR0_ET | CR0_PE | CR0_PG | CR0_WP, .cr3 = 0x2000,
	  .cr4 = CR4_PGE | CR4_SMEP, .fits = true },
	{ .cr0 = CR0_ET | CR0_PE | CR0_PG | CR0_AM, .cr3 = 0x3020,
	  .cr4 = CR4_PAE | CR4_VME, .fits = true },
	{ .cr0 = CR0_ET | CR0_PE | CR0_PG | CR0_TS, .cr3 = 0x4018,
	  .cr4 = CR4_PAE | CR4_OSFXSR | CR4_SMAP, .fits = true,
	  .efer = EFER_LME | EFER_LMA | EFER_SCE | EFER_NXE },
};

/* Real mode at IOPL 3 whose vectors are where virtual-8086 mode looks for them. */
static const struct guest_view real_fast = {
	.cr0 = CR0_ET, .fits = true, .ivt_at_zero = true,
	.rflags = RFLAGS_ONE | RFLAGS_IOPL,
};

static struct hw_view ask(const struct guest_view *guest, enum unpaged how,
			  enum vm86 vm86)
{
	const struct rung_options options = {
		.observe = OBSERVE_NONE, .unpaged = how, .vm86 = vm86,
	};
	struct hw_view out;

	strategy(guest, &caps, &rungs[RUNG_VMX_EPT], &options, GUEST_CR4, &out);
	return out;
}

static struct hw_view exact(const struct guest_view *guest)
{
	return ask(guest, UNPAGED_HIDDEN, VM86_EXACT);
}

static struct hw_view fast(const struct guest_view *guest)
{
	return ask(guest, UNPAGED_HIDDEN, VM86_FAST);
}

/* SDM 3C "Restrictions on VMX Operation" 23.8: PE and PG are set, whatever the guest has. */
static void pe_and_pg_are_always_set(void **state)
{
	const struct guest_view *views[] = {
		&real, &unpaged, &paged[0], &paged[1], &paged[2],
	};

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(views); i++)
		for (unsigned o = 0; o < 4; o++) {
			const struct hw_view hw = ask(views[i], o & 1, o >> 1);

			assert_int_equal(hw.cr0 & (CR0_PE | CR0_PG | CR0_NE),
					 CR0_PE | CR0_PG | CR0_NE);
			assert_int_equal(hw.cr0_mask & (CR0_PE | CR0_PG),
					 CR0_PE | CR0_PG);
			assert_int_equal(hw.cr0_own & (CR0_PE | CR0_PG),
					 CR0_PE | CR0_PG);
			assert_true(hw.intercepts & IC_CR0_WRITE);
			assert_true(hw.nested);
			assert_false(hw.unrestricted);
		}
}

/* With paging on nothing is hidden: the guest's own tables, CR4 and EFER. */
static void paged_guests_run_as_they_are(void **state)
{
	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(paged); i++)
		for (unsigned o = 0; o < 4; o++) {
			const struct hw_view hw = ask(&paged[i], o & 1, o >> 1);

			assert_int_equal(hw.ran_as, RAN_NATIVE);
			assert_int_equal(hw.root, ROOT_GUEST);
			assert_int_equal(hw.cr0, paged[i].cr0 | CR0_NE);
			assert_int_equal(hw.cr3, paged[i].cr3);
			assert_int_equal(hw.cr4, paged[i].cr4 | CR4_VMXE);
			/* CPUID tells CR4.PKE. */
			assert_int_equal(hw.cr4_own, ~GUEST_CR4 | CR4_PKE);
			assert_int_equal(hw.efer, paged[i].efer);
			assert_false(hw.vm86_fast);
		}
}

/* CVE-2015-5307, CVE-2015-8104; a page fault is the guest's own. */
static void paged_guests_keep_their_exceptions(void **state)
{
	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(paged); i++)
		assert_int_equal(exact(&paged[i]).exceptions,
				 BIT(VEC_DB) | BIT(VEC_AC));
}

/* CR3 is read and written freely with paging on; with paging off it is not the CPU's. */
static void cr3_exits_only_while_paging_is_off(void **state)
{
	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(paged); i++)
		assert_false(exact(&paged[i]).intercepts & IC_CR3);
	assert_true(exact(&unpaged).intercepts & IC_CR3);
	assert_true(exact(&real).intercepts & IC_CR3);
	assert_true(fast(&real_fast).intercepts & IC_CR3);
}

/*
 * Reads must show LME while the hardware's is clear, writes must not set it. SDM 3C
 * "Checks on Guest Control Registers, Debug Registers, and MSRs" 26.3.1.1.
 */
static void efer_exits_in_every_mode(void **state)
{
	(void)state;
	assert_int_equal(exact(&real).intercepts & IC_EFER, IC_EFER);
	assert_int_equal(exact(&unpaged).intercepts & IC_EFER, IC_EFER);
	for (unsigned i = 0; i < ARRAY_SIZE(paged); i++)
		assert_int_equal(exact(&paged[i]).intercepts & IC_EFER, IC_EFER);
}

/* 26.3.1.1: with CR0.PG set, EFER.LMA must equal LME: neither until the guest pages. */
static void lme_waits_for_paging(void **state)
{
	const uint64_t efer = EFER_LME | EFER_SCE | EFER_NXE;
	struct guest_view guest = unpaged;

	(void)state;
	guest.efer = efer;
	guest.cr4 = CR4_PAE;
	assert_int_equal(exact(&guest).efer, EFER_SCE | EFER_NXE);
	guest.cr0 = CR0_ET;
	assert_int_equal(exact(&guest).efer, EFER_SCE | EFER_NXE);
	guest.cr0 |= CR0_PE | CR0_PG;
	guest.efer |= EFER_LMA;
	assert_int_equal(exact(&guest).efer, efer | EFER_LMA);
}

static void unpaged_code_runs_on_the_hidden_map(void **state)
{
	const struct hw_view hw = exact(&unpaged);

	(void)state;
	assert_int_equal(hw.ran_as, RAN_HIDDEN);
	assert_int_equal(hw.root, ROOT_HIDDEN);
	assert_int_equal(hw.cr0, CR0_ET | CR0_PE | CR0_PG | CR0_NE);
	assert_int_not_equal(hw.cr3, unpaged.cr3);
	assert_false(hw.vm86_fast);
}

/*
 * The map is of 4 MiB pages and open to all rings: PSE must be on. PAE, LA57 and
 * PCIDE mean another format; SMEP and SMAP would fault on user pages; PGE would keep
 * translations. PKE means nothing but in long mode, and RDPKRU asks for it. SDM 3A
 * "Paging-Mode Modifiers" 4.1.3, "Protection Keys" 4.6.2; SDM 2B "RDPKRU".
 */
static void the_hidden_map_needs_its_cr4(void **state)
{
	const uint64_t off = CR4_PAE | CR4_PGE | CR4_LA57 | CR4_PCIDE |
			     CR4_SMEP | CR4_SMAP;
	struct guest_view guest = unpaged;

	(void)state;
	for (unsigned pe = 0; pe < 2; pe++) {
		struct hw_view hw;

		guest.cr0 = CR0_ET | (pe ? CR0_PE : 0);
		guest.cr4 = off | CR4_OSFXSR | CR4_PKE;
		hw = exact(&guest);
		assert_int_equal(hw.cr4, CR4_PSE | CR4_OSFXSR | CR4_PKE | CR4_VMXE);
		assert_int_equal(hw.cr4_own & (off | CR4_PSE), off | CR4_PSE);
		assert_int_equal(hw.cr4_mask & (off | CR4_PSE), off | CR4_PSE);
		assert_true(hw.intercepts & IC_CR4_WRITE);
		guest.cr4 = 0;
		assert_int_equal(exact(&guest).cr4, CR4_PSE | CR4_VMXE);
	}
}

/* The map's hole is the one place where a guest without paging page-faults. */
static void page_faults_exit_on_the_hidden_map(void **state)
{
	(void)state;
	assert_int_equal(exact(&unpaged).exceptions,
			 BIT(VEC_DB) | BIT(VEC_AC) | BIT(VEC_PF));
}

static void real_mode_runs_as_vm86(void **state)
{
	const struct hw_view hw = exact(&real);

	(void)state;
	assert_int_equal(hw.ran_as, RAN_VM86);
	assert_int_equal(hw.root, ROOT_HIDDEN_VM86);
	assert_int_equal(hw.cr0, CR0_ET | CR0_PE | CR0_PG | CR0_NE);
}

/* The CPU would look for handlers in an IDT: SDM 3B "Exception and Interrupt Handling" 20.3. */
static void all_exceptions_of_vm86_exit(void **state)
{
	(void)state;
	assert_int_equal(exact(&real).exceptions, UINT32_MAX);
	assert_int_equal(fast(&real_fast).exceptions, UINT32_MAX);
}

/* vm86 is at CPL 3, where AM and AC check alignment; real mode never does. SDM 3A 2.5 */
static void vm86_has_no_alignment_checks(void **state)
{
	struct guest_view guest = real;
	struct hw_view hw;

	(void)state;
	guest.cr0 |= CR0_AM;
	hw = exact(&guest);
	assert_int_equal(hw.cr0 & CR0_AM, 0);
	assert_int_equal(hw.cr0_mask & CR0_AM, CR0_AM);
	guest.cr0 |= CR0_PE;
	hw = exact(&guest);
	assert_int_equal(hw.cr0 & CR0_AM, CR0_AM);
	assert_int_equal(hw.cr0_own & CR0_AM, 0);
}

/* SDM 3B table 20-2: VME and IOPL 3 let INT n, STI and PUSHF run; exact lets none. */
static void exact_never_has_vme(void **state)
{
	struct guest_view guest = real_fast;
	struct hw_view hw;

	(void)state;
	guest.cr4 = CR4_VME;
	hw = exact(&guest);
	assert_false(hw.vm86_fast);
	assert_int_equal(hw.cr4 & CR4_VME, 0);
	assert_int_equal(hw.cr4_mask & CR4_VME, CR4_VME);
}

static void fast_has_vme_at_iopl_3(void **state)
{
	const struct hw_view hw = fast(&real_fast);

	(void)state;
	assert_true(hw.vm86_fast);
	assert_int_equal(hw.ran_as, RAN_VM86);
	assert_int_equal(hw.cr4 & CR4_VME, CR4_VME);
	assert_int_equal(hw.cr4_mask & CR4_VME, CR4_VME);
}

/* PUSHF would show an IOPL that the guest has not: exact there. */
static void fast_is_exact_below_iopl_3(void **state)
{
	struct guest_view guest = real_fast;

	(void)state;
	for (uint64_t iopl = 0; iopl < 3; iopl++) {
		guest.rflags = RFLAGS_ONE | FIELD_PUT(RFLAGS_IOPL, iopl);
		assert_false(fast(&guest).vm86_fast);
		assert_int_equal(fast(&guest).cr4 & CR4_VME, 0);
	}
}

/* A redirected INT n takes its vector from linear 0, wherever IDTR is. SDM 3B 20.3.3 */
static void fast_is_exact_with_vectors_elsewhere(void **state)
{
	struct guest_view guest = real_fast;

	(void)state;
	guest.ivt_at_zero = false;
	assert_false(fast(&guest).vm86_fast);
	assert_int_equal(fast(&guest).cr4 & CR4_VME, 0);
}

/* In protected mode VME, AM and the exceptions are as without vm86. */
static void fast_is_of_real_mode_only(void **state)
{
	struct guest_view guest = real_fast;
	struct hw_view hw;

	(void)state;
	guest.cr0 |= CR0_PE;
	guest.cr4 = CR4_VME;
	hw = fast(&guest);
	assert_false(hw.vm86_fast);
	assert_int_equal(hw.ran_as, RAN_HIDDEN);
	assert_int_equal(hw.cr4 & CR4_VME, CR4_VME);
	assert_int_equal(hw.cr4_own & CR4_VME, 0);
}

/* What the entry checks would refuse is emulated, in every mode and with every option. */
static void what_does_not_fit_is_emulated(void **state)
{
	const struct guest_view *views[] = {
		&real, &unpaged, &paged[0], &paged[1], &paged[2], &real_fast,
	};

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(views); i++)
		for (unsigned o = 0; o < 4; o++) {
			struct guest_view guest = *views[i];

			guest.fits = false;
			assert_int_equal(ask(&guest, o & 1, o >> 1).ran_as,
					 RAN_EMULATED);
		}
}

/* unpaged=emulate: no code with paging off runs in hardware, all other code does. */
static void emulate_is_of_unpaged_code(void **state)
{
	(void)state;
	for (unsigned vm86 = VM86_EXACT; vm86 <= VM86_FAST; vm86++) {
		assert_int_equal(ask(&real, UNPAGED_EMULATE, vm86).ran_as,
				 RAN_EMULATED);
		assert_int_equal(ask(&unpaged, UNPAGED_EMULATE, vm86).ran_as,
				 RAN_EMULATED);
		for (unsigned i = 0; i < ARRAY_SIZE(paged); i++)
			assert_int_equal(ask(&paged[i], UNPAGED_EMULATE,
					     vm86).ran_as, RAN_NATIVE);
	}
}

/* CR0, CR4 and EFER exit for the rung itself: observing adds PAE and no intercept. */
static void observing_adds_no_intercept(void **state)
{
	const struct rung_options options = { .observe = OBSERVE_MODES };
	const struct hw_view alone = exact(&paged[1]);
	struct hw_view hw;

	(void)state;
	strategy(&paged[1], &caps, &rungs[RUNG_VMX_EPT], &options, GUEST_CR4, &hw);
	assert_int_equal(hw.observing, 0);
	assert_int_equal(hw.intercepts, alone.intercepts);
	assert_int_equal(hw.cr0_mask, alone.cr0_mask);
	assert_int_equal(hw.cr4_mask, alone.cr4_mask | CR4_PAE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pe_and_pg_are_always_set),
		cmocka_unit_test(paged_guests_run_as_they_are),
		cmocka_unit_test(paged_guests_keep_their_exceptions),
		cmocka_unit_test(cr3_exits_only_while_paging_is_off),
		cmocka_unit_test(efer_exits_in_every_mode),
		cmocka_unit_test(lme_waits_for_paging),
		cmocka_unit_test(unpaged_code_runs_on_the_hidden_map),
		cmocka_unit_test(the_hidden_map_needs_its_cr4),
		cmocka_unit_test(page_faults_exit_on_the_hidden_map),
		cmocka_unit_test(real_mode_runs_as_vm86),
		cmocka_unit_test(all_exceptions_of_vm86_exit),
		cmocka_unit_test(vm86_has_no_alignment_checks),
		cmocka_unit_test(exact_never_has_vme),
		cmocka_unit_test(fast_has_vme_at_iopl_3),
		cmocka_unit_test(fast_is_exact_below_iopl_3),
		cmocka_unit_test(fast_is_exact_with_vectors_elsewhere),
		cmocka_unit_test(fast_is_of_real_mode_only),
		cmocka_unit_test(what_does_not_fit_is_emulated),
		cmocka_unit_test(emulate_is_of_unpaged_code),
		cmocka_unit_test(observing_adds_no_intercept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * The strategy row by row where the hardware walks shadow tables: SVM without nested
 * paging, VT-x without EPT. What is expected comes from the manuals named beside each test.
 */
#include <string.h>

#include "strategy_shadow_rows.h"

static void expect(const struct row *row, const struct expected *e,
		   const struct hv_caps *caps)
{
	const struct hw_view hw = ask_row(row, caps);

	same(hw.cr0, e->cr0 | CR0_ET | caps->cr0_must, "CR0", row);
	same(hw.cr4, e->cr4 | caps->cr4_must, "CR4", row);
	same(hw.efer, row->hw_efer | caps->efer_must, "EFER", row);
	same(hw.ran_as, e->ran_as, "ran_as", row);
	same(hw.root, e->root, "root", row);
	assert_false(hw.nested);
	assert_false(hw.unrestricted);
	/* The guest's CR3 names its own memory, never the machine's. */
	same(hw.cr3, 0, "CR3", row);
}

/*
 * APM vol. 2 "Paged Real Mode" 15.19: PG with PE clear. "Canonicalization and
 * Consistency Checks" 15.5.1: LME and PG need PE and PAE; none has LME before LMA.
 */
static void svm_runs_each_mode_on_shadow_tables(void **state)
{
	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++)
		expect(&rows[i], &rows[i].svm, &svm);
}

/*
 * SDM 3C "Restrictions on VMX Operation" 23.8: PE, PG and NE in CR0, VMXE in CR4.
 * "Checks on Guest Control Registers, Debug Registers, and MSRs" 26.3.1.1: with PG
 * set LMA is LME.
 */
static void vmx_runs_each_mode_on_shadow_tables(void **state)
{
	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++)
		expect(&rows[i], &rows[i].vmx, &vmx);
}

/* Tables in a format with 64-bit entries, that bind ring 0 too. SDM 3A 4.1.3, 4.6.1 */
static void whatever_the_guest_sets_paging_is_ours(void **state)
{
	static const uint64_t free_bits[] = {
		CR0_MP, CR0_EM, CR0_TS, CR0_NE, CR0_WP, CR0_AM, CR0_CD,
	};
	const uint64_t kept = CR0_MP | CR0_EM | CR0_TS | CR0_ET;

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++)
		for (unsigned n = 0; n < 1u << ARRAY_SIZE(free_bits); n++) {
			struct guest_view guest = view_of(&rows[i]);
			struct hw_view a, b;

			for (unsigned bit = 0; bit < ARRAY_SIZE(free_bits); bit++)
				if (n & BIT(bit))
					guest.cr0 ^= free_bits[bit];
			a = ask(&guest, &svm);
			b = ask(&guest, &vmx);
			same(a.cr0 & kept, guest.cr0 & kept, "CR0", &rows[i]);
			same(b.cr0 & kept, guest.cr0 & kept, "CR0", &rows[i]);
			same(a.cr0 & (CR0_PG | CR0_WP | CR0_CD | CR0_NW),
			     CR0_PG | CR0_WP, "CR0", &rows[i]);
			same(b.cr0 & (CR0_PG | CR0_WP | CR0_CD | CR0_NW),
			     CR0_PG | CR0_WP, "CR0", &rows[i]);
			same(a.intercepts & IC_CR0_READ, a.cr0 == guest.cr0 ? 0 :
			     IC_CR0_READ, "reads of CR0", &rows[i]);
			same(b.intercepts & IC_CR_READ, 0, "reads", &rows[i]);
		}
}

/*
 * Reads must show the guest's value: a read shadow does, SDM 3C "Guest/Host Masks and
 * Read Shadows for CR0 and CR4" 24.6.6; SVM has none, so reads exit, but only then.
 */
static void reads_exit_exactly_where_they_would_show_us(void **state)
{
	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
		same(ask_row(&rows[i], &svm).intercepts & IC_CR_READ,
		     rows[i].reads, "reads", &rows[i]);
		same(ask_row(&rows[i], &vmx).intercepts & IC_CR_READ, 0,
		     "reads", &rows[i]);
	}
}

/*
 * What changes the meaning of the guest's tables exits in every mode, and a task
 * switch, which loads CR3. APM vol. 2 15.19; SDM 3C "Emulating the Guest's Page
 * Tables" 32.3. The hardware has no PAT for the guest alone.
 */
static void all_that_concerns_tables_exits_in_every_mode(void **state)
{
	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct hw_view a = ask_row(&rows[i], &svm);
		const struct hw_view b = ask_row(&rows[i], &vmx);

		same(a.intercepts & ~IC_CR_READ, IC_ALWAYS | IC_PAT,
		     "intercepts", &rows[i]);
		same(b.intercepts, IC_ALWAYS | IC_PAT, "intercepts", &rows[i]);
		assert_int_equal(a.observing | b.observing, 0);
	}
}

static void a_pat_that_is_switched_does_not_exit(void **state)
{
	struct hv_caps caps = svm;

	(void)state;
	caps.pat_switch = true;
	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++)
		same(ask_row(&rows[i], &caps).intercepts & ~IC_CR_READ,
		     IC_ALWAYS, "intercepts", &rows[i]);
}

/* TS and MP, which change without an exit, decide nothing of paging. */
static void own_bits_of_cr0_are_those_of_paging_and_cache(void **state)
{
	const uint64_t own = CR0_PE | CR0_PG | CR0_WP | CR0_CD | CR0_NW |
			     ~CR0_DEFINED;

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct hw_view a = ask_row(&rows[i], &svm);
		const struct hw_view b = ask_row(&rows[i], &vmx);
		const bool vm86 = rows[i].vmx.ran_as == RAN_VM86;

		same(a.cr0_own, own, "own CR0", &rows[i]);
		same(b.cr0_own, own | CR0_NE | (vm86 ? CR0_AM : 0), "own CR0",
		     &rows[i]);
		same(a.cr0_mask, a.cr0_own, "CR0 mask", &rows[i]);
		same(b.cr0_mask, b.cr0_own, "CR0 mask", &rows[i]);
	}
}

/* SDM 3A "Paging-Mode Modifiers" 4.1.3: what a walk depends on; and what is refused. */
static void own_bits_of_cr4_are_those_of_paging_and_refused_ones(void **state)
{
	const uint64_t paging = CR4_PSE | CR4_PAE | CR4_PGE | CR4_LA57 |
				CR4_PCIDE | CR4_SMEP | CR4_SMAP | CR4_PKE |
				CR4_PKS;

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct hw_view a = ask_row(&rows[i], &svm);
		const struct hw_view b = ask_row(&rows[i], &vmx);
		const bool vm86 = rows[i].vmx.ran_as == RAN_VM86;

		same(a.cr4_own & svm.cr4_can, paging | CR4_MCE | CR4_OSXSAVE,
		     "own CR4", &rows[i]);
		same(b.cr4_own, paging | ~GUEST_CR4 | (vm86 ? CR4_VME : 0),
		     "own CR4", &rows[i]);
		same(a.cr4_mask, a.cr4_own, "CR4 mask", &rows[i]);
		same(b.cr4_mask, b.cr4_own, "CR4 mask", &rows[i]);
	}
}

/* APM vol. 2 15.19: paged real mode without the #PF intercept is undefined. */
static void page_faults_exit_in_every_mode(void **state)
{
	const uint32_t own = BIT(VEC_DB) | BIT(VEC_AC) | BIT(VEC_PF);
	struct hv_caps caps = svm;

	(void)state;
	caps.df_deliver = false;
	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
		same(ask_row(&rows[i], &svm).exceptions, own | BIT(VEC_DF),
		     "exceptions", &rows[i]);
		same(ask_row(&rows[i], &caps).exceptions, own, "exceptions",
		     &rows[i]);
		same(ask_row(&rows[i], &vmx).exceptions,
		     rows[i].vmx.ran_as == RAN_VM86 ? UINT32_MAX : own,
		     "exceptions", &rows[i]);
	}
}

/* Without NX in the CPU, NXE is reserved: what the guest has of it is the policy's affair. */
static void nxe_is_forced_only_where_there_is_nx(void **state)
{
	struct hv_caps a = svm, b = vmx;

	(void)state;
	a.nx = b.nx = false;
	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
		const uint64_t nxe = rows[i].efer & EFER_NXE;

		same(ask_row(&rows[i], &a).efer & EFER_NXE, nxe, "NXE", &rows[i]);
		same(ask_row(&rows[i], &b).efer & EFER_NXE, nxe, "NXE", &rows[i]);
	}
}

/* The hardware shows no LME until the guest has LMA: reads of EFER are to add it. */
static void lme_before_lma_is_told(void **state)
{
	struct hv_caps caps = svm;

	(void)state;
	caps.lme_needs_pae = true;
	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
		const bool held = (rows[i].efer & (EFER_LME | EFER_LMA)) ==
				  EFER_LME;

		same(ask_row(&rows[i], &svm).lme_held, held, "LME", &rows[i]);
		same(ask_row(&rows[i], &caps).lme_held, held, "LME", &rows[i]);
		same(ask_row(&rows[i], &vmx).lme_held, held, "LME", &rows[i]);
		expect(&rows[i], &rows[i].svm, &caps);
	}
}

/* VM entry checks segments, SDM 3C 26.3.1.2; VMRUN loads them as they are, APM 15.5.1. */
static void segments_need_to_fit_vt_x_alone(void **state)
{
	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
		struct guest_view guest = view_of(&rows[i]);

		guest.fits = false;
		same(ask(&guest, &svm).ran_as, rows[i].svm.ran_as, "ran_as",
		     &rows[i]);
		same(ask(&guest, &vmx).ran_as, RAN_EMULATED, "ran_as", &rows[i]);
	}
}

/* unpaged=emulate: no code with paging off runs in hardware, all other code does. */
static void emulate_is_of_unpaged_code(void **state)
{
	const struct rung_options options = {
		.observe = OBSERVE_NONE, .unpaged = UNPAGED_EMULATE,
	};

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct guest_view guest = view_of(&rows[i]);
		const enum ran_as how = rows[i].cr0 & CR0_PG ? RAN_SHADOW :
					RAN_EMULATED;

		same(ask_with(&guest, &svm, &options).ran_as, how, "ran_as",
		     &rows[i]);
		same(ask_with(&guest, &vmx, &options).ran_as, how, "ran_as",
		     &rows[i]);
	}
}

/* SDM 3B 20.3.3: INT n by the IVT at 0 needs VME and IOPL 3; only real mode runs as vm86. */
static void vm86_fast_is_of_vt_x_real_mode_at_iopl_3(void **state)
{
	const struct rung_options fast = {
		.observe = OBSERVE_NONE, .vm86 = VM86_FAST,
	};

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
		struct guest_view guest = view_of(&rows[i]);
		const bool vm86 = rows[i].vmx.ran_as == RAN_VM86;
		struct hw_view hw;

		guest.ivt_at_zero = true;
		assert_false(ask_with(&guest, &vmx, &fast).vm86_fast);
		guest.rflags |= RFLAGS_IOPL;
		hw = ask_with(&guest, &vmx, &fast);
		same(hw.vm86_fast, vm86, "fast", &rows[i]);
		if (vm86)
			same(hw.cr4 & CR4_VME, CR4_VME, "VME", &rows[i]);
		assert_false(ask(&guest, &vmx).vm86_fast);
		assert_false(ask_with(&guest, &svm, &fast).vm86_fast);
		guest.ivt_at_zero = false;
		assert_false(ask_with(&guest, &vmx, &fast).vm86_fast);
	}
}

/* Every change of mode exits for the rung itself: observing costs nothing and shows nothing. */
static void observing_adds_nothing(void **state)
{
	const struct rung_options options = { .observe = OBSERVE_MODES };

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct guest_view guest = view_of(&rows[i]);
		const struct hw_view a = ask_with(&guest, &svm, &options);
		const struct hw_view b = ask_with(&guest, &vmx, &options);

		assert_int_equal(a.observing | b.observing, 0);
		same(a.intercepts, ask(&guest, &svm).intercepts, "intercepts",
		     &rows[i]);
		same(b.cr0_mask, ask(&guest, &vmx).cr0_mask, "CR0 mask",
		     &rows[i]);
		same(b.cr4_mask, ask(&guest, &vmx).cr4_mask, "CR4 mask",
		     &rows[i]);
	}
}

/* How the tables are kept, and whether their translations are tagged, is below the strategy. */
static void sync_and_tags_change_nothing_here(void **state)
{
	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++)
		for (unsigned n = 0; n < 6; n++) {
			const struct rung_options options = {
				.observe = OBSERVE_NONE, .tags = n & 1,
				.sync = n / 2,
			};
			const struct guest_view guest = view_of(&rows[i]);
			const struct hw_view a = ask_with(&guest, &svm, &options);
			const struct hw_view b = ask(&guest, &svm);

			same(a.cr0, b.cr0, "CR0", &rows[i]);
			same(a.cr4, b.cr4, "CR4", &rows[i]);
			same(a.efer, b.efer, "EFER", &rows[i]);
			same(a.intercepts, b.intercepts, "intercepts", &rows[i]);
			same(a.exceptions, b.exceptions, "exceptions", &rows[i]);
			same(a.ran_as, b.ran_as, "ran_as", &rows[i]);
			same(a.root, b.root, "root", &rows[i]);
		}
}

/* No field is left as it was: nothing is cleared beforehand. */
static void every_field_is_answered(void **state)
{
	const struct rung_options options = { .observe = OBSERVE_NONE };
	const struct hv_caps *const caps[] = { &svm, &vmx };
	struct hw_view zeros, noise;

	_Static_assert(sizeof(zeros) == 8 * sizeof(uint64_t) + 5 * sizeof(uint32_t) + 4,
		       "no padding: else compare field by field");
	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(rows) * ARRAY_SIZE(caps); i++) {
		const struct guest_view guest = view_of(&rows[i / 2]);
		const struct rung *rung = &rungs[i & 1 ? RUNG_VMX_SHADOW : RUNG_SVM_SHADOW];

		memset(&zeros, 0, sizeof(zeros));
		memset(&noise, 0xa5, sizeof(noise));
		strategy(&guest, caps[i & 1], rung, &options, GUEST_CR4, &zeros);
		strategy(&guest, caps[i & 1], rung, &options, GUEST_CR4, &noise);
		assert_memory_equal(&zeros, &noise, sizeof(zeros));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_field_is_answered),
		cmocka_unit_test(svm_runs_each_mode_on_shadow_tables),
		cmocka_unit_test(vmx_runs_each_mode_on_shadow_tables),
		cmocka_unit_test(whatever_the_guest_sets_paging_is_ours),
		cmocka_unit_test(reads_exit_exactly_where_they_would_show_us),
		cmocka_unit_test(all_that_concerns_tables_exits_in_every_mode),
		cmocka_unit_test(a_pat_that_is_switched_does_not_exit),
		cmocka_unit_test(own_bits_of_cr0_are_those_of_paging_and_cache),
		cmocka_unit_test(own_bits_of_cr4_are_those_of_paging_and_refused_ones),
		cmocka_unit_test(page_faults_exit_in_every_mode),
		cmocka_unit_test(nxe_is_forced_only_where_there_is_nx),
		cmocka_unit_test(lme_before_lma_is_told),
		cmocka_unit_test(segments_need_to_fit_vt_x_alone),
		cmocka_unit_test(emulate_is_of_unpaged_code),
		cmocka_unit_test(vm86_fast_is_of_vt_x_real_mode_at_iopl_3),
		cmocka_unit_test(observing_adds_nothing),
		cmocka_unit_test(sync_and_tags_change_nothing_here),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

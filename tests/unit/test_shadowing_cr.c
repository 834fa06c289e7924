/*
 * Control registers under shadow tables: which writes bring the tables in step, choose
 * another root and drop translations, and which need none of it.
 * SDM 3A "Operations that Invalidate TLBs and Paging-Structure Caches" 4.10.4.1.
 */
#include "shadowing_fixture.h"

#include "control_fixture.h"

#define MOV_TO(n, r)	.insn_len = 3, .decoded = true,			\
			.cr = { .number = n, .gpr = r, .kind = CR_WRITE }
#define MOV_FROM(n, r)	.insn_len = 3, .decoded = true,			\
			.cr = { .number = n, .gpr = r, .kind = CR_READ }
#define UPPER_HALF	UINT64_C(0xffffffff00000000)

static void (*const modes[])(struct rig *r) = { rig_32bit, rig_pae, rig_long };

static uint32_t committed(const struct rig *r)
{
	assert_true(r->w->fake.entries > 1);
	return r->w->fake.entry[1].dirty;
}

/* A guest in this mode, under way: its root is given and nothing is pending. */
static struct vcpu *under_way(struct rig *r, unsigned mode, enum shadow_sync sync)
{
	rig_sync(r, sync);
	r->w->vm.root_given = 0;
	modes[mode](r);
	GOES_ON(r, FAULT(TEST_VA, 0));
	assert_int_equal(r->w->vm.hw.ran_as, RAN_SHADOW);
	assert_int_not_equal(leaf_of(r, TEST_VA), 0);
	return &r->w->vm.vcpu;
}

static void mov_cr3(struct rig *r, uint64_t value)
{
	r->w->vm.vcpu.gpr[GPR_RAX] = value;
	GOES_ON(r, EXIT_CR, MOV_TO(3, GPR_RAX));
}

/* While all is in step what the hardware remembers is right: nothing to be done. */
static void the_same_cr3_in_step_does_nothing(void **state)
{
	struct rig *r = *state;

	/* PAE loads its PDPTEs anew: there the root is asked for all the same. */
	for (unsigned mode = 0; mode < ARRAY_SIZE(modes); mode += 2) {
		struct vcpu *v = under_way(r, mode, SHADOW_UNSYNC);
		uint64_t root = r->w->vm.hw.cr3;

		mov_cr3(r, v->cr3);
		assert_int_equal(r->w->vm.hw.cr3, root);
		assert_false(committed(r) & ST_ROOT);
		assert_int_equal(r->flushes.all + r->flushes.page, 0);
		assert_int_equal(world_after(r->w, 0)->rip, WORLD_CODE + 3);
	}
}

static void the_same_cr3_brings_tables_back_in_step(void **state)
{
	struct rig *r = *state;

	for (unsigned mode = 0; mode < ARRAY_SIZE(modes); mode++) {
		struct vcpu *v = under_way(r, mode, SHADOW_UNSYNC);

		let_test_table_go(r);
		map(r, 0, HANDLER | TOUCHED);
		mov_cr3(r, v->cr3);
		assert_int_equal(r->w->vm.shadow.unsynced, 0);
		assert_int_equal(leaf_of(r, TEST_VA) & PTE_ADDR,
				 host_of(r, HANDLER & ~PAGE_MASK));
		assert_true(r->flushes.all);
	}
}

/* As a TLB: every MOV to CR3 drops what was filled. */
static void the_same_cr3_drops_all_with_flush(void **state)
{
	struct rig *r = *state;

	for (unsigned mode = 0; mode < ARRAY_SIZE(modes); mode++) {
		struct vcpu *v = under_way(r, mode, SHADOW_FLUSH);

		mov_cr3(r, v->cr3);
		assert_int_equal(leaf_of(r, TEST_VA), 0);
		assert_true(r->flushes.all);
	}
}

static void another_cr3_is_another_root(void **state)
{
	struct rig *r = *state;

	for (unsigned mode = 0; mode < ARRAY_SIZE(modes); mode++) {
		struct vcpu *v = under_way(r, mode, SHADOW_UNSYNC);
		uint64_t root = r->w->vm.hw.cr3, first = v->cr3;

		mov_cr3(r, SECOND_TOP);
		assert_int_equal(v->cr3, SECOND_TOP);
		assert_int_not_equal(r->w->vm.hw.cr3, root);
		assert_true(committed(r) & ST_ROOT);
		assert_true(r->flushes.all);
		mov_cr3(r, first);
		assert_int_equal(r->w->vm.hw.cr3, root);
		assert_true(committed(r) & ST_ROOT);
		assert_true(r->flushes.all);
	}
}

/* A PDPTE with a reserved bit: #GP(0), and all stays. SDM 3A 4.4.1 */
static void bad_pdptes_raise_gp(void **state)
{
	struct rig *r = *state;
	struct vcpu *v = under_way(r, 1, SHADOW_UNSYNC);
	uint64_t root = r->w->vm.hw.cr3;

	put(r, SECOND_TOP, PDPTE_BAD, 8);
	mov_cr3(r, SECOND_TOP);
	assert_fault(r->w, VEC_GP);
	assert_int_equal(world_event(r->w, 0)->error, 0);
	assert_int_equal(v->cr3, WORLD_PDPT);
	assert_int_equal(v->pdpte[0], WORLD_PD | PTE_P);
	assert_int_equal(r->w->vm.hw.cr3, root);
	assert_int_not_equal(leaf_of(r, TEST_VA), 0);
}

/* PDPTEs are loaded by MOV to CR3 alone: edits count from then on, the same CR3 or not. */
static void the_same_cr3_loads_pdptes(void **state)
{
	struct rig *r = *state;
	struct vcpu *v = under_way(r, 1, SHADOW_UNSYNC);

	put(r, WORLD_PDPT, 0, 8);
	assert_int_not_equal(leaf_of(r, TEST_VA), 0);
	mov_cr3(r, v->cr3);
	assert_int_equal(v->pdpte[0], 0);
	assert_int_equal(leaf_of(r, TEST_VA), 0);
	assert_true(r->flushes.all);
}

static void cr3_beyond_maxphyaddr_raises_gp_in_long_mode(void **state)
{
	struct rig *r = *state;
	struct vcpu *v = under_way(r, 2, SHADOW_UNSYNC);
	uint64_t root = r->w->vm.hw.cr3;

	mov_cr3(r, BIT(40) | WORLD_PML4);	/* world_host(): 40 bits */
	assert_fault(r->w, VEC_GP);
	assert_int_equal(v->cr3, WORLD_PML4);
	assert_int_equal(r->w->vm.hw.cr3, root);
	mov_cr3(r, BIT(39) | WORLD_PML4);	/* no memory there, but legal */
	assert_int_equal(v->cr3, BIT(39) | WORLD_PML4);
}

/* Outside 64-bit code the operand has 32 bits, whatever the register's upper half holds. */
static void upper_halves_do_not_count_outside_64_bit_code(void **state)
{
	struct rig *r = *state;

	for (unsigned mode = 0; mode < 2; mode++) {
		struct vcpu *v = under_way(r, mode, SHADOW_UNSYNC);

		mov_cr3(r, UPPER_HALF | SECOND_TOP);
		assert_int_equal(v->cr3, SECOND_TOP);
		assert_int_equal(world_after(r->w, 0)->rip, WORLD_CODE + 3);
		GOES_ON(r, EXIT_CR, MOV_FROM(3, GPR_RBX));
		assert_int_equal(v->gpr[GPR_RBX], SECOND_TOP);
	}
}

/* RSP as the operand, both ways: it is not at hand after each exit. */
static void cr3_by_way_of_rsp(void **state)
{
	struct rig *r = *state;
	struct vcpu *v = under_way(r, 0, SHADOW_UNSYNC);

	v->gpr[GPR_RSP] = SECOND_TOP;
	GOES_ON(r, EXIT_CR, MOV_TO(3, GPR_RSP));
	assert_int_equal(v->cr3, SECOND_TOP);
	mov_cr3(r, WORLD_PML4);
	GOES_ON(r, EXIT_CR, MOV_FROM(3, GPR_RSP));
	assert_int_equal(world_after(r->w, 0)->gpr[GPR_RSP], WORLD_PML4);
}

/* What changes how tables are read: in step, another root, no old translations. */
static void a_change_of_paging_is_another_root(void **state)
{
	static const struct { unsigned mode, cr; uint64_t flip; } rows[] = {
		{ 0, 0, CR0_WP }, { 1, 0, CR0_WP }, { 2, 0, CR0_WP },
		{ 0, 4, CR4_PSE }, { 0, 0, CR0_PG }, { 1, 0, CR0_PG },
	};
	struct rig *r = *state;

	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
		struct vcpu *v = under_way(r, rows[i].mode, SHADOW_UNSYNC);
		uint64_t root = r->w->vm.hw.cr3;

		let_test_table_go(r);
		v->gpr[GPR_RAX] = (rows[i].cr ? v->cr4 : v->cr0) ^ rows[i].flip;
		GOES_ON(r, EXIT_CR, MOV_TO(rows[i].cr, GPR_RAX));
		assert_int_equal(rows[i].cr ? v->cr4 : v->cr0, v->gpr[GPR_RAX]);
		assert_int_equal(r->w->vm.shadow.unsynced, 0);
		assert_int_not_equal(r->w->vm.hw.cr3, root);
		assert_true(committed(r) & ST_ROOT);
		assert_true(r->flushes.all);
	}
}

/* With WP clear SMEP and SMAP decide which leaves can stand for both sides. */
static void smep_is_another_root_where_wp_is_clear(void **state)
{
	struct rig *r = *state;
	struct vcpu *v = under_way(r, 2, SHADOW_UNSYNC);
	uint64_t root;

	v->gpr[GPR_RAX] = v->cr0 & ~CR0_WP;
	GOES_ON(r, EXIT_CR, MOV_TO(0, GPR_RAX));
	root = r->w->vm.hw.cr3;
	v->gpr[GPR_RAX] = v->cr4 | CR4_SMEP;
	GOES_ON(r, EXIT_CR, MOV_TO(4, GPR_RAX));
	assert_int_not_equal(r->w->vm.hw.cr3, root);
	assert_true(r->flushes.all);
}

/* EFER.NXE decides whether bit 63 of an entry is reserved. */
static void nxe_is_another_root(void **state)
{
	struct rig *r = *state;

	for (unsigned mode = 1; mode < ARRAY_SIZE(modes); mode++) {
		struct vcpu *v = under_way(r, mode, SHADOW_UNSYNC);
		uint64_t root = r->w->vm.hw.cr3, efer = v->efer ^ EFER_NXE;

		let_test_table_go(r);
		v->gpr[GPR_RCX] = MSR_EFER;
		v->gpr[GPR_RAX] = (uint32_t)efer;
		v->gpr[GPR_RDX] = 0;
		GOES_ON(r, EXIT_MSR, .insn_len = 2, .msr.write = true);
		assert_int_equal(v->efer, efer);
		assert_int_equal(r->w->vm.shadow.unsynced, 0);
		assert_int_not_equal(r->w->vm.hw.cr3, root);
		assert_true(committed(r) & ST_ROOT);
		assert_true(r->flushes.all);
	}
}

/* CR0.TS and the like concern no table. */
static void other_bits_keep_the_root(void **state)
{
	struct rig *r = *state;
	struct vcpu *v = under_way(r, 0, SHADOW_UNSYNC);
	uint64_t root = r->w->vm.hw.cr3;

	v->gpr[GPR_RAX] = v->cr0 ^ (CR0_TS | CR0_MP | CR0_AM);
	GOES_ON(r, EXIT_CR, MOV_TO(0, GPR_RAX));
	assert_int_equal(v->cr0, v->gpr[GPR_RAX]);
	assert_int_equal(r->w->vm.hw.cr3, root);
	assert_false(committed(r) & ST_ROOT);
	assert_int_equal(r->flushes.all, 0);
	assert_int_not_equal(leaf_of(r, TEST_VA), 0);
}

/* In step nothing stale can be remembered: INVLPG is only stepped over. */
static void invlpg_in_step_does_nothing(void **state)
{
	struct rig *r = *state;

	for (unsigned mode = 0; mode < ARRAY_SIZE(modes); mode++) {
		(void)under_way(r, mode, SHADOW_PROTECT);
		GOES_ON(r, EXIT_INVLPG, .insn_len = 3, .decoded = true,
			.address = gva(TEST_VA));
		assert_int_equal(r->flushes.all + r->flushes.page, 0);
		assert_int_equal(world_after(r->w, 0)->rip, WORLD_CODE + 3);
		assert_int_not_equal(leaf_of(r, TEST_VA), 0);
	}
}

/* Out of step: this one entry is brought back, and this one translation dropped. */
static void invlpg_out_of_step_drops_one_page(void **state)
{
	struct rig *r = *state;

	for (unsigned mode = 0; mode < ARRAY_SIZE(modes); mode++) {
		(void)under_way(r, mode, SHADOW_UNSYNC);
		map(r, 1, DATA | TOUCHED);
		GOES_ON(r, FAULT(TEST_VA + PAGE_SIZE, 0));
		let_test_table_go(r);
		map(r, 0, HANDLER | TOUCHED);
		map(r, 1, HANDLER | TOUCHED);
		GOES_ON(r, EXIT_INVLPG, .insn_len = 3, .decoded = true,
			.address = gva(TEST_VA + 0x123));
		assert_int_equal(r->flushes.page, 1);
		assert_int_equal(r->flushes.all, 0);
		assert_int_equal(r->flushes.last & ~PAGE_MASK, TEST_VA);
		assert_int_equal(leaf_of(r, TEST_VA) & PTE_ADDR,
				 host_of(r, HANDLER & ~PAGE_MASK));
		assert_int_equal(leaf_of(r, TEST_VA + PAGE_SIZE) & PTE_ADDR,
				 host_of(r, DATA));
	}
}

/* Read from memory, its operand is DS's: the base that the CPU has now. */
static void invlpg_adds_the_base_of_ds(void **state)
{
	static const uint8_t code[] = { 0x0f, 0x01, 0x38 };	/* INVLPG [EAX] */
	struct rig *r = *state;
	struct vcpu *v = &r->w->vm.vcpu;
	struct exit exit = { .reason = EXIT_INVLPG };

	rig_32bit(r);
	world_code(r->w, code, sizeof(code));
	let_test_table_go(r);
	v->gpr[GPR_RAX] = TEST_VA - DATA;
	v->valid &= ~ST_DS;
	v->dirty = 0;
	v->seg[SEG_DS].base = 0;
	r->w->fake.cpu.seg[SEG_DS].base = DATA;
	map(r, 0, OUTSIDE | TOUCHED);
	assert_int_equal(handle_invlpg(&r->w->vm, &exit), ACT_ADVANCE);
	assert_int_equal(exit.insn_len, sizeof(code));
	assert_int_equal(exit.address.v, TEST_VA);
	assert_false(leaf_of(r, TEST_VA));
}

/* With flush, every INVLPG of what is filled drops it, and the hardware's with it. */
static void invlpg_with_flush_drops_the_entry(void **state)
{
	struct rig *r = *state;

	for (unsigned mode = 0; mode < ARRAY_SIZE(modes); mode++) {
		(void)under_way(r, mode, SHADOW_FLUSH);
		GOES_ON(r, EXIT_INVLPG, .insn_len = 3, .decoded = true,
			.address = gva(TEST_VA));
		assert_int_equal(leaf_of(r, TEST_VA), 0);
		assert_true(r->flushes.all + r->flushes.page);
	}
}

static const struct CMUnitTest tests[] = {
	BOTH(invlpg_adds_the_base_of_ds),
	BOTH(the_same_cr3_in_step_does_nothing),
	BOTH(the_same_cr3_brings_tables_back_in_step),
	BOTH(the_same_cr3_drops_all_with_flush),
	BOTH(another_cr3_is_another_root),
	BOTH(bad_pdptes_raise_gp),
	BOTH(the_same_cr3_loads_pdptes),
	BOTH(cr3_beyond_maxphyaddr_raises_gp_in_long_mode),
	BOTH(upper_halves_do_not_count_outside_64_bit_code),
	BOTH(cr3_by_way_of_rsp),
	BOTH(a_change_of_paging_is_another_root),
	BOTH(smep_is_another_root_where_wp_is_clear),
	BOTH(nxe_is_another_root),
	BOTH(other_bits_keep_the_root),
	BOTH(invlpg_in_step_does_nothing),
	BOTH(invlpg_out_of_step_drops_one_page),
	BOTH(invlpg_with_flush_drops_the_entry),
};

WORLD_MAIN(tests)

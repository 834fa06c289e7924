/*
 * The next bytes of code under shadow tables: the page looked at last is believed while
 * the hardware fetches from it, and no longer. What is expected is what lies where the
 * hardware's own tables lead.
 */
#include "shadowing_fixture.h"

#include "core/insn.h"

#define CODE_VA		TEST_VA		/* under the table that the tests write */
#define OTHER		0xd000u		/* another frame for it */
#define THIRD		0xe000u
#define TABLE_SECOND	0x6000u		/* what is the second root's own, bottom up */
#define PD_SECOND	0xf000u
#define PDPT_SECOND	0x11000u
#define MANY_TOPS	0x20000u	/* directories of many roots */

#define BYTES(n)	(UINT64_C(0x0101010101010101) * (n))

static void (*const modes[])(struct rig *r) = { rig_32bit, rig_pae, rig_long };

/* Different code in each frame; the guest at CODE_VA, which the hardware has fetched. */
static struct vcpu *running(struct rig *r, unsigned mode, enum shadow_sync sync)
{
	struct vcpu *v = &r->w->vm.vcpu;

	rig_sync(r, sync);
	r->w->vm.root_given = 0;
	memset(r->w->vm.code_page, 0, sizeof(r->w->vm.code_page));
	modes[mode](r);
	put(r, DATA, BYTES(1), 8);
	put(r, OTHER, BYTES(2), 8);
	put(r, THIRD, BYTES(3), 8);
	control_apply(&r->w->vm);
	v->rip = CODE_VA;
	return v;
}

/* The CPU fetches at CODE_VA: what it finds, filled first where it must be. */
static uint64_t fetched(struct rig *r)
{
	struct vm *vm = &r->w->vm;
	uint64_t leaf, code;

	if (!leaf_of(r, CODE_VA)) {
		struct exit exit = { .reason = FAULT(CODE_VA, 0) };

		assert_int_equal(handle_exception(vm, &exit), ACT_RESUME);
		assert_int_equal(exit.reason, EXIT_SHADOW);
	}
	/* It was entered to get there: what had been edited is committed. */
	vm->vcpu.dirty = 0;
	leaf = leaf_of(r, CODE_VA);
	assert_int_not_equal(leaf, 0);
	memcpy(&code, hpa_ptr(hpa(leaf & PTE_ADDR)), sizeof(code));
	return code;
}

/* Looked at as the CPU has fetched it. */
#define assert_peeks(r, n) do {						\
	assert_int_equal(fetched(r), BYTES(n));				\
	assert_int_equal(insn_peek(&(r)->w->vm), BYTES(n));		\
} while (0)

/* The emulator's store to a table, told to the shadow beforehand. */
static void write_entry(struct rig *r, uint64_t at, uint64_t entry)
{
	shadowing_written(&r->w->vm, gpa(at), entry_size(r));
	put(r, at, entry, entry_size(r));
}

static void what_is_known_is_the_page_fetched(void **state)
{
	struct rig *r = *state;

	for (unsigned mode = 0; mode < ARRAY_SIZE(modes); mode++) {
		struct vcpu *v = running(r, mode, SHADOW_UNSYNC);

		assert_peeks(r, 1);
		/* The code itself may change at any time. */
		put(r, DATA + 8, BYTES(7), 8);
		v->rip = CODE_VA + 8;
		assert_int_equal(insn_peek(&r->w->vm), BYTES(7));
		put(r, DATA + 8, BYTES(8), 8);
		assert_int_equal(insn_peek(&r->w->vm), BYTES(8));
	}
}

/* Its entry is written under protection: the leaf goes, and with it what was known. */
static void a_written_entry_is_seen(void **state)
{
	struct rig *r = *state;

	for (unsigned mode = 0; mode < ARRAY_SIZE(modes); mode++) {
		(void)running(r, mode, SHADOW_PROTECT);
		assert_peeks(r, 1);
		write_entry(r, entry_at(r, 0), OTHER | TOUCHED);
		assert_peeks(r, 2);
		write_entry(r, entry_at(r, 0), THIRD | TOUCHED);
		assert_peeks(r, 3);
	}
}

/* The directory's entry too: another table for the same address. */
static void a_written_directory_is_seen(void **state)
{
	static const uint64_t at[] = { WORLD_PML4 + 4, WORLD_PD + 16, WORLD_PD + 16 };
	struct rig *r = *state;

	for (unsigned mode = 0; mode < ARRAY_SIZE(modes); mode++) {
		(void)running(r, mode, SHADOW_PROTECT);
		put(r, TABLE_SECOND, OTHER | TOUCHED, entry_size(r));
		assert_peeks(r, 1);
		write_entry(r, at[mode], TABLE_SECOND | TOUCHED);
		assert_peeks(r, 2);
	}
}

/* A table let go: the guest remaps its code, and says so with INVLPG. */
static void code_remapped_with_invlpg_is_seen(void **state)
{
	static const enum shadow_sync syncs[] = { SHADOW_UNSYNC, SHADOW_FLUSH };
	struct rig *r = *state;

	for (unsigned i = 0; i < ARRAY_SIZE(modes) * ARRAY_SIZE(syncs); i++) {
		struct exit invlpg = { .reason = EXIT_INVLPG, .insn_len = 3,
				       .decoded = true, .address = gva(CODE_VA) };
		struct exit write = { .reason = FAULT(TABLE_TEST, PFEC_W) };

		(void)running(r, i / 2, syncs[i % 2]);
		assert_peeks(r, 1);
		(void)handle_exception(&r->w->vm, &write);
		assert_true(leaf_of(r, TABLE_TEST) & PTE_W);
		for (unsigned n = 2; n <= 3; n++) {
			map(r, 0, (n == 2 ? OTHER : THIRD) | TOUCHED);
			assert_int_equal(handle_invlpg(&r->w->vm, &invlpg), ACT_ADVANCE);
			assert_peeks(r, n);
		}
	}
}

/* No flush, no change: the CPU still fetches from the old page, which the guest has overmapped. */
static void code_remapped_without_a_flush_is_the_old(void **state)
{
	static const enum shadow_sync syncs[] = { SHADOW_UNSYNC, SHADOW_FLUSH };
	static const uint8_t cpuid[] = { 0x66, 0x0f, 0xa2 }, nops[] = { 0x90, 0x90, 0x90 };
	const struct exit exit = { .reason = EXIT_CPUID };
	struct rig *r = *state;

	for (unsigned i = 0; i < ARRAY_SIZE(modes) * ARRAY_SIZE(syncs); i++) {
		struct exit write = { .reason = FAULT(TABLE_TEST, PFEC_W) };

		(void)running(r, i / 2, syncs[i % 2]);
		(void)fetched(r);
		(void)handle_exception(&r->w->vm, &write);
		memcpy(r->w->ram + DATA, cpuid, sizeof(cpuid));
		memcpy(r->w->ram + OTHER, nops, sizeof(nops));
		map(r, 0, OTHER | TOUCHED);
		r->w->vm.vcpu.dirty = 0;
		assert_int_equal(insn_peek(&r->w->vm) & 0xffffff, 0xa20f66);
		assert_int_equal(insn_length(&r->w->vm, &exit), sizeof(cpuid));
		/* Gone at last, it is not the instruction that made the exit. */
		shadowing_flush(&r->w->vm);
		control_apply(&r->w->vm);
		assert_int_equal(insn_length(&r->w->vm, &exit), 0);
	}
}

/* What made the exit, prefixed or not, and nothing else, has a length. */
static void only_what_made_the_exit_has_a_length(void **state)
{
	static const struct { enum exit_reason reason; uint8_t code[4], plain, length; } rows[] = {
		{ EXIT_CPUID, { 0x0f, 0xa2 }, 2, 3 }, { EXIT_MSR, { 0x0f, 0x32 }, 2, 3 },
		{ EXIT_MSR, { 0x0f, 0x30 }, 2, 3 }, { EXIT_CACHE, { 0x0f, 0x08 }, 2, 3 },
		{ EXIT_CACHE, { 0x0f, 0x09 }, 2, 3 }, { EXIT_HLT, { 0xf4 }, 1, 2 },
		{ EXIT_HYPERCALL, { 0x0f, 0x01, 0xd9 }, 3, 4 },
		{ EXIT_HYPERCALL, { 0x0f, 0x01, 0xc1 }, 3, 4 },
	};
	struct rig *r = *state;
	struct vcpu *v = running(r, 0, SHADOW_UNSYNC);

	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++)
		for (unsigned k = 0; k < ARRAY_SIZE(rows); k++) {
			struct exit exit = { .reason = rows[i].reason };
			bool made = rows[i].reason == rows[k].reason;

			v->rip = CODE_VA;
			memcpy(r->w->ram + DATA, rows[k].code, 4);
			assert_int_equal(insn_length(&r->w->vm, &exit), made * rows[k].plain);
			put(r, DATA, 0x3e, 1);
			memcpy(r->w->ram + DATA + 1, rows[k].code, 4);
			assert_int_equal(insn_length(&r->w->vm, &exit), made * rows[k].length);
		}
}

/* The same by MOV to CR3, in every policy. */
static void code_remapped_with_cr3_is_seen(void **state)
{
	struct rig *r = *state;

	for (unsigned i = 0; i < 3 * ARRAY_SIZE(modes); i++) {
		enum shadow_sync sync = (enum shadow_sync)(i % 3);
		struct vcpu *v = running(r, i / 3, sync);

		assert_peeks(r, 1);
		if (sync == SHADOW_PROTECT) {
			write_entry(r, entry_at(r, 0), OTHER | TOUCHED);
		} else {
			struct exit write = { .reason = FAULT(TABLE_TEST, PFEC_W) };

			(void)handle_exception(&r->w->vm, &write);
			map(r, 0, OTHER | TOUCHED);
		}
		assert_true(control_write_cr3(&r->w->vm, v->cr3));
		assert_peeks(r, 2);
	}
}

/* Two address spaces with different code at one address, back and forth. */
static void each_root_has_its_own_page(void **state)
{
	struct rig *r = *state;

	for (unsigned i = 0; i < 3 * ARRAY_SIZE(modes); i++) {
		unsigned mode = i / 3;
		struct vcpu *v = running(r, mode, (enum shadow_sync)(i % 3));
		uint64_t first = v->cr3;

		put(r, TABLE_SECOND, OTHER | TOUCHED, entry_size(r));
		if (mode == 0) {
			put(r, SECOND_TOP + 4, TABLE_SECOND | TOUCHED, 4);
		} else {
			/* A directory of its own, and for long mode the level between. */
			put(r, PD_SECOND + 16, TABLE_SECOND | TOUCHED, 8);
			put(r, mode == 1 ? SECOND_TOP : PDPT_SECOND,
			    PD_SECOND | (mode == 1 ? PTE_P : TOUCHED), 8);
			if (mode == 2)
				put(r, SECOND_TOP, PDPT_SECOND | TOUCHED, 8);
		}
		for (unsigned n = 0; n < 3; n++) {
			assert_peeks(r, 1);
			assert_true(control_write_cr3(&r->w->vm, SECOND_TOP));
			assert_peeks(r, 2);
			assert_true(control_write_cr3(&r->w->vm, first));
		}
	}
}

/* Shadow pages are taken back and stand for other things: the same root number, too. */
static void a_root_used_again_is_not_the_old_one(void **state)
{
	struct rig *r = *state;

	for (unsigned mode = 0; mode < ARRAY_SIZE(modes); mode++) {
		(void)running(r, mode, SHADOW_FLUSH);
		assert_peeks(r, 1);
		map(r, 0, OTHER | TOUCHED);
		/* Everything goes, and the root comes back under any number. */
		shadowing_flush(&r->w->vm);
		control_apply(&r->w->vm);
		assert_peeks(r, 2);
	}
}

/* Paging off: the address is the guest-physical one, not what was known before. */
static void paging_off_is_seen(void **state)
{
	struct rig *r = *state;
	struct vcpu *v = running(r, 0, SHADOW_UNSYNC);

	v->rip = OTHER;
	map(r, 0, DATA | TOUCHED);
	put(r, TABLE_LOW + (OTHER >> PAGE_SHIFT) * 4, DATA | TOUCHED, 4);
	assert_int_equal(insn_peek(&r->w->vm), BYTES(1));
	assert_int_equal(insn_peek(&r->w->vm), BYTES(1));
	assert_true(control_write_cr0(&r->w->vm, v->cr0 & ~CR0_PG));
	assert_int_equal(insn_peek(&r->w->vm), BYTES(2));
}

/* What is known is one page's: its neighbour has its own code. */
static void another_page_is_looked_at(void **state)
{
	struct rig *r = *state;

	for (unsigned mode = 0; mode < ARRAY_SIZE(modes); mode++) {
		struct vcpu *v = running(r, mode, SHADOW_UNSYNC);

		map(r, 1, OTHER | TOUCHED);
		assert_peeks(r, 1);
		v->rip = CODE_VA + PAGE_SIZE;
		assert_int_equal(insn_peek(&r->w->vm), BYTES(2));
	}
}

/* More roots than pages are known: none is taken for another. */
static void many_roots_are_told_apart(void **state)
{
	struct rig *r = *state;

	(void)running(r, 0, SHADOW_UNSYNC);
	put(r, TABLE_SECOND, OTHER | TOUCHED, 4);
	for (unsigned i = 0; i < 4 * CODE_PAGES; i++) {
		uint32_t top = MANY_TOPS + i / 2 * PAGE_SIZE;

		put(r, top + 4, (i / 8 & 1 ? TABLE_SECOND : TABLE_TEST) | TOUCHED, 4);
		assert_true(control_write_cr3(&r->w->vm, top));
		assert_peeks(r, (i / 8 & 1) + 1);
		assert_true(control_write_cr3(&r->w->vm, WORLD_PML4));
		assert_peeks(r, 1);
	}
	for (unsigned i = 0; i < 2 * CODE_PAGES; i++) {
		assert_true(control_write_cr3(&r->w->vm, MANY_TOPS + i * PAGE_SIZE));
		assert_peeks(r, (i / 4 & 1) + 1);
	}
}

/* Neither read nor remembered: no memory there, or no translation. */
static void what_cannot_be_read_is_nothing(void **state)
{
	struct rig *r = *state;

	for (unsigned mode = 0; mode < ARRAY_SIZE(modes); mode++) {
		(void)running(r, mode, SHADOW_UNSYNC);
		map(r, 0, OUTSIDE | TOUCHED);
		assert_int_equal(insn_peek(&r->w->vm), 0);
		map(r, 0, 0);
		assert_int_equal(insn_peek(&r->w->vm), 0);
		map(r, 0, DATA | TOUCHED);
		assert_peeks(r, 1);
	}
}

static const struct CMUnitTest tests[] = {
	BOTH(what_is_known_is_the_page_fetched),
	BOTH(a_written_entry_is_seen),
	BOTH(a_written_directory_is_seen),
	BOTH(code_remapped_with_invlpg_is_seen),
	BOTH(code_remapped_without_a_flush_is_the_old),
	BOTH(only_what_made_the_exit_has_a_length),
	BOTH(code_remapped_with_cr3_is_seen),
	BOTH(each_root_has_its_own_page),
	BOTH(a_root_used_again_is_not_the_old_one),
	BOTH(paging_off_is_seen),
	BOTH(another_page_is_looked_at),
	BOTH(many_roots_are_told_apart),
	BOTH(what_cannot_be_read_is_nothing),
};

WORLD_MAIN(tests)

/*
 * The guest reaches no memory but its own: every leaf of the nested tables that
 * hv_start() builds, read bit by bit as the hardware would, in both formats.
 * APM vol. 2 "Nested Paging" 15.25; SDM 3C "The Extended Page Table Mechanism" 28.3.
 */
#include "hv_fixture.h"

#define LEVELS		4
#define ENTRIES		512
#define LEAF_BIT	BIT(7)		/* PS, above the lowest level, in both formats */
#define RIGHTS		(BIT(0) | BIT(1) | BIT(2))
#define WRITABLE	BIT(1)		/* R/W; EPT: write */
#define FRAME		BITS(51, 12)

struct found {
	struct hv_bench	*bench;
	bool		ept;
	unsigned	largest;
	uint64_t	leaves[LEVELS], bytes, rom;
};

static bool inside(uint64_t at, uint64_t size, uint64_t base, uint64_t length)
{
	return at >= base && at - base < length && size <= length - (at - base);
}

static void check_leaf(struct found *f, uint64_t entry, uint64_t at,
		       unsigned level)
{
	const struct hv_bench *b = f->bench;
	const uint64_t size = PAGE_SIZE << (9 * level);
	const uint64_t host = entry & FRAME;
	const uint64_t ram = b->start.guest_ram.v;
	const bool is_ram = inside(host, size, ram, b->cmdline.memory);

	assert_true(level <= f->largest);
	assert_int_equal(host & (size - 1), 0);
	if (!is_ram)
		assert_true(inside(host, size, (uintptr_t)b->image,
				   b->load.image.size));
	/* RAM is where the guest expects it; ROM cannot be written. */
	if (is_ram)
		assert_int_equal(host - ram, at);
	assert_int_equal(!(entry & WRITABLE), !is_ram);
	/* Read and execute: P and U, no NX; in EPT, R and X, write-back memory. */
	assert_int_equal(entry & RIGHTS & ~WRITABLE, BIT(0) | BIT(2));
	if (f->ept)
		assert_int_equal(entry & BITS(5, 3), UINT64_C(6) << 3);
	else
		assert_int_equal(entry & (BIT(63) | BIT(3) | BIT(4)), 0);
	f->leaves[level]++;
	f->bytes += size;
	f->rom += is_ram ? 0 : size;
}

static void check_table(struct found *f, uint64_t table, uint64_t base,
			unsigned level)
{
	/* Tables are the hypervisor's own frames, never the guest's. */
	assert_true(inside(table, PAGE_SIZE, (uintptr_t)f->bench->frames,
			   HV_FRAMES * PAGE_SIZE));
	for (unsigned i = 0; i < ENTRIES; i++) {
		const uint64_t at = base + ((uint64_t)i << (12 + 9 * level));
		uint64_t entry;

		memcpy(&entry, (uint8_t *)(uintptr_t)table + i * 8, 8);
		if (!(entry & (f->ept ? RIGHTS : BIT(0))))
			continue;
		if (!level || (entry & LEAF_BIT))
			check_leaf(f, entry, at, level);
		else
			check_table(f, entry & FRAME, at, level - 1);
	}
}

static void look(struct fake *fake, struct vm *vm)
{
	struct found *f = fake->opaque;

	f->ept = vm->nested.format == &pt_format_ept;
	check_table(f, vm->nested.root.v, 0, LEVELS - 1);
}

static struct found find(struct hv_bench *b, enum rung_id rung,
			 unsigned largest)
{
	struct found f = { .bench = b, .largest = largest };

	b->cmdline.rung = &rungs[rung];
	b->fake.caps.nested_largest = largest;
	b->fake.look = look;
	b->fake.opaque = &f;
	assert_int_equal(hv_start(&b->start), HV_OK);
	assert_string_equal(text_of(hv_last(b, "end"), "end"), "halt");
	assert_true(f.ept == (rung == RUNG_VMX_UG));
	return f;
}

static void assert_leaves(const struct found *f, uint64_t of_4k, uint64_t of_2m,
			  uint64_t of_1g)
{
	assert_int_equal(f->leaves[0], of_4k);
	assert_int_equal(f->leaves[1], of_2m);
	assert_int_equal(f->leaves[2], of_1g);
}

/* 6 MiB, aligned: three large pages. */
static void ram_is_mapped_with_2m_pages(void **state)
{
	const struct found f = find(*state, RUNG_SVM_NPT, 1);

	assert_leaves(&f, 0, 3, 0);
	assert_int_equal(f.bytes, HV_MEMORY);
}

static void ept_maps_ram_alike(void **state)
{
	const struct found f = find(*state, RUNG_VMX_UG, 1);

	assert_leaves(&f, 0, 3, 0);
	assert_int_equal(f.bytes, HV_MEMORY);
}

/* 1 GiB and 6 MiB more, where the CPU has 1 GiB pages. */
static void ram_is_mapped_with_1g_pages(void **state)
{
	struct hv_bench *b = *state;
	struct found f;

	b->cmdline.memory = SIZE_1G + HV_MEMORY;
	f = find(b, RUNG_SVM_NPT, 2);
	assert_leaves(&f, 0, 3, 1);
	assert_int_equal(f.bytes, SIZE_1G + HV_MEMORY);
}

static void a_cpu_without_1g_pages_gets_2m_ones(void **state)
{
	struct hv_bench *b = *state;
	struct found f;

	b->cmdline.memory = SIZE_1G + HV_MEMORY;
	f = find(b, RUNG_VMX_UG, 1);
	assert_leaves(&f, 0, 512 + 3, 0);
}

static void a_cpu_without_large_pages_gets_small_ones(void **state)
{
	const struct found f = find(*state, RUNG_SVM_NPT, 0);

	assert_leaves(&f, HV_MEMORY / PAGE_SIZE, 0, 0);
}

/* RAM that the host could not align is still mapped whole. */
static void unaligned_ram_is_mapped_with_small_pages(void **state)
{
	struct hv_bench *b = *state;
	struct found f;

	b->start.guest_ram.v += PAGE_SIZE;
	f = find(b, RUNG_SVM_NPT, 2);
	assert_leaves(&f, HV_MEMORY / PAGE_SIZE, 0, 0);
}

static struct found find_firmware(struct hv_bench *b, enum rung_id rung)
{
	b->image[HV_ROM - 16] = 0xea;	/* a far jump at the reset vector */
	b->load.image.size = HV_ROM;
	b->load.kind = GUEST_FIRMWARE;
	return find(b, rung, 2);
}

/* ROM is there to read and execute, below 4 GiB; the guest cannot write it. */
static void rom_is_not_writable(void **state)
{
	const struct found f = find_firmware(*state, RUNG_SVM_NPT);

	assert_int_equal(f.rom, HV_ROM);
	/* The one below 1 MiB is a copy in RAM, and in no page's way. */
	assert_int_equal(f.leaves[1], HV_MEMORY / SIZE_2M);
}

static void ept_rom_is_not_writable(void **state)
{
	const struct found f = find_firmware(*state, RUNG_VMX_UG);

	assert_int_equal(f.rom, HV_ROM);
	assert_int_equal(f.leaves[1], HV_MEMORY / SIZE_2M);
}

static const struct CMUnitTest tests[] = {
	HV_TEST(ram_is_mapped_with_2m_pages),
	HV_TEST(ept_maps_ram_alike),
	HV_TEST(ram_is_mapped_with_1g_pages),
	HV_TEST(a_cpu_without_1g_pages_gets_2m_ones),
	HV_TEST(a_cpu_without_large_pages_gets_small_ones),
	HV_TEST(unaligned_ram_is_mapped_with_small_pages),
	HV_TEST(rom_is_not_writable),
	HV_TEST(ept_rom_is_not_writable),
};

WORLD_MAIN(tests)

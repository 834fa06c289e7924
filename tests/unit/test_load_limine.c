/* Limine kernels: the memory they find, the state they start in, what they are told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "limine_image.h"

enum { USABLE = 0, RESERVED = 1, RECLAIMABLE = 5, KERNEL = 6 };

/* The map entry that holds all of [at, at+size), read by the response's own pointers. */
static uint64_t type_of(const struct kernel *k, unsigned request, uint64_t at,
			uint64_t size)
{
	const uint8_t *r = response(k, request);

	for (uint64_t i = 0; i < word(r, 1); i++) {
		const uint8_t *e = seen(&k->b, get64(seen(&k->b, word(r, 2) + 8 * i)));

		if (at >= word(e, 0) && at - word(e, 0) < word(e, 1) &&
		    size <= word(e, 1) - (at - word(e, 0)))
			return word(e, 2);
	}
	return UINT64_MAX;
}

static void expect_page(const struct bench *b, uint64_t va, bool write,
			bool execute)
{
	bool w, x;

	assert_true(walk(b, va, &w, &x) != WALK_NONE);
	assert_int_equal(w, write);
	assert_int_equal(x, execute);
}

/* "Entry memory layout": at the addresses asked for, with the segments' rights, contiguous. */
static void segments_are_mapped_where_linked_with_their_rights(void **state)
{
	struct kernel k;
	uint64_t physical;
	bool w, x;

	(void)state;
	kernel_init(&k);
	k.b.image[LIMINE_DATA_AT + 0x1fff] = 0x77;
	kernel_load(&k);
	expect_page(&k.b, LIMINE_CODE, false, true);
	expect_page(&k.b, LIMINE_DATA, true, false);
	expect_page(&k.b, LIMINE_DATA + LIMINE_DATA_MEM - 1, true, false);
	assert_true(walk(&k.b, LIMINE_CODE - 1, &w, &x) == WALK_NONE);
	assert_true(walk(&k.b, LIMINE_CODE + PAGE_SIZE, &w, &x) == WALK_NONE);
	assert_true(walk(&k.b, LIMINE_DATA + LIMINE_DATA_MEM, &w, &x) == WALK_NONE);
	physical = walk(&k.b, LIMINE_CODE, &w, &x);
	assert_int_equal(walk(&k.b, LIMINE_DATA, &w, &x) - physical,
			 LIMINE_DATA - LIMINE_CODE);
	assert_memory_equal(k.b.ram + physical, k.b.image, 0x800);
	assert_memory_equal(seen(&k.b, LIMINE_DATA), k.b.image + LIMINE_DATA_AT,
			    0x2000);
	for (unsigned i = 0x2000; i < LIMINE_DATA_MEM; i++)
		assert_int_equal(seen(&k.b, LIMINE_DATA)[i], 0);
	bench_fini(&k.b);
}

/* "Machine state at entry", x86-64. */
static void entry_state_is_the_protocol_s(void **state)
{
	/* Null; code and data of 16, 32 and 64 bits. */
	static const uint64_t gdt[7] = {
		0, 0x00009b000000ffff, 0x000093000000ffff, 0x00cf9b000000ffff,
		0x00cf93000000ffff, 0x00af9b000000ffff, 0x00cf93000000ffff,
	};
	struct kernel k;
	const struct load_result *r = &k.b.result;
	unsigned map;

	(void)state;
	kernel_init(&k);
	map = put_request(&k, id_map, 0);
	kernel_load(&k);
	assert_int_equal(r->mode, LOAD_LONG);
	assert_true(r->rip == LIMINE_START);
	assert_int_equal(r->cr0 & 0x80010001, 0x80010001);
	assert_int_equal(r->cr4, 0x20);
	assert_int_equal(r->efer, 0xd00);
	/* WB, WT, UC-, UC, WP, WC, from "Caching"; two more are free. */
	assert_true((r->pat & 0xffffffffffff) == 0x010500070406);
	assert_int_equal(r->cs, 0x28);
	assert_int_equal(r->ds, 0x30);
	assert_int_equal(r->gdt_limit, sizeof(gdt) - 1);
	assert_memory_equal(seen(&k.b, r->gdt_base), gdt, sizeof(gdt));
	assert_int_equal(r->eax | r->ebx | r->edx | r->rsi | r->rdi, 0);
	assert_int_equal(type_of(&k, map, r->gdt_base - LIMINE_OFFSET,
				 sizeof(gdt)), RECLAIMABLE);
	assert_int_equal(type_of(&k, map, r->cr3, PAGE_SIZE), RECLAIMABLE);
	/* As after a call from address 0, on 64 KiB. */
	assert_int_equal(r->rsp % 16, 8);
	assert_int_equal(get64(seen(&k.b, r->rsp)), 0);
	assert_int_equal(type_of(&k, map, r->rsp + 8 - 65536 - LIMINE_OFFSET,
				 65536), RECLAIMABLE);
	bench_fini(&k.b);
}

/* "Base protocol revisions": a known one becomes 0; the word before it says which was used. */
static void base_revision_is_answered(void **state)
{
	static const uint64_t cases[][3] = {
		{ 0, 0, 0 }, { 1, 1, 0 }, { 2, 2, 0 }, { 3, 3, 0 },
		{ 4, 3, 4 }, { UINT64_MAX, 3, UINT64_MAX },
	};

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
		struct kernel k;
		const uint8_t *tag;

		kernel_init(&k);
		put_revision(&k, cases[i][0]);
		kernel_load(&k);
		tag = seen(&k.b, LIMINE_DATA);
		assert_true(word(tag, 1) == cases[i][1]);
		assert_true(word(tag, 2) == cases[i][2]);
		bench_fini(&k.b);
	}
}

/* The direct map: 4 GiB up to revision 2; from 3 on what the map hands out. */
static void direct_map_is_the_revision_s(void **state)
{
	static const struct { uint64_t at; bool late; } cases[] = {
		{ 0, false }, { 0x1000, true }, { 0x9efff, true },
		{ 0x9f000, false }, { 0xfffff, false }, { 0x100000, true },
		{ RAM_SIZE - 1, true }, { RAM_SIZE, false },
		{ 0xffffffff, false },
	};

	(void)state;
	for (unsigned revision = 0; revision < 4; revision++) {
		struct kernel k;
		bool w, x;

		kernel_init(&k);
		put_revision(&k, revision);
		kernel_load(&k);
		for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
			const bool there = revision < 3 || cases[i].late;
			const uint64_t at = walk(&k.b, LIMINE_OFFSET + cases[i].at,
						 &w, &x);

			assert_true(at == (there ? cases[i].at : WALK_NONE));
			assert_true(!there || (w && x));
		}
		assert_true(walk(&k.b, LIMINE_OFFSET + (UINT64_C(4) << 30), &w,
				 &x) == WALK_NONE);
		bench_fini(&k.b);
	}
}

/* Revision 0: the lower half one to one up to 4 GiB, but for page 0. */
static void revision_0_has_an_identity_map(void **state)
{
	struct kernel k;
	bool w, x;

	(void)state;
	kernel_init(&k);
	kernel_load(&k);
	assert_true(walk(&k.b, 0xfff, &w, &x) == WALK_NONE);
	assert_true(walk(&k.b, 0x1000, &w, &x) == 0x1000 && w && x);
	assert_true(walk(&k.b, 0xffffffff, &w, &x) == 0xffffffff && w && x);
	assert_true(walk(&k.b, UINT64_C(4) << 30, &w, &x) == WALK_NONE);
	bench_fini(&k.b);
}

/* "Feature List": one word or two behind the revision. */
static void plain_responses_have_their_words(void **state)
{
	unsigned loader, firmware, hhdm, paging, address, command, entry;
	struct kernel k;
	bool w, x;

	(void)state;
	kernel_init(&k);
	loader = put_request(&k, id_loader, 0);
	firmware = put_request(&k, id_firmware, 0);
	hhdm = put_request(&k, id_hhdm, 0);
	paging = put_request(&k, id_paging, 0);
	put_word(&k, 1);		/* five levels, please */
	address = put_request(&k, id_address, 0);
	command = put_request(&k, id_command, 0);
	entry = put_request(&k, id_entry, 0);
	put_word(&k, LIMINE_START + 8);
	k.b.request.command_line = "a=b c";
	kernel_load(&k);
	assert_string_equal((char *)seen(&k.b, word(response(&k, loader), 1)), "Diptych");
	assert_true(strlen((char *)seen(&k.b, word(response(&k, loader), 2))));
	assert_int_equal(word(response(&k, firmware), 1), 0);
	assert_true(word(response(&k, hhdm), 1) == LIMINE_OFFSET);
	assert_int_equal(word(response(&k, paging), 1), 0);
	assert_int_equal(word(response(&k, address), 1),
			 walk(&k.b, LIMINE_CODE, &w, &x));
	assert_true(word(response(&k, address), 2) == LIMINE_CODE);
	assert_string_equal((char *)seen(&k.b, word(response(&k, command), 1)), "a=b c");
	assert_non_null(response(&k, entry));
	assert_true(k.b.result.rip == LIMINE_START + 8);
	bench_fini(&k.b);
}

/* "SMP Feature": this one CPU, which waits for nothing. */
static void one_processor_is_told(void **state)
{
	const uint8_t *r, *cpu;
	struct kernel k;
	unsigned mp;

	(void)state;
	kernel_init(&k);
	mp = put_request(&k, id_mp, 0);
	put_word(&k, 1);
	kernel_load(&k);
	r = response(&k, mp);
	assert_int_equal(word(r, 1), 0);	/* flags, BSP's local APIC */
	assert_int_equal(word(r, 2), 1);
	cpu = seen(&k.b, get64(seen(&k.b, word(r, 3))));
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(word(cpu, i), 0);
	bench_fini(&k.b);
}

/* "Memory Map Feature": rising, apart, whole pages where handed out, never page 0. */
static void map_is_sorted_and_whole(void **state)
{
	uint64_t end = 0, usable = 0;
	const uint8_t *r;
	struct kernel k;
	unsigned map;

	(void)state;
	kernel_init(&k);
	map = put_request(&k, id_map, 0);
	kernel_load(&k);
	r = response(&k, map);
	for (uint64_t i = 0; i < word(r, 1); i++) {
		const uint8_t *e = seen(&k.b, get64(seen(&k.b, word(r, 2) + 8 * i)));

		assert_true(word(e, 0) >= end);
		assert_true(word(e, 1) > 0);
		end = word(e, 0) + word(e, 1);
		if (word(e, 2) == USABLE || word(e, 2) == RECLAIMABLE) {
			assert_true(word(e, 0) >= 0x1000);
			assert_int_equal((word(e, 0) | word(e, 1)) % 4096, 0);
		}
		if (word(e, 2) == USABLE)
			usable += word(e, 1);
	}
	assert_int_equal(end, RAM_SIZE);
	assert_true(usable > RAM_SIZE / 2);
	assert_int_equal(type_of(&k, map, 0, 0x1000), RESERVED);
	assert_int_equal(type_of(&k, map, 0x9fc00, 0x400), RESERVED);
	assert_int_equal(type_of(&k, map, 0xf0000, 0x10000), RESERVED);
	assert_int_equal(type_of(&k, map, 0xa0000, 1), UINT64_MAX);
	bench_fini(&k.b);
}

static void expect_file(const struct kernel *k, const uint8_t *f, unsigned map,
			const char *command_line, const uint8_t *data,
			uint64_t size)
{
	assert_int_equal(word(f, 1) % 4096, 0);
	assert_int_equal(word(f, 2), size);
	assert_memory_equal(seen(&k->b, word(f, 1)), data, size);
	assert_int_equal(*seen(&k->b, word(f, 3)), '/');
	assert_string_equal((char *)seen(&k->b, word(f, 4)), command_line);
	assert_int_equal(type_of(k, map, word(f, 1) - LIMINE_OFFSET, size), KERNEL);
	/* No disk, no network: medium, addresses and identifiers are 0. */
	for (unsigned i = 5; i < 14; i++)
		assert_int_equal(word(f, i), 0);
}

static void files_are_in_the_kernel_s_memory(void **state)
{
	static const uint8_t first[5] = "one!", second[PAGE_SIZE + 1] = { 7, 8 };
	unsigned map, file, modules;
	struct kernel k;
	const uint8_t *r;
	bool w, x;

	(void)state;
	kernel_init(&k);
	map = put_request(&k, id_map, 0);
	file = put_request(&k, id_file, 0);
	modules = put_request(&k, id_modules, 0);
	k.b.request.command_line = "kernel's";
	k.b.request.module[0] = (struct load_blob){ first, sizeof(first), "m1 a" };
	k.b.request.module[1] = (struct load_blob){ second, sizeof(second), NULL };
	k.b.request.modules = 2;
	kernel_load(&k);
	expect_file(&k, seen(&k.b, word(response(&k, file), 1)), map, "kernel's",
		    k.b.image, LIMINE_SIZE);
	r = response(&k, modules);
	assert_int_equal(word(r, 1), 2);
	expect_file(&k, seen(&k.b, get64(seen(&k.b, word(r, 2)))), map, "m1 a",
		    first, sizeof(first));
	expect_file(&k, seen(&k.b, get64(seen(&k.b, word(r, 2) + 8))), map, "",
		    second, sizeof(second));
	assert_int_equal(type_of(&k, map, walk(&k.b, LIMINE_CODE, &w, &x),
				 LIMINE_EXTENT), KERNEL);
	bench_fini(&k.b);
}

/* "Stack Size Feature": never less than 64 KiB; the answer is that there is one. */
static void stack_is_as_large_as_asked_for(void **state)
{
	struct kernel k;
	unsigned map, stack;

	(void)state;
	kernel_init(&k);
	map = put_request(&k, id_map, 0);
	stack = put_request(&k, id_stack, 0);
	put_word(&k, 0x30001);
	kernel_load(&k);
	assert_non_null(response(&k, stack));
	assert_int_equal(type_of(&k, map,
				 k.b.result.rsp + 8 - 0x30001 - LIMINE_OFFSET,
				 0x30001), RECLAIMABLE);
	bench_fini(&k.b);
}

/* "Requests Delimiters": from the last start marker to the first end marker. */
static void requests_outside_the_markers_are_left_alone(void **state)
{
	unsigned before, between, inside, behind, revision;
	struct kernel k;

	(void)state;
	kernel_init(&k);
	before = put_request(&k, id_hhdm, 0);
	put_start_marker(&k);
	between = put_request(&k, id_loader, 0);
	put_start_marker(&k);
	inside = put_request(&k, id_map, 0);
	put_end_marker(&k);
	behind = put_request(&k, id_mp, 0);
	put_end_marker(&k);
	revision = put_revision(&k, 1);
	kernel_load(&k);
	assert_null(response(&k, before));
	assert_null(response(&k, between));
	assert_non_null(response(&k, inside));
	assert_null(response(&k, behind));
	assert_int_equal(word(seen(&k.b, LIMINE_DATA + revision), 2), 1);
	bench_fini(&k.b);
}

/* "Features": the response of what is not there is left untouched. */
static void absent_features_are_left_untouched(void **state)
{
	struct kernel k;
	unsigned at;

	(void)state;
	kernel_init(&k);
	at = put_request(&k, id_framebuffer, 0);
	put64(k.b.image + LIMINE_DATA_AT + at + 40, 0x1234);
	kernel_load(&k);
	assert_int_equal(get64(seen(&k.b, LIMINE_DATA + at + 40)), 0x1234);
	bench_fini(&k.b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(segments_are_mapped_where_linked_with_their_rights),
		cmocka_unit_test(entry_state_is_the_protocol_s),
		cmocka_unit_test(base_revision_is_answered),
		cmocka_unit_test(direct_map_is_the_revision_s),
		cmocka_unit_test(revision_0_has_an_identity_map),
		cmocka_unit_test(plain_responses_have_their_words),
		cmocka_unit_test(one_processor_is_told),
		cmocka_unit_test(map_is_sorted_and_whole),
		cmocka_unit_test(files_are_in_the_kernel_s_memory),
		cmocka_unit_test(stack_is_as_large_as_asked_for),
		cmocka_unit_test(requests_outside_the_markers_are_left_alone),
		cmocka_unit_test(absent_features_are_left_untouched),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Damaged Limine kernels: each error names its field, and none hurts the host. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>
#include <cmocka.h>

#include "limine_image.h"

#define DAMAGED_IMAGES	1000

static void expect_error(struct kernel *k, enum hv_err err, const char *field)
{
	assert_int_equal(bench_load(&k->b), err);
	if (strncmp(k->b.result.error, field, strlen(field)))
		fail_msg("'%s' does not name %s", k->b.result.error, field);
	bench_fini(&k->b);
}

static void segment_error(uint32_t flags, uint64_t va, uint64_t offset,
			  uint64_t filesz, uint64_t memsz, enum hv_err err,
			  const char *field)
{
	struct kernel k;

	kernel_init(&k);
	put_segment(&k, 1, flags, va, offset, filesz, memsz);
	expect_error(&k, err, field);
}

/* "Entry memory layout": at or above ffffffff80000000h, inside memory, apart. */
static void segment_damage_names_its_field(void **state)
{
	const uint64_t data = LIMINE_DATA, edge = 0xffffffff80000000;

	(void)state;
	segment_error(6, edge - 1, 0, 0, 1, HV_BAD_IMAGE, "p_vaddr:");
	segment_error(6, 0x100000, 0, 0, 1, HV_BAD_IMAGE, "p_vaddr:");
	segment_error(6, data, 0, 0, -data + 1, HV_BAD_IMAGE, "p_memsz:");
	segment_error(6, data, 0, 0, UINT64_MAX, HV_BAD_IMAGE, "p_memsz:");
	segment_error(6, data, 0, 0, RAM_SIZE, HV_TOO_LARGE, "p_memsz:");
	segment_error(6, UINT64_MAX - 0xfff, 0, 0, 1, HV_TOO_LARGE, "p_memsz:");
	segment_error(6, data, LIMINE_SIZE, 1, 1, HV_BAD_IMAGE, "p_offset:");
	segment_error(6, data, UINT64_MAX, 2, 2, HV_BAD_IMAGE, "p_offset:");
	segment_error(6, data, 0, 2, 1, HV_BAD_IMAGE, "p_offset:");
	segment_error(6, LIMINE_CODE + 0x800, 0, 0, 1, HV_BAD_IMAGE, "p_vaddr:");
	segment_error(6, LIMINE_CODE - 1, 0, 0, 2, HV_BAD_IMAGE, "p_vaddr:");
}

static void elf_damage_names_its_field(void **state)
{
	struct kernel k;

	(void)state;
	kernel_init(&k);
	k.b.image[0] = 0;
	expect_error(&k, HV_BAD_IMAGE, "e_ident:");
	kernel_init(&k);
	put_elf32(&k.b, header32(), segment32());
	expect_error(&k, HV_BAD_IMAGE, "e_ident:");
	kernel_init(&k);
	k.b.image[16] = 3;
	expect_error(&k, HV_BAD_IMAGE, "e_type:");
	kernel_init(&k);
	k.b.image[18] = 3;
	expect_error(&k, HV_BAD_IMAGE, "e_machine:");
	kernel_init(&k);
	put64(k.b.image + 24, LIMINE_CODE + 0x800);
	expect_error(&k, HV_BAD_IMAGE, "e_entry:");
	kernel_init(&k);
	put64(k.b.image + 24, LIMINE_DATA);
	expect_error(&k, HV_BAD_IMAGE, "e_entry:");
	kernel_init(&k);
	k.b.image[LIMINE_PHDRS] = k.b.image[LIMINE_PHDRS + 56] = 0;
	expect_error(&k, HV_BAD_IMAGE, "p_type:");
}

/* "Features": the boot loader refuses the same request twice. */
static void request_damage_names_its_field(void **state)
{
	struct kernel k;

	(void)state;
	kernel_init(&k);
	put_request(&k, id_hhdm, 0);
	put_request(&k, id_hhdm, 0);
	expect_error(&k, HV_BAD_IMAGE, "request:");
	kernel_init(&k);
	put_request(&k, id_entry, 0);
	put_word(&k, LIMINE_DATA);
	expect_error(&k, HV_BAD_IMAGE, "entry:");
	kernel_init(&k);
	put_request(&k, id_stack, 0);
	put_word(&k, UINT64_MAX);
	expect_error(&k, HV_TOO_LARGE, "stack_size:");
	kernel_init(&k);
	put_request(&k, id_stack, 0);
	put_word(&k, RAM_SIZE - 0x100000);
	expect_error(&k, HV_TOO_LARGE, "stack:");
}

/* The image's last page ends where the memory of the segment does. */
static void what_the_image_s_end_cuts_is_named(void **state)
{
	struct kernel k;

	(void)state;
	for (unsigned cut = 8; cut < 48; cut += 8) {
		kernel_init(&k);
		put_segment(&k, 1, 6, LIMINE_DATA, LIMINE_DATA_AT, 0x1000, 0x1000);
		k.next = 0x1000 - cut;
		if (cut < 32) {
			/* Not even a whole id: nothing that could be known. */
			put_word(&k, MAGIC_A);
			k.next = 0x1000 - cut + 8;
			if (cut > 8)
				put_word(&k, MAGIC_B);
			kernel_load(&k);
			bench_fini(&k.b);
			continue;
		}
		put_request(&k, id_hhdm, 0);
		expect_error(&k, HV_BAD_IMAGE, "request:");
	}
	kernel_init(&k);
	put_segment(&k, 1, 6, LIMINE_DATA, LIMINE_DATA_AT, 0x1000, 0x1000);
	k.next = 0x1000 - 16;
	put_revision(&k, 0);
	expect_error(&k, HV_BAD_IMAGE, "base revision:");
}

/* "Paging Mode Feature": refused when no mode from min_mode on is there; revision 1's word. */
static void more_than_four_levels_are_refused(void **state)
{
	(void)state;
	for (unsigned revision = 0; revision < 3; revision++) {
		struct kernel k;

		kernel_init(&k);
		put_request(&k, id_paging, revision);
		put_word(&k, 1);
		put_word(&k, 1);
		put_word(&k, 1);
		if (revision) {
			expect_error(&k, HV_BAD_IMAGE, "min_mode:");
			continue;
		}
		kernel_load(&k);
		bench_fini(&k.b);
	}
}

static void what_does_not_fit_is_named(void **state)
{
	static char text[0x11000];
	struct kernel k;

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	kernel_init(&k);
	put_request(&k, id_command, 0);
	k.b.request.command_line = text;
	expect_error(&k, HV_TOO_LARGE, "responses:");
	kernel_init(&k);
	k.b.request.module[0] = (struct load_blob){ k.b.image, UINT64_MAX, NULL };
	k.b.request.modules = 1;
	expect_error(&k, HV_TOO_LARGE, "module 1:");
	kernel_init(&k);
	put_segment(&k, 1, 6, LIMINE_DATA, 0, 0, RAM_SIZE - 0x105000);
	expect_error(&k, HV_TOO_LARGE, "stack:");
	kernel_init(&k);
	put_request(&k, id_file, 0);
	put_segment(&k, 1, 6, LIMINE_DATA, LIMINE_DATA_AT, 0x2000,
		    RAM_SIZE - 0x104000);
	expect_error(&k, HV_TOO_LARGE, "kernel file:");
}

/* An ELF64 with a request or a base revision tag in it is such a kernel; others are not. */
static void kind_is_found_by_the_magic_numbers(void **state)
{
	struct kernel k;

	(void)state;
	kernel_init(&k);
	assert_int_not_equal(load_detect(&k.b.request.image), GUEST_LIMINE);
	put_revision(&k, 3);
	assert_int_equal(load_detect(&k.b.request.image), GUEST_LIMINE);
	k.b.image[4] = 1;
	assert_int_not_equal(load_detect(&k.b.request.image), GUEST_LIMINE);
	bench_fini(&k.b);
	kernel_init(&k);
	put_request(&k, id_framebuffer, 0);
	assert_int_equal(load_detect(&k.b.request.image), GUEST_LIMINE);
	bench_fini(&k.b);
}

/* xorshift64: the same images from the same seed, everywhere. */
static uint64_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* A bit or a word of the headers or the requests; sometimes a cut. */
static void damage(struct kernel *k, uint64_t *random)
{
	static const uint64_t edges[] = {
		0, 1, 0x7fffffff, 0xfffffff8, UINT64_MAX, RAM_SIZE, LIMINE_DATA,
		LIMINE_CODE, INT64_MAX, UINT64_C(0xffffffff80000000), MAGIC_A,
		-PAGE_SIZE,
	};

	for (unsigned times = 1 + next_random(random) % 3; times--;) {
		uint64_t r = next_random(random);
		unsigned at = r & 1 ? r / 2 % (LIMINE_PHDRS + 112) :
				      LIMINE_DATA_AT + r / 2 % k->next;

		if (r >> 62)
			put64(k->b.image + (at & ~7u),
			      edges[(r >> 32) % ARRAY_SIZE(edges)]);
		else
			k->b.image[at] ^= (uint8_t)(1u << (r >> 40) % 8);
	}
	if (next_random(random) % 16 == 0)
		k->b.request.image.size = 1 + next_random(random) % LIMINE_SIZE;
}

static void put_all(struct kernel *k)
{
	static const uint64_t *const ids[] = {
		id_loader, id_firmware, id_hhdm, id_framebuffer, id_mp, id_map,
		id_file, id_modules, id_address, id_command,
	};

	put_start_marker(k);
	put_revision(k, 2);
	for (unsigned i = 0; i < ARRAY_SIZE(ids); i++)
		put_request(k, ids[i], 0);
	put_request(k, id_stack, 0);
	put_word(k, 0x18000);
	put_request(k, id_paging, 1);
	for (unsigned i = 0; i < 3; i++)
		put_word(k, 0);
	put_request(k, id_entry, 0);
	put_word(k, LIMINE_START);
	put_end_marker(k);
}

/* Loads to a start on mapped code and stack, or is one line of error. */
static void damaged_kernels_never_hurt_the_host(void **state)
{
	const char *given = getenv("DIPTYCH_SEED");
	uint64_t seed = given ? strtoull(given, NULL, 0) : (uint64_t)time(NULL);
	uint64_t random = seed ? seed : 1;
	unsigned loaded = 0;

	(void)state;
	print_message("seed %lu\n", seed);
	for (unsigned i = 0; i < DAMAGED_IMAGES; i++) {
		bool write, execute;
		struct kernel k;

		kernel_init(&k);
		put_all(&k);
		damage(&k, &random);
		image_end(k.b.image, k.b.request.image.size);
		if (bench_load(&k.b) == HV_OK) {
			loaded++;
			assert_true(walk(&k.b, k.b.result.rip, &write, &execute) <
				    RAM_SIZE && execute);
			assert_true(walk(&k.b, k.b.result.rsp, &write, &execute) <
				    RAM_SIZE && write);
		} else {
			assert_true(k.b.result.error[0]);
		}
		bench_fini(&k.b);
	}
	assert_in_range(loaded, DAMAGED_IMAGES / 20, DAMAGED_IMAGES * 9 / 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(segment_damage_names_its_field),
		cmocka_unit_test(elf_damage_names_its_field),
		cmocka_unit_test(request_damage_names_its_field),
		cmocka_unit_test(what_the_image_s_end_cuts_is_named),
		cmocka_unit_test(more_than_four_levels_are_refused),
		cmocka_unit_test(what_does_not_fit_is_named),
		cmocka_unit_test(kind_is_found_by_the_magic_numbers),
		cmocka_unit_test(damaged_kernels_never_hurt_the_host),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

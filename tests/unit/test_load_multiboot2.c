/* Multiboot 2 loading: where things go, and what the image is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "multiboot2_image.h"

/* The address tag 3.1.5; I386 machine state 3.3: EAX, EBX, flat protected mode. */
static void address_tag_places_and_entry_tag_starts(void **state)
{
	struct header h = sound();
	struct bench b;

	(void)state;
	bench_init(&b, IMAGE_SIZE);
	header_put(&b, &h);
	expect_loaded(&b);
	assert_memory_equal(b.ram + IMAGE_PADDR, b.image + IMAGE_HEADER - 0x100,
			    0x1000);
	for (unsigned i = 0x1000; i < 0x2000; i++)
		assert_int_equal(b.ram[IMAGE_PADDR + i], 0);
	assert_int_equal(b.ram[IMAGE_PADDR + 0x2000], 0xcc);
	assert_int_equal(b.result.mode, LOAD_PROTECTED);
	assert_int_equal(b.result.rip, IMAGE_PADDR + 0x180);
	assert_int_equal(b.result.eax, 0x36d76289);
	assert_int_equal(b.result.ebx % 8, 0);
	bench_fini(&b);
}

/* load_addr -1: the file from its first byte; the two ends 0: all of it, and no bss. */
static void minus_one_loads_the_file_from_its_start(void **state)
{
	struct header h = header_start();
	struct bench b;

	(void)state;
	address_tag(&h, IMAGE_PADDR + IMAGE_HEADER, UINT32_MAX, 0, 0);
	entry_tag(&h, IMAGE_PADDR);
	bench_init(&b, IMAGE_SIZE);
	header_put(&b, &h);
	expect_loaded(&b);
	assert_memory_equal(b.ram + IMAGE_PADDR, b.image, IMAGE_SIZE);
	assert_int_equal(b.ram[IMAGE_PADDR + IMAGE_SIZE], 0xcc);
	bench_fini(&b);
}

static void put_elf(struct bench *b, bool wide, struct header *h)
{
	if (wide)
		put_elf64(b, header64(), segment64());
	else
		put_elf32(b, header32(), segment32());
	memset(b->image + IMAGE_HEADER, 0, 16);	/* multiboot 1's */
	header_put(b, h);
}

/* Without an address tag the ELF headers count, of both widths. */
static void elf_goes_to_its_physical_addresses(void **state)
{
	(void)state;
	for (unsigned wide = 0; wide < 2; wide++) {
		struct header h = header_start();
		struct bench b;

		bench_init(&b, IMAGE_SIZE);
		put_elf(&b, wide, &h);
		expect_loaded(&b);
		assert_memory_equal(b.ram + IMAGE_PADDR, b.image + IMAGE_DATA,
				    IMAGE_FILESZ);
		assert_int_equal(b.result.rip,
				 IMAGE_PADDR + (wide ? 0x20 : 0x10));
		bench_fini(&b);
	}
}

/* The entry address tag 3.1.6 goes before e_entry. */
static void entry_tag_goes_before_the_elf_entry(void **state)
{
	struct header h = header_start();
	struct bench b;

	(void)state;
	entry_tag(&h, IMAGE_PADDR + 0x44);
	bench_init(&b, IMAGE_SIZE);
	put_elf(&b, false, &h);
	expect_loaded(&b);
	assert_int_equal(b.result.rip, IMAGE_PADDR + 0x44);
	bench_fini(&b);
}

/* Header 3.1: 64-bit aligned, in the first 32768 bytes; four words that sum to 0. */
static void header_is_found_only_where_it_may_be(void **state)
{
	static uint8_t image[32768 + 64];
	struct load_blob blob = { image, sizeof(image), NULL };
	uint64_t found;

	(void)state;
	for (unsigned at = 32768 - 24; at <= 32768; at += 4) {
		memset(image, 0, sizeof(image));
		put32(image + at, 0xe85250d6);
		put32(image + at + 8, 16);
		sum(image + at);
		if (at % 8 || at + 16 > 32768) {
			assert_false(multiboot2_find(&blob, &found));
			continue;
		}
		assert_true(multiboot2_find(&blob, &found));
		assert_int_equal(found, at);
		image[at + 12] ^= 1;
		assert_false(multiboot2_find(&blob, &found));
	}
}

/* Boot information format 3.6, tag by tag. */
static void information_tells_texts_and_memory(void **state)
{
	static const uint64_t map[4][3] = {
		{ 0, 0x9fc00, 1 }, { 0x9fc00, 0x400, 2 },
		{ 0xf0000, 0x10000, 2 }, { 0x100000, RAM_SIZE - 0x100000, 1 },
	};
	struct header h = sound();
	const uint8_t *at;
	struct bench b;

	(void)state;
	bench_init(&b, IMAGE_SIZE);
	header_put(&b, &h);
	b.request.command_line = "root=none";
	expect_loaded(&b);
	at = told(&b, 1, 0);
	assert_int_equal(get32(at + 4), 8 + sizeof("root=none"));
	assert_string_equal((const char *)at + 8, "root=none");
	assert_string_equal((const char *)told(&b, 2, 0) + 8, "Diptych");
	at = told(&b, 4, 0);
	assert_int_equal(get32(at + 4), 16);
	assert_int_equal(get32(at + 8), 639);
	assert_int_equal(get32(at + 12), RAM_SIZE / 1024 - 1024);
	at = told(&b, 6, 0);
	assert_int_equal(get32(at + 4), 16 + sizeof(map));
	assert_int_equal(get32(at + 8), 24);
	assert_int_equal(get32(at + 12), 0);
	assert_memory_equal(at + 16, map, sizeof(map));
	assert_null(told(&b, 3, 0));
	assert_null(told(&b, 8, 0));
	assert_null(told(&b, 21, 0));
	bench_fini(&b);
}

static void modules_lie_in_pages_above_the_image(void **state)
{
	static const uint8_t first[5] = "one!", second[PAGE_SIZE + 1] = { 7, 8 };
	struct header h = sound();
	const uint8_t *one, *two;
	struct bench b;

	(void)state;
	bench_init(&b, IMAGE_SIZE);
	header_put(&b, &h);
	b.request.module[0] = (struct load_blob){ first, sizeof(first), "m1 a" };
	b.request.module[1] = (struct load_blob){ second, sizeof(second), NULL };
	b.request.modules = 2;
	expect_loaded(&b);
	one = told(&b, 3, 0);
	two = told(&b, 3, 1);
	assert_int_equal(get32(one + 8), IMAGE_PADDR + 0x2000);
	assert_int_equal(get32(one + 12), IMAGE_PADDR + 0x2000 + sizeof(first));
	assert_memory_equal(b.ram + get32(one + 8), first, sizeof(first));
	assert_string_equal((const char *)one + 16, "m1 a");
	assert_int_equal(get32(two + 8), IMAGE_PADDR + 0x3000);
	assert_int_equal(get32(two + 12), IMAGE_PADDR + 0x3000 + sizeof(second));
	assert_memory_equal(b.ram + get32(two + 8), second, sizeof(second));
	assert_string_equal((const char *)two + 16, "");
	assert_null(told(&b, 3, 2));
	bench_fini(&b);
}

/* "Image load base physical address": for images with a relocatable header tag, those only. */
static void relocatable_image_is_told_where_it_is(void **state)
{
	const uint32_t allowed[4] = { IMAGE_PADDR, IMAGE_PADDR + 0x1fff,
				      0x1000, 2 };
	struct header h = sound();
	struct bench b;

	(void)state;
	tag(&h, 10, 0, 4, allowed);
	bench_init(&b, IMAGE_SIZE);
	header_put(&b, &h);
	expect_loaded(&b);
	assert_int_equal(get32(told(&b, 21, 0) + 4), 12);
	assert_int_equal(get32(told(&b, 21, 0) + 8), IMAGE_PADDR);
	bench_fini(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(address_tag_places_and_entry_tag_starts),
		cmocka_unit_test(minus_one_loads_the_file_from_its_start),
		cmocka_unit_test(elf_goes_to_its_physical_addresses),
		cmocka_unit_test(entry_tag_goes_before_the_elf_entry),
		cmocka_unit_test(header_is_found_only_where_it_may_be),
		cmocka_unit_test(information_tells_texts_and_memory),
		cmocka_unit_test(modules_lie_in_pages_above_the_image),
		cmocka_unit_test(relocatable_image_is_told_where_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

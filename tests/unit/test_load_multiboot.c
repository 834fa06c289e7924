/* Multiboot 1 loading: headers, the three ways to say where things go, the information. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "load_look.h"

/* ELF: file bytes go to p_paddr, the rest of p_memsz is zero, nothing else is touched. */
static void elf_segment_goes_to_its_physical_address(void **state)
{
	struct bench b;

	(void)state;
	bench_init(&b, IMAGE_SIZE);
	put_elf32(&b, header32(), segment32());
	assert_int_equal(bench_load(&b), HV_OK);
	assert_int_equal(b.result.kind, GUEST_MULTIBOOT1);
	assert_memory_equal(b.ram + IMAGE_PADDR, b.image + IMAGE_DATA,
			    IMAGE_FILESZ);
	for (unsigned i = IMAGE_FILESZ; i < IMAGE_MEMSZ; i++)
		assert_int_equal(b.ram[IMAGE_PADDR + i], 0);
	assert_int_equal(b.ram[IMAGE_PADDR + IMAGE_MEMSZ], 0xcc);
	assert_int_equal(b.ram[IMAGE_PADDR - 1], 0xcc);
	assert_int_equal(b.result.rip, IMAGE_PADDR + 0x10);
	bench_fini(&b);
}

/* Machine state 3.2: EAX holds 2BADB002h, EBX the information; flat protected mode. */
static void entry_registers_are_the_specified_ones(void **state)
{
	const uint8_t gdt[32] = {
		[16] = 0xff, 0xff, 0, 0, 0, 0x9b, 0xcf, 0,
		[24] = 0xff, 0xff, 0, 0, 0, 0x93, 0xcf, 0,
	};
	struct bench b;

	(void)state;
	bench_init(&b, IMAGE_SIZE);
	put_elf32(&b, header32(), segment32());
	assert_int_equal(bench_load(&b), HV_OK);
	assert_int_equal(b.result.mode, LOAD_PROTECTED);
	assert_int_equal(b.result.eax, 0x2badb002);
	assert_int_equal(b.result.ebx, 0x1000);
	assert_memory_equal(b.ram + b.result.gdt_base, gdt, sizeof(gdt));
	bench_fini(&b);
}

/* An ELF64 entry is virtual as a rule: it is moved as its segment is. */
static void elf64_virtual_entry_is_translated(void **state)
{
	struct bench b;

	(void)state;
	bench_init(&b, IMAGE_SIZE);
	put_elf64(&b, header64(), segment64());
	assert_int_equal(bench_load(&b), HV_OK);
	assert_int_equal(b.result.rip, IMAGE_PADDR + 0x20);
	assert_memory_equal(b.ram + IMAGE_PADDR, b.image + IMAGE_DATA,
			    IMAGE_FILESZ);
	bench_fini(&b);
}

/* An entry that is a physical address of a segment is taken as that. */
static void elf64_physical_entry_wins(void **state)
{
	struct elf64_header h = header64();
	struct elf64_segment s = segment64();
	struct bench b;

	(void)state;
	bench_init(&b, IMAGE_SIZE);
	h.entry = IMAGE_PADDR + 8;
	s.vaddr = IMAGE_PADDR - 0x100;
	put_elf64(&b, h, s);
	assert_int_equal(bench_load(&b), HV_OK);
	assert_int_equal(b.result.rip, IMAGE_PADDR + 8);
	bench_fini(&b);
}

/* Addresses in the header: load_addr is the file offset that header_addr implies. */
static void kludge_places_by_its_own_addresses(void **state)
{
	struct bench b;

	(void)state;
	bench_init(&b, IMAGE_SIZE);
	put_kludge(&b, addresses());
	assert_int_equal(bench_load(&b), HV_OK);
	assert_memory_equal(b.ram + IMAGE_PADDR,
			    b.image + IMAGE_HEADER - 0x100, 0x1000);
	for (unsigned i = 0x1000; i < 0x1800; i++)
		assert_int_equal(b.ram[IMAGE_PADDR + i], 0);
	assert_int_equal(b.ram[IMAGE_PADDR + 0x1800], 0xcc);
	assert_int_equal(b.result.rip, IMAGE_PADDR + 0x120);
	bench_fini(&b);
}

/* load_end_addr 0: text and data fill the rest of the file; bss_end_addr 0: no bss. */
static void kludge_zero_ends_mean_the_whole_file(void **state)
{
	struct multiboot_addresses a = addresses();
	const uint64_t size = IMAGE_SIZE - (IMAGE_HEADER - 0x100);
	struct bench b;

	(void)state;
	bench_init(&b, IMAGE_SIZE);
	a.load_end_addr = 0;
	a.bss_end_addr = 0;
	put_kludge(&b, a);
	assert_int_equal(bench_load(&b), HV_OK);
	assert_memory_equal(b.ram + IMAGE_PADDR,
			    b.image + IMAGE_HEADER - 0x100, size);
	assert_int_equal(b.ram[IMAGE_PADDR + size], 0xcc);
	bench_fini(&b);
}

/* A segment that ends exactly at the top of RAM is whole. */
static void segment_may_end_at_the_top_of_ram(void **state)
{
	struct elf32_segment s = segment32();
	struct elf32_header h = header32();
	struct bench b;

	(void)state;
	bench_init(&b, IMAGE_SIZE);
	s.paddr = RAM_SIZE - IMAGE_MEMSZ;
	h.entry = s.paddr;
	put_elf32(&b, h, s);
	assert_int_equal(bench_load(&b), HV_OK);
	bench_fini(&b);
}

/* Header 3.1: 32-bit aligned, wholly in the first 8192 bytes, the three words sum to 0. */
static void header_is_found_only_where_it_may_be(void **state)
{
	static uint8_t image[8192 + 64];
	struct load_blob blob = { image, sizeof(image), NULL };
	uint64_t at;

	(void)state;
	put_multiboot_header(image + 8192 - 12, 3);
	assert_true(multiboot1_find(&blob, &at));
	assert_int_equal(at, 8192 - 12);
	image[8192 - 1] ^= 1;
	assert_false(multiboot1_find(&blob, &at));
	memset(image, 0, sizeof(image));
	put_multiboot_header(image + 8192 - 8, 3);
	assert_false(multiboot1_find(&blob, &at));
	memset(image, 0, sizeof(image));
	put_multiboot_header(image + 0x102, 3);
	assert_false(multiboot1_find(&blob, &at));
	blob.size = 11;
	put_multiboot_header(image, 3);
	assert_false(multiboot1_find(&blob, &at));
}

static uint32_t word(const struct bench *b, uint32_t at)
{
	uint32_t value;

	memcpy(&value, b->ram + at, sizeof(value));
	return value;
}

/* Boot information format 3.3, field by field at its offset. */
static void information_tells_memory_and_command_line(void **state)
{
	struct bench b;
	uint32_t mbi;

	(void)state;
	bench_init(&b, IMAGE_SIZE);
	put_elf32(&b, header32(), segment32());
	b.request.command_line = "xen com1=115200,8n1";
	assert_int_equal(bench_load(&b), HV_OK);
	mbi = b.result.ebx;
	assert_int_equal(word(&b, mbi), 0x245);
	assert_int_equal(word(&b, mbi + 4), 639);
	assert_int_equal(word(&b, mbi + 8), RAM_SIZE / 1024 - 1024);
	assert_string_equal((char *)b.ram + word(&b, mbi + 16),
			    "xen com1=115200,8n1");
	assert_string_equal((char *)b.ram + word(&b, mbi + 64), "Diptych");
	bench_fini(&b);
}

static void memory_map_is_a_pc_s(void **state)
{
	static const uint32_t expected[4][6] = {
		{ 20, 0, 0, 0x9fc00, 0, 1 },
		{ 20, 0x9fc00, 0, 0x400, 0, 2 },
		{ 20, 0xf0000, 0, 0x10000, 0, 2 },
		{ 20, 0x100000, 0, RAM_SIZE - 0x100000, 0, 1 },
	};
	struct bench b;

	(void)state;
	bench_init(&b, IMAGE_SIZE);
	put_elf32(&b, header32(), segment32());
	assert_int_equal(bench_load(&b), HV_OK);
	assert_int_equal(word(&b, b.result.ebx + 44), sizeof(expected));
	assert_memory_equal(b.ram + word(&b, b.result.ebx + 48), expected,
			    sizeof(expected));
	bench_fini(&b);
}

/* Flag bit 0 of the header: modules begin at page boundaries; none overlaps the image. */
static void modules_lie_in_pages_above_the_image(void **state)
{
	static const uint8_t first[5] = "one!", second[PAGE_SIZE + 1] = { 7, 8 };
	struct bench b;
	uint32_t at, one, two;

	(void)state;
	bench_init(&b, IMAGE_SIZE);
	put_elf32(&b, header32(), segment32());
	b.request.module[0] = (struct load_blob){ first, sizeof(first), "m1 a" };
	b.request.module[1] = (struct load_blob){ second, sizeof(second), NULL };
	b.request.modules = 2;
	assert_int_equal(bench_load(&b), HV_OK);
	assert_int_equal(word(&b, b.result.ebx), 0x24d);
	assert_int_equal(word(&b, b.result.ebx + 20), 2);
	at = word(&b, b.result.ebx + 24);
	one = word(&b, at);
	two = word(&b, at + 16);
	assert_int_equal(one, IMAGE_PADDR + 0x3000);
	assert_int_equal(word(&b, at + 4), one + sizeof(first));
	assert_memory_equal(b.ram + one, first, sizeof(first));
	assert_string_equal((char *)b.ram + word(&b, at + 8), "m1 a");
	assert_int_equal(two, one + 0x1000);
	assert_int_equal(word(&b, at + 20), two + sizeof(second));
	assert_memory_equal(b.ram + two, second, sizeof(second));
	assert_string_equal((char *)b.ram + word(&b, at + 24), "");
	bench_fini(&b);
}

static void module_that_does_not_fit_is_named(void **state)
{
	struct bench b;

	(void)state;
	bench_init(&b, IMAGE_SIZE);
	put_elf32(&b, header32(), segment32());
	b.request.module[0] = (struct load_blob){ b.image, UINT64_MAX, NULL };
	b.request.modules = 1;
	expect_error(&b, HV_TOO_LARGE, "module 1:");
	bench_init(&b, IMAGE_SIZE);
	put_elf32(&b, header32(), segment32());
	b.request.modules = LOAD_MODULES + 1;
	expect_error(&b, HV_BAD_ARGUMENT, "modules:");
}

/* The information has 24 KiB; a longer text is refused, not cut. */
static void long_command_line_is_refused(void **state)
{
	static char text[0x7000];
	struct bench b;

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	bench_init(&b, IMAGE_SIZE);
	put_elf32(&b, header32(), segment32());
	b.request.command_line = text;
	expect_error(&b, HV_TOO_LARGE, "command line:");
	bench_init(&b, IMAGE_SIZE);
	b.request.kind = GUEST_MULTIBOOT1;
	expect_error(&b, HV_BAD_IMAGE, "multiboot1:");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(elf_segment_goes_to_its_physical_address),
		cmocka_unit_test(entry_registers_are_the_specified_ones),
		cmocka_unit_test(elf64_virtual_entry_is_translated),
		cmocka_unit_test(elf64_physical_entry_wins),
		cmocka_unit_test(kludge_places_by_its_own_addresses),
		cmocka_unit_test(kludge_zero_ends_mean_the_whole_file),
		cmocka_unit_test(segment_may_end_at_the_top_of_ram),
		cmocka_unit_test(header_is_found_only_where_it_may_be),
		cmocka_unit_test(information_tells_memory_and_command_line),
		cmocka_unit_test(memory_map_is_a_pc_s),
		cmocka_unit_test(modules_lie_in_pages_above_the_image),
		cmocka_unit_test(module_that_does_not_fit_is_named),
		cmocka_unit_test(long_command_line_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

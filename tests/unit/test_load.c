/* Loading guests that have no header of their own, detection, and the start state. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "load_look.h"

#define FIRMWARE_SIZE	0x30000

static void sign(struct bench *b)
{
	b->image[510] = 0x55;
	b->image[511] = 0xaa;
}

/* As a BIOS starts it: whole file at 7C00h, DL the boot drive, CS:IP 0:7C00. */
static void boot_sector_is_entered_as_by_a_bios(void **state)
{
	struct bench b;

	(void)state;
	bench_init(&b, 1536);
	sign(&b);
	assert_int_equal(bench_load(&b), HV_OK);
	assert_int_equal(b.result.kind, GUEST_BOOT_SECTOR);
	assert_memory_equal(b.ram + 0x7c00, b.image, 1536);
	assert_int_equal(b.ram[0x7c00 + 1536], 0xcc);
	assert_int_equal(b.result.mode, LOAD_REAL);
	assert_int_equal(b.result.cs, 0);
	assert_int_equal(b.result.ip, 0x7c00);
	assert_int_equal(b.result.sp, 0x7c00);
	assert_int_equal(b.result.edx, 0x80);
	bench_fini(&b);
}

static void boot_sector_must_fit_below_its_end(void **state)
{
	struct bench b;

	(void)state;
	bench_init(&b, 0x9f000 - 0x7c00);
	sign(&b);
	b.request.kind = GUEST_BOOT_SECTOR;
	assert_int_equal(bench_load(&b), HV_OK);
	bench_fini(&b);
	bench_init(&b, 0x9f000 - 0x7c00 + 1);
	sign(&b);
	b.request.kind = GUEST_BOOT_SECTOR;
	expect_error(&b, HV_TOO_LARGE, "boot sector:");
}

static void boot_sector_needs_its_signature(void **state)
{
	struct bench b;

	(void)state;
	bench_init(&b, 512);
	b.request.kind = GUEST_BOOT_SECTOR;
	b.image[510] = 0x55;
	b.image[511] = 0;
	expect_error(&b, HV_BAD_IMAGE, "boot sector:");
	bench_init(&b, 511);
	b.request.kind = GUEST_BOOT_SECTOR;
	expect_error(&b, HV_BAD_IMAGE, "boot sector:");
}

/* BIOS data area: EBDA segment at 40Eh, KiB of conventional memory at 413h. */
static void bios_words_are_there_for_all_but_firmware(void **state)
{
	struct bench b;

	(void)state;
	bench_init(&b, 4096);
	b.request.kind = GUEST_FLAT;
	assert_int_equal(bench_load(&b), HV_OK);
	assert_memory_equal(b.ram + 0x40e, "\xc0\x9f", 2);
	assert_memory_equal(b.ram + 0x413, "\x7f\x02", 2);
	bench_fini(&b);
	bench_init(&b, FIRMWARE_SIZE);
	b.request.kind = GUEST_FIRMWARE;
	assert_int_equal(bench_load(&b), HV_OK);
	assert_memory_equal(b.ram + 0x40e, "\xcc\xcc", 2);
	bench_fini(&b);
}

static void flat_image_starts_at_one_mebibyte(void **state)
{
	struct bench b;

	(void)state;
	bench_init(&b, 3000);
	assert_int_equal(bench_load(&b), HV_OK);
	assert_int_equal(b.result.kind, GUEST_FLAT);
	assert_memory_equal(b.ram + 0x100000, b.image, 3000);
	assert_int_equal(b.result.mode, LOAD_PROTECTED);
	assert_int_equal(b.result.rip, 0x100000);
	assert_int_equal(b.result.eax, 0);
	assert_int_equal(b.result.ebx, 0);
	bench_fini(&b);
	bench_init(&b, RAM_SIZE - 0x100000 + 1);
	b.request.kind = GUEST_FLAT;
	expect_error(&b, HV_TOO_LARGE, "flat image:");
}

static void *at(const struct bench *b, uint64_t address, bool write)
{
	return guest_mem_ptr(&b->mem, gpa(address), 1, write);
}

/* The ROM ends at 4 GiB; its last 128 KiB are in the RAM below 1 MiB too. */
static void firmware_is_rom_below_four_gib_and_in_ram_below_one_mib(void **state)
{
	struct bench b;

	(void)state;
	bench_init(&b, FIRMWARE_SIZE);
	b.image[FIRMWARE_SIZE - 16] = 0xea;
	assert_int_equal(bench_load(&b), HV_OK);
	assert_int_equal(b.result.kind, GUEST_FIRMWARE);
	assert_true(b.result.reset_vector);
	assert_ptr_equal(at(&b, 0xffffffff, false), b.image + FIRMWARE_SIZE - 1);
	assert_ptr_equal(at(&b, SIZE_4G - FIRMWARE_SIZE, false), b.image);
	assert_null(at(&b, SIZE_4G - FIRMWARE_SIZE - 1, false));
	assert_null(at(&b, 0xfffffff0, true));
	assert_ptr_equal(at(&b, 0xe0000, true), b.ram + 0xe0000);
	assert_memory_equal(b.ram + 0xe0000, b.image + FIRMWARE_SIZE - 0x20000,
			    0x20000);
	assert_int_equal(b.ram[0xdffff], 0xcc);
	assert_int_equal(b.ram[0x100000], 0xcc);
	assert_ptr_equal(at(&b, RAM_SIZE - 1, true), b.ram + RAM_SIZE - 1);
	assert_null(at(&b, RAM_SIZE, false));
	bench_fini(&b);
}

/* A 64 KiB ROM is whole below 1 MiB. */
static void small_firmware_shows_whole(void **state)
{
	struct bench b;

	(void)state;
	bench_init(&b, 0x10000);
	b.request.kind = GUEST_FIRMWARE;
	assert_int_equal(bench_load(&b), HV_OK);
	assert_memory_equal(b.ram + 0xf0000, b.image, 0x10000);
	assert_int_equal(b.ram[0xeffff], 0xcc);
	bench_fini(&b);
}

static void firmware_must_be_whole_units_and_page_aligned(void **state)
{
	struct bench b;

	(void)state;
	bench_init(&b, FIRMWARE_SIZE);
	b.request.kind = GUEST_FIRMWARE;
	b.request.image.size--;
	expect_error(&b, HV_BAD_IMAGE, "firmware:");
	bench_init(&b, FIRMWARE_SIZE);
	b.request.kind = GUEST_FIRMWARE;
	b.request.image.data++;
	b.request.image.size = 0x20000;
	expect_error(&b, HV_BAD_ARGUMENT, "firmware:");
	bench_init(&b, FIRMWARE_SIZE);
	b.request.kind = GUEST_FIRMWARE;
	b.request.image.size = 0x1010000;
	expect_error(&b, HV_BAD_IMAGE, "firmware:");
}

/* Refused before anything is touched: this much RAM is not even there. */
static void ram_may_not_reach_into_the_rom(void **state)
{
	struct bench b;

	(void)state;
	bench_init(&b, FIRMWARE_SIZE);
	b.request.kind = GUEST_FIRMWARE;
	b.mem.slot[0].size = SIZE_4G - FIRMWARE_SIZE + PAGE_SIZE;
	expect_error(&b, HV_TOO_LARGE, "firmware:");
}

static void empty_image_and_unusable_memory_are_errors(void **state)
{
	struct bench b;

	(void)state;
	bench_init(&b, 512);
	b.request.image.size = 0;
	expect_error(&b, HV_BAD_IMAGE, "guest image:");
	bench_init(&b, 512);
	b.mem.slot[0].size = 0x100000;
	expect_error(&b, HV_BAD_ARGUMENT, "guest RAM:");
	bench_init(&b, 512);
	b.mem.slots = 2;
	expect_error(&b, HV_BAD_ARGUMENT, "guest RAM:");
	bench_init(&b, 512);
	b.request.kind = GUEST_KINDS;
	expect_error(&b, HV_BAD_ARGUMENT, "kind:");
}

/* A multiboot header is the most telling, then the boot signature, then a ROM's shape. */
static void detection_prefers_the_most_telling_header(void **state)
{
	struct bench b;

	(void)state;
	bench_init(&b, 0x10000);
	b.image[0x10000 - 16] = 0;
	assert_int_equal(load_detect(&b.request.image), GUEST_FLAT);
	for (unsigned opcode = 0xe9; opcode <= 0xeb; opcode++) {
		b.image[0x10000 - 16] = (uint8_t)opcode;
		assert_int_equal(load_detect(&b.request.image), GUEST_FIRMWARE);
	}
	sign(&b);
	assert_int_equal(load_detect(&b.request.image), GUEST_BOOT_SECTOR);
	put_multiboot_header(b.image + 0x1000, 3);
	assert_int_equal(load_detect(&b.request.image), GUEST_MULTIBOOT1);
	bench_fini(&b);
}

/* Poisoned first: the start state leaves nothing to chance. */
static struct vcpu start(const struct load_result *r)
{
	struct vcpu v;

	memset(&v, 0xa5, sizeof(v));
	load_start(r, 0x306c3, &v);
	assert_int_equal(v.valid, ST_ALL);
	assert_int_equal(v.dirty, ST_ALL);
	assert_int_equal(v.rflags, 2);
	assert_int_equal(v.dr6, 0xffff0ff0);
	assert_int_equal(v.dr7, 0x400);
	if (r->mode != LOAD_LONG) {
		assert_true(v.pat == UINT64_C(0x0007040600070406));
		assert_int_equal(v.cr3 | v.cr4 | v.efer, 0);
	}
	assert_int_equal(v.cr2, 0);
	assert_int_equal(v.seg[SEG_TR].ar, 0x8b);
	assert_int_equal(v.seg[SEG_TR].limit, 0xffff);
	assert_int_equal(v.seg[SEG_LDTR].ar, 0x82);
	assert_int_equal(v.gpr[GPR_R15] | v.gpr[GPR_RCX] | v.shadow | v.cpl, 0);
	assert_int_equal(v.pending.kind, EVENT_NONE);
	return v;
}

/* Table 9-1: CS F000h with base FFFF0000h, EIP FFF0h, CR0 60000010h, EDX the signature. */
static void firmware_starts_at_the_reset_vector(void **state)
{
	const struct load_result r = {
		.reset_vector = true, .cs = 0xf000, .ip = 0xfff0,
	};
	struct vcpu v = start(&r);

	(void)state;
	assert_int_equal(v.cr0, 0x60000010);
	assert_int_equal(v.rip, 0xfff0);
	assert_int_equal(v.seg[SEG_CS].sel, 0xf000);
	assert_int_equal(v.seg[SEG_CS].base, 0xffff0000);
	assert_int_equal(v.seg[SEG_CS].limit, 0xffff);
	assert_int_equal(v.seg[SEG_CS].ar, 0x9b);
	assert_int_equal(v.seg[SEG_DS].ar, 0x93);
	assert_int_equal(v.gpr[GPR_RDX], 0x306c3);
	assert_int_equal(v.idtr.limit, 0xffff);
	assert_int_equal(v.gdtr.limit, 0xffff);
}

static void boot_sector_starts_in_real_mode(void **state)
{
	const struct load_result r = {
		.ip = 0x7c00, .sp = 0x7c00, .edx = 0x80,
	};
	struct vcpu v = start(&r);

	(void)state;
	assert_int_equal(v.cr0, 0x10);
	assert_int_equal(v.rip, 0x7c00);
	assert_int_equal(v.gpr[GPR_RSP], 0x7c00);
	assert_int_equal(v.gpr[GPR_RDX], 0x80);
	assert_int_equal(v.seg[SEG_CS].base, 0);
	assert_int_equal(v.seg[SEG_SS].limit, 0xffff);
	assert_int_equal(v.idtr.base, 0);
	assert_int_equal(v.idtr.limit, 0x3ff);
}

/* Multiboot "Machine state" 3.2: flat 32-bit segments, paging off, PE on. */
static void protected_start_is_flat_and_unpaged(void **state)
{
	const struct load_result r = {
		.mode = LOAD_PROTECTED, .rip = 0x200000, .cs = 0x10, .ds = 0x18,
		.gdt_base = 0x800, .gdt_limit = 31,
		.eax = 0x2badb002, .ebx = 0x1000,
	};
	struct vcpu v = start(&r);

	(void)state;
	assert_int_equal(v.cr0, 0x11);
	assert_int_equal(v.rip, 0x200000);
	assert_int_equal(v.gpr[GPR_RAX], 0x2badb002);
	assert_int_equal(v.gpr[GPR_RBX], 0x1000);
	assert_int_equal(v.gpr[GPR_RSP], 0);
	assert_int_equal(v.seg[SEG_CS].sel, 0x10);
	assert_int_equal(v.seg[SEG_CS].ar, 0xc09b);
	assert_int_equal(v.seg[SEG_CS].limit, 0xffffffff);
	for (unsigned i = 0; i <= SEG_GS; i++) {
		assert_int_equal(v.seg[i].base, 0);
		if (i == SEG_CS)
			continue;
		assert_int_equal(v.seg[i].sel, 0x18);
		assert_int_equal(v.seg[i].ar, 0xc093);
		assert_int_equal(v.seg[i].limit, 0xffffffff);
	}
	assert_int_equal(v.gdtr.base, 0x800);
	assert_int_equal(v.gdtr.limit, 31);
}

/*
 * Long mode, its control registers whole; CS is 64-bit code, so L is set and D clear.
 * SDM 3A "Initializing IA-32e Mode" 9.8.5, "Segment Descriptors" 3.4.5.
 */
static void long_start_is_64_bit_and_paged(void **state)
{
	const struct load_result r = {
		.mode = LOAD_LONG, .rip = UINT64_C(0xffffffff80001000),
		.rsp = UINT64_C(0xffff800000005000), .cs = 0x28, .ds = 0x30,
		.gdt_base = UINT64_C(0xffff800000001000), .gdt_limit = 55,
		.cr0 = 0x80010011, .cr3 = 0x20000, .cr4 = 0x20, .efer = 0xd00,
		.pat = UINT64_C(0x0007010500070406),
		.rsi = 0x10000, .rdi = 0x12345678,
	};
	struct vcpu v = start(&r);

	(void)state;
	assert_int_equal(v.cr0, 0x80010011);
	assert_int_equal(v.cr3, 0x20000);
	assert_int_equal(v.cr4, 0x20);
	assert_int_equal(v.efer, 0xd00);
	assert_true(v.pat == UINT64_C(0x0007010500070406));
	assert_true(v.rip == r.rip && v.gpr[GPR_RSP] == r.rsp);
	assert_int_equal(v.gpr[GPR_RSI], 0x10000);
	assert_int_equal(v.gpr[GPR_RDI], 0x12345678);
	assert_true(vcpu_code64(&v));
	assert_int_equal(v.seg[SEG_CS].sel, 0x28);
	assert_int_equal(v.seg[SEG_CS].ar, 0xa09b);
	assert_int_equal(v.seg[SEG_CS].limit, 0xffffffff);
	assert_int_equal(v.seg[SEG_SS].sel, 0x30);
	assert_int_equal(v.seg[SEG_SS].ar, 0xc093);
	assert_true(v.gdtr.base == r.gdt_base);
	assert_int_equal(v.gdtr.limit, 55);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(boot_sector_is_entered_as_by_a_bios),
		cmocka_unit_test(boot_sector_must_fit_below_its_end),
		cmocka_unit_test(boot_sector_needs_its_signature),
		cmocka_unit_test(bios_words_are_there_for_all_but_firmware),
		cmocka_unit_test(flat_image_starts_at_one_mebibyte),
		cmocka_unit_test(firmware_is_rom_below_four_gib_and_in_ram_below_one_mib),
		cmocka_unit_test(small_firmware_shows_whole),
		cmocka_unit_test(firmware_must_be_whole_units_and_page_aligned),
		cmocka_unit_test(ram_may_not_reach_into_the_rom),
		cmocka_unit_test(empty_image_and_unusable_memory_are_errors),
		cmocka_unit_test(detection_prefers_the_most_telling_header),
		cmocka_unit_test(firmware_starts_at_the_reset_vector),
		cmocka_unit_test(boot_sector_starts_in_real_mode),
		cmocka_unit_test(protected_start_is_flat_and_unpaged),
		cmocka_unit_test(long_start_is_64_bit_and_paged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

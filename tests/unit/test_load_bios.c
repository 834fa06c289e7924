/*
 * What stands for the BIOS, called as a guest calls it: the code runs in the emulator, on
 * memory as the loader has left it. ACPI "System Address Map Interfaces", "INT 15H, E820H
 * - Query System Address Map".
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/emulate/emulate.h"
#include "core/load/bios.h"
#include "linux_image.h"

#define MIB		(UINT64_C(1) << 20)
#define CALL_AT		0x8000u		/* the caller's code: INT n, NOP */
#define BUFFER		0x500u		/* of segment 7000h */
#define STEPS		100
#define SMAP		0x534d4150u

static struct bench b;
static struct vcpu v;

static void start(uint64_t ram)
{
	struct linux_header h = linux_header();

	h.init_size = 0x1000;
	bench_init(&b, IMAGE_SIZE);
	put_linux(&b, h);
	free(b.ram);
	b.ram = aligned_alloc(PAGE_SIZE, ram);
	b.mem.slot[0] = (struct guest_mem_slot){ .size = ram, .host = hpa_of(b.ram) };
	assert_int_equal(bench_load(&b), HV_OK);
	load_start(&b.result, 0, &v);
	v.seg[SEG_ES].sel = 0x7000;
	v.seg[SEG_ES].base = 0x70000;
	v.gpr[GPR_RDI] = BUFFER;
	memset(b.ram + 0x70000, 0xcc, 0x1000);
}

/* All registers but those named must be the caller's own afterwards. */
static struct vcpu call(uint8_t vector)
{
	static const struct emu_ops ops;
	struct emu emu = { .vcpu = &v, .mem = &b.mem, .ops = &ops, .maxphyaddr = 36 };
	struct vcpu before;
	unsigned steps = 0;

	b.ram[CALL_AT] = 0xcd;
	b.ram[CALL_AT + 1] = vector;
	v.seg[SEG_CS].sel = 0;
	v.seg[SEG_CS].base = 0;
	v.rip = CALL_AT;
	v.rflags = RFLAGS_ONE | RFLAGS_IF | RFLAGS_DF;
	before = v;
	do {
		assert_int_equal(emu_step(&emu), EMU_OK);
		assert_true(++steps < STEPS);
	} while (v.seg[SEG_CS].base || v.rip != CALL_AT + 2);
	assert_int_equal(v.gpr[GPR_RSP], before.gpr[GPR_RSP]);
	assert_int_equal(v.gpr[GPR_RBP], before.gpr[GPR_RBP]);
	assert_int_equal(v.gpr[GPR_RSI], before.gpr[GPR_RSI]);
	assert_int_equal(v.gpr[GPR_RDI], before.gpr[GPR_RDI]);
	for (unsigned i = 0; i <= SEG_GS; i++)
		assert_int_equal(v.seg[i].sel, before.seg[i].sel);
	/* IF, DF and all that is not an answer. */
	assert_int_equal((v.rflags ^ before.rflags) & ~(uint64_t)(RFLAGS_CF | RFLAGS_ZF), 0);
	return before;
}

static bool carry(void)
{
	return v.rflags & RFLAGS_CF;
}

static void ask_map(uint32_t entry, uint32_t size, uint32_t signature)
{
	v.gpr[GPR_RAX] = 0xe820;
	v.gpr[GPR_RBX] = entry;
	v.gpr[GPR_RCX] = size;
	v.gpr[GPR_RDX] = signature;
	call(0x15);
}

/*
 * RAM to the extended BIOS data area, that area, the ROM below 1 MiB, RAM from 1 MiB on:
 * what every kind of guest is told. Base, length, 1 for memory or 2 for reserved.
 */
static void the_memory_map_comes_entry_by_entry(void **state)
{
	const struct { uint64_t base, size; uint32_t type; } map[] = {
		{ 0, 0x9fc00, 1 },
		{ 0x9fc00, 0x400, 2 },
		{ 0xf0000, 0x10000, 2 },
		{ 0x100000, 63 * MIB, 1 },
	};

	(void)state;
	start(64 * MIB);
	for (unsigned i = 0; i < ARRAY_SIZE(map); i++) {
		const uint8_t *at = b.ram + 0x70000 + BUFFER;

		ask_map(i, 20 + 4 * i, SMAP);
		assert_false(carry());
		assert_int_equal(v.gpr[GPR_RAX], SMAP);
		assert_int_equal(v.gpr[GPR_RCX], 20);
		assert_int_equal(v.gpr[GPR_RDX], SMAP);
		/* The next one's number, and 0 with the last. */
		assert_int_equal(v.gpr[GPR_RBX], i < 3 ? i + 1 : 0);
		assert_memory_equal(at, &map[i].base, 8);
		assert_memory_equal(at + 8, &map[i].size, 8);
		assert_memory_equal(at + 16, &map[i].type, 4);
		assert_int_equal(at[20], 0xcc);
		assert_int_equal(at[-1], 0xcc);
	}
	bench_fini(&b);
}

/* The stub lies where nothing that it tells of is memory to use. */
static void the_code_is_in_the_area_told_as_reserved(void **state)
{
	(void)state;
	start(4 * MIB);
	for (unsigned vector = 0; vector < 256; vector++) {
		uint16_t at[2];
		uint32_t address;

		memcpy(at, b.ram + vector * 4, sizeof(at));
		address = at[1] * 16u + at[0];
		assert_true(address >= 0x9fc00 && address < 0xa0000);
	}
	/* The area's first byte is its size in KiB; the data area has its segment. */
	assert_int_equal(b.ram[0x9fc00], 1);
	assert_int_equal(b.ram[0x40e] | b.ram[0x40f] << 8, 0x9fc0);
	bench_fini(&b);
}

static void refused_in_full(uint64_t rax)
{
	assert_true(carry());
	assert_int_equal(v.gpr[GPR_RAX], (rax & ~UINT64_C(0xff00)) | 0x8600);
	for (unsigned i = 0; i < 64; i++)
		assert_int_equal(b.ram[0x70000 + BUFFER + i], 0xcc);
}

/* "ECX: the minimum size which must be supported is 20 bytes"; "EDX: 'SMAP'". */
static void a_wrong_question_for_the_map_is_refused(void **state)
{
	const struct { uint32_t entry, size, signature; } rows[] = {
		{ 0, 19, SMAP }, { 0, 0, SMAP }, { 0, 20, SMAP + 1 }, { 0, 20, 0 },
		{ 0, 20, 0x50414d53 }, { 4, 20, SMAP }, { 0xffffffff, 20, SMAP },
		{ 0x10000, 20, SMAP }, { 0x80000000, 20, SMAP },
	};

	(void)state;
	start(4 * MIB);
	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
		ask_map(rows[i].entry, rows[i].size, rows[i].signature);
		refused_in_full(0xe820);
		assert_int_equal(v.gpr[GPR_RBX], rows[i].entry);
		assert_int_equal(v.gpr[GPR_RCX], rows[i].size);
		assert_int_equal(v.gpr[GPR_RDX], rows[i].signature);
	}
	bench_fini(&b);
}

/* E801h: KiB from 1 to 16 MiB, units of 64 KiB above; 88h: KiB from 1 MiB in one word. */
static void the_sizes_agree_with_the_map(void **state)
{
	const struct { uint64_t ram; uint16_t low, high, word; } rows[] = {
		{ 2 * MIB, 1024, 0, 1024 },
		{ 16 * MIB, 15360, 0, 15360 },
		{ 18 * MIB, 15360, 32, 17408 },
		{ 64 * MIB, 15360, 768, 64512 },
		{ 66 * MIB, 15360, 800, 64512 },
	};

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
		start(rows[i].ram);
		v.gpr[GPR_RAX] = 0xe801;
		call(0x15);
		assert_false(carry());
		assert_int_equal(v.gpr[GPR_RAX], rows[i].low);
		assert_int_equal(v.gpr[GPR_RCX], rows[i].low);
		assert_int_equal(v.gpr[GPR_RBX], rows[i].high);
		assert_int_equal(v.gpr[GPR_RDX], rows[i].high);
		v.gpr[GPR_RAX] = 0x8801;
		call(0x15);
		assert_false(carry());
		assert_int_equal(v.gpr[GPR_RAX], rows[i].word);
		bench_fini(&b);
	}
}

/* INT 12h: the word at 40:13; INT 11h: the one at 40:10. Neither has an error to tell. */
static void two_words_of_the_data_area_have_a_service(void **state)
{
	(void)state;
	start(4 * MIB);
	b.ram[0x410] = 0x34;
	b.ram[0x411] = 0x12;
	call(0x12);
	assert_int_equal(v.gpr[GPR_RAX], 639);
	assert_false(carry());
	call(0x11);
	assert_int_equal(v.gpr[GPR_RAX], 0x1234);
	assert_false(carry());
	bench_fini(&b);
}

/* Teletype output is taken; ZF: no key is there. */
static void there_is_no_screen_and_no_key(void **state)
{
	const uint16_t keys[] = { 0x0000, 0x0100, 0x1000, 0x1100, 0x0200, 0x1200 };
	struct vcpu before;

	(void)state;
	start(4 * MIB);
	v.gpr[GPR_RAX] = 0x0e41;
	v.gpr[GPR_RBX] = 7;
	before = call(0x10);
	assert_memory_equal(v.gpr, before.gpr, sizeof(v.gpr));
	assert_false(carry());
	for (unsigned i = 0; i < ARRAY_SIZE(keys); i++) {
		v.gpr[GPR_RAX] = keys[i];
		call(0x16);
		assert_int_equal(v.gpr[GPR_RAX], 0);
		assert_true(v.rflags & RFLAGS_ZF);
		assert_false(carry());
	}
	bench_fini(&b);
}

/* Carry and AH = 86h for whatever else; everything but AH kept. */
static void all_else_is_no_such_function(void **state)
{
	const struct { uint8_t vector; uint16_t ax; } rows[] = {
		{ 0x10, 0x0003 }, { 0x10, 0x0f00 }, { 0x10, 0x4f00 },
		{ 0x13, 0x0201 }, { 0x13, 0x4100 }, { 0x15, 0x2401 },
		{ 0x15, 0xc000 }, { 0x15, 0xe821 }, { 0x15, 0xe802 },
		{ 0x15, 0x8700 }, { 0x1a, 0x0000 }, { 0x1a, 0xb101 },
		{ 0x00, 0 }, { 0x80, 0x1234 }, { 0xff, 0xffff },
	};

	(void)state;
	start(4 * MIB);
	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
		struct vcpu before;

		v.gpr[GPR_RAX] = UINT64_C(0x12340000) | rows[i].ax;
		before = call(rows[i].vector);
		refused_in_full(before.gpr[GPR_RAX]);
		before.gpr[GPR_RAX] = v.gpr[GPR_RAX];
		assert_memory_equal(v.gpr, before.gpr, sizeof(v.gpr));
	}
	bench_fini(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_memory_map_comes_entry_by_entry),
		cmocka_unit_test(the_code_is_in_the_area_told_as_reserved),
		cmocka_unit_test(a_wrong_question_for_the_map_is_refused),
		cmocka_unit_test(the_sizes_agree_with_the_map),
		cmocka_unit_test(two_words_of_the_data_area_have_a_service),
		cmocka_unit_test(there_is_no_screen_and_no_key),
		cmocka_unit_test(all_else_is_no_such_function),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

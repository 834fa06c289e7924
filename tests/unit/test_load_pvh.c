/* PVH kernels: the note, the start information, and damage that names its field. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "load_look.h"
#include "pvh_image.h"

#define INFO	0x1000

static void kernel_init(struct bench *b, struct pvh_notes notes)
{
	bench_init(b, IMAGE_SIZE);
	put_kernel64(b, header64(), segment64(), notes);
}

static void note_error(struct pvh_notes notes, enum hv_err err, const char *field)
{
	struct bench b;

	kernel_init(&b, notes);
	b.request.kind = GUEST_PVH;
	expect_error(&b, err, field);
}

/* Boot ABI: EBX the start information; CR0 PE alone; flat 32-bit CS, DS, ES, SS. */
static void entry_is_the_note_s_in_flat_code(void **state)
{
	struct bench b;
	struct vcpu v;

	(void)state;
	kernel_init(&b, pvh_notes());
	assert_int_equal(bench_load(&b), HV_OK);
	assert_int_equal(b.result.kind, GUEST_PVH);
	assert_memory_equal(b.ram + IMAGE_PADDR, b.image + IMAGE_DATA,
			    IMAGE_FILESZ);
	load_start(&b.result, 0, &v);
	assert_int_equal(v.rip, PVH_ENTRY_ADDRESS);
	assert_int_equal(v.cr0, 0x11);
	assert_int_equal(v.cr4 | v.efer, 0);
	assert_int_equal(v.gpr[GPR_RBX], INFO);
	assert_int_equal(v.seg[SEG_CS].ar, 0xc09b);
	assert_int_equal(v.seg[SEG_SS].ar, 0xc093);
	assert_int_equal(v.seg[SEG_ES].limit, 0xffffffff);
	bench_fini(&b);
}

/* An ELF32 kernel's note has a 32-bit address. */
static void narrow_entry_in_elf32_is_taken(void **state)
{
	struct pvh_notes notes = pvh_notes();
	struct bench b;

	(void)state;
	notes.descsz = 4;
	bench_init(&b, IMAGE_SIZE);
	put_kernel32(&b, header32(), segment32(), notes);
	assert_int_equal(bench_load(&b), HV_OK);
	assert_int_equal(b.result.kind, GUEST_PVH);
	assert_int_equal(b.result.rip, PVH_ENTRY_ADDRESS);
	bench_fini(&b);
}

/* start_info.h: magic 0, version 4, flags 8, modules 12/16, cmdline 24, rsdp 32, memmap 40/48. */
static void start_information_tells_command_line_and_memory(void **state)
{
	static const uint64_t expected[4][3] = {
		{ 0, 0x9fc00, 1 }, { 0x9fc00, 0x400, 2 },
		{ 0xf0000, 0x10000, 2 }, { 0x100000, RAM_SIZE - 0x100000, 1 },
	};
	struct bench b;

	(void)state;
	kernel_init(&b, pvh_notes());
	b.request.command_line = "console=ttyS0";
	assert_int_equal(bench_load(&b), HV_OK);
	assert_int_equal(get32(&b, INFO), 0x336ec578);
	assert_int_equal(get32(&b, INFO + 4), 1);
	assert_int_equal(get32(&b, INFO + 8), 0);
	assert_int_equal(get32(&b, INFO + 12), 0);
	assert_int_equal(get64(&b, INFO + 16), 0);
	assert_string_equal((char *)b.ram + get64(&b, INFO + 24),
			    "console=ttyS0");
	assert_int_equal(get64(&b, INFO + 32), 0);
	assert_int_equal(get32(&b, INFO + 48), 4);
	assert_memory_equal(b.ram + get64(&b, INFO + 40), expected,
			    sizeof(expected));
	bench_fini(&b);
}

/* hvm_modlist_entry: address, size, command line, each 64 bits, and a reserved word. */
static void modules_lie_above_the_kernel(void **state)
{
	static const uint8_t first[5] = "one!", second[PAGE_SIZE + 1] = { 7 };
	struct bench b;
	uint64_t at;

	(void)state;
	kernel_init(&b, pvh_notes());
	b.request.module[0] = (struct load_blob){ first, sizeof(first), "a b" };
	b.request.module[1] = (struct load_blob){ second, sizeof(second), NULL };
	b.request.modules = 2;
	assert_int_equal(bench_load(&b), HV_OK);
	assert_int_equal(get32(&b, INFO + 12), 2);
	at = get64(&b, INFO + 16);
	assert_int_equal(get64(&b, at), IMAGE_PADDR + 0x3000);
	assert_int_equal(get64(&b, at + 8), sizeof(first));
	assert_memory_equal(b.ram + get64(&b, at), first, sizeof(first));
	assert_string_equal((char *)b.ram + get64(&b, at + 16), "a b");
	assert_int_equal(get64(&b, at + 32), IMAGE_PADDR + 0x4000);
	assert_int_equal(get64(&b, at + 40), sizeof(second));
	bench_fini(&b);
}

static void note_damage_names_its_field(void **state)
{
	struct pvh_notes n = pvh_notes();

	(void)state;
	n.type = 17;
	note_error(n, HV_BAD_IMAGE, "PT_NOTE:");
	n = pvh_notes();
	n.name[0] = 'x';
	note_error(n, HV_BAD_IMAGE, "PT_NOTE:");
	n = pvh_notes();
	n.namesz = 3;
	note_error(n, HV_BAD_IMAGE, "PT_NOTE:");
	n = pvh_notes();
	n.namesz = 0xffffffff;
	note_error(n, HV_BAD_IMAGE, "PT_NOTE:");
	n = pvh_notes();
	n.first[1] = 0xfffffffe;
	note_error(n, HV_BAD_IMAGE, "PT_NOTE:");
	n = pvh_notes();
	n.descsz = 9;
	note_error(n, HV_BAD_IMAGE, "PT_NOTE:");
	n = pvh_notes();
	n.descsz = 6;
	note_error(n, HV_BAD_IMAGE, "descsz:");
	n = pvh_notes();
	n.desc = IMAGE_PADDR + IMAGE_MEMSZ;
	note_error(n, HV_BAD_IMAGE, "PHYS32_ENTRY:");
	/* A virtual address is no physical one, though it lies in the segment. */
	n.desc = IMAGE_VADDR + 0x10;
	note_error(n, HV_BAD_IMAGE, "PHYS32_ENTRY:");
}

static void notes_must_lie_in_the_image(void **state)
{
	struct elf64_segment note = {
		.type = 4, .offset = UINT64_MAX - 7, .filesz = 16, .align = 4,
	};
	struct bench b;

	(void)state;
	kernel_init(&b, pvh_notes());
	memcpy(b.image + 64 + 56, &note, sizeof(note));
	b.request.kind = GUEST_PVH;
	expect_error(&b, HV_BAD_IMAGE, "p_offset:");
}

/* Empty notes one after the other: a loader gives up after a number of them. */
static void notes_are_read_in_bounded_number(void **state)
{
	const struct elf64_segment note = {
		.type = 4, .offset = NOTES_AT, .filesz = IMAGE_SIZE - NOTES_AT,
		.align = 4,
	};
	const struct pvh_notes last = pvh_notes();
	struct bench b;

	(void)state;
	kernel_init(&b, pvh_notes());
	memset(b.image + NOTES_AT, 0, IMAGE_SIZE - NOTES_AT);
	memcpy(b.image + NOTES_AT + 12 * 254, &last, sizeof(last));
	memcpy(b.image + 64 + 56, &note, sizeof(note));
	assert_int_equal(load_detect(&b.request.image), GUEST_PVH);
	memset(b.image + NOTES_AT, 0, IMAGE_SIZE - NOTES_AT);
	memcpy(b.image + NOTES_AT + 12 * 255, &last, sizeof(last));
	b.request.kind = GUEST_PVH;
	expect_error(&b, HV_BAD_IMAGE, "PT_NOTE:");
}

/* Notes are aligned to 8 bytes where the program header says so. */
static void wide_alignment_of_notes_is_followed(void **state)
{
	const struct elf64_segment note = {
		.type = 4, .offset = NOTES_AT, .filesz = 0x80, .align = 8,
	};
	const struct pvh_notes last = pvh_notes();
	struct bench b;

	(void)state;
	kernel_init(&b, pvh_notes());
	memset(b.image + NOTES_AT, 0, 0x80);
	memcpy(b.image + NOTES_AT, &(const uint32_t[]){ 4, 4, 5, 0x554e47 }, 16);
	memcpy(b.image + NOTES_AT + 24, (const uint8_t *)&last + 20,
	       sizeof(last) - 20);
	memcpy(b.image + 64 + 56, &note, sizeof(note));
	assert_int_equal(load_detect(&b.request.image), GUEST_PVH);
	bench_fini(&b);
}

static void strings_and_modules_must_fit(void **state)
{
	static char text[0x7000];
	struct bench b;

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	kernel_init(&b, pvh_notes());
	b.request.command_line = text;
	expect_error(&b, HV_TOO_LARGE, "command line:");
	kernel_init(&b, pvh_notes());
	b.request.module[0] = (struct load_blob){ b.image, 1, text };
	b.request.modules = 1;
	expect_error(&b, HV_TOO_LARGE, "module's command line:");
	kernel_init(&b, pvh_notes());
	b.request.module[0] = (struct load_blob){ b.image, UINT64_MAX, NULL };
	b.request.modules = 1;
	expect_error(&b, HV_TOO_LARGE, "module 1:");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(entry_is_the_note_s_in_flat_code),
		cmocka_unit_test(narrow_entry_in_elf32_is_taken),
		cmocka_unit_test(start_information_tells_command_line_and_memory),
		cmocka_unit_test(modules_lie_above_the_kernel),
		cmocka_unit_test(note_damage_names_its_field),
		cmocka_unit_test(notes_must_lie_in_the_image),
		cmocka_unit_test(notes_are_read_in_bounded_number),
		cmocka_unit_test(wide_alignment_of_notes_is_followed),
		cmocka_unit_test(strings_and_modules_must_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

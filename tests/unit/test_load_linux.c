/*
 * Linux images by their 16-bit entry: what the boot protocol wants in memory and in the
 * header, and that each damaged field is named. Linux "The Linux/x86 Boot Protocol".
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "images.h"
#include "linux_image.h"

#define MODULE_SIZE	0x1801

static void start_bench(struct bench *b, struct linux_header h)
{
	bench_init(b, IMAGE_SIZE);
	put_linux(b, h);
	b->request.command_line = "quiet";
}

static void loaded(struct bench *b, struct linux_header h)
{
	start_bench(b, h);
	if (bench_load(b) != HV_OK)
		fail_msg("%s", b->result.error);
}

static struct linux_header header_in(const struct bench *b)
{
	struct linux_header h;

	memcpy(&h, b->ram + 0x90000 + 0x1f1, sizeof(h));
	return h;
}

static void refused(struct linux_header h, enum hv_err err, const char *field)
{
	struct bench b;

	start_bench(&b, h);
	b.request.kind = GUEST_LINUX16;
	assert_int_equal(bench_load(&b), err);
	if (strncmp(b.result.error, field, strlen(field)))
		fail_msg("'%s' does not name %s", b.result.error, field);
	bench_fini(&b);
}

/* "Running the Kernel": CS = segment + 20h, IP 0; DS = ES = SS the segment; SP the heap's end. */
static void entry_is_the_segment_plus_20h(void **state)
{
	struct bench b;
	struct vcpu v;

	(void)state;
	loaded(&b, linux_header());
	assert_int_equal(b.result.kind, GUEST_LINUX16);
	assert_int_equal(b.result.mode, LOAD_REAL);
	load_start(&b.result, 0, &v);
	assert_int_equal(v.seg[SEG_CS].sel, 0x9020);
	assert_int_equal(v.seg[SEG_CS].base, 0x90200);
	assert_int_equal(v.rip, 0);
	for (unsigned i = SEG_ES; i <= SEG_GS; i++) {
		if (i == SEG_CS)
			continue;
		assert_int_equal(v.seg[i].sel, 0x9000);
		assert_int_equal(v.seg[i].base, 0x90000);
	}
	assert_int_equal(v.gpr[GPR_RSP], 0xe000);
	assert_int_equal(v.rflags & RFLAGS_IF, 0);
	bench_fini(&b);
}

/* Set-up code, the first sector included, to the segment; what follows it to 1 MiB. */
static void both_parts_lie_where_the_protocol_says(void **state)
{
	struct bench b;

	(void)state;
	loaded(&b, linux_header());
	assert_memory_equal(b.ram + 0x90000, b.image, 0x1f1);
	assert_memory_equal(b.ram + 0x90264, b.image + 0x264,
			    LINUX_SETUP_SIZE - 0x264);
	assert_memory_equal(b.ram + 0x100000, b.image + LINUX_SETUP_SIZE,
			    IMAGE_SIZE - LINUX_SETUP_SIZE);
	/* The heap is the set-up code's bss: zeroed. */
	assert_int_equal(b.ram[0x90000 + LINUX_SETUP_SIZE], 0);
	assert_int_equal(b.ram[0x100000 + IMAGE_SIZE - LINUX_SETUP_SIZE], 0xcc);
	bench_fini(&b);
}

static void header_fields_are_filled_in(void **state)
{
	struct linux_header h;
	struct bench b;

	(void)state;
	loaded(&b, linux_header());
	h = header_in(&b);
	assert_int_equal(h.type_of_loader, 0xff);
	assert_int_equal(h.loadflags, 0x81);
	assert_int_equal(h.heap_end_ptr, 0xe000 - 0x200);
	assert_int_equal(h.cmd_line_ptr, 0x9e000);
	assert_string_equal((char *)b.ram + 0x9e000, "quiet");
	assert_int_equal(h.ramdisk_image, 0);
	assert_int_equal(h.ramdisk_size, 0);
	assert_int_equal(h.init_size, linux_header().init_size);
	bench_fini(&b);
}

/* setup_sects: "For backwards compatibility, if the field contains 0, the real value is 4." */
static void no_setup_sectors_mean_four(void **state)
{
	struct linux_header h = linux_header();
	struct bench b;

	(void)state;
	h.setup_sects = 0;
	loaded(&b, h);
	assert_memory_equal(b.ram + 0x100000, b.image + 5 * 512, 512);
	bench_fini(&b);
}

/* As high as possible, below initrd_addr_max and the RAM's end, clear of init_size. */
static void initrd_is_the_first_module_and_high(void **state)
{
	static uint8_t module[MODULE_SIZE];
	const struct { uint32_t max, at; } rows[] = {
		{ 0x7fffffff, RAM_SIZE - 0x2000 },
		{ 0x2fffff, 0x300000 - 0x2000 },
		{ 0x2ffffe, 0x300000 - 0x2000 },
		{ 0x2ff7ff, 0x300000 - 0x3000 },
	};

	(void)state;
	memset(module, 0x5a, sizeof(module));
	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
		struct linux_header h = linux_header();
		struct bench b;

		h.initrd_addr_max = rows[i].max;
		start_bench(&b, h);
		b.request.modules = 2;
		b.request.module[0] = (struct load_blob){ module, MODULE_SIZE, "" };
		assert_int_equal(bench_load(&b), HV_OK);
		h = header_in(&b);
		assert_int_equal(h.ramdisk_image, rows[i].at);
		assert_int_equal(h.ramdisk_size, MODULE_SIZE);
		assert_memory_equal(b.ram + rows[i].at, module, MODULE_SIZE);
		bench_fini(&b);
	}
}

static void initrd_without_room_is_refused(void **state)
{
	static uint8_t module[MODULE_SIZE];
	const uint32_t ends[] = { 0, 0x1fff, 0x100000, 0x101fff };

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(ends); i++) {
		struct linux_header h = linux_header();
		struct bench b;

		h.initrd_addr_max = ends[i];
		start_bench(&b, h);
		b.request.modules = 1;
		b.request.module[0] = (struct load_blob){ module, MODULE_SIZE, "" };
		assert_int_equal(bench_load(&b), HV_TOO_LARGE);
		assert_memory_equal(b.result.error, "ramdisk_size:", 13);
		bench_fini(&b);
	}
}

/* cmdline_size: "The maximum size of the command line without the terminating zero." */
static void command_line_has_its_size(void **state)
{
	struct linux_header h = linux_header();
	struct bench b;

	(void)state;
	h.cmdline_size = 5;
	loaded(&b, h);
	bench_fini(&b);
	h.cmdline_size = 4;
	refused(h, HV_TOO_LARGE, "cmdline_size:");
	/* Older than 2.06: 255. */
	h.version = 0x205;
	loaded(&b, h);
	bench_fini(&b);
}

/* A bzImage has a boot sector's signature: its own header comes first. */
static void a_kernel_is_no_boot_sector(void **state)
{
	struct linux_header h = linux_header();
	struct bench b;

	(void)state;
	start_bench(&b, h);
	assert_int_equal(load_detect(&b.request.image), GUEST_LINUX16);
	h.header++;
	put_linux(&b, h);
	assert_int_equal(load_detect(&b.request.image), GUEST_BOOT_SECTOR);
	put_linux(&b, linux_header());
	b.request.image.size = 0x263;
	assert_int_equal(load_detect(&b.request.image), GUEST_BOOT_SECTOR);
	bench_fini(&b);
}

/* One field wrong at a time; LINUX_BAD sets it in a sound header. */
#define LINUX_BAD(err, field, value) do {			\
		struct linux_header bad = linux_header();	\
								\
		bad.field = value;				\
		refused(bad, err, #field ":");			\
	} while (0)

static void damage_names_its_field(void **state)
{
	const uint32_t rest = IMAGE_SIZE - LINUX_SETUP_SIZE;

	(void)state;
	LINUX_BAD(HV_BAD_IMAGE, boot_flag, 0x55aa);
	LINUX_BAD(HV_BAD_IMAGE, header, 0);
	LINUX_BAD(HV_BAD_IMAGE, version, 0x201);
	LINUX_BAD(HV_BAD_IMAGE, jump, 0xe9);
	LINUX_BAD(HV_BAD_IMAGE, loadflags, 0x80);
	LINUX_BAD(HV_BAD_IMAGE, code32_start, 0x1000);
	LINUX_BAD(HV_BAD_IMAGE, setup_sects, IMAGE_SIZE / 512 - 1);
	LINUX_BAD(HV_BAD_IMAGE, syssize, rest / 16 + 1);
	LINUX_BAD(HV_BAD_IMAGE, syssize, UINT32_MAX);
	LINUX_BAD(HV_TOO_LARGE, init_size, RAM_SIZE - 0x100000 + 1);
	LINUX_BAD(HV_TOO_LARGE, init_size, UINT32_MAX);
}

/* The loader writes up to cmd_line_ptr: a header that ends before it has none. */
static void a_header_without_cmd_line_ptr_is_refused(void **state)
{
	struct linux_header h = linux_header();
	struct bench b;

	(void)state;
	h.jump_by = 0x22c - 0x202;
	loaded(&b, h);
	bench_fini(&b);
	h.jump_by--;
	refused(h, HV_BAD_IMAGE, "jump:");
}

/* Before 2.04 syssize had two bytes; before 2.10 there was no init_size. */
static void fields_newer_than_the_version_mean_nothing(void **state)
{
	struct linux_header h = linux_header();
	struct bench b;

	(void)state;
	h.version = 0x203;
	h.syssize = UINT32_MAX;
	h.init_size = UINT32_MAX;
	h.cmdline_size = 0;
	loaded(&b, h);
	bench_fini(&b);
}

static void a_cut_header_or_kernel_is_refused(void **state)
{
	const struct { uint64_t size; const char *field; } rows[] = {
		{ 1, "header:" }, { 512, "header:" }, { 0x263, "header:" },
		{ 0x264, "setup_sects:" }, { LINUX_SETUP_SIZE, "setup_sects:" },
		{ LINUX_SETUP_SIZE + 1, "syssize:" },
	};

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
		struct bench b;

		start_bench(&b, linux_header());
		b.request.kind = GUEST_LINUX16;
		b.request.image.size = rows[i].size;
		image_end(b.image, rows[i].size);
		assert_int_equal(bench_load(&b), HV_BAD_IMAGE);
		if (strncmp(b.result.error, rows[i].field, strlen(rows[i].field)))
			fail_msg("'%s' does not name %s", b.result.error,
				 rows[i].field);
		bench_fini(&b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(entry_is_the_segment_plus_20h),
		cmocka_unit_test(both_parts_lie_where_the_protocol_says),
		cmocka_unit_test(header_fields_are_filled_in),
		cmocka_unit_test(no_setup_sectors_mean_four),
		cmocka_unit_test(initrd_is_the_first_module_and_high),
		cmocka_unit_test(initrd_without_room_is_refused),
		cmocka_unit_test(command_line_has_its_size),
		cmocka_unit_test(a_kernel_is_no_boot_sector),
		cmocka_unit_test(damage_names_its_field),
		cmocka_unit_test(a_header_without_cmd_line_ptr_is_refused),
		cmocka_unit_test(fields_newer_than_the_version_mean_nothing),
		cmocka_unit_test(a_cut_header_or_kernel_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

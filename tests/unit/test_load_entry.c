/*
 * Linux kernels by their 32-bit and 64-bit entries, packed and as ELF: the zero page, the
 * start state, and damage that names its field. Linux "The Linux/x86 Boot Protocol".
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "linux_image.h"
#include "load_look.h"
#include "pvh_image.h"

#define PARAMS	0x10000

static struct linux_header header64_entry(void)
{
	struct linux_header h = linux_header();

	h.xloadflags = 1;
	h.relocatable = 1;
	h.kernel_alignment = 0x1000;
	h.pref_address = 0x180000;
	return h;
}

static void start_bench(struct bench *b, struct linux_header h,
			enum guest_kind kind)
{
	bench_init(b, IMAGE_SIZE);
	put_linux(b, h);
	b->request.kind = kind;
	b->request.command_line = "quiet";
}

static struct vcpu loaded(struct bench *b)
{
	struct vcpu v;

	if (bench_load(b) != HV_OK)
		fail_msg("%s", b->result.error);
	load_start(&b->result, 0, &v);
	return v;
}

static void refused(struct linux_header h, enum guest_kind kind, enum hv_err err,
		    const char *field)
{
	struct bench b;

	start_bench(&b, h, kind);
	expect_error(&b, err, field);
}

/* Flat protected mode, CS 10h, DS ES SS 18h, ESI the zero page, EBP EDI EBX 0, IF 0. */
static void expect_32bit_state(const struct vcpu *v)
{
	assert_int_equal(v->cr0, 0x11);
	assert_int_equal(v->seg[SEG_CS].sel, 0x10);
	assert_int_equal(v->seg[SEG_CS].ar, 0xc09b);
	assert_int_equal(v->seg[SEG_DS].sel, 0x18);
	assert_int_equal(v->seg[SEG_ES].sel, 0x18);
	assert_int_equal(v->seg[SEG_SS].sel, 0x18);
	assert_int_equal(v->gpr[GPR_RSI], PARAMS);
	assert_int_equal(v->gpr[GPR_RBP] | v->gpr[GPR_RDI] | v->gpr[GPR_RBX], 0);
	assert_int_equal(v->rflags & RFLAGS_IF, 0);
}

/* 64-bit mode, CS 10h, DS ES SS 18h, paging with the whole 4 GiB there, RSI the zero page. */
static void expect_64bit_state(const struct bench *b, const struct vcpu *v)
{
	assert_true(v->cr0 == 0x80000011);
	assert_int_equal(v->cr4, 0x20);
	assert_int_equal(v->efer, 0x500);
	assert_int_equal(v->seg[SEG_CS].sel, 0x10);
	assert_int_equal(v->seg[SEG_CS].ar, 0xa09b);
	assert_int_equal(v->seg[SEG_DS].sel, 0x18);
	assert_int_equal(v->gpr[GPR_RSI], PARAMS);
	assert_int_equal(v->rflags & RFLAGS_IF, 0);
	/* The GDT in memory is the one in the registers. */
	assert_true(get64(b, v->gdtr.base + 0x10) == 0x00af9b000000ffff);
	assert_true(get64(b, v->gdtr.base + 0x18) == 0x00cf93000000ffff);
	/* The first entries of root, its first and its first: 2 MiB at 0. */
	assert_int_equal(get64(b, v->cr3) & 3, 3);
	assert_int_equal(get64(b, get64(b, get64(b, v->cr3) & ~UINT64_C(0xfff)) &
			       ~UINT64_C(0xfff)) & 0x83, 0x83);
}

static void entry32_is_the_code_s_start(void **state)
{
	struct bench b;
	struct vcpu v;

	(void)state;
	start_bench(&b, linux_header(), GUEST_LINUX32);
	v = loaded(&b);
	expect_32bit_state(&v);
	assert_int_equal(v.rip, 0x100000);
	assert_memory_equal(b.ram + 0x100000, b.image + LINUX_SETUP_SIZE,
			    IMAGE_SIZE - LINUX_SETUP_SIZE);
	/* The real-mode code is nowhere. */
	assert_int_equal(b.ram[0x90000], 0xcc);
	bench_fini(&b);
}

static void entry64_is_200h_further(void **state)
{
	struct bench b;
	struct vcpu v;

	(void)state;
	start_bench(&b, header64_entry(), GUEST_LINUX64);
	v = loaded(&b);
	expect_64bit_state(&b, &v);
	assert_int_equal(v.rip, 0x100200);
	bench_fini(&b);
}

/* "Zero page": the header at 1F1h to its end, what the loader fills in, the rest zero. */
static void zero_page_has_the_header_and_the_loader_s_fields(void **state)
{
	struct bench b;

	(void)state;
	start_bench(&b, header64_entry(), GUEST_LINUX32);
	b.image[0x264] = 0x5a;
	loaded(&b);
	assert_int_equal(get32(&b, PARAMS + 0x202), 0x53726448);
	assert_int_equal(b.ram[PARAMS + 0x1f1], LINUX_SETUP_SIZE / 512 - 1);
	assert_int_equal(b.ram[PARAMS + 0x210], 0xff);
	assert_int_equal(b.ram[PARAMS + 0x211], 0x81);
	assert_int_equal(get32(&b, PARAMS + 0x230), 0x1000);
	assert_int_equal(get64(&b, PARAMS + 0x258), 0x180000);
	assert_int_equal(get32(&b, PARAMS + 0x260), 0x10000);
	assert_int_equal(b.ram[PARAMS + 0x264], 0);
	assert_string_equal((char *)b.ram + get32(&b, PARAMS + 0x228), "quiet");
	assert_int_equal(get32(&b, PARAMS + 0x1e0), (RAM_SIZE >> 10) - 1024);
	assert_int_equal(b.ram[PARAMS + 0x1ef], 0);
	for (unsigned i = 0; i < 0x1e0; i++)
		assert_int_equal(b.ram[PARAMS + i], 0);
	bench_fini(&b);
}

/* e820_entries at 1E8h, the table at 2D0h: base and size 64 bits wide, then the type. */
static void zero_page_has_a_pc_s_memory_map(void **state)
{
	static const uint64_t expected[4][3] = {
		{ 0, 0x9fc00, 1 }, { 0x9fc00, 0x400, 2 },
		{ 0xf0000, 0x10000, 2 }, { 0x100000, RAM_SIZE - 0x100000, 1 },
	};
	struct bench b;

	(void)state;
	start_bench(&b, linux_header(), GUEST_LINUX32);
	loaded(&b);
	assert_int_equal(b.ram[PARAMS + 0x1e8], 4);
	for (unsigned i = 0; i < 4; i++) {
		const uint64_t at = PARAMS + 0x2d0 + i * 20;

		assert_int_equal(get64(&b, at), expected[i][0]);
		assert_int_equal(get64(&b, at + 8), expected[i][1]);
		assert_int_equal(get32(&b, at + 16), expected[i][2]);
	}
	assert_int_equal(get64(&b, PARAMS + 0x2d0 + 4 * 20), 0);
	bench_fini(&b);
}

/* ramdisk_image, ramdisk_size: 218h, 21Ch; below initrd_addr_max, clear of the kernel. */
static void initrd_is_the_first_module_as_high_as_may_be(void **state)
{
	static const uint8_t initrd[0x1801] = { 1, 2, 3 };
	struct bench b;

	(void)state;
	start_bench(&b, header64_entry(), GUEST_LINUX64);
	b.request.module[0] = (struct load_blob){ initrd, sizeof(initrd), NULL };
	b.request.modules = 1;
	loaded(&b);
	assert_int_equal(get32(&b, PARAMS + 0x218), RAM_SIZE - 0x2000);
	assert_int_equal(get32(&b, PARAMS + 0x21c), sizeof(initrd));
	assert_memory_equal(b.ram + RAM_SIZE - 0x2000, initrd, sizeof(initrd));
	bench_fini(&b);
	/* The kernel takes init_size from pref_address: not a byte of it is left. */
	start_bench(&b, header64_entry(), GUEST_LINUX64);
	b.request.module[0] = (struct load_blob){ initrd, sizeof(initrd), NULL };
	b.request.modules = 1;
	((struct linux_header *)(b.image + 0x1f1))->init_size =
		RAM_SIZE - 0x180000 - 0x1fff;
	expect_error(&b, HV_TOO_LARGE, "ramdisk_size:");
}

static void damage_names_its_field(void **state)
{
	struct linux_header h = header64_entry();

	(void)state;
	h.jump_by = 0x290 - 0x202 + 1;
	refused(h, GUEST_LINUX32, HV_BAD_IMAGE, "jump:");
	h = header64_entry();
	h.init_size = RAM_SIZE - 0x180000 + 1;
	refused(h, GUEST_LINUX32, HV_TOO_LARGE, "init_size:");
	h = header64_entry();
	h.pref_address = UINT64_MAX;
	refused(h, GUEST_LINUX32, HV_TOO_LARGE, "pref_address:");
	h = header64_entry();
	h.kernel_alignment = 0x1800;
	refused(h, GUEST_LINUX32, HV_BAD_IMAGE, "kernel_alignment:");
	h.kernel_alignment = 0;
	refused(h, GUEST_LINUX32, HV_BAD_IMAGE, "kernel_alignment:");
	h.kernel_alignment = 0x80000000;
	refused(h, GUEST_LINUX32, HV_TOO_LARGE, "init_size:");
	h = header64_entry();
	h.xloadflags = 0xfffe;
	refused(h, GUEST_LINUX64, HV_BAD_IMAGE, "xloadflags:");
	h = header64_entry();
	h.version = 0x20b;
	refused(h, GUEST_LINUX64, HV_BAD_IMAGE, "version:");
	h = header64_entry();
	h.cmdline_size = 4;
	refused(h, GUEST_LINUX64, HV_TOO_LARGE, "cmdline_size:");
	h = header64_entry();
	h.code32_start = 0x200000;
	refused(h, GUEST_LINUX32, HV_BAD_IMAGE, "code32_start:");
}

/* 200h bytes of code leave nothing at the 64-bit entry; nor may a header be cut. */
static void code_and_header_must_be_whole(void **state)
{
	struct linux_header h = header64_entry();
	struct bench b;

	(void)state;
	h.syssize = 0x20;
	start_bench(&b, h, GUEST_LINUX64);
	b.request.image.size = LINUX_SETUP_SIZE + 0x200;
	expect_error(&b, HV_BAD_IMAGE, "syssize:");
	start_bench(&b, h, GUEST_LINUX64);
	b.request.image.size = LINUX_SETUP_SIZE + 0x201;
	loaded(&b);
	bench_fini(&b);
	start_bench(&b, h, GUEST_LINUX32);
	b.request.image.size = 0x200;
	expect_error(&b, HV_BAD_IMAGE, "header:");
}

/* A bzImage's entry is the 16-bit one unless another is asked for. */
static void packed_kernel_is_detected_for_its_16_bit_entry(void **state)
{
	struct bench b;

	(void)state;
	start_bench(&b, header64_entry(), GUEST_AUTO);
	assert_int_equal(load_detect(&b.request.image), GUEST_LINUX16);
	bench_fini(&b);
}

static void elf32_kernel_starts_unpaged_at_its_entry(void **state)
{
	struct bench b;
	struct vcpu v;

	(void)state;
	bench_init(&b, IMAGE_SIZE);
	put_elf32(&b, header32(), segment32());
	memset(b.image + IMAGE_HEADER, 0, 12);
	b.request.command_line = "quiet";
	v = loaded(&b);
	assert_int_equal(b.result.kind, GUEST_VMLINUX);
	expect_32bit_state(&v);
	assert_int_equal(v.rip, IMAGE_PADDR + 0x10);
	/* What there is of a header: boot_flag, magic, version, the command line. */
	assert_int_equal(get32(&b, PARAMS + 0x1fe) & 0xffff, 0xaa55);
	assert_int_equal(get32(&b, PARAMS + 0x202), 0x53726448);
	assert_int_equal(b.ram[PARAMS + 0x206], 0x0f);
	assert_int_equal(b.ram[PARAMS + 0x210], 0xff);
	assert_string_equal((char *)b.ram + get32(&b, PARAMS + 0x228), "quiet");
	bench_fini(&b);
}

/* startup_64 is at e_entry, which is virtual here: it is moved as its segment is. */
static void elf64_kernel_starts_paged_at_its_physical_entry(void **state)
{
	static const uint8_t initrd[3] = { 1, 2, 3 };
	struct pvh_notes none = pvh_notes();
	struct bench b;
	struct vcpu v;

	(void)state;
	none.type = 17;
	bench_init(&b, IMAGE_SIZE);
	put_kernel64(&b, header64(), segment64(), none);
	b.request.module[0] = (struct load_blob){ initrd, sizeof(initrd), NULL };
	b.request.modules = 1;
	v = loaded(&b);
	assert_int_equal(b.result.kind, GUEST_VMLINUX);
	expect_64bit_state(&b, &v);
	assert_int_equal(v.rip, IMAGE_PADDR + 0x20);
	assert_int_equal(get32(&b, PARAMS + 0x218), RAM_SIZE - 0x1000);
	bench_fini(&b);
}

static void elf_kernel_damage_names_its_field(void **state)
{
	struct elf32_segment s = segment32();
	struct elf32_header h = header32();
	struct bench b;

	(void)state;
	s.paddr = 0xff000;
	bench_init(&b, IMAGE_SIZE);
	put_kernel32(&b, h, s, (struct pvh_notes){ 0 });
	expect_error(&b, HV_BAD_IMAGE, "p_paddr:");
	h.entry = IMAGE_PADDR + IMAGE_MEMSZ;
	bench_init(&b, IMAGE_SIZE);
	put_kernel32(&b, h, segment32(), (struct pvh_notes){ 0 });
	expect_error(&b, HV_BAD_IMAGE, "e_entry:");
	h = header32();
	h.phnum = 65;
	bench_init(&b, IMAGE_SIZE);
	put_elf32(&b, h, segment32());
	memset(b.image + IMAGE_HEADER, 0, 12);
	expect_error(&b, HV_BAD_IMAGE, "e_phnum:");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(entry32_is_the_code_s_start),
		cmocka_unit_test(entry64_is_200h_further),
		cmocka_unit_test(zero_page_has_the_header_and_the_loader_s_fields),
		cmocka_unit_test(zero_page_has_a_pc_s_memory_map),
		cmocka_unit_test(initrd_is_the_first_module_as_high_as_may_be),
		cmocka_unit_test(damage_names_its_field),
		cmocka_unit_test(code_and_header_must_be_whole),
		cmocka_unit_test(packed_kernel_is_detected_for_its_16_bit_entry),
		cmocka_unit_test(elf32_kernel_starts_unpaged_at_its_entry),
		cmocka_unit_test(elf64_kernel_starts_paged_at_its_physical_entry),
		cmocka_unit_test(elf_kernel_damage_names_its_field),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Damaged guest images: each error names its field, and no image hurts the host. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>
#include <cmocka.h>

#include "load_look.h"
#include "linux_image.h"
#include "pvh_image.h"

#define DAMAGED_IMAGES	40000
#define FIRMWARE_SIZE	0x10000

static void elf32_error(struct elf32_header h, struct elf32_segment s,
			enum hv_err err, const char *field)
{
	struct bench b;

	bench_init(&b, IMAGE_SIZE);
	put_elf32(&b, h, s);
	expect_error(&b, err, field);
}

static void elf64_error(struct elf64_header h, struct elf64_segment s,
			enum hv_err err, const char *field)
{
	struct bench b;

	bench_init(&b, IMAGE_SIZE);
	put_elf64(&b, h, s);
	expect_error(&b, err, field);
}

static void kludge_error(struct multiboot_addresses a, enum hv_err err,
			 const char *field)
{
	struct bench b;

	bench_init(&b, IMAGE_SIZE);
	put_kludge(&b, a);
	expect_error(&b, err, field);
}

static void kludge_damage_names_its_field(void **state)
{
	struct multiboot_addresses a = addresses();

	(void)state;
	a.load_addr = a.header_addr + 4;
	kludge_error(a, HV_BAD_IMAGE, "load_addr:");
	a = addresses();
	a.header_addr = a.load_addr + IMAGE_HEADER + 4;
	kludge_error(a, HV_BAD_IMAGE, "load_addr:");
	a = addresses();
	a.load_end_addr = a.load_addr - 4;
	kludge_error(a, HV_BAD_IMAGE, "load_end_addr:");
	a = addresses();
	a.bss_end_addr = a.load_end_addr - 4;
	kludge_error(a, HV_BAD_IMAGE, "bss_end_addr:");
	a = addresses();
	a.load_end_addr = a.load_addr + IMAGE_SIZE;
	a.bss_end_addr = 0;
	kludge_error(a, HV_BAD_IMAGE, "load_addr:");
	a = addresses();
	a.bss_end_addr = 0xfffffff0;
	kludge_error(a, HV_TOO_LARGE, "load_addr:");
	a = addresses();
	a.entry_addr = a.bss_end_addr;
	kludge_error(a, HV_BAD_IMAGE, "entry_addr:");
	a = (struct multiboot_addresses){ 0x1100, 0x1000, 0x2000, 0, 0x1000 };
	kludge_error(a, HV_BAD_IMAGE, "load_addr:");
}

/* Header 3.1: all of it, its addresses too, lies in the first 8192 bytes. */
static void kludge_header_must_be_whole(void **state)
{
	struct bench b;

	(void)state;
	bench_init(&b, IMAGE_SIZE);
	put_multiboot_header(b.image + 8192 - 12, 0x10003);
	expect_error(&b, HV_BAD_IMAGE, "header_addr:");
	bench_init(&b, 31);
	put_multiboot_header(b.image, 0x10003);
	expect_error(&b, HV_BAD_IMAGE, "header_addr:");
}

static void elf_header_damage_names_its_field(void **state)
{
	struct elf32_header h = header32();

	(void)state;
	h.ident[1] = 'X';
	elf32_error(h, segment32(), HV_BAD_IMAGE, "e_ident:");
	h = header32();
	h.ident[4] = 3;
	elf32_error(h, segment32(), HV_BAD_IMAGE, "e_ident:");
	h = header32();
	h.ident[5] = 2;
	elf32_error(h, segment32(), HV_BAD_IMAGE, "e_ident:");
	h = header32();
	h.type = 1;
	elf32_error(h, segment32(), HV_BAD_IMAGE, "e_type:");
	h = header32();
	h.machine = 62;
	elf32_error(h, segment32(), HV_BAD_IMAGE, "e_machine:");
	h = header32();
	h.phnum = 0;
	elf32_error(h, segment32(), HV_BAD_IMAGE, "e_phnum:");
	h = header32();
	h.phentsize = 31;
	elf32_error(h, segment32(), HV_BAD_IMAGE, "e_phentsize:");
	h = header32();
	h.phoff = IMAGE_SIZE - 31;
	elf32_error(h, segment32(), HV_BAD_IMAGE, "e_phoff:");
	h = header32();
	h.phoff = 0xfffffff0;
	elf32_error(h, segment32(), HV_BAD_IMAGE, "e_phoff:");
	h = header32();
	h.entry = 0x100;
	elf32_error(h, segment32(), HV_BAD_IMAGE, "e_entry:");
}

static void elf_segment_damage_names_its_field(void **state)
{
	struct elf32_segment s = segment32();

	(void)state;
	s.filesz = IMAGE_SIZE - IMAGE_DATA + 1;
	s.memsz = s.filesz;
	elf32_error(header32(), s, HV_BAD_IMAGE, "p_paddr:");
	s = segment32();
	s.offset = 0xffffff00;
	elf32_error(header32(), s, HV_BAD_IMAGE, "p_paddr:");
	s = segment32();
	s.memsz = s.filesz - 1;
	elf32_error(header32(), s, HV_BAD_IMAGE, "p_paddr:");
	s = segment32();
	s.paddr = RAM_SIZE - IMAGE_MEMSZ + 1;
	elf32_error(header32(), s, HV_TOO_LARGE, "p_paddr:");
	s = segment32();
	s.paddr = 0xfffffff0;
	elf32_error(header32(), s, HV_TOO_LARGE, "p_paddr:");
	s = segment32();
	s.paddr = 0x6fff;
	elf32_error(header32(), s, HV_BAD_IMAGE, "p_paddr:");
	s = segment32();
	s.type = 2;
	elf32_error(header32(), s, HV_BAD_IMAGE, "p_type:");
}

/* 64-bit sums that wrap round must not pass for small ones. */
static void elf64_wraparound_is_refused(void **state)
{
	struct elf64_segment s = segment64();
	struct elf64_header h = header64();

	(void)state;
	s.paddr = UINT64_MAX - 0xff;
	elf64_error(h, s, HV_TOO_LARGE, "p_paddr:");
	s = segment64();
	s.memsz = UINT64_MAX;
	elf64_error(h, s, HV_TOO_LARGE, "p_paddr:");
	s = segment64();
	s.offset = UINT64_MAX - 0xff;
	elf64_error(h, s, HV_BAD_IMAGE, "p_paddr:");
	h.phoff = UINT64_MAX - 7;
	elf64_error(h, segment64(), HV_BAD_IMAGE, "e_phoff:");
	h = header64();
	h.entry = UINT64_MAX;
	elf64_error(h, segment64(), HV_BAD_IMAGE, "e_entry:");
}

/* Header layout 3.1.1: unknown bits 15:0 mean "do not load", unknown bits 31:16 nothing. */
static void only_mandatory_unknown_flags_are_refused(void **state)
{
	struct bench b;

	(void)state;
	for (unsigned bit = 0; bit < 32; bit++) {
		if (bit == 16)
			continue;
		bench_init(&b, IMAGE_SIZE);
		put_elf32(&b, header32(), segment32());
		put_multiboot_header(b.image + IMAGE_HEADER, 1u << bit);
		if (bit < 3 || bit > 16) {
			assert_int_equal(bench_load(&b), HV_OK);
			bench_fini(&b);
		} else {
			expect_error(&b, HV_BAD_IMAGE, "flags:");
		}
	}
}

/* xorshift64: the same images from the same seed, everywhere. */
static uint64_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

#define SOUND_IMAGES	8
#define OWN_KINDS	3

/* The kinds that a sound image can be loaded as. */
static const enum guest_kind own[SOUND_IMAGES][OWN_KINDS] = {
	{ GUEST_MULTIBOOT1, GUEST_VMLINUX, GUEST_AUTO },
	{ GUEST_MULTIBOOT1, GUEST_VMLINUX, GUEST_AUTO },
	{ GUEST_MULTIBOOT1, GUEST_AUTO, GUEST_AUTO },
	{ GUEST_BOOT_SECTOR, GUEST_AUTO, GUEST_AUTO },
	{ GUEST_LINUX16, GUEST_LINUX32, GUEST_LINUX64 },
	{ GUEST_PVH, GUEST_VMLINUX, GUEST_AUTO },
	{ GUEST_PVH, GUEST_VMLINUX, GUEST_AUTO },
	{ GUEST_FIRMWARE, GUEST_FIRMWARE, GUEST_AUTO },
};

static void put_sound_image(struct bench *b, unsigned which)
{
	switch (which) {
	case 0:
		put_elf32(b, header32(), segment32());
		break;
	case 1:
		put_elf64(b, header64(), segment64());
		break;
	case 2:
		put_kludge(b, addresses());
		break;
	case 3:
		b->image[510] = 0x55;
		b->image[511] = 0xaa;
		break;
	case 4:
		put_linux(b, linux_header());
		((struct linux_header *)(b->image + LINUX_HEADER_AT))->xloadflags = 1;
		break;
	case 5:
		put_kernel64(b, header64(), segment64(), pvh_notes());
		break;
	case 6:
		put_kernel32(b, header32(), segment32(), pvh_notes());
		break;
	default:
		b->image[FIRMWARE_SIZE - 16] = 0xea;
		b->request.image.size = FIRMWARE_SIZE;
		break;
	}
}

/* Damage where headers are; sometimes a word that makes sums wrap, sometimes a cut. */
static void damage(struct bench *b, uint64_t *random)
{
	static const uint32_t edges[] = { 0, 1, 0x7fffffff, 0x80000000,
					  0xfffffff0, 0xffffffff, RAM_SIZE };
	unsigned times = 1 + next_random(random) % 4;

	while (times--) {
		uint64_t r = next_random(random);
		const unsigned places[] = {
			r / 4 % 128, IMAGE_HEADER + r / 4 % 32,
			LINUX_HEADER_AT + r / 4 % sizeof(struct linux_header),
			LINUX_JUMP_END + r / 4 % 64,
			NOTES_AT + r / 8 % sizeof(struct pvh_notes),
		};
		unsigned at = places[r % ARRAY_SIZE(places)];
		uint32_t edge = edges[(r >> 32) % ARRAY_SIZE(edges)];

		if (r >> 63)
			memcpy(b->image + (at & ~3u), &edge, sizeof(edge));
		else
			b->image[at] ^= (uint8_t)(1u << (r >> 40) % 8);
	}
	if (next_random(random) % 8 == 0)
		b->request.image.size = 1 + next_random(random) %
					b->request.image.size;
}

/* What a loaded guest may be: started inside its memory, which lies where it did. */
static void check_loaded(const struct bench *b)
{
	const struct load_result *r = &b->result;

	if (r->kind == GUEST_LIMINE)
		assert_true(r->rip >= UINT64_C(0xffffffff80000000));
	else if (r->mode != LOAD_REAL)
		assert_true(r->rip < RAM_SIZE);
	else
		assert_true(r->reset_vector || r->ip == 0x7c00 ||
			    (r->kind == GUEST_LINUX16 && r->cs == 0x9020));
	assert_int_equal(r->error[0], 0);
	for (unsigned i = 0; i < b->mem.slots; i++) {
		const struct guest_mem_slot *s = &b->mem.slot[i];
		const uint8_t *home = s->rom ? b->image : b->ram;
		uint64_t room = s->rom ? FIRMWARE_SIZE : RAM_SIZE;
		uint64_t offset = (const uint8_t *)hpa_ptr(s->host) - home;

		assert_true(offset < room && s->size <= room - offset);
	}
}

/*
 * Any image either loads to a sound start or is an error with one line of text.
 * Both buffers are heap blocks with poisoned surroundings, so that the sanitizers
 * see one byte read or written outside them. DIPTYCH_SEED repeats a run.
 */
static void damaged_images_never_hurt_the_host(void **state)
{
	const char *given = getenv("DIPTYCH_SEED");
	uint64_t seed = given ? strtoull(given, NULL, 0) : (uint64_t)time(NULL);
	uint64_t random = seed ? seed : 1;
	unsigned tried[GUEST_KINDS] = { 0 };
	unsigned loaded = 0, refused = 0, which;
	struct bench b;

	(void)state;
	print_message("seed %lu\n", seed);
	bench_init(&b, FIRMWARE_SIZE);
	for (unsigned i = 0; i < DAMAGED_IMAGES; i++) {
		b.request.image.size = IMAGE_SIZE;
		ASAN_UNPOISON_MEMORY_REGION(b.image, FIRMWARE_SIZE);
		memset(b.image, 0, IMAGE_DATA);
		which = i % SOUND_IMAGES;
		put_sound_image(&b, which);
		damage(&b, &random);
		ASAN_POISON_MEMORY_REGION(b.image + b.request.image.size,
					  FIRMWARE_SIZE - b.request.image.size);
		b.mem.slots = 1;
		b.mem.slot[0] = (struct guest_mem_slot){
			.size = RAM_SIZE, .host = hpa_of(b.ram),
		};
		/* Half of them under their own kinds, the rest under any. */
		b.request.kind = own[which][next_random(&random) % OWN_KINDS];
		if (next_random(&random) % 2)
			b.request.kind = next_random(&random) % GUEST_KINDS;
		tried[b.request.kind]++;
		if (bench_load(&b) == HV_OK) {
			check_loaded(&b);
			loaded++;
		} else {
			assert_true(b.result.error[0]);
			refused++;
		}
	}
	for (unsigned kind = 0; kind < GUEST_KINDS; kind++)
		assert_true(tried[kind] > 1000);
	/* Neither may be rare, or the test says little. */
	assert_true(loaded > DAMAGED_IMAGES / 10);
	assert_true(refused > DAMAGED_IMAGES / 10);
	bench_fini(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kludge_damage_names_its_field),
		cmocka_unit_test(kludge_header_must_be_whole),
		cmocka_unit_test(elf_header_damage_names_its_field),
		cmocka_unit_test(elf_segment_damage_names_its_field),
		cmocka_unit_test(elf64_wraparound_is_refused),
		cmocka_unit_test(only_mandatory_unknown_flags_are_refused),
		cmocka_unit_test(damaged_images_never_hurt_the_host),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

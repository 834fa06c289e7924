/*
 * A sound image for every kind of guest there is, and a thousand damages of each: what
 * loads gives a state that a CPU can be entered in, what does not says why in a line.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>
#include <cmocka.h>

#include "core/fits.h"
#include "core/load/load.h"
#include "limine_image.h"
#include "linux_image.h"
#include "multiboot2_image.h"
#include "pvh_image.h"

#define DAMAGES		1000
#define FIRMWARE_SIZE	0x10000
#define SIGNATURE	0x00800f11u	/* of some CPU */

static void limine(struct kernel *k)
{
	kernel_init(k);
	put_start_marker(k);
	put_revision(k, 2);
	put_request(k, id_loader, 0);
	put_request(k, id_hhdm, 0);
	put_request(k, id_map, 0);
	put_request(k, id_file, 0);
	put_request(k, id_command, 0);
	put_request(k, id_entry, 0);
	put_word(k, LIMINE_START);
	put_end_marker(k);
}

static void linux_kernel(struct bench *b)
{
	struct linux_header h = linux_header();

	h.xloadflags = 1;	/* has a 64-bit entry */
	put_linux(b, h);
}

static void multiboot2(struct bench *b)
{
	struct header h = sound();

	tag(&h, 1, 0, 2, (const uint32_t[]){ 1, 6 });
	header_put(b, &h);
}

static void firmware(struct bench *b)
{
	b->image[FIRMWARE_SIZE - 16] = 0xea;	/* a far jump at the reset vector */
}

/* A sound image of that kind; of GUEST_AUTO one that tells its own. */
static void put_sound(struct kernel *k, enum guest_kind kind)
{
	struct bench *b = &k->b;

	if (kind == GUEST_LIMINE) {
		limine(k);
		return;
	}
	bench_init(b, kind == GUEST_FIRMWARE ? FIRMWARE_SIZE : IMAGE_SIZE);
	b->request.kind = kind;
	switch (kind) {
	case GUEST_BOOT_SECTOR:
		b->image[510] = 0x55;
		b->image[511] = 0xaa;
		break;
	case GUEST_FIRMWARE:
		firmware(b);
		break;
	case GUEST_LINUX16:
	case GUEST_LINUX32:
	case GUEST_LINUX64:
		linux_kernel(b);
		break;
	case GUEST_PVH:
		put_kernel64(b, header64(), segment64(), pvh_notes());
		break;
	case GUEST_MULTIBOOT2:
		multiboot2(b);
		break;
	case GUEST_FLAT:
		break;
	default:
		put_elf32(b, header32(), segment32());
		break;
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

/* Where some kind keeps what it tells. */
static uint64_t some_place(uint64_t size, uint64_t r)
{
	const uint64_t places[] = {
		r / 8 % 128, IMAGE_HEADER + r / 8 % 128,
		LINUX_HEADER_AT + r / 8 % sizeof(struct linux_header),
		LIMINE_DATA_AT + r / 8 % 512, size - 1 - r / 8 % 16,
		NOTES_AT + r / 8 % sizeof(struct pvh_notes),
		510 + r / 8 % 2, r / 8 % size,
	};

	return places[r % ARRAY_SIZE(places)] % size;
}

/* Bits, words that make sums wrap, and one time in eight a cut anywhere. */
static void damage(struct bench *b, uint64_t *random)
{
	static const uint32_t edges[] = { 0, 1, 0x7fffffff, 0x80000000,
					  0xfffffff0, 0xffffffff, RAM_SIZE };
	const uint64_t size = b->request.image.size;

	for (unsigned times = 1 + next_random(random) % 6; times--;) {
		uint64_t r = next_random(random), at = some_place(size, r);
		uint32_t edge = edges[(r >> 32) % ARRAY_SIZE(edges)];

		if (r >> 63)
			memcpy(b->image + (at & ~UINT64_C(3)), &edge, sizeof(edge));
		else
			b->image[at] ^= (uint8_t)(1u << (r >> 40) % 8);
	}
	if (next_random(random) % 8 == 0)
		b->request.image.size = 1 + next_random(random) % size;
}

static bool canonical(uint64_t address)
{
	return (address >> 47) == 0 || (address >> 47) == 0x1ffff;
}

/* SDM 3C "Checks on Guest Control Registers" 26.3.1.1, "Segment Registers" 26.3.1.2. */
static void check_state(const struct load_result *start)
{
	struct vcpu v;

	memset(&v, 0xa5, sizeof(v));
	load_start(start, SIGNATURE, &v);
	assert_int_equal(v.rflags, RFLAGS_ONE);
	assert_int_equal(v.pending.kind, EVENT_NONE);
	assert_int_equal(v.valid, ST_ALL);
	assert_int_equal(v.dirty, ST_ALL);
	assert_true(canonical(v.rip) && canonical(v.gdtr.base));
	assert_true(!(v.cr0 & CR0_PG) || (v.cr0 & CR0_PE));
	assert_int_equal(!!(v.efer & EFER_LMA), !!(v.cr0 & CR0_PG));
	assert_int_equal(!!(v.efer & EFER_LME), !!(v.cr0 & CR0_PG));
	assert_true(!(v.efer & EFER_LMA) || (v.cr4 & CR4_PAE));
	assert_true(!(v.cr0 & CR0_PG) || v.cr3 < RAM_SIZE);
	if (!start->reset_vector) {
		assert_true(fits(&v));
		return;
	}
	assert_int_equal(v.seg[SEG_CS].base + v.rip, 0xfffffff0);
	assert_int_equal(v.gpr[GPR_RDX], SIGNATURE);
}

/* Its memory is still the bench's RAM or, as ROM, the bench's image. */
static void check_memory(const struct bench *b)
{
	for (unsigned i = 0; i < b->mem.slots; i++) {
		const struct guest_mem_slot *s = &b->mem.slot[i];
		const uint8_t *home = s->rom ? b->image : b->ram;
		uint64_t room = s->rom ? b->request.image.size : RAM_SIZE;
		uint64_t offset = (const uint8_t *)hpa_ptr(s->host) - home;

		assert_true(offset < room && s->size <= room - offset);
	}
}

static void every_kind_has_an_image_that_loads(void **state)
{
	(void)state;
	for (unsigned kind = 0; kind < GUEST_KINDS; kind++) {
		struct kernel k;

		put_sound(&k, kind);
		if (bench_load(&k.b) != HV_OK)
			fail_msg("%s: %s", guest_kind_name(kind), k.b.result.error);
		if (kind != GUEST_AUTO)
			assert_int_equal(k.b.result.kind, kind);
		check_state(&k.b.result);
		check_memory(&k.b);
		bench_fini(&k.b);
	}
}

/* The sound image again, in the same memory. */
static void restore(struct bench *b, const uint8_t *image, uint64_t size)
{
	b->request.image.size = size;
	image_end(b->image, size);
	memcpy(b->image, image, size);
	b->mem.slots = 1;
	b->mem.slot[0] = (struct guest_mem_slot){
		.size = RAM_SIZE, .host = hpa_of(b->ram),
	};
}

static bool damage_once(struct bench *b, uint64_t *random)
{
	damage(b, random);
	image_end(b->image, b->request.image.size);
	if (bench_load(b) == HV_OK) {
		check_state(&b->result);
		check_memory(b);
		return true;
	}
	/* A line, and it names what is wrong. */
	assert_non_null(strchr(b->result.error, ':'));
	assert_null(strchr(b->result.error, '\n'));
	return false;
}

/* Returns how many were loaded all the same. */
static unsigned damage_kind(enum guest_kind kind, uint64_t *random)
{
	static uint8_t image[FIRMWARE_SIZE];
	unsigned loaded = 0;
	uint64_t size;
	struct kernel k;

	put_sound(&k, kind);
	size = k.b.request.image.size;
	memcpy(image, k.b.image, size);
	for (unsigned i = 0; i < DAMAGES; i++) {
		restore(&k.b, image, size);
		loaded += damage_once(&k.b, random);
	}
	bench_fini(&k.b);
	return loaded;
}

/* DIPTYCH_SEED repeats a run. */
static void no_damage_of_any_kind_hurts_the_host(void **state)
{
	const char *given = getenv("DIPTYCH_SEED");
	uint64_t seed = given ? strtoull(given, NULL, 0) : (uint64_t)time(NULL);
	uint64_t random = seed ? seed : 1;

	(void)state;
	print_message("seed %lu\n", seed);
	for (unsigned kind = 0; kind < GUEST_KINDS; kind++) {
		unsigned loaded = damage_kind(kind, &random);

		/* Neither may be rare, or little was tried; a flat image has no header. */
		assert_true(loaded > DAMAGES / 50);
		if (kind != GUEST_FLAT && kind != GUEST_AUTO)
			assert_true(loaded < DAMAGES * 49 / 50);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_has_an_image_that_loads),
		cmocka_unit_test(no_damage_of_any_kind_hurts_the_host),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Damaged multiboot 2 headers: each error names its field, and none hurts the host. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>
#include <cmocka.h>

#include "multiboot2_image.h"

#define DAMAGED_IMAGES	1000

/* The image stays where it is linked: refused when its tag does not allow that place. */
static void relocatable_tag_that_forbids_the_place_is_named(void **state)
{
	static const struct { uint32_t word[4]; const char *field; } bad[] = {
		{ { IMAGE_PADDR + 1, UINT32_MAX, 1, 0 }, "min_addr:" },
		{ { 0, IMAGE_PADDR + 0x1ffe, 1, 0 }, "max_addr:" },
		{ { 0, UINT32_MAX, 0x400000, 0 }, "align:" },
		{ { 0, UINT32_MAX, 0x3000, 0 }, "align:" },
	};

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(bad); i++) {
		struct header h = sound();

		tag(&h, 10, 0, 4, bad[i].word);
		header_error(h, HV_BAD_IMAGE, bad[i].field);
		h = sound();
		tag(&h, 10, 1, 4, bad[i].word);
		header_loads(h);
	}
}

/* Header tags 3.1.3: what cannot be had is refused, unless the tag says optional. */
static void required_tags_that_cannot_be_had_are_named(void **state)
{
	static const struct {
		unsigned type, words;
		uint32_t word[3];
		const char *field;
	} bad[] = {
		{ 1, 2, { 1, 22 }, "information request:" },
		{ 4, 1, { 1 }, "console flags:" },
		{ 5, 3, { 640, 480, 32 }, "framebuffer tag:" },
		{ 7, 0, { 0 }, "EFI boot services tag:" },
		{ 11, 0, { 0 }, "header tag:" },
		{ 0xffff, 3, { 0 }, "header tag:" },
	};

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(bad); i++) {
		struct header h = sound();

		tag(&h, bad[i].type, 0, bad[i].words, bad[i].word);
		header_error(h, HV_BAD_IMAGE, bad[i].field);
		h = sound();
		tag(&h, bad[i].type, 1, bad[i].words, bad[i].word);
		header_loads(h);
	}
}

/* A required request asks for support, not presence 3.1.4; EFI's entries mean nothing here. */
static void tags_that_ask_for_nothing_here_are_taken(void **state)
{
	uint32_t all[22], entry = 1;
	struct header h = sound();

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(all); i++)
		all[i] = i;
	tag(&h, 1, 0, ARRAY_SIZE(all), all);
	tag(&h, 4, 0, 1, (const uint32_t[]){ 2 });
	tag(&h, 6, 0, 0, NULL);
	tag(&h, 8, 0, 1, &entry);
	tag(&h, 9, 0, 1, &entry);
	header_loads(h);
}

/* The tag's size as written at that place of the sound header, then the head's sum. */
static void size_error(unsigned at, uint32_t size, const char *field)
{
	struct header h = sound();
	struct bench b;

	bench_init(&b, IMAGE_SIZE);
	header_put(&b, &h);
	put32(b.image + IMAGE_HEADER + at, size);
	sum(b.image + IMAGE_HEADER);
	b.request.kind = GUEST_MULTIBOOT2;
	expect_error(&b, HV_BAD_IMAGE, field);
}

/* Sound: head 16, address tag at 16 of 24, entry tag at 40 of 12, end tag at 56 of 8. */
static void sizes_that_lie_are_named(void **state)
{
	(void)state;
	size_error(4, 4, "architecture:");
	size_error(8, 15, "header_length:");
	size_error(8, 32768 - IMAGE_HEADER, "header_length:");
	size_error(8, UINT32_MAX, "header_length:");
	size_error(8, 16, "header_length: no end tag");
	size_error(8, 56, "header_length: no end tag");
	size_error(20, 0, "header tag:");
	size_error(20, 7, "header tag:");
	size_error(20, 49, "header tag:");
	size_error(20, UINT32_MAX, "header tag:");
	size_error(20, 23, "address tag:");
	size_error(44, 11, "entry address tag:");
}

static void address_error(uint32_t header, uint32_t load, uint32_t load_end,
			  uint32_t bss_end, enum hv_err err, const char *field)
{
	struct header h = header_start();

	address_tag(&h, header, load, load_end, bss_end);
	entry_tag(&h, IMAGE_PADDR + 0x180);
	header_error(h, err, field);
}

static void address_damage_names_its_field(void **state)
{
	const uint32_t p = IMAGE_PADDR;
	struct header h = header_start();

	(void)state;
	address_error(p, p + 4, 0, 0, HV_BAD_IMAGE, "load_addr:");
	address_error(p + IMAGE_HEADER + 4, p, 0, 0, HV_BAD_IMAGE, "load_addr:");
	address_error(0x6fff, 0x6fff, 0, 0, HV_BAD_IMAGE, "load_addr:");
	address_error(IMAGE_HEADER - 1, UINT32_MAX, 0, 0, HV_BAD_IMAGE,
		      "header_addr:");
	address_error(p, p, p - 1, 0, HV_BAD_IMAGE, "load_end_addr:");
	address_error(p, p, p + IMAGE_SIZE, 0, HV_BAD_IMAGE, "load_addr:");
	address_error(p, p, p + 0x1000, p + 0xfff, HV_BAD_IMAGE,
		      "bss_end_addr:");
	address_error(p, p, p + 0x1000, UINT32_MAX, HV_TOO_LARGE, "load_addr:");
	address_error(0xfffff000, 0xfffff000, 0, 0, HV_TOO_LARGE, "load_addr:");
	address_error(p, p, p + 0x180, 0, HV_BAD_IMAGE, "entry_addr:");
	address_error(p + 0x200, p + 0x181, 0, 0, HV_BAD_IMAGE, "entry_addr:");
	address_tag(&h, p, p, 0, 0);
	header_error(h, HV_BAD_IMAGE, "entry address tag:");
}

static void other_damage_names_its_field(void **state)
{
	static char text[0x7000];
	struct header h = sound(), bare = header_start();
	struct bench b;

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	bench_init(&b, IMAGE_SIZE);
	header_put(&b, &h);
	b.request.command_line = text;
	expect_error(&b, HV_TOO_LARGE, "command line:");
	bench_init(&b, IMAGE_SIZE);
	b.request.kind = GUEST_MULTIBOOT2;
	expect_error(&b, HV_BAD_IMAGE, "multiboot2:");
	header_error(bare, HV_BAD_IMAGE, "e_ident:");
	bench_init(&b, IMAGE_SIZE);
	h = sound();
	header_put(&b, &h);
	b.request.module[0] = (struct load_blob){ b.image, UINT64_MAX, NULL };
	b.request.modules = 1;
	expect_error(&b, HV_TOO_LARGE, "module 1:");
}

/* xorshift64: the same images from the same seed, everywhere. */
static uint64_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* One to three bytes or words of the header, its sum made good as a rule; or a cut. */
static void damage(struct bench *b, const struct header *h, uint64_t *random)
{
	static const uint32_t edges[] = { 0, 1, 7, 8, 0x7fffffff, 0x80000000,
					  0xfffffff8, 0xffffffff, RAM_SIZE };
	uint8_t *at = b->image + IMAGE_HEADER;

	for (unsigned times = 1 + next_random(random) % 3; times--;) {
		uint64_t r = next_random(random);
		unsigned where = r % h->size;

		if (r >> 63)
			put32(at + (where & ~3u),
			      edges[(r >> 32) % ARRAY_SIZE(edges)]);
		else
			at[where] ^= (uint8_t)(1u << (r >> 40) % 8);
	}
	if (next_random(random) % 8)
		sum(at);
	if (next_random(random) % 8 == 0)
		b->request.image.size = 1 + next_random(random) % IMAGE_SIZE;
}

/* Loads soundly, with an information that its own reader accepts, or is one line of error. */
static void damaged_headers_never_hurt_the_host(void **state)
{
	const char *given = getenv("DIPTYCH_SEED");
	uint64_t seed = given ? strtoull(given, NULL, 0) : (uint64_t)time(NULL);
	uint64_t random = seed ? seed : 1;
	unsigned loaded = 0;
	struct bench b;

	(void)state;
	print_message("seed %lu\n", seed);
	bench_init(&b, IMAGE_SIZE);
	b.request.kind = GUEST_MULTIBOOT2;
	for (unsigned i = 0; i < DAMAGED_IMAGES; i++) {
		struct header h = sound();

		tag(&h, 1, 0, 2, (const uint32_t[]){ 1, 6 });
		tag(&h, 10, 1, 4, (const uint32_t[]){ 0, UINT32_MAX, 1, 0 });
		image_end(b.image, IMAGE_SIZE);
		b.request.image.size = IMAGE_SIZE;
		header_put(&b, &h);
		damage(&b, &h, &random);
		image_end(b.image, b.request.image.size);
		if (bench_load(&b) != HV_OK) {
			assert_true(b.result.error[0]);
			continue;
		}
		loaded++;
		assert_true(b.result.rip < RAM_SIZE);
		assert_null(told(&b, 0xdead, 0));
	}
	assert_in_range(loaded, DAMAGED_IMAGES / 50, DAMAGED_IMAGES * 4 / 5);
	image_end(b.image, IMAGE_SIZE);
	bench_fini(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(relocatable_tag_that_forbids_the_place_is_named),
		cmocka_unit_test(required_tags_that_cannot_be_had_are_named),
		cmocka_unit_test(tags_that_ask_for_nothing_here_are_taken),
		cmocka_unit_test(sizes_that_lie_are_named),
		cmocka_unit_test(address_damage_names_its_field),
		cmocka_unit_test(other_damage_names_its_field),
		cmocka_unit_test(damaged_headers_never_hurt_the_host),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

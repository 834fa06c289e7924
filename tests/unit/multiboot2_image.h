/*
 * Multiboot 2 headers built tag by tag, and a reader of the information that owes the
 * loader nothing. Knows the format only.
 */
#ifndef TESTS_MULTIBOOT2_IMAGE_H
#define TESTS_MULTIBOOT2_IMAGE_H

#include "images.h"

/* Header tags, byte by byte as in "OS image format" 3.1; the head comes last. */
struct header {
	uint8_t		bytes[512];
	uint32_t	size;
};

static inline void put32(uint8_t *at, uint32_t value)
{
	memcpy(at, &value, sizeof(value));
}

static inline uint32_t get32(const uint8_t *at)
{
	uint32_t value;

	memcpy(&value, at, sizeof(value));
	return value;
}

static inline void tag(struct header *h, unsigned type, unsigned flags,
		unsigned words, const uint32_t *word)
{
	uint8_t *at = h->bytes + h->size;

	put32(at, type | flags << 16);
	put32(at + 4, 8 + 4 * words);
	for (unsigned i = 0; i < words; i++)
		put32(at + 8 + 4 * i, word[i]);
	h->size += 8 + (words + 1) / 2 * 8;
}

static inline struct header header_start(void)
{
	return (struct header){ .size = 16 };
}

static inline void sum(uint8_t *at)
{
	put32(at + 12, -(get32(at) + get32(at + 4) + get32(at + 8)));
}

static inline void header_put(struct bench *b, struct header *h)
{
	tag(h, 0, 0, 0, NULL);
	put32(h->bytes, 0xe85250d6);
	put32(h->bytes + 4, 0);
	put32(h->bytes + 8, h->size);
	sum(h->bytes);
	memcpy(b->image + IMAGE_HEADER, h->bytes, h->size);
}

static inline void address_tag(struct header *h, uint32_t header, uint32_t load,
			uint32_t load_end, uint32_t bss_end)
{
	tag(h, 2, 0, 4, (const uint32_t[]){ header, load, load_end, bss_end });
}

static inline void entry_tag(struct header *h, uint32_t entry)
{
	tag(h, 3, 0, 1, &entry);
}

/* Sound: 0x1000 bytes from 0x100 before the header, then as much of zeros. */
static inline struct header sound(void)
{
	struct header h = header_start();

	address_tag(&h, IMAGE_PADDR + 0x100, IMAGE_PADDR, IMAGE_PADDR + 0x1000,
		    IMAGE_PADDR + 0x2000);
	entry_tag(&h, IMAGE_PADDR + 0x180);
	return h;
}

static inline void expect_loaded(struct bench *b)
{
	if (bench_load(b) != HV_OK)
		fail_msg("refused: %s", b->result.error);
	assert_int_equal(b->result.kind, GUEST_MULTIBOOT2);
}

static inline void expect_error(struct bench *b, enum hv_err err, const char *field)
{
	assert_int_equal(bench_load(b), err);
	if (strncmp(b->result.error, field, strlen(field)))
		fail_msg("'%s' does not name %s", b->result.error, field);
	bench_fini(b);
}

static inline void header_error(struct header h, enum hv_err err, const char *field)
{
	struct bench b;

	bench_init(&b, IMAGE_SIZE);
	header_put(&b, &h);
	expect_error(&b, err, field);
}

static inline void header_loads(struct header h)
{
	struct bench b;

	bench_init(&b, IMAGE_SIZE);
	header_put(&b, &h);
	expect_loaded(&b);
	bench_fini(&b);
}

/* The information, read on its own: the tag of that type, its size checked; or NULL. */
static inline const uint8_t *told(const struct bench *b, uint32_t type, unsigned nth)
{
	const uint8_t *info = b->ram + b->result.ebx;
	uint32_t total = get32(info), at = 8;

	for (;;) {
		uint32_t size;

		assert_int_equal(at % 8, 0);
		assert_true(at + 8 <= total);
		size = get32(info + at + 4);
		assert_true(size >= 8 && size <= total - at);
		if (get32(info + at) == type && !nth--)
			return info + at;
		if (!get32(info + at)) {
			assert_int_equal(size, 8);
			assert_int_equal(at + size, total);
			return NULL;
		}
		at += (size + 7) / 8 * 8;
	}
}

#endif

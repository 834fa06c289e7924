/*
 * Kernels of the Limine boot protocol built byte by byte, and readers of what they are
 * given, page tables included, that owe the loader nothing. Knows the format only.
 */
#ifndef TESTS_LIMINE_IMAGE_H
#define TESTS_LIMINE_IMAGE_H

#include "images.h"

/* Two segments: code from the file's first page, data from its second. */
#define LIMINE_SIZE	0x3000
#define LIMINE_CODE	UINT64_C(0xffffffff80300000)
#define LIMINE_DATA	UINT64_C(0xffffffff80303000)
#define LIMINE_DATA_AT	0x1000		/* in the file */
#define LIMINE_DATA_MEM	0x3000
#define LIMINE_START	(LIMINE_CODE + 0x400)
#define LIMINE_EXTENT	0x6000		/* both, and the pages between */
#define LIMINE_PHDRS	64		/* in the file */
#define LIMINE_OFFSET	UINT64_C(0xffff800000000000)

#define MAGIC_A		UINT64_C(0xc7b1dd30df4c8b88)
#define MAGIC_B		UINT64_C(0x0a82e883a194f07b)

/* The second half of the ids, as PROTOCOL.md lists them. */
static const uint64_t id_loader[] = { 0xf55038d8e2a1202f, 0x279426fcf5f59740 };
static const uint64_t id_firmware[] = { 0x8c2f75d90bef28a8, 0x7045a4688eac00c3 };
static const uint64_t id_stack[] = { 0x224ef0460a8e8926, 0xe1cb0fc25f46ea3d };
static const uint64_t id_hhdm[] = { 0x48dcf1cb8ad2b852, 0x63984e959a98244b };
static const uint64_t id_framebuffer[] = { 0x9d5827dcd881dd75, 0xa3148604f6fab11b };
static const uint64_t id_paging[] = { 0x95c1a0edab0944cb, 0xa4e5cb3842f7488a };
static const uint64_t id_mp[] = { 0x95a67b819a1b857e, 0xa0b61b723b6a73e0 };
static const uint64_t id_map[] = { 0x67cf3d9d378a806f, 0xe304acdfc50c3c62 };
static const uint64_t id_entry[] = { 0x13d86c035a1cd3e1, 0x2b0caa89d8f3026a };
static const uint64_t id_file[] = { 0xad97e90e83f1ed67, 0x31eb5d1c5ff23b69 };
static const uint64_t id_modules[] = { 0x3e7e279702be32af, 0xca1c4f3bd1280cee };
static const uint64_t id_address[] = { 0x71ba76863cc55f63, 0xb2644a48c516a487 };
static const uint64_t id_command[] = { 0x4b161536e598651e, 0xb390ad4a2f1f303a };

/* Words of the data segment, one after the other; the image is the bench's. */
struct kernel {
	struct bench	b;
	unsigned	next;		/* byte of the data segment */
};

static inline uint64_t get64(const uint8_t *at)
{
	uint64_t value;

	memcpy(&value, at, sizeof(value));
	return value;
}

static inline void put64(uint8_t *at, uint64_t value)
{
	memcpy(at, &value, sizeof(value));
}

static inline void put_segment(struct kernel *k, unsigned index, uint32_t flags,
			       uint64_t va, uint64_t offset, uint64_t filesz,
			       uint64_t memsz)
{
	const struct elf64_segment s = {
		.type = 1, .flags = flags, .offset = offset, .vaddr = va,
		.filesz = filesz, .memsz = memsz, .align = PAGE_SIZE,
	};

	memcpy(k->b.image + LIMINE_PHDRS + index * sizeof(s), &s, sizeof(s));
}

static inline void kernel_init(struct kernel *k)
{
	struct elf64_header h = header64();

	bench_init(&k->b, LIMINE_SIZE);
	k->next = 0;
	h.entry = LIMINE_START;
	h.phnum = 2;
	memset(k->b.image, 0, LIMINE_SIZE);
	memcpy(k->b.image, &h, sizeof(h));
	put_segment(k, 0, 5, LIMINE_CODE, 0, 0x800, 0x800);
	put_segment(k, 1, 6, LIMINE_DATA, LIMINE_DATA_AT, 0x2000, LIMINE_DATA_MEM);
	k->b.request.kind = GUEST_LIMINE;
}

/* A word into the data segment; where it is in that. */
static inline unsigned put_word(struct kernel *k, uint64_t word)
{
	const unsigned at = k->next;

	put64(k->b.image + LIMINE_DATA_AT + at, word);
	k->next += 8;
	return at;
}

static inline unsigned put_revision(struct kernel *k, uint64_t revision)
{
	const unsigned at = put_word(k, 0xf9562b2d5c95a6c8);

	put_word(k, 0x6a7b384944536bdc);
	put_word(k, revision);
	return at;
}

static inline unsigned put_request(struct kernel *k, const uint64_t *id,
				   uint64_t revision)
{
	const unsigned at = put_word(k, MAGIC_A);

	put_word(k, MAGIC_B);
	put_word(k, id[0]);
	put_word(k, id[1]);
	put_word(k, revision);
	put_word(k, 0);
	return at;
}

static inline void put_start_marker(struct kernel *k)
{
	put_word(k, 0xf6b8f4b39de7d1ae);
	put_word(k, 0xfab91a6940fcb9cf);
	put_word(k, 0x785c6ed015d3e316);
	put_word(k, 0x181e920a7852b9d9);
}

static inline void put_end_marker(struct kernel *k)
{
	put_word(k, 0xadc0e0531bb10d03);
	put_word(k, 0x9572709f31764c62);
}

#define WALK_NONE	UINT64_MAX

/* What the tables at CR3 make of `va`, four levels: physical address and rights. */
static inline uint64_t walk(const struct bench *b, uint64_t va, bool *write,
			    bool *execute)
{
	uint64_t table = b->result.cr3;

	*write = *execute = true;
	for (int shift = 39;; shift -= 9) {
		const uint64_t at = table + (va >> shift & 511) * 8;
		uint64_t entry;

		assert_true(at + 8 <= RAM_SIZE);
		entry = get64(b->ram + at);
		if (!(entry & 1))
			return WALK_NONE;
		*write &= entry >> 1 & 1;
		*execute &= !(entry >> 63);
		table = entry & UINT64_C(0x000ffffffffff000);
		if (shift == 12 || (entry >> 7 & 1 && shift < 39)) {
			const uint64_t mask = (UINT64_C(1) << shift) - 1;

			return (table & ~mask) | (va & mask);
		}
	}
}

/* Guest memory by the guest's own address. */
static inline uint8_t *seen(const struct bench *b, uint64_t va)
{
	bool write, execute;
	uint64_t at = walk(b, va, &write, &execute);

	assert_true(at < RAM_SIZE);
	return b->ram + at;
}

/* The response that a request got; NULL: none. */
static inline const uint8_t *response(const struct kernel *k, unsigned request)
{
	uint64_t at = get64(seen(&k->b, LIMINE_DATA + request + 40));

	return at ? seen(&k->b, at) : NULL;
}

/* Word `index` of it. */
static inline uint64_t word(const uint8_t *at, unsigned index)
{
	return get64(at + 8 * index);
}

static inline void kernel_load(struct kernel *k)
{
	if (bench_load(&k->b) != HV_OK)
		fail_msg("refused: %s", k->b.result.error);
	assert_int_equal(k->b.result.kind, GUEST_LIMINE);
}

#endif

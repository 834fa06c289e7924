/*
 * Guest images built byte by byte, and guest RAM to load them into, for the
 * loader's tests. Knows the formats, not the loader.
 */
#ifndef TESTS_IMAGES_H
#define TESTS_IMAGES_H

#include <sanitizer/asan_interface.h>
#include <stdlib.h>
#include <string.h>

#include "core/load/elf_defs.h"
#include "core/load/image.h"
#include "core/load/multiboot_defs.h"

#define RAM_SIZE	(UINT64_C(4) << 20)
#define IMAGE_SIZE	0x3000
#define IMAGE_HEADER	0x800	/* where the multiboot header is put */
#define IMAGE_DATA	0x1000	/* file offset of the segment */
#define IMAGE_FILESZ	0x1800
#define IMAGE_MEMSZ	0x2800
#define IMAGE_PADDR	0x200000
#define IMAGE_VADDR	UINT64_C(0xffffffff80200000)

struct bench {
	uint8_t			*ram;
	uint8_t			*image;		/* page aligned */
	struct guest_mem	mem;
	struct load_request	request;
	struct load_result	result;
};

/* Past an image's end no byte may be read, although the block is whole pages. */
static inline void image_end(uint8_t *image, uint64_t size)
{
	(void)image;
	(void)size;
	ASAN_UNPOISON_MEMORY_REGION(image, align_up(size, PAGE_SIZE));
	ASAN_POISON_MEMORY_REGION(image + size, align_up(size, PAGE_SIZE) - size);
}

static inline void bench_init(struct bench *b, uint64_t size)
{
	memset(b, 0, sizeof(*b));
	b->ram = aligned_alloc(PAGE_SIZE, RAM_SIZE);
	b->image = aligned_alloc(PAGE_SIZE, align_up(size, PAGE_SIZE));
	/* What the loader leaves alone must not look like what it zeroes. */
	memset(b->ram, 0xcc, RAM_SIZE);
	for (uint64_t i = 0; i < size; i++)
		b->image[i] = (uint8_t)(i * 7 + i / 256);
	image_end(b->image, size);
	b->mem.slots = 1;
	b->mem.slot[0] = (struct guest_mem_slot){
		.size = RAM_SIZE, .host = hpa_of(b->ram),
	};
	b->request.image = (struct load_blob){ b->image, size, NULL };
}

static inline void bench_fini(struct bench *b)
{
	free(b->ram);
	free(b->image);
}

static inline enum hv_err bench_load(struct bench *b)
{
	return load_guest(&b->request, &b->mem, &b->result);
}

static inline void put_multiboot_header(uint8_t *at, uint32_t flags)
{
	const uint32_t h[3] = { 0x1badb002, flags, -(0x1badb002 + flags) };

	memcpy(at, h, sizeof(h));
}

static inline struct elf32_segment segment32(void)
{
	return (struct elf32_segment){
		.type = ELF_LOAD, .offset = IMAGE_DATA,
		.vaddr = (uint32_t)IMAGE_VADDR, .paddr = IMAGE_PADDR,
		.filesz = IMAGE_FILESZ, .memsz = IMAGE_MEMSZ,
	};
}

static inline struct elf64_segment segment64(void)
{
	return (struct elf64_segment){
		.type = ELF_LOAD, .offset = IMAGE_DATA,
		.vaddr = IMAGE_VADDR, .paddr = IMAGE_PADDR,
		.filesz = IMAGE_FILESZ, .memsz = IMAGE_MEMSZ,
	};
}

static inline struct elf32_header header32(void)
{
	return (struct elf32_header){
		.ident = { 0x7f, 'E', 'L', 'F', ELF_CLASS32, ELF_LSB, 1 },
		.type = ELF_EXEC, .machine = ELF_386, .version = 1,
		.entry = IMAGE_PADDR + 0x10, .phoff = sizeof(struct elf32_header),
		.ehsize = sizeof(struct elf32_header),
		.phentsize = sizeof(struct elf32_segment), .phnum = 1,
	};
}

static inline struct elf64_header header64(void)
{
	return (struct elf64_header){
		.ident = { 0x7f, 'E', 'L', 'F', ELF_CLASS64, ELF_LSB, 1 },
		.type = ELF_EXEC, .machine = ELF_X86_64, .version = 1,
		.entry = IMAGE_VADDR + 0x20, .phoff = sizeof(struct elf64_header),
		.ehsize = sizeof(struct elf64_header),
		.phentsize = sizeof(struct elf64_segment), .phnum = 1,
	};
}

static inline void put_elf32(struct bench *b, struct elf32_header h,
			     struct elf32_segment s)
{
	memcpy(b->image, &h, sizeof(h));
	memcpy(b->image + sizeof(h), &s, sizeof(s));
	put_multiboot_header(b->image + IMAGE_HEADER, 3);
}

static inline void put_elf64(struct bench *b, struct elf64_header h,
			     struct elf64_segment s)
{
	memcpy(b->image, &h, sizeof(h));
	memcpy(b->image + sizeof(h), &s, sizeof(s));
	put_multiboot_header(b->image + IMAGE_HEADER, 3);
}

static inline struct multiboot_addresses addresses(void)
{
	return (struct multiboot_addresses){
		.header_addr = IMAGE_PADDR + 0x100, .load_addr = IMAGE_PADDR,
		.load_end_addr = IMAGE_PADDR + 0x1000,
		.bss_end_addr = IMAGE_PADDR + 0x1800,
		.entry_addr = IMAGE_PADDR + 0x120,
	};
}

static inline void put_kludge(struct bench *b, struct multiboot_addresses a)
{
	put_multiboot_header(b->image + IMAGE_HEADER, 0x10003);
	memcpy(b->image + IMAGE_HEADER + 12, &a, sizeof(a));
}

#endif

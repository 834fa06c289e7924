/*
 * ELF kernels without a multiboot header, and the note that tells a PVH entry, built by
 * hand for the loader's tests. Knows the formats, not the loader.
 */
#ifndef TESTS_PVH_IMAGE_H
#define TESTS_PVH_IMAGE_H

#include "images.h"

#define NOTES_AT	0x400	/* in the image */
#define PVH_ENTRY_ADDRESS	(IMAGE_PADDR + 0x850)

/* System V ABI "Note Section": three words, the padded name, the padded descriptor. */
struct pvh_notes {
	uint32_t	first[5];	/* a note before it: "GNU", type 3, 4 bytes */
	uint32_t	namesz, descsz, type;
	char		name[4];
	uint64_t	desc;
} __attribute__((packed));

static inline struct pvh_notes pvh_notes(void)
{
	return (struct pvh_notes){
		.first = { 4, 4, 3, 0x554e47, 0x12345678 },
		.namesz = 4, .descsz = 8, .type = 18, .name = "Xen",
		.desc = PVH_ENTRY_ADDRESS,
	};
}

/* Two program headers: what is loaded, and the notes. */
static inline void put_kernel32(struct bench *b, struct elf32_header h,
				struct elf32_segment s, struct pvh_notes notes)
{
	const struct elf32_segment note = {
		.type = 4, .offset = NOTES_AT, .filesz = sizeof(notes), .align = 4,
	};

	h.phnum = 2;
	memcpy(b->image, &h, sizeof(h));
	memcpy(b->image + sizeof(h), &s, sizeof(s));
	memcpy(b->image + sizeof(h) + sizeof(s), &note, sizeof(note));
	memcpy(b->image + NOTES_AT, &notes, sizeof(notes));
}

static inline void put_kernel64(struct bench *b, struct elf64_header h,
				struct elf64_segment s, struct pvh_notes notes)
{
	const struct elf64_segment note = {
		.type = 4, .offset = NOTES_AT, .filesz = sizeof(notes), .align = 4,
	};

	h.phnum = 2;
	memcpy(b->image, &h, sizeof(h));
	memcpy(b->image + sizeof(h), &s, sizeof(s));
	memcpy(b->image + sizeof(h) + sizeof(s), &note, sizeof(note));
	memcpy(b->image + NOTES_AT, &notes, sizeof(notes));
}

#endif

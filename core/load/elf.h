/*
 * ELF images for the loaders: the header and program headers, both widths widened to
 * one shape, and the steps that load them. Private to core/load.
 */
#ifndef CORE_LOAD_ELF_H
#define CORE_LOAD_ELF_H

#include "core/load/image.h"

/* More program headers than any kernel has: what bounds the work of a load. */
#define ELF_SEGMENTS	64u

struct elf {
	bool		wide;
	uint16_t	type, machine, phentsize, phnum;
	uint64_t	entry, phoff;
};

struct elf_segment {
	uint32_t	type, flags;
	uint64_t	offset, vaddr, paddr, filesz, memsz, align;
};

/* The checked header of the request's image; errors name the field. */
enum hv_err elf_open(struct loading *l, struct elf *elf) MUST_CHECK;

/* The program header `index` < phnum of an elf_open()ed image. Its fields are hostile. */
struct elf_segment elf_segment(const struct loading *l, const struct elf *elf,
			       unsigned index);

/* PT_LOAD segments to p_paddr, none below `floor`. */
enum hv_err elf_place(struct loading *l, const struct elf *elf, uint64_t floor)
		      MUST_CHECK;

/* Whether `address`, physical or virtual, is in a segment; its physical address. */
bool elf_physical(const struct loading *l, const struct elf *elf,
		  uint64_t address, uint32_t *physical);

/* The same for e_entry; the error names it. */
enum hv_err elf_entry(struct loading *l, const struct elf *elf, uint32_t *entry)
		      MUST_CHECK;

#endif

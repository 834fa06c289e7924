/*
 * The ELF headers that a loader reads, 32 and 64 bits wide.
 * System V ABI "Object Files" 4, "Program Header" 5.
 */
#ifndef CORE_LOAD_ELF_DEFS_H
#define CORE_LOAD_ELF_DEFS_H

#include "mmu/bits.h"

#define ELF_IDENT	16
#define ELF_CLASS_AT	4
#define ELF_DATA_AT	5
#define ELF_CLASS32	1
#define ELF_CLASS64	2
#define ELF_LSB		1
#define ELF_EXEC	2	/* e_type */
#define ELF_386		3	/* e_machine */
#define ELF_X86_64	62
#define ELF_LOAD	1	/* p_type */
#define ELF_NOTE	4
#define ELF_EXECUTE	BIT(0)	/* p_flags */
#define ELF_WRITE	BIT(1)

struct elf32_header {
	uint8_t		ident[ELF_IDENT];
	uint16_t	type, machine;
	uint32_t	version;
	uint32_t	entry, phoff, shoff;
	uint32_t	flags;
	uint16_t	ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};

struct elf64_header {
	uint8_t		ident[ELF_IDENT];
	uint16_t	type, machine;
	uint32_t	version;
	uint64_t	entry, phoff, shoff;
	uint32_t	flags;
	uint16_t	ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};

struct elf32_segment {
	uint32_t	type, offset, vaddr, paddr, filesz, memsz, flags, align;
};

struct elf64_segment {
	uint32_t	type, flags;
	uint64_t	offset, vaddr, paddr, filesz, memsz, align;
};

_Static_assert(sizeof(struct elf32_header) == 52, "Elf32_Ehdr");
_Static_assert(sizeof(struct elf64_header) == 64, "Elf64_Ehdr");
_Static_assert(sizeof(struct elf32_segment) == 32, "Elf32_Phdr");
_Static_assert(sizeof(struct elf64_segment) == 56, "Elf64_Phdr");

#endif

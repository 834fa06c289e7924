/*
 * PVH: the ELF note that names a kernel's 32-bit entry, and what the kernel is told.
 * Xen "x86/HVM direct boot ABI" (docs/misc/pvh.pandoc); xen/include/public/elfnote.h and
 * arch-x86/hvm/start_info.h for the numbers. System V ABI "Note Section".
 */
#ifndef CORE_LOAD_PVH_DEFS_H
#define CORE_LOAD_PVH_DEFS_H

#include "mmu/bits.h"

struct elf_note {
	uint32_t	namesz, descsz, type;	/* name and descriptor follow, each padded */
};

#define PVH_NOTE_OWNER		"Xen"
#define PVH_NOTE_ENTRY		18u	/* XEN_ELFNOTE_PHYS32_ENTRY */
#define PVH_NOTES_MAX		256u	/* looked at in an image */

struct pvh_start_info {
	uint32_t	magic;
#define PVH_MAGIC		0x336ec578u
	uint32_t	version;
#define PVH_VERSION		1u	/* with a memory map */
	uint32_t	flags;
	uint32_t	modules;
	uint64_t	modules_at;
	uint64_t	command_line;
	uint64_t	rsdp;		/* 0: no ACPI */
	uint64_t	map_at;
	uint32_t	map_entries;
	uint32_t	reserved;
};

struct pvh_module { uint64_t at, size, command_line, reserved; };

struct pvh_range {
	uint64_t	base, size;
	uint32_t	type;
#define PVH_RAM			1u
#define PVH_RESERVED		2u
	uint32_t	reserved;
};

_Static_assert(sizeof(struct pvh_start_info) == 56, "hvm_start_info");
_Static_assert(offsetof(struct pvh_start_info, map_at) == 40, "memmap_paddr");
_Static_assert(sizeof(struct pvh_module) == 32, "hvm_modlist_entry");
_Static_assert(sizeof(struct pvh_range) == 24, "hvm_memmap_table_entry");

#endif

/*
 * The zero page: what a Linux kernel is told at its 32-bit and 64-bit entries, and where
 * those entries' loader puts things. Linux "The Linux/x86 Boot Protocol", "32-bit Boot
 * Protocol", "64-bit Boot Protocol"; "Zero Page" (Documentation/arch/x86/zero-page.rst).
 */
#ifndef CORE_LOAD_LINUX_PARAMS_DEFS_H
#define CORE_LOAD_LINUX_PARAMS_DEFS_H

#include "core/load/linux_defs.h"
#include "mmu/addr.h"

struct linux_range {
	uint64_t	base, size;
	uint32_t	type;
#define LINUX_E820_RAM		1u
#define LINUX_E820_RESERVED	2u
} __attribute__((packed));

#define LINUX_E820_ENTRIES	128
#define LINUX_HEADER_ROOM	0x9f	/* bytes: what follows is not the header's */

struct linux_params {
	uint8_t			screen_info[0x40];	/* zeros: there is no screen */
	uint8_t			unused_040[0x80];
	uint32_t		ext_ramdisk_image, ext_ramdisk_size;
	uint32_t		ext_cmd_line_ptr;
	uint8_t			unused_0cc[0x114];
	uint32_t		alt_mem_k;	/* KiB above 1 MiB */
	uint8_t			unused_1e4[4];
	uint8_t			e820_entries;
	uint8_t			unused_1e9[6];
	uint8_t			sentinel;	/* not 0: the page is not to be trusted */
	uint8_t			unused_1f0;
	union {
		struct linux_header	h;
		uint8_t			bytes[LINUX_HEADER_ROOM];
	} header;
	uint8_t			unused_290[0x40];
	struct linux_range	e820[LINUX_E820_ENTRIES];
	uint8_t			unused_cd0[0x330];
} __attribute__((packed));

_Static_assert(offsetof(struct linux_params, ext_ramdisk_image) == 0xc0, "ext_ramdisk_image");
_Static_assert(offsetof(struct linux_params, alt_mem_k) == 0x1e0, "alt_mem_k");
_Static_assert(offsetof(struct linux_params, e820_entries) == 0x1e8, "e820_entries");
_Static_assert(offsetof(struct linux_params, sentinel) == 0x1ef, "sentinel");
_Static_assert(offsetof(struct linux_params, header) == LINUX_HEADER_AT, "hdr");
_Static_assert(offsetof(struct linux_params, e820) == 0x2d0, "e820_table");
_Static_assert(sizeof(struct linux_params) == PAGE_SIZE, "zero page");

/*
 * All in usable memory below 640 KiB, where no kernel is loaded and none unpacks itself;
 * the kernel takes it back once it has read it and has tables of its own.
 */
#define LINUX_PARAMS		UINT64_C(0x10000)
#define LINUX_PARAMS_CMDLINE	UINT64_C(0x11000)
#define LINUX_TABLES		UINT64_C(0x18000)	/* the command line ends below */
#define LINUX_TABLES_END	UINT64_C(0x1e000)
#define LINUX_ENTRY64		0x200	/* from the protected-mode code's start */

/* What a kernel without a header, an ELF one, is told it has. */
#define LINUX_VMLINUX_VERSION	0x20f
#define LINUX_VMLINUX_INITRD	0x7fffffffu
#define LINUX_VMLINUX_CMDLINE	2047

#endif

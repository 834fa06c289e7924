/*
 * The setup header of a Linux kernel image, and where its 16-bit entry wants things.
 * Linux "The Linux/x86 Boot Protocol" (Documentation/arch/x86/boot.rst), "The Real-Mode
 * Kernel Header", "Loading The Rest of The Kernel", "Running the Kernel".
 */
#ifndef CORE_LOAD_LINUX_DEFS_H
#define CORE_LOAD_LINUX_DEFS_H

#include "mmu/bits.h"

#define LINUX_SECTOR		512
#define LINUX_HEADER_AT		0x1f1	/* in the image */

struct linux_header {
	uint8_t		setup_sects;	/* after the first sector; 0 means 4 */
#define LINUX_SETUP_SECTS	4
	uint16_t	root_flags;
	uint32_t	syssize;	/* protected-mode code, in paragraphs */
#define LINUX_PARAGRAPH		16
	uint16_t	ram_size;
	uint16_t	vid_mode;
	uint16_t	root_dev;
	uint16_t	boot_flag;
#define LINUX_BOOT_FLAG		0xaa55
	uint8_t		jump, jump_by;	/* a short jump over the header: tells its end */
#define LINUX_JUMP_END		0x202	/* jump_by counts from here */
	uint32_t	header;
#define LINUX_MAGIC		0x53726448u	/* "HdrS" */
	uint16_t	version;
#define LINUX_COMMAND_LINE	0x202	/* versions: cmd_line_ptr, 32 bits wide */
#define LINUX_INITRD_MAX	0x203	/* initrd_addr_max */
#define LINUX_SYSSIZE		0x204	/* syssize 32 bits wide: to be trusted */
#define LINUX_RELOCATABLE	0x205	/* kernel_alignment, relocatable */
#define LINUX_COMMAND_SIZE	0x206	/* cmdline_size */
#define LINUX_INIT_SIZE		0x20a	/* pref_address, init_size */
#define LINUX_XLOADFLAGS	0x20c
	uint32_t	realmode_swtch;
	uint16_t	start_sys_seg;
	uint16_t	kernel_version;
	uint8_t		type_of_loader;
#define LINUX_LOADER_UNDEFINED	0xff
	uint8_t		loadflags;
#define LINUX_LOADED_HIGH	BIT(0)	/* protected-mode code at 1 MiB: a bzImage */
#define LINUX_CAN_USE_HEAP	BIT(7)	/* heap_end_ptr is valid */
	uint16_t	setup_move_size;
	uint32_t	code32_start;
	uint32_t	ramdisk_image, ramdisk_size;
	uint32_t	bootsect_kludge;
	uint16_t	heap_end_ptr;	/* from the segment's start, less 200h */
#define LINUX_HEAP_BELOW	0x200
	uint16_t	loader_more;
	uint32_t	cmd_line_ptr;
	uint32_t	initrd_addr_max;
#define LINUX_INITRD_ADDR_MAX	0x37ffffffu	/* before version 2.03 */
	uint32_t	kernel_alignment;
	uint8_t		relocatable, min_alignment;
	uint16_t	xloadflags;
#define LINUX_KERNEL_64		BIT(0)	/* XLF_KERNEL_64: a 64-bit entry at 200h */
	uint32_t	cmdline_size;	/* without the NUL */
#define LINUX_CMDLINE_SIZE	255	/* before version 2.06 */
	uint32_t	hardware_subarch;
	uint64_t	hardware_subarch_data;
	uint32_t	payload_offset, payload_length;
	uint64_t	setup_data, pref_address;
	uint32_t	init_size;	/* what the kernel needs before it can look */
} __attribute__((packed));

_Static_assert(LINUX_HEADER_AT + offsetof(struct linux_header, boot_flag) == 0x1fe, "boot_flag");
_Static_assert(LINUX_HEADER_AT + offsetof(struct linux_header, version) == 0x206, "version");
_Static_assert(LINUX_HEADER_AT + offsetof(struct linux_header, cmd_line_ptr) == 0x228,
	       "cmd_line_ptr");
_Static_assert(LINUX_HEADER_AT + offsetof(struct linux_header, cmdline_size) == 0x238,
	       "cmdline_size");
_Static_assert(LINUX_HEADER_AT + offsetof(struct linux_header, init_size) == 0x260, "init_size");

/* The real-mode segment: code, heap and stack up to the command line. */
#define LINUX_SEGMENT		0x9000
#define LINUX_REAL		UINT64_C(0x90000)
#define LINUX_ENTRY_SEGMENTS	0x20	/* the entry is the second sector's start */
#define LINUX_HEAP_END		0xe000	/* the stack grows down from here */
#define LINUX_CMDLINE		(LINUX_REAL + LINUX_HEAP_END)
#define LINUX_CODE32		UINT32_C(0x100000)

#endif

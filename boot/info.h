/*
 * What the boot loader told, copied out and checked: nothing after this reads
 * the loader's own structures. Knows both multiboot versions, not what is made of it.
 */
#ifndef BOOT_INFO_H
#define BOOT_INFO_H

#include "boot/ranges.h"
#include "boot/screen.h"
#include "core/cmdline.h"

#define BOOT_MODULES	96			/* many guests, and what they need */
#define BOOT_STRING	1024			/* of a module, the terminator too */

struct boot_module {
	uint64_t	start, end;
	char		string[BOOT_STRING];
};

struct boot_info {
	char			command_line[CMDLINE_MAX];
	struct boot_module	module[BOOT_MODULES];
	unsigned		modules;
	struct boot_screen	screen;	/* of width 0: none */
	struct ranges		ram;	/* usable, in whole pages */
	/* While reading: what the map calls anything but available. */
	struct ranges		reserved;
	char			error[160];
};

/*
 * Read the loader's information at `address`, by the magic number it left. False with
 * ->error when anything in it is damaged or too large. Needs low memory and the 4 GiB
 * of entry.asm mapped.
 */
bool boot_info_read(struct boot_info *info, uint32_t magic, uint32_t address)
	MUST_CHECK;

/* The two readers, and what they share. */
bool boot_info_read_mb1(struct boot_info *info, uint32_t address) MUST_CHECK;
bool boot_info_read_mb2(struct boot_info *info, uint32_t address) MUST_CHECK;
bool boot_info_fail(struct boot_info *info, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
bool boot_info_string(struct boot_info *info, const char *what, char *to,
		      unsigned size, uint64_t from, uint64_t from_end) MUST_CHECK;
bool boot_info_module(struct boot_info *info, uint64_t start, uint64_t end,
		      uint64_t string, uint64_t string_end) MUST_CHECK;
void boot_info_memory(struct boot_info *info, uint64_t base, uint64_t length,
		      uint32_t type);

#endif

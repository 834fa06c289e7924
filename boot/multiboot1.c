/* Reading what a multiboot 1 loader left. Knows the layout, not its use. */
#include "boot/info.h"
#include "boot/multiboot1.h"

#include <string.h>

#define KIB_SHIFT	10

static void copy_in(void *to, uint64_t from, size_t size)
{
	memcpy(to, (const void *)(uintptr_t)from, size);
}

static void read_map(struct boot_info *info, const struct mb1_info *mb)
{
	uint64_t at = mb->mmap_addr, end = at + mb->mmap_length;
	struct mb1_mmap entry;

	while (at + sizeof(entry) <= end && end <= SIZE_4G) {
		copy_in(&entry, at, sizeof(entry));
		boot_info_memory(info, entry.base, entry.length, entry.type);
		at += sizeof(entry.size) + entry.size;
	}
}

/* A loader without a map still knows these two. */
static void read_sizes(struct boot_info *info, const struct mb1_info *mb)
{
	boot_info_memory(info, 0, (uint64_t)mb->mem_lower << KIB_SHIFT,
			 MB_MEMORY_AVAILABLE);
	boot_info_memory(info, MB1_HIGH_BASE,
			 (uint64_t)mb->mem_upper << KIB_SHIFT,
			 MB_MEMORY_AVAILABLE);
}

static bool read_modules(struct boot_info *info, const struct mb1_info *mb)
{
	struct mb1_module m;

	for (uint32_t i = 0; i < mb->mods_count; i++) {
		uint64_t at = mb->mods_addr + (uint64_t)i * sizeof(m);

		if (at + sizeof(m) > SIZE_4G)
			return boot_info_fail(info, "the module list is damaged");
		copy_in(&m, at, sizeof(m));
		/* A text address of 0 means none: point at a terminator. */
		if (!m.string)
			m.string = (uint32_t)(uintptr_t)"";
		if (!boot_info_module(info, m.start, m.end, m.string, SIZE_4G))
			return false;
	}
	return true;
}

bool boot_info_read_mb1(struct boot_info *info, uint32_t address)
{
	struct mb1_info mb;

	if (address + sizeof(mb) > SIZE_4G)
		return boot_info_fail(info, "the multiboot information is damaged");
	copy_in(&mb, address, sizeof(mb));
	if (mb.flags & MB1_MMAP)
		read_map(info, &mb);
	else if (mb.flags & MB1_MEMORY)
		read_sizes(info, &mb);
	if (mb.flags & MB1_MODULES && !read_modules(info, &mb))
		return false;
	if (!(mb.flags & MB1_COMMAND))
		return true;
	return boot_info_string(info, "command line", info->command_line,
				sizeof(info->command_line), mb.cmdline, SIZE_4G);
}

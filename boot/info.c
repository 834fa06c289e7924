/*
 * What the boot loader told, copied out and checked: nothing after this reads
 * the loader's own structures. Knows both multiboot versions, not what is made of it.
 */
#include "boot/info.h"

#include "boot/layout.h"
#include "boot/multiboot1.h"
#include "boot/multiboot2.h"
#include "core/text.h"

bool boot_info_fail(struct boot_info *info, const char *format, ...)
{
	va_list values;

	va_start(values, format);
	text_vformat(info->error, sizeof(info->error), format, values);
	va_end(values);
	return false;
}

/* The text at [from, from_end) up to its terminator, if it fits. */
bool boot_info_string(struct boot_info *info, const char *what, char *to,
		      unsigned size, uint64_t from, uint64_t from_end)
{
	const char *text = (const char *)(uintptr_t)from;

	if (from_end > SIZE_4G)
		from_end = SIZE_4G;
	for (unsigned i = 0; i < size && from + i < from_end; i++) {
		to[i] = text[i];
		if (!to[i])
			return true;
	}
	to[0] = '\0';
	return boot_info_fail(info, "the %s is longer than %u bytes or has no end",
			      what, size - 1);
}

bool boot_info_module(struct boot_info *info, uint64_t start, uint64_t end,
		      uint64_t string, uint64_t string_end)
{
	struct boot_module *module = &info->module[info->modules];

	if (info->modules == BOOT_MODULES)
		return boot_info_fail(info, "more than %u modules",
				      BOOT_MODULES);
	if (start > end)
		return boot_info_fail(info, "module %u ends before it starts",
				      info->modules);
	module->start = start;
	module->end = end;
	info->modules++;
	return boot_info_string(info, "module's text", module->string,
				sizeof(module->string), string, string_end);
}

void boot_info_memory(struct boot_info *info, uint64_t base, uint64_t length,
		      uint32_t type)
{
	uint64_t end = base + length;

	if (end < base || end > BIT(52))
		end = BIT(52);	/* no physical address is wider */
	if (type == MB_MEMORY_AVAILABLE)
		ranges_add(&info->ram, base, end);
	else
		ranges_add(&info->reserved, base, end);
}

/* Modules must lie in memory that is there, and not in the image. */
static bool modules_check(struct boot_info *info)
{
	for (unsigned i = 0; i < info->modules; i++) {
		const struct boot_module *m = &info->module[i];

		if (m->start == m->end)
			continue;
		if (!ranges_contain(&info->ram, m->start, m->end))
			return boot_info_fail(info, "module %u (0x%lx to 0x%lx) lies outside memory",
					      i, m->start, m->end);
		if (m->start < (uintptr_t)image_end &&
		    m->end > (uintptr_t)image_start)
			return boot_info_fail(info, "module %u overlaps the hypervisor", i);
	}
	return true;
}

bool boot_info_read(struct boot_info *info, uint32_t magic, uint32_t address)
{
	bool good;

	if (magic == MB1_BOOT_MAGIC)
		good = boot_info_read_mb1(info, address);
	else if (magic == MB2_BOOT_MAGIC)
		good = boot_info_read_mb2(info, address);
	else
		return boot_info_fail(info, "not started by a multiboot loader (EAX 0x%x)",
				      magic);
	if (!good)
		return false;
	/* Where entries overlap, the one that says "not available" is right. */
	for (unsigned i = 0; i < info->reserved.count; i++)
		ranges_remove(&info->ram, info->reserved.at[i].base,
			      info->reserved.at[i].end);
	ranges_trim(&info->ram, PAGE_SIZE);
	if (!info->ram.count)
		return boot_info_fail(info, "the boot loader gave no memory map");
	return modules_check(info);
}

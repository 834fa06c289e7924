/* Reading what a multiboot 2 loader left. Knows the layout, not its use. */
#include "boot/info.h"
#include "boot/multiboot2.h"

#include <string.h>

static void copy_in(void *to, uint64_t from, size_t size)
{
	memcpy(to, (const void *)(uintptr_t)from, size);
}

static bool read_map(struct boot_info *info, uint64_t at, uint64_t end)
{
	struct mb2_mmap head;
	struct mb2_mmap_entry entry;

	if (end - at < sizeof(head))
		return boot_info_fail(info, "the memory map is damaged");
	copy_in(&head, at, sizeof(head));
	if (head.entry_size < sizeof(entry))
		return boot_info_fail(info, "the memory map's entries are too short");
	for (at += sizeof(head); at + sizeof(entry) <= end;
	     at += head.entry_size) {
		copy_in(&entry, at, sizeof(entry));
		boot_info_memory(info, entry.base, entry.length, entry.type);
	}
	return true;
}

static bool read_module(struct boot_info *info, uint64_t at, uint64_t end)
{
	struct mb2_module m;

	if (end - at < sizeof(m))
		return boot_info_fail(info, "a module's description is damaged");
	copy_in(&m, at, sizeof(m));
	return boot_info_module(info, m.start, m.end, at + sizeof(m), end);
}

/* Without a screen the run goes on: what is damaged or unknown is none. */
static void read_screen(struct boot_info *info, uint64_t at, uint64_t end)
{
	struct mb2_colours colours = { 0 };
	struct mb2_screen screen;

	if (end - at < sizeof(screen))
		return;
	copy_in(&screen, at, sizeof(screen));
	if (screen.type == MB2_SCREEN_RGB && end - at >= sizeof(screen) + sizeof(colours))
		copy_in(&colours, at + sizeof(screen), sizeof(colours));
	else if (screen.type != MB2_SCREEN_TEXT)
		return;
	info->screen = (struct boot_screen){
		.address = screen.address, .pitch = screen.pitch,
		.width = screen.width, .height = screen.height,
		.depth = screen.depth, .text = screen.type == MB2_SCREEN_TEXT,
		.red = { colours.red_at, colours.red_size },
		.green = { colours.green_at, colours.green_size },
		.blue = { colours.blue_at, colours.blue_size },
	};
}

/* One tag, all of it inside the information. */
static bool read_tag(struct boot_info *info, uint32_t type, uint64_t at,
		     uint64_t end)
{
	switch (type) {
	case MB2_TAG_COMMAND:
		return boot_info_string(info, "command line",
					info->command_line,
					sizeof(info->command_line),
					at + sizeof(struct mb2_tag), end);
	case MB2_TAG_MODULE:
		return read_module(info, at, end);
	case MB2_TAG_MMAP:
		return read_map(info, at, end);
	case MB2_TAG_SCREEN:
		read_screen(info, at, end);
		return true;
	default:
		return true;
	}
}

bool boot_info_read_mb2(struct boot_info *info, uint32_t address)
{
	uint64_t at = address, end;
	struct mb2_info head;
	struct mb2_tag tag;

	if (at + sizeof(head) > SIZE_4G)
		return boot_info_fail(info, "the multiboot information is damaged");
	copy_in(&head, at, sizeof(head));
	end = at + head.total_size;
	at += sizeof(head);
	while (end <= SIZE_4G && at + sizeof(tag) <= end) {
		copy_in(&tag, at, sizeof(tag));
		if (tag.type == MB2_TAG_END)
			return true;
		if (tag.size < sizeof(tag) || tag.size > end - at)
			break;
		if (!read_tag(info, tag.type, at, at + tag.size))
			return false;
		at += align_up(tag.size, MB2_ALIGN);
	}
	return boot_info_fail(info, "the multiboot information is damaged");
}

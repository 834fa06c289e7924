/* The names of guest kinds, as on the command line and in the record. */
#include "core/load/load.h"

const char *guest_kind_name(enum guest_kind kind)
{
	static const char *const names[GUEST_KINDS] = {
		[GUEST_AUTO]		= "auto",
		[GUEST_BOOT_SECTOR]	= "boot-sector",
		[GUEST_MULTIBOOT1]	= "multiboot1",
		[GUEST_FIRMWARE]	= "firmware",
		[GUEST_FLAT]		= "flat",
		[GUEST_LINUX16]		= "linux16",
		[GUEST_LINUX32]		= "linux32",
		[GUEST_LINUX64]		= "linux64",
		[GUEST_VMLINUX]		= "vmlinux",
		[GUEST_PVH]		= "pvh",
		[GUEST_MULTIBOOT2]	= "multiboot2",
		[GUEST_LIMINE]		= "limine",
	};

	return (unsigned)kind < GUEST_KINDS ? names[kind] : NULL;
}

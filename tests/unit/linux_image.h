/*
 * A Linux kernel image's header, built by hand for the loader's tests. Knows the boot
 * protocol, not the loader.
 */
#ifndef TESTS_LINUX_IMAGE_H
#define TESTS_LINUX_IMAGE_H

#include "core/load/linux_defs.h"
#include "images.h"

#define LINUX_SETUP_SIZE	(8 * 512)	/* of the image made here */

static inline struct linux_header linux_header(void)
{
	return (struct linux_header){
		.setup_sects = LINUX_SETUP_SIZE / 512 - 1,
		.syssize = (IMAGE_SIZE - LINUX_SETUP_SIZE) / 16,
		.vid_mode = 0xffff, .boot_flag = 0xaa55,
		.jump = 0xeb, .jump_by = 0x264 - 0x202,
		.header = 0x53726448, .version = 0x20f,
		.loadflags = 1, .code32_start = 0x100000,
		.initrd_addr_max = 0x7fffffff, .cmdline_size = 2047,
		.init_size = 0x10000,
	};
}

static inline void put_linux(struct bench *b, struct linux_header h)
{
	memcpy(b->image + 0x1f1, &h, sizeof(h));
}

#endif

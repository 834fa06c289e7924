/*
 * Linux kernel images (bzImage): the header's checks, and the parts that lie in memory
 * whichever entry is taken: kernel, command line, initial RAM disk. Does not know
 * how the kernel is entered. "The Linux/x86 Boot Protocol".
 */
#include <string.h>

#include "core/load/linux.h"

static bool header_read(const struct load_blob *image, struct linux_header *h)
{
	if (image->size < LINUX_HEADER_AT + sizeof(*h))
		return false;
	memcpy(h, image->data + LINUX_HEADER_AT, sizeof(*h));
	return true;
}

bool linux_shaped(const struct load_blob *image)
{
	struct linux_header h;

	return header_read(image, &h) && h.boot_flag == LINUX_BOOT_FLAG &&
	       h.header == LINUX_MAGIC;
}

static enum hv_err check_kind(struct loading *l, const struct linux_header *h)
{
	const uint32_t end = LINUX_JUMP_END + h->jump_by;
	const uint32_t needed = LINUX_HEADER_AT +
				offsetof(struct linux_header, initrd_addr_max);

	if (h->boot_flag != LINUX_BOOT_FLAG)
		return load_fail(l, HV_BAD_IMAGE, "boot_flag: 0x%x, not 0x%x",
				 h->boot_flag, LINUX_BOOT_FLAG);
	if (h->header != LINUX_MAGIC)
		return load_fail(l, HV_BAD_IMAGE, "header: 0x%x is not \"HdrS\"",
				 h->header);
	if (h->version < LINUX_COMMAND_LINE)
		return load_fail(l, HV_BAD_IMAGE,
				 "version: 0x%x, boot protocol 2.02 is the oldest known",
				 h->version);
	if (h->jump != OPCODE_JMP_REL8 || end < needed)
		return load_fail(l, HV_BAD_IMAGE,
				 "jump: the header ends at 0x%x, before 0x%x",
				 end, needed);
	if (!(h->loadflags & LINUX_LOADED_HIGH))
		return load_fail(l, HV_BAD_IMAGE,
				 "loadflags: 0x%x is a zImage's, to be loaded low",
				 h->loadflags);
	if (h->code32_start != LINUX_CODE32)
		return load_fail(l, HV_BAD_IMAGE, "code32_start: 0x%x, not 0x%x",
				 h->code32_start, LINUX_CODE32);
	return HV_OK;
}

/* How much of the file each part is. */
static enum hv_err check_parts(struct loading *l, struct linux_image *k)
{
	const uint64_t size = l->request->image.size;
	const uint64_t sectors = k->h.setup_sects ? k->h.setup_sects :
						    LINUX_SETUP_SECTS;
	uint64_t rest;

	k->setup_size = (sectors + 1) * LINUX_SECTOR;
	if (k->setup_size >= size)
		return load_fail(l, HV_BAD_IMAGE,
				 "setup_sects: %lu sectors leave nothing of %lu bytes",
				 sectors, size);
	rest = size - k->setup_size;
	if (k->h.version >= LINUX_SYSSIZE &&
	    (uint64_t)k->h.syssize * LINUX_PARAGRAPH >
	    align_up(rest, LINUX_PARAGRAPH))
		return load_fail(l, HV_BAD_IMAGE,
				 "syssize: 0x%x paragraphs, but 0x%lx bytes follow the set-up code",
				 k->h.syssize, rest);
	k->code_end = LINUX_CODE32 + rest;
	return HV_OK;
}

/* Where the kernel will unpack itself, and that it has room there: init_size. */
static enum hv_err check_room(struct loading *l, struct linux_image *k)
{
	uint64_t at = LINUX_CODE32;

	if (k->h.version < LINUX_INIT_SIZE)
		return HV_OK;
	if (k->h.pref_address > at)
		at = k->h.pref_address;
	if (at > l->ram)
		return load_fail(l, HV_TOO_LARGE,
				 "pref_address: 0x%lx is outside guest RAM of 0x%lx",
				 at, l->ram);
	if (k->h.relocatable) {
		if (!k->h.kernel_alignment ||
		    k->h.kernel_alignment & (k->h.kernel_alignment - 1))
			return load_fail(l, HV_BAD_IMAGE,
					 "kernel_alignment: 0x%x is no power of two",
					 k->h.kernel_alignment);
		at = align_up(at, k->h.kernel_alignment);
	}
	if (at > l->ram || k->h.init_size > l->ram - at)
		return load_fail(l, HV_TOO_LARGE,
				 "init_size: 0x%x bytes at 0x%lx are outside guest RAM of 0x%lx",
				 k->h.init_size, at, l->ram);
	if (k->code_end < at + k->h.init_size)
		k->code_end = at + k->h.init_size;
	return HV_OK;
}

enum hv_err linux_open(struct loading *l, struct linux_image *k)
{
	enum hv_err err;

	if (!header_read(&l->request->image, &k->h))
		return load_fail(l, HV_BAD_IMAGE,
				 "header: cut short, the image has %lu bytes",
				 l->request->image.size);
	err = check_kind(l, &k->h);
	if (err == HV_OK)
		err = check_parts(l, k);
	return err == HV_OK ? check_room(l, k) : err;
}

/* The first module, as high as kernel and RAM allow. */
static enum hv_err put_initrd(struct loading *l, struct linux_image *k)
{
	const struct load_blob *blob = &l->request->module[0];
	uint64_t top = k->h.version >= LINUX_INITRD_MAX ? k->h.initrd_addr_max :
							  LINUX_INITRD_ADDR_MAX;
	uint64_t at;

	k->h.ramdisk_image = 0;
	k->h.ramdisk_size = 0;
	if (!l->request->modules || !blob->size)
		return HV_OK;
	top = top + 1 < l->ram ? top + 1 : l->ram;
	at = blob->size > top ? 0 : align_down(top - blob->size, PAGE_SIZE);
	if (at < k->code_end)
		return load_fail(l, HV_TOO_LARGE,
				 "ramdisk_size: 0x%lx bytes do not fit between 0x%lx and 0x%lx",
				 blob->size, k->code_end, top);
	load_write(l, at, blob->data, blob->size);
	k->h.ramdisk_image = (uint32_t)at;
	k->h.ramdisk_size = (uint32_t)blob->size;
	return HV_OK;
}

static enum hv_err put_command_line(struct loading *l, struct linux_image *k)
{
	const char *text = l->request->command_line ? l->request->command_line : "";
	uint64_t most = k->h.version >= LINUX_COMMAND_SIZE ? k->h.cmdline_size :
							     LINUX_CMDLINE_SIZE;
	uint64_t size = 0;

	if (most > k->cmdline_end - k->cmdline - 1)
		most = k->cmdline_end - k->cmdline - 1;
	while (size <= most && text[size])
		size++;
	if (size > most)
		return load_fail(l, HV_TOO_LARGE,
				 "cmdline_size: the command line is longer than %lu bytes",
				 most);
	load_write(l, k->cmdline, text, size);
	load_write(l, k->cmdline + size, "", 1);
	k->h.cmd_line_ptr = (uint32_t)k->cmdline;
	return HV_OK;
}

enum hv_err linux_place_rest(struct loading *l, struct linux_image *k)
{
	enum hv_err err = put_initrd(l, k);

	return err == HV_OK ? put_command_line(l, k) : err;
}

enum hv_err linux_place(struct loading *l, struct linux_image *k)
{
	const uint64_t rest = l->request->image.size - k->setup_size;
	enum hv_err err;

	err = load_place(l, "syssize", LINUX_CODE32, k->setup_size, rest, rest);
	return err == HV_OK ? linux_place_rest(l, k) : err;
}

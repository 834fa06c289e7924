/*
 * Linux kernel images (bzImage) by their 16-bit entry: real-mode set-up code, kernel,
 * command line and initial RAM disk as the boot protocol wants them, and no BIOS.
 * Does not know what the kernel makes of it. "The Linux/x86 Boot Protocol".
 */
#include <string.h>

#include "core/load/image.h"
#include "core/load/linux_defs.h"

/* The header as it will lie in guest memory; fields newer than its version mean nothing. */
struct linux_image {
	struct linux_header	h;
	uint64_t		setup_size;	/* of the real-mode part, in the image */
	uint64_t		code_end;	/* of what the kernel takes, in memory */
};

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

/* Both parts of the file, and that the kernel has room to unpack itself. */
static enum hv_err check_sizes(struct loading *l, struct linux_image *k)
{
	const uint64_t size = l->request->image.size;
	const uint64_t sectors = k->h.setup_sects ? k->h.setup_sects :
						    LINUX_SETUP_SECTS;
	const uint64_t init = k->h.version >= LINUX_INIT_SIZE ? k->h.init_size : 0;
	uint64_t rest;

	k->setup_size = (sectors + 1) * LINUX_SECTOR;
	if (k->setup_size >= size)
		return load_fail(l, HV_BAD_IMAGE,
				 "setup_sects: %lu sectors leave nothing of %lu bytes",
				 sectors, size);
	if (k->setup_size > LINUX_HEAP_END - LINUX_HEAP_BELOW)
		return load_fail(l, HV_TOO_LARGE,
				 "setup_sects: %lu sectors leave no room for heap and stack",
				 sectors);
	rest = size - k->setup_size;
	if (k->h.version >= LINUX_SYSSIZE &&
	    (uint64_t)k->h.syssize * LINUX_PARAGRAPH >
	    align_up(rest, LINUX_PARAGRAPH))
		return load_fail(l, HV_BAD_IMAGE,
				 "syssize: 0x%x paragraphs, but 0x%lx bytes follow the set-up code",
				 k->h.syssize, rest);
	if (init > l->ram - LINUX_CODE32)
		return load_fail(l, HV_TOO_LARGE,
				 "init_size: 0x%lx bytes at 0x%x are outside guest RAM of 0x%lx",
				 init, LINUX_CODE32, l->ram);
	k->code_end = LINUX_CODE32 + (init > rest ? init : rest);
	return HV_OK;
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

	if (most > LOW_EBDA - LINUX_CMDLINE - 1)
		most = LOW_EBDA - LINUX_CMDLINE - 1;
	while (size <= most && text[size])
		size++;
	if (size > most)
		return load_fail(l, HV_TOO_LARGE,
				 "cmdline_size: the command line is longer than %lu bytes",
				 most);
	load_write(l, LINUX_CMDLINE, text, size + 1);
	k->h.cmd_line_ptr = LINUX_CMDLINE;
	return HV_OK;
}

/* Every call of the BIOS fails in the way that callers know. */
static void put_bios_stub(struct loading *l)
{
	static const uint8_t code[] = BIOS_STUB_CODE;
	uint32_t ivt[BIOS_VECTORS];

	for (unsigned i = 0; i < BIOS_VECTORS; i++)
		ivt[i] = BIOS_STUB;	/* segment 0 in the upper half */
	load_write(l, 0, ivt, sizeof(ivt));
	load_write(l, BIOS_STUB, code, sizeof(code));
}

static enum hv_err place(struct loading *l, struct linux_image *k)
{
	const uint64_t rest = l->request->image.size - k->setup_size;
	enum hv_err err;

	err = load_place(l, "setup_sects", LINUX_REAL, 0, k->setup_size,
			 LINUX_HEAP_END);
	if (err == HV_OK)
		err = load_place(l, "syssize", LINUX_CODE32, k->setup_size, rest,
				 rest);
	if (err == HV_OK)
		err = put_initrd(l, k);
	if (err == HV_OK)
		err = put_command_line(l, k);
	return err;
}

enum hv_err load_linux16(struct loading *l)
{
	struct linux_image k = { .setup_size = 0 };
	uint64_t written;
	enum hv_err err;

	if (!header_read(&l->request->image, &k.h))
		return load_fail(l, HV_BAD_IMAGE,
				 "header: cut short, the image has %lu bytes",
				 l->request->image.size);
	err = check_kind(l, &k.h);
	if (err == HV_OK)
		err = check_sizes(l, &k);
	if (err == HV_OK)
		err = place(l, &k);
	if (err != HV_OK)
		return err;
	k.h.type_of_loader = LINUX_LOADER_UNDEFINED;
	k.h.loadflags |= LINUX_CAN_USE_HEAP;
	k.h.heap_end_ptr = LINUX_HEAP_END - LINUX_HEAP_BELOW;
	/* Nothing past cmd_line_ptr is a loader's; an old header may end there. */
	written = offsetof(struct linux_header, initrd_addr_max);
	load_write(l, LINUX_REAL + LINUX_HEADER_AT, &k.h, written);
	put_bios_stub(l);
	l->out->cs = LINUX_SEGMENT + LINUX_ENTRY_SEGMENTS;
	l->out->ds = LINUX_SEGMENT;
	l->out->sp = LINUX_HEAP_END;
	return HV_OK;
}

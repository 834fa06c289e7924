/*
 * Boot sectors: the whole file at 0x7c00, entered in real mode as a PC's BIOS
 * enters its boot sector. Knows no disk: what follows the first sector comes along.
 */
#include "core/load/image.h"

bool boot_sector_signed(const struct load_blob *image)
{
	return image->size >= BOOT_SECTOR_SIZE &&
	       image->data[BOOT_SIGNATURE_AT] == BOOT_SIGNATURE_0 &&
	       image->data[BOOT_SIGNATURE_AT + 1] == BOOT_SIGNATURE_1;
}

enum hv_err load_boot_sector(struct loading *l)
{
	const struct load_blob *image = &l->request->image;
	const uint64_t room = BOOT_SECTOR_END - BOOT_SECTOR_ADDRESS;

	if (image->size < BOOT_SECTOR_SIZE)
		return load_fail(l, HV_BAD_IMAGE,
				 "boot sector: %lu bytes, fewer than %u",
				 image->size, BOOT_SECTOR_SIZE);
	if (!boot_sector_signed(image))
		return load_fail(l, HV_BAD_IMAGE,
				 "boot sector: no signature 55 aa at byte %u",
				 BOOT_SIGNATURE_AT);
	if (image->size > room)
		return load_fail(l, HV_TOO_LARGE,
				 "boot sector: %lu bytes, more than the %lu below 0x%lx",
				 image->size, room, BOOT_SECTOR_END);
	l->out->ip = BOOT_SECTOR_ADDRESS;
	l->out->sp = BOOT_SECTOR_ADDRESS;
	l->out->edx = BOOT_DRIVE;
	return load_place(l, "boot sector", BOOT_SECTOR_ADDRESS, 0,
			  image->size, image->size);
}

/*
 * The loaders' shared workbench: one load under way, and the steps every kind of
 * image takes. Private to core/load.
 */
#ifndef CORE_LOAD_IMAGE_H
#define CORE_LOAD_IMAGE_H

#include "core/load/load.h"
#include "core/load/load_defs.h"

struct loading {
	const struct load_request	*request;
	struct guest_mem		*mem;
	struct load_result		*out;
	uint64_t			ram;	/* bytes, from address 0 */
	uint64_t			end;	/* first byte past what is loaded */
};

/* Puts one line into out->error; returns `err`. */
enum hv_err load_fail(struct loading *l, enum hv_err err, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * Copy `filesz` bytes of the image at `offset` to `at` and zero up to `memsz`.
 * The image and RAM bounds are checked; errors name `field`. Moves l->end.
 */
enum hv_err load_place(struct loading *l, const char *field, uint64_t at,
		       uint64_t offset, uint64_t filesz, uint64_t memsz)
		       MUST_CHECK;

/* Bytes of the loader's own into RAM that is known to exist. */
void load_write(struct loading *l, uint64_t at, const void *data, uint64_t size);

/* Write the flat GDT and make `entry` a 32-bit protected-mode start. */
void load_flat_start(struct loading *l, uint32_t entry);

/* The offset of a valid multiboot 1 header, or false. */
bool multiboot1_find(const struct load_blob *image, uint64_t *offset);

/* One loader per kind. */
enum hv_err load_boot_sector(struct loading *l) MUST_CHECK;
enum hv_err load_multiboot1(struct loading *l) MUST_CHECK;
enum hv_err load_firmware(struct loading *l) MUST_CHECK;
enum hv_err load_flat(struct loading *l) MUST_CHECK;
enum hv_err load_linux16(struct loading *l) MUST_CHECK;

/* ELF32 and ELF64 program segments to their physical addresses, and the physical entry. */
enum hv_err load_elf(struct loading *l, uint32_t *entry) MUST_CHECK;

/* Modules above l->end, then the multiboot information; its address goes to `at`. */
enum hv_err load_multiboot_info(struct loading *l, uint32_t *at) MUST_CHECK;

bool linux_shaped(const struct load_blob *image);
bool boot_sector_signed(const struct load_blob *image);
bool firmware_shaped(const struct load_blob *image);

#endif

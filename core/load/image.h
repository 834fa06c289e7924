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

/*
 * Write the same GDT with 64-bit code and make `entry` a long-mode start by the tables
 * at `root`. What else a kind asks of it (CR0.WP, EFER.NXE, another GDT) it sets after.
 */
void load_long_start(struct loading *l, uint64_t entry, uint64_t root);

/*
 * Long-mode page tables in guest RAM. [next, end) is where tables may be taken; the
 * caller has checked that it is RAM, and nothing else lies there.
 */
struct load_tables {
	struct loading	*l;
	uint64_t	root;
	uint64_t	next, end;
};

/* Pages for the tables of load_tables_identity() alone. */
#define LOAD_IDENTITY_TABLES	6u

/* `at`, `end`: page aligned. The root is the first page. */
enum hv_err load_tables_init(struct load_tables *t, struct loading *l,
			     uint64_t at, uint64_t end) MUST_CHECK;

/*
 * Map [va, va+size) to `pa`, all page aligned, with `rights` (PTE_W, PTE_U, PTE_NX):
 * pages of 2 MiB where both sides are aligned. Entries that are there already are
 * an error, as is a lack of room; it names page tables.
 */
enum hv_err load_tables_map(struct load_tables *t, uint64_t va, uint64_t pa,
			    uint64_t size, uint64_t rights) MUST_CHECK;

/* The first 4 GiB one to one, writable and executable. */
enum hv_err load_tables_identity(struct load_tables *t) MUST_CHECK;

/* The offset of a valid multiboot 1 header, or false. */
bool multiboot1_find(const struct load_blob *image, uint64_t *offset);

/* The same of multiboot 2. */
bool multiboot2_find(const struct load_blob *image, uint64_t *offset);

/*
 * Module `index` of the request, page aligned above l->end and above 1 MiB; where it
 * lies goes to `at`. Moves l->end.
 */
enum hv_err load_module(struct loading *l, unsigned index, uint64_t *at) MUST_CHECK;

/* What is told of memory, in rising order; what lies between ranges is not memory. */
#define LOAD_RANGES	4
struct load_range { uint64_t base, end; bool usable; };
void load_memory_map(const struct loading *l, struct load_range map[LOAD_RANGES]);

/* One loader per kind. */
enum hv_err load_boot_sector(struct loading *l) MUST_CHECK;
enum hv_err load_multiboot1(struct loading *l) MUST_CHECK;
enum hv_err load_firmware(struct loading *l) MUST_CHECK;
enum hv_err load_flat(struct loading *l) MUST_CHECK;
enum hv_err load_linux16(struct loading *l) MUST_CHECK;
enum hv_err load_linux32(struct loading *l) MUST_CHECK;
enum hv_err load_linux64(struct loading *l) MUST_CHECK;
enum hv_err load_vmlinux(struct loading *l) MUST_CHECK;
enum hv_err load_pvh(struct loading *l) MUST_CHECK;
enum hv_err load_multiboot2(struct loading *l) MUST_CHECK;
enum hv_err load_limine(struct loading *l) MUST_CHECK;

/* ELF32 and ELF64 program segments to their physical addresses, and the physical entry. */
enum hv_err load_elf(struct loading *l, uint32_t *entry) MUST_CHECK;

/* Modules above l->end, then the multiboot information; its address goes to `at`. */
enum hv_err load_multiboot_info(struct loading *l, uint32_t *at) MUST_CHECK;

bool limine_shaped(const struct load_blob *image);
bool pvh_shaped(const struct load_blob *image);
bool elf_shaped(const struct load_blob *image);
bool linux_shaped(const struct load_blob *image);
bool boot_sector_signed(const struct load_blob *image);
bool firmware_shaped(const struct load_blob *image);

#endif

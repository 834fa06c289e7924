/*
 * The zero page, and the two machine states that a Linux kernel is entered in with its
 * address. Does not know where the kernel came from. "The Linux/x86 Boot Protocol",
 * "32-bit Boot Protocol", "64-bit Boot Protocol".
 */
#include <string.h>

#include "core/load/linux.h"
#include "core/load/linux_params_defs.h"

#define KIB_SHIFT	10

static void put_map(const struct loading *l, struct linux_params *params)
{
	struct load_range map[LOAD_RANGES];

	load_memory_map(l, map);
	for (unsigned i = 0; i < LOAD_RANGES; i++)
		params->e820[i] = (struct linux_range){
			.base = map[i].base, .size = map[i].end - map[i].base,
			.type = map[i].usable ? LINUX_E820_RAM :
						LINUX_E820_RESERVED,
		};
	params->e820_entries = LOAD_RANGES;
}

void linux_put_params(struct loading *l, const struct linux_image *k,
		      const void *header, uint64_t header_size)
{
	struct linux_params *params = guest_mem_ptr(l->mem, gpa(LINUX_PARAMS),
						    sizeof(*params), true);
	struct linux_header *h = &params->header.h;

	memset(params, 0, sizeof(*params));
	memcpy(params->header.bytes, header, header_size);
	h->type_of_loader = LINUX_LOADER_UNDEFINED;
	h->loadflags = k->h.loadflags | LINUX_LOADED_HIGH | LINUX_CAN_USE_HEAP;
	h->heap_end_ptr = LINUX_HEAP_END - LINUX_HEAP_BELOW;
	h->cmd_line_ptr = k->h.cmd_line_ptr;
	h->ramdisk_image = k->h.ramdisk_image;
	h->ramdisk_size = k->h.ramdisk_size;
	params->alt_mem_k = (uint32_t)((l->ram - LOW_1M) >> KIB_SHIFT);
	put_map(l, params);
}

void linux_start32(struct loading *l, uint32_t entry)
{
	load_flat_start(l, entry);
	l->out->rsi = LINUX_PARAMS;
}

enum hv_err linux_start64(struct loading *l, uint64_t entry)
{
	struct load_tables tables;
	enum hv_err err;

	_Static_assert((LINUX_TABLES_END - LINUX_TABLES) / PAGE_SIZE ==
		       LOAD_IDENTITY_TABLES, "room for the tables");
	err = load_tables_init(&tables, l, LINUX_TABLES, LINUX_TABLES_END);
	if (err == HV_OK)
		err = load_tables_identity(&tables);
	if (err != HV_OK)
		return err;
	load_long_start(l, entry, tables.root);
	l->out->rsi = LINUX_PARAMS;
	return HV_OK;
}

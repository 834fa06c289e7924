/*
 * Multiboot 1 images: the header, the two ways it says where things go, and the
 * machine state at the entry. What the image is told is multiboot_info.c.
 * Multiboot Specification 0.6.96, "OS image format" 3.1, "Machine state" 3.2.
 */
#include <string.h>

#include "core/load/image.h"
#include "core/load/multiboot_defs.h"

bool multiboot1_find(const struct load_blob *image, uint64_t *offset)
{
	uint64_t size = image->size < MULTIBOOT_SEARCH ? image->size :
							 MULTIBOOT_SEARCH;
	struct multiboot_header h;

	for (uint64_t at = 0; at + sizeof(h) <= size; at += MULTIBOOT_ALIGN) {
		memcpy(&h, image->data + at, sizeof(h));
		if (h.magic == MULTIBOOT_MAGIC &&
		    (uint32_t)(h.magic + h.flags + h.checksum) == 0) {
			*offset = at;
			return true;
		}
	}
	return false;
}

/* The header's own addresses: how much of the file, and how much after it is bss. */
static enum hv_err address_sizes(struct loading *l,
				 const struct multiboot_addresses *a,
				 uint64_t offset, uint64_t *filesz,
				 uint64_t *memsz)
{
	*filesz = l->request->image.size - offset;
	if (a->load_end_addr) {
		if (a->load_end_addr < a->load_addr)
			return load_fail(l, HV_BAD_IMAGE,
					 "load_end_addr: 0x%x is below load_addr 0x%x",
					 a->load_end_addr, a->load_addr);
		*filesz = a->load_end_addr - a->load_addr;
	}
	*memsz = *filesz;
	if (a->bss_end_addr) {
		if (a->bss_end_addr < a->load_addr + *filesz)
			return load_fail(l, HV_BAD_IMAGE,
					 "bss_end_addr: 0x%x is below the data's end 0x%lx",
					 a->bss_end_addr, a->load_addr + *filesz);
		*memsz = a->bss_end_addr - a->load_addr;
	}
	return HV_OK;
}

/* The "a.out kludge": addresses in the multiboot header itself. */
static enum hv_err load_by_addresses(struct loading *l, uint64_t header,
				     uint32_t *entry)
{
	const struct load_blob *image = &l->request->image;
	uint64_t at = header + sizeof(struct multiboot_header);
	uint64_t offset, filesz = 0, memsz = 0;
	struct multiboot_addresses a;
	enum hv_err err;

	if (at + sizeof(a) > image->size || at + sizeof(a) > MULTIBOOT_SEARCH)
		return load_fail(l, HV_BAD_IMAGE,
				 "header_addr: the header is cut short");
	memcpy(&a, image->data + at, sizeof(a));
	if (a.load_addr > a.header_addr || a.header_addr - a.load_addr > header)
		return load_fail(l, HV_BAD_IMAGE,
				 "load_addr: 0x%x would start before the file (header_addr 0x%x)",
				 a.load_addr, a.header_addr);
	if (a.load_addr < LOADER_END)
		return load_fail(l, HV_BAD_IMAGE,
				 "load_addr: 0x%x is in the loader's own memory below 0x%lx",
				 a.load_addr, LOADER_END);
	offset = header - (a.header_addr - a.load_addr);
	err = address_sizes(l, &a, offset, &filesz, &memsz);
	if (err == HV_OK)
		err = load_place(l, "load_addr", a.load_addr, offset, filesz,
				 memsz);
	if (err == HV_OK && (uint64_t)a.entry_addr - a.load_addr >= memsz)
		err = load_fail(l, HV_BAD_IMAGE,
				"entry_addr: 0x%x is outside what is loaded",
				a.entry_addr);
	*entry = a.entry_addr;
	return err;
}

enum hv_err load_multiboot1(struct loading *l)
{
	struct multiboot_header h;
	uint32_t entry = 0, info = 0;
	uint64_t header;
	enum hv_err err;

	if (!multiboot1_find(&l->request->image, &header))
		return load_fail(l, HV_BAD_IMAGE,
				 "multiboot1: no valid header in the first %u bytes",
				 MULTIBOOT_SEARCH);
	memcpy(&h, l->request->image.data + header, sizeof(h));
	if (h.flags & MULTIBOOT_MUST & ~MULTIBOOT_KNOWN)
		return load_fail(l, HV_BAD_IMAGE,
				 "flags: 0x%x asks for what this loader does not know",
				 h.flags);
	err = h.flags & MULTIBOOT_ADDRESSES ?
	      load_by_addresses(l, header, &entry) : load_elf(l, &entry);
	if (err == HV_OK)
		err = load_multiboot_info(l, &info);
	if (err != HV_OK)
		return err;
	load_flat_start(l, entry);
	l->out->eax = MULTIBOOT_BOOTED;
	l->out->ebx = info;
	return HV_OK;
}

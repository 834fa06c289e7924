/*
 * Multiboot 2 images: where things go, and the machine state at the entry. The
 * header is multiboot2_header.c, what the image is told multiboot2_info.c.
 * Multiboot2 Specification 2.0, "The address tag" 3.1.5, "I386 machine state" 3.3.
 */
#include "core/load/elf.h"
#include "core/load/elf_defs.h"
#include "core/load/multiboot2.h"

/* The address tag's own sizes: of the file, and with what follows it zeroed. */
static enum hv_err address_sizes(struct loading *l, uint64_t start,
				 const struct multiboot2_address *a,
				 uint64_t offset, uint64_t *filesz,
				 uint64_t *memsz)
{
	*filesz = l->request->image.size - offset;
	if (a->load_end_addr) {
		if (a->load_end_addr < start)
			return load_fail(l, HV_BAD_IMAGE,
					 "load_end_addr: 0x%x is below load_addr 0x%lx",
					 a->load_end_addr, start);
		*filesz = a->load_end_addr - start;
	}
	*memsz = *filesz;
	if (a->bss_end_addr) {
		if (a->bss_end_addr < start + *filesz)
			return load_fail(l, HV_BAD_IMAGE,
					 "bss_end_addr: 0x%x is below the data's end 0x%lx",
					 a->bss_end_addr, start + *filesz);
		*memsz = a->bss_end_addr - start;
	}
	return HV_OK;
}

/* What is loaded begins at *start, with the file's byte *offset. */
static enum hv_err address_start(struct loading *l,
				 const struct multiboot2_wish *w,
				 uint64_t *start, uint64_t *offset)
{
	const struct multiboot2_address *a = &w->address;

	if (a->load_addr == MULTIBOOT2_FROM_START) {
		if (a->header_addr < w->offset)
			return load_fail(l, HV_BAD_IMAGE,
					 "header_addr: 0x%x leaves no room for the 0x%lx bytes before it",
					 a->header_addr, w->offset);
		*start = a->header_addr - w->offset;
	} else if (a->load_addr > a->header_addr ||
		   a->header_addr - a->load_addr > w->offset) {
		return load_fail(l, HV_BAD_IMAGE,
				 "load_addr: 0x%x would start before the file (header_addr 0x%x)",
				 a->load_addr, a->header_addr);
	} else {
		*start = a->load_addr;
	}
	*offset = w->offset - (a->header_addr - *start);
	if (*start < LOADER_END)
		return load_fail(l, HV_BAD_IMAGE,
				 "load_addr: 0x%lx is in the loader's own memory below 0x%lx",
				 *start, LOADER_END);
	return HV_OK;
}

static enum hv_err load_by_tag(struct loading *l,
			       const struct multiboot2_wish *w, uint64_t *start)
{
	uint64_t offset = 0, filesz = 0, memsz = 0;
	enum hv_err err;

	if (!w->has_entry)
		return load_fail(l, HV_BAD_IMAGE,
				 "entry address tag: absent beside an address tag");
	err = address_start(l, w, start, &offset);
	if (err == HV_OK)
		err = address_sizes(l, *start, &w->address, offset, &filesz,
				    &memsz);
	if (err == HV_OK)
		err = load_place(l, "load_addr", *start, offset, filesz, memsz);
	return err;
}

/*
 * An image that could go elsewhere stays where it is linked; that must be a place it
 * allows. "Relocatable header tag" 3.1.11.
 */
static enum hv_err check_place(struct loading *l,
			       const struct multiboot2_wish *w, uint64_t start)
{
	const struct multiboot2_relocatable *r = &w->relocatable;

	if (!w->has_relocatable || w->relocatable_optional)
		return HV_OK;
	if (start < r->min_addr)
		return load_fail(l, HV_BAD_IMAGE,
				 "min_addr: 0x%x is above the image's own 0x%lx",
				 r->min_addr, start);
	/* max_addr is the last byte there may be. */
	if (l->end && l->end - 1 > r->max_addr)
		return load_fail(l, HV_BAD_IMAGE,
				 "max_addr: 0x%x is below the image's end 0x%lx",
				 r->max_addr, l->end);
	if (r->align & (r->align - 1))
		return load_fail(l, HV_BAD_IMAGE,
				 "align: 0x%x is no power of two", r->align);
	if (r->align && start & (r->align - 1))
		return load_fail(l, HV_BAD_IMAGE,
				 "align: the image's own 0x%lx is no multiple of 0x%x",
				 start, r->align);
	return HV_OK;
}

/* PT_LOAD segments; *start is the lowest. An entry address tag goes before e_entry. */
static enum hv_err load_by_elf(struct loading *l,
			       const struct multiboot2_wish *w, uint64_t *start,
			       uint32_t *entry)
{
	struct elf elf = { 0 };
	enum hv_err err = elf_open(l, &elf);

	if (err == HV_OK)
		err = elf_place(l, &elf, LOADER_END);
	if (err != HV_OK)
		return err;
	*start = l->end;
	for (unsigned i = 0; i < elf.phnum; i++) {
		struct elf_segment s = elf_segment(l, &elf, i);

		if (s.type == ELF_LOAD && s.memsz && s.paddr < *start)
			*start = s.paddr;
	}
	if (!w->has_entry && !elf_physical(l, &elf, elf.entry, entry))
		return load_fail(l, HV_BAD_IMAGE,
				 "e_entry: 0x%lx is in no loaded segment",
				 elf.entry);
	return HV_OK;
}

static enum hv_err place(struct loading *l, const struct multiboot2_wish *w,
			 uint64_t *start, uint32_t *entry)
{
	enum hv_err err = w->has_address ? load_by_tag(l, w, start) :
					   load_by_elf(l, w, start, entry);

	if (err != HV_OK)
		return err;
	if (w->has_entry)
		*entry = w->entry;
	if (*entry < *start || *entry >= l->end)
		return load_fail(l, HV_BAD_IMAGE,
				 "entry_addr: 0x%x is outside what is loaded",
				 *entry);
	return check_place(l, w, *start);
}

enum hv_err load_multiboot2(struct loading *l)
{
	struct multiboot2_wish wish = { .offset = 0 };
	uint32_t entry = 0, base;
	uint64_t start = 0;
	enum hv_err err = multiboot2_read_header(l, &wish);

	if (err == HV_OK)
		err = place(l, &wish, &start, &entry);
	if (err != HV_OK)
		return err;
	base = (uint32_t)start;
	err = load_multiboot2_info(l, wish.has_relocatable ? &base : NULL);
	if (err != HV_OK)
		return err;
	load_flat_start(l, entry);
	l->out->eax = MULTIBOOT2_BOOTED;
	l->out->ebx = (uint32_t)LOADER_INFO;
	return HV_OK;
}

/*
 * ELF images, both widths: PT_LOAD segments to their physical addresses. Reads
 * program headers only; knows nothing of how the image is entered.
 */
#include <string.h>

#include "core/load/elf.h"
#include "core/load/elf_defs.h"

bool elf_shaped(const struct load_blob *image)
{
	return image->size >= sizeof(struct elf32_header) &&
	       !memcmp(image->data, "\177ELF", 4);
}

static enum hv_err read_header(struct loading *l, struct elf *elf)
{
	const struct load_blob *image = &l->request->image;
	struct elf32_header h32;
	struct elf64_header h64;

	if (!elf_shaped(image))
		return load_fail(l, HV_BAD_IMAGE,
				 "e_ident: not ELF, and the multiboot header gives no addresses");
	elf->wide = image->data[ELF_CLASS_AT] == ELF_CLASS64;
	if (!elf->wide && image->data[ELF_CLASS_AT] != ELF_CLASS32)
		return load_fail(l, HV_BAD_IMAGE, "e_ident: class %u is none",
				 image->data[ELF_CLASS_AT]);
	if (image->data[ELF_DATA_AT] != ELF_LSB)
		return load_fail(l, HV_BAD_IMAGE, "e_ident: not little-endian");
	if (elf->wide && image->size < sizeof(h64))
		return load_fail(l, HV_BAD_IMAGE, "e_ident: header cut short");
	memcpy(&h32, image->data, sizeof(h32));
	*elf = (struct elf){ false, h32.type, h32.machine, h32.phentsize,
			     h32.phnum, h32.entry, h32.phoff };
	if (image->data[ELF_CLASS_AT] == ELF_CLASS64) {
		memcpy(&h64, image->data, sizeof(h64));
		*elf = (struct elf){ true, h64.type, h64.machine, h64.phentsize,
				     h64.phnum, h64.entry, h64.phoff };
	}
	return HV_OK;
}

static enum hv_err check_header(struct loading *l, const struct elf *elf)
{
	const uint64_t size = l->request->image.size;
	const unsigned each = elf->wide ? sizeof(struct elf64_segment) :
					  sizeof(struct elf32_segment);

	if (elf->type != ELF_EXEC)
		return load_fail(l, HV_BAD_IMAGE, "e_type: %u is no executable",
				 elf->type);
	if (elf->machine != (elf->wide ? ELF_X86_64 : ELF_386))
		return load_fail(l, HV_BAD_IMAGE, "e_machine: %u is another CPU's",
				 elf->machine);
	if (!elf->phnum)
		return load_fail(l, HV_BAD_IMAGE, "e_phnum: no program headers");
	if (elf->phnum > ELF_SEGMENTS)
		return load_fail(l, HV_BAD_IMAGE,
				 "e_phnum: %u program headers, at most %u are taken",
				 elf->phnum, ELF_SEGMENTS);
	if (elf->phentsize != each)
		return load_fail(l, HV_BAD_IMAGE, "e_phentsize: %u, not %u",
				 elf->phentsize, each);
	if (elf->phoff > size || (uint64_t)elf->phnum * each > size - elf->phoff)
		return load_fail(l, HV_BAD_IMAGE,
				 "e_phoff: program headers are past the image's end");
	return HV_OK;
}

enum hv_err elf_open(struct loading *l, struct elf *elf)
{
	enum hv_err err = read_header(l, elf);

	return err == HV_OK ? check_header(l, elf) : err;
}

/* check_header() has bounded the table. */
struct elf_segment elf_segment(const struct loading *l, const struct elf *elf,
			       unsigned index)
{
	const uint8_t *at = l->request->image.data + elf->phoff +
			    (uint64_t)index * elf->phentsize;
	struct elf32_segment s32;
	struct elf64_segment s64;

	if (!elf->wide) {
		memcpy(&s32, at, sizeof(s32));
		return (struct elf_segment){
			s32.type, s32.flags, s32.offset, s32.vaddr, s32.paddr,
			s32.filesz, s32.memsz, s32.align,
		};
	}
	memcpy(&s64, at, sizeof(s64));
	return (struct elf_segment){
		s64.type, s64.flags, s64.offset, s64.vaddr, s64.paddr,
		s64.filesz, s64.memsz, s64.align,
	};
}

static enum hv_err place_segment(struct loading *l, const struct elf_segment *s,
				 uint64_t floor)
{
	if (s->memsz && s->paddr < floor)
		return load_fail(l, HV_BAD_IMAGE,
				 "p_paddr: 0x%lx is in the loader's own memory below 0x%lx",
				 s->paddr, floor);
	return load_place(l, "p_paddr", s->paddr, s->offset, s->filesz,
			  s->memsz);
}

enum hv_err elf_place(struct loading *l, const struct elf *elf, uint64_t floor)
{
	enum hv_err err = HV_OK;

	for (unsigned i = 0; err == HV_OK && i < elf->phnum; i++) {
		struct elf_segment s = elf_segment(l, elf, i);

		if (s.type == ELF_LOAD)
			err = place_segment(l, &s, floor);
	}
	if (err == HV_OK && !l->end)
		err = load_fail(l, HV_BAD_IMAGE, "p_type: nothing to load");
	return err;
}

/*
 * Kernels give addresses as physical or, linked high, as virtual ones. A physical
 * match wins; both are bounded by RAM, for the segments are.
 */
bool elf_physical(const struct loading *l, const struct elf *elf,
		  uint64_t address, uint32_t *physical)
{
	bool found = false;

	for (unsigned i = 0; i < elf->phnum; i++) {
		struct elf_segment s = elf_segment(l, elf, i);

		if (s.type != ELF_LOAD)
			continue;
		if (address - s.paddr < s.memsz) {
			*physical = (uint32_t)address;
			return true;
		}
		if (!found && address - s.vaddr < s.memsz) {
			*physical = (uint32_t)(s.paddr + (address - s.vaddr));
			found = true;
		}
	}
	return found;
}

enum hv_err elf_entry(struct loading *l, const struct elf *elf, uint32_t *entry)
{
	if (elf_physical(l, elf, elf->entry, entry))
		return HV_OK;
	return load_fail(l, HV_BAD_IMAGE,
			 "e_entry: 0x%lx is in no loaded segment", elf->entry);
}

enum hv_err load_elf(struct loading *l, uint32_t *entry)
{
	struct elf elf = { 0 };
	enum hv_err err = elf_open(l, &elf);

	if (err == HV_OK)
		err = elf_place(l, &elf, LOADER_END);
	return err == HV_OK ? elf_entry(l, &elf, entry) : err;
}

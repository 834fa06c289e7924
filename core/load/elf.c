/*
 * ELF images, both widths: PT_LOAD segments to their physical addresses. Reads
 * program headers only; knows nothing of how the image is entered.
 */
#include <string.h>

#include "core/load/elf_defs.h"
#include "core/load/image.h"

/* Either width, widened. */
struct elf {
	bool		wide;
	uint16_t	type, machine, phentsize, phnum;
	uint64_t	entry, phoff;
};

struct segment {
	uint32_t	type;
	uint64_t	offset, vaddr, paddr, filesz, memsz;
};

static enum hv_err read_header(struct loading *l, struct elf *elf)
{
	const struct load_blob *image = &l->request->image;
	struct elf32_header h32;
	struct elf64_header h64;

	if (image->size < sizeof(h32) || memcmp(image->data, "\177ELF", 4))
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
	if (elf->phentsize != each)
		return load_fail(l, HV_BAD_IMAGE, "e_phentsize: %u, not %u",
				 elf->phentsize, each);
	if (elf->phoff > size || (uint64_t)elf->phnum * each > size - elf->phoff)
		return load_fail(l, HV_BAD_IMAGE,
				 "e_phoff: program headers are past the image's end");
	return HV_OK;
}

/* check_header() has bounded the table. */
static struct segment read_segment(const struct loading *l,
				   const struct elf *elf, unsigned index)
{
	const uint8_t *at = l->request->image.data + elf->phoff +
			    (uint64_t)index * elf->phentsize;
	struct elf32_segment s32;
	struct elf64_segment s64;

	if (!elf->wide) {
		memcpy(&s32, at, sizeof(s32));
		return (struct segment){ s32.type, s32.offset, s32.vaddr,
					 s32.paddr, s32.filesz, s32.memsz };
	}
	memcpy(&s64, at, sizeof(s64));
	return (struct segment){ s64.type, s64.offset, s64.vaddr, s64.paddr,
				 s64.filesz, s64.memsz };
}

static enum hv_err load_segment(struct loading *l, const struct segment *s)
{
	if (s->memsz && s->paddr < LOADER_END)
		return load_fail(l, HV_BAD_IMAGE,
				 "p_paddr: 0x%lx is in the loader's own memory below 0x%lx",
				 s->paddr, LOADER_END);
	return load_place(l, "p_paddr", s->paddr, s->offset, s->filesz,
			  s->memsz);
}

/*
 * Kernels give the entry as a physical address or, linked high, as a virtual
 * one. A physical match wins; both are bounded by RAM, for the segments are.
 */
static bool find_entry(const struct loading *l, const struct elf *elf,
		       uint32_t *entry)
{
	bool found = false;

	for (unsigned i = 0; i < elf->phnum; i++) {
		struct segment s = read_segment(l, elf, i);

		if (s.type != ELF_LOAD)
			continue;
		if (elf->entry - s.paddr < s.memsz) {
			*entry = (uint32_t)elf->entry;
			return true;
		}
		if (!found && elf->entry - s.vaddr < s.memsz) {
			*entry = (uint32_t)(s.paddr + (elf->entry - s.vaddr));
			found = true;
		}
	}
	return found;
}

enum hv_err load_elf(struct loading *l, uint32_t *entry)
{
	struct elf elf = { 0 };
	enum hv_err err = read_header(l, &elf);

	if (err == HV_OK)
		err = check_header(l, &elf);
	for (unsigned i = 0; err == HV_OK && i < elf.phnum; i++) {
		struct segment s = read_segment(l, &elf, i);

		if (s.type == ELF_LOAD)
			err = load_segment(l, &s);
	}
	if (err == HV_OK && !l->end)
		err = load_fail(l, HV_BAD_IMAGE, "p_type: nothing to load");
	if (err == HV_OK && !find_entry(l, &elf, entry))
		err = load_fail(l, HV_BAD_IMAGE,
				"e_entry: 0x%lx is in no loaded segment",
				elf.entry);
	return err;
}

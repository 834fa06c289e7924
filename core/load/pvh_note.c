/*
 * The ELF note by which a kernel tells its PVH entry. Reads notes through the program
 * headers alone, a bounded number of them; loads nothing.
 * System V ABI "Note Section"; Xen "x86/HVM direct boot ABI".
 */
#include <string.h>

#include "core/load/elf_defs.h"
#include "core/load/pvh.h"
#include "core/load/pvh_defs.h"

/* A PT_NOTE segment being read: [at, end) of the image. */
struct notes {
	const uint8_t	*data;
	uint64_t	at, end;
	uint64_t	align;
	unsigned	*budget;	/* notes that may still be looked at */
};

struct found { struct elf_note note; uint64_t name, desc; };

/* `size` rounded up may wrap nowhere: sizes in notes have 32 bits. */
static bool skip(struct notes *n, uint64_t size, uint64_t *start)
{
	*start = n->at;
	if (size > n->end - n->at)
		return false;
	size = align_up(n->at + size, n->align);
	n->at = size < n->end ? size : n->end;
	return true;
}

static bool next_note(struct notes *n, struct found *f)
{
	if (!*n->budget || n->end - n->at < sizeof(f->note))
		return false;
	(*n->budget)--;
	memcpy(&f->note, n->data + n->at, sizeof(f->note));
	n->at += sizeof(f->note);
	return skip(n, f->note.namesz, &f->name) &&
	       skip(n, f->note.descsz, &f->desc);
}

static bool is_entry(const struct notes *n, const struct found *f)
{
	return f->note.type == PVH_NOTE_ENTRY &&
	       f->note.namesz == sizeof(PVH_NOTE_OWNER) &&
	       !memcmp(n->data + f->name, PVH_NOTE_OWNER,
		       sizeof(PVH_NOTE_OWNER));
}

static enum hv_err read_entry(struct loading *l, const struct notes *n,
			      const struct found *f, uint64_t *entry)
{
	uint32_t narrow;

	if (f->note.descsz == sizeof(*entry)) {
		memcpy(entry, n->data + f->desc, sizeof(*entry));
		return HV_OK;
	}
	if (f->note.descsz != sizeof(narrow))
		return load_fail(l, HV_BAD_IMAGE,
				 "descsz: %u bytes in the PVH note, not 4 or 8",
				 f->note.descsz);
	memcpy(&narrow, n->data + f->desc, sizeof(narrow));
	*entry = narrow;
	return HV_OK;
}

enum hv_err pvh_entry(struct loading *l, const struct elf *elf, uint64_t *entry)
{
	const struct load_blob *image = &l->request->image;
	unsigned budget = PVH_NOTES_MAX;
	struct found f;

	for (unsigned i = 0; i < elf->phnum; i++) {
		const struct elf_segment s = elf_segment(l, elf, i);
		struct notes n = {
			.data = image->data, .at = s.offset,
			.end = s.offset + s.filesz, .budget = &budget,
			.align = s.align == sizeof(uint64_t) ? s.align :
							       sizeof(uint32_t),
		};

		if (s.type != ELF_NOTE)
			continue;
		if (s.offset > image->size || s.filesz > image->size - s.offset)
			return load_fail(l, HV_BAD_IMAGE,
					 "p_offset: notes 0x%lx+0x%lx are past the image's end",
					 s.offset, s.filesz);
		while (next_note(&n, &f))
			if (is_entry(&n, &f))
				return read_entry(l, &n, &f, entry);
	}
	return load_fail(l, HV_BAD_IMAGE, "PT_NOTE: no note tells a PVH entry");
}

bool pvh_shaped(const struct load_blob *image)
{
	const struct load_request request = { .image = *image };
	struct load_result unused;
	struct loading l = { .request = &request, .out = &unused };
	struct elf elf;
	uint64_t entry;

	return elf_shaped(image) && elf_open(&l, &elf) == HV_OK &&
	       pvh_entry(&l, &elf, &entry) == HV_OK;
}

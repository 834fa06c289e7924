/*
 * A Limine kernel's segments: into memory, and into its page tables. Knows no requests.
 * "The Limine Boot Protocol", "Entry memory layout".
 */
#include "core/load/elf_defs.h"
#include "core/load/limine.h"
#include "mmu/format.h"

/* PT_LOADs that have memory; the rest mean nothing here. */
static bool segment(const struct limine *k, unsigned index, struct elf_segment *s)
{
	*s = elf_segment(k->l, &k->elf, index);
	return s->type == ELF_LOAD && s->memsz;
}

/* The pages it takes, as offsets from the image's first. Checked segments only. */
static uint64_t first_page(const struct limine *k, const struct elf_segment *s)
{
	return align_down(s->vaddr, PAGE_SIZE) - k->virtual;
}

static uint64_t end_page(const struct limine *k, const struct elf_segment *s)
{
	return align_up(s->vaddr - k->virtual + s->memsz, PAGE_SIZE);
}

static enum hv_err check_segment(struct loading *l, const struct elf_segment *s)
{
	if (s->vaddr < LIMINE_LOWEST)
		return load_fail(l, HV_BAD_IMAGE,
				 "p_vaddr: 0x%lx is below 0x%lx", s->vaddr,
				 LIMINE_LOWEST);
	if (s->memsz > -s->vaddr)
		return load_fail(l, HV_BAD_IMAGE,
				 "p_memsz: 0x%lx+0x%lx is past the last address",
				 s->vaddr, s->memsz);
	return HV_OK;
}

static enum hv_err check_segments(struct limine *k)
{
	struct elf_segment s;
	enum hv_err err = HV_OK;

	k->virtual = UINT64_MAX;
	for (unsigned i = 0; err == HV_OK && i < k->elf.phnum; i++) {
		if (!segment(k, i, &s))
			continue;
		err = check_segment(k->l, &s);
		if (s.vaddr < k->virtual)
			k->virtual = align_down(s.vaddr, PAGE_SIZE);
	}
	if (err == HV_OK && k->virtual == UINT64_MAX)
		err = load_fail(k->l, HV_BAD_IMAGE, "p_type: nothing to load");
	for (unsigned i = 0; err == HV_OK && i < k->elf.phnum; i++)
		if (segment(k, i, &s) && end_page(k, &s) > k->extent)
			k->extent = end_page(k, &s);
	return err;
}

/* Two in one page could not both have their rights. */
static enum hv_err check_apart(struct limine *k, unsigned index)
{
	struct elf_segment s, other;

	if (!segment(k, index, &s))
		return HV_OK;
	for (unsigned i = 0; i < index; i++)
		if (segment(k, i, &other) &&
		    first_page(k, &s) < end_page(k, &other) &&
		    first_page(k, &other) < end_page(k, &s))
			return load_fail(k->l, HV_BAD_IMAGE,
					 "p_vaddr: 0x%lx is in a page of another segment",
					 s.vaddr);
	return HV_OK;
}

enum hv_err limine_place(struct limine *k)
{
	enum hv_err err = check_segments(k);

	for (unsigned i = 0; err == HV_OK && i < k->elf.phnum; i++)
		err = check_apart(k, i);
	if (err != HV_OK)
		return err;
	k->physical = LOW_1M;
	/* All of it, so that what lies between segments is known too. */
	err = load_place(k->l, "p_memsz", k->physical, 0, 0, k->extent);
	for (unsigned i = 0; err == HV_OK && i < k->elf.phnum; i++) {
		struct elf_segment s;

		if (segment(k, i, &s))
			err = load_place(k->l, "p_offset",
					 k->physical + (s.vaddr - k->virtual),
					 s.offset, s.filesz, s.memsz);
	}
	k->l->end = k->physical + k->extent;
	return err;
}

bool limine_executable(const struct limine *k, uint64_t address)
{
	struct elf_segment s;

	for (unsigned i = 0; i < k->elf.phnum; i++)
		if (segment(k, i, &s) && (s.flags & ELF_EXECUTE) &&
		    address - s.vaddr < s.memsz)
			return true;
	return false;
}

enum hv_err limine_map_image(struct limine *k, struct load_tables *t)
{
	enum hv_err err = HV_OK;

	for (unsigned i = 0; err == HV_OK && i < k->elf.phnum; i++) {
		struct elf_segment s;
		uint64_t at;

		if (!segment(k, i, &s))
			continue;
		at = first_page(k, &s);
		err = load_tables_map(t, k->virtual + at, k->physical + at,
				      end_page(k, &s) - at,
				      ((s.flags & ELF_WRITE) ? PTE_W : 0) |
				      ((s.flags & ELF_EXECUTE) ? 0 : PTE_NX));
	}
	return err;
}

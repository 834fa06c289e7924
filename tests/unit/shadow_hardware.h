/*
 * What the hardware does with the shadow: a walk of its tables, rights and error code,
 * and a memory for translations that forgets nothing it was not told to. Written from
 * the manual; must not know how the tables came about.
 * SDM 3A "PAE Paging" 4.4, "4-Level Paging and 5-Level Paging" 4.5, "Access Rights" 4.6.
 */
#ifndef TESTS_SHADOW_HARDWARE_H
#define TESTS_SHADOW_HARDWARE_H

#include "shadow_world.h"

static inline unsigned hardware_levels(const struct world *w)
{
	if (!(w->mode.cr0 & CR0_PG) || !(w->mode.efer & EFER_LMA))
		return 3;
	return w->mode.cr4 & CR4_LA57 ? 5 : 4;
}

/* SMEP, SMAP and PKE are the guest's own while it pages, else off. */
static inline bool hardware_has(const struct world *w, uint64_t cr4)
{
	return (w->mode.cr0 & CR0_PG) && (w->mode.cr4 & cr4);
}

static inline struct world_translation *hardware_place(struct world *w, uint64_t page)
{
	return &w->tlb[(page >> 12) * UINT64_C(0x9e3779b97f4a7c15) >> 56];
}

static inline void hardware_forget(struct world *w, uint64_t address)
{
	struct world_translation *t = hardware_place(w, align_down(address, PAGE_SIZE));

	if (t->page == align_down(address, PAGE_SIZE))
		t->valid = false;
}

static inline void hardware_forget_all(struct world *w)
{
	memset(w->tlb, 0, sizeof(w->tlb));
	w->flushes++;
}

/* After every call into the shadow, before the guest goes on. */
static inline void hardware_honour(struct world *w)
{
	if (w->s.flush)
		hardware_forget_all(w);
	w->s.flush = false;
}

/* Reserved bits of the shadow's own entries: none may ever be set. */
static inline void hardware_sound(const struct world *w, uint64_t entry, unsigned level,
				  bool top_pae)
{
	uint64_t allowed = model_mask(51, 12) | 1;

	if (!top_pae)
		allowed |= PTE_W | PTE_U | PTE_A;
	if (level == 1 && model_bit(entry, 7))
		allowed = (allowed & ~model_mask(20, 12)) | PTE_D | PTE_PS;
	if (!level)
		allowed |= PTE_D;
	if (!level || model_bit(entry, 7)) {
		allowed |= w->s.config.nx ? PTE_NX : 0;
		/* With PAE paging these are reserved. SDM 3A table 4-11. */
		allowed |= hardware_levels(w) > 3 ? PTE_PKEY : 0;
	}
	world_require(w, !(entry & ~allowed), "shadow entry %lx at level %u", entry, level);
}

/* False: no translation. */
static inline bool hardware_walk(const struct world *w, uint64_t address,
				 struct world_translation *t)
{
	unsigned levels = hardware_levels(w);
	const uint64_t *table = w->s.page[w->s.root].table;

	*t = (struct world_translation){ .page = align_down(address, PAGE_SIZE),
					 .valid = true, .w = true, .u = true };
	for (unsigned level = levels - 1;; level--) {
		bool top_pae = levels == 3 && level == 2;
		unsigned low = 12 + 9 * level;
		uint64_t entry = table[model_bits(address, top_pae ? 31 : low + 8, low)];
		bool leaf = !level || (model_bit(entry, 7) && level == 1);

		if (!model_bit(entry, 0))
			return false;
		hardware_sound(w, entry, level, top_pae);
		if (!top_pae) {
			t->w &= model_bit(entry, 1);
			t->u &= model_bit(entry, 2);
			t->nx |= model_bit(entry, 63);
		}
		if (leaf) {
			t->host = (entry & model_mask(51, low)) |
				  (t->page & (BIT(low) - 1));
			t->key = (uint8_t)model_bits(entry, 62, 59);
			return true;
		}
		table = hpa_ptr(hpa(entry & model_mask(51, 12)));
	}
}

/* PKRU is the guest's own. CR0.WP is always set. SDM 3A "Protection Keys" 4.6.2. */
static inline bool hardware_key_denies(const struct world *w,
				       const struct world_translation *t, unsigned access)
{
	bool ad = model_bit(w->mode.pkru, 2 * t->key);
	bool wd = model_bit(w->mode.pkru, 2 * t->key + 1);

	if (hardware_levels(w) == 3 || !hardware_has(w, CR4_PKE) || !t->u ||
	    (access & ACCESS_FETCH))
		return false;
	return ad || (wd && (access & ACCESS_WRITE));
}

/* CR0.WP is always set. */
static inline bool hardware_may(const struct world *w, const struct world_translation *t,
				unsigned access)
{
	bool user = (access & ACCESS_USER) && !(access & ACCESS_IMPLICIT);

	if ((access & ACCESS_WRITE) && !t->w)
		return false;
	if ((access & ACCESS_FETCH) && t->nx)
		return false;
	if (hardware_key_denies(w, t, access))
		return false;
	if (user)
		return t->u;
	if (access & ACCESS_FETCH)
		return !(t->u && hardware_has(w, CR4_SMEP));
	return !(t->u && hardware_has(w, CR4_SMAP) &&
		 ((access & ACCESS_IMPLICIT) || !w->mode.rflags_ac));
}

/* EFER.NXE is on whenever the hardware has it. */
static inline uint32_t hardware_error(const struct world *w, unsigned access,
				      const struct world_translation *present)
{
	uint32_t error = present ? PFEC_P : 0;

	if (present && hardware_key_denies(w, present, access))
		error |= PFEC_PK;
	if (access & ACCESS_WRITE)
		error |= PFEC_W;
	if ((access & ACCESS_USER) && !(access & ACCESS_IMPLICIT))
		error |= PFEC_U;
	if ((access & ACCESS_FETCH) && (w->s.config.nx || hardware_has(w, CR4_SMEP)))
		error |= PFEC_I;
	return error;
}

/* True: the access goes to *host. Else *error. */
static inline bool hardware_access(struct world *w, uint64_t address, unsigned access,
				   uint64_t *host, uint32_t *error)
{
	struct world_translation *t = hardware_place(w, align_down(address, PAGE_SIZE));
	struct world_translation now;

	if (!t->valid || t->page != align_down(address, PAGE_SIZE)) {
		if (!hardware_walk(w, address, &now)) {
			*error = hardware_error(w, access, NULL);
			return false;
		}
		*t = now;
	}
	if (!hardware_may(w, t, access)) {
		*error = hardware_error(w, access, t);
		return false;
	}
	*host = t->host | (address & PAGE_MASK);
	return true;
}

/* Also what the hardware only remembers must not write a table or a ROM. */
static inline void hardware_writes_no_table(const struct world *w)
{
	for (unsigned i = 0; i < WORLD_TLB; i++) {
		const struct world_translation *t = &w->tlb[i];
		uint64_t at = 0;

		if (!t->valid || !t->w)
			continue;
		world_require(w, world_gpa_of(w, t->host, &at),
			      "%lx is remembered at host %lx", t->page, t->host);
		world_require(w, !world_is_rom(w, at), "a ROM can be written at %lx", t->page);
		world_require(w, !shadow_frame(&w->s, at >> PAGE_SHIFT)->tracked,
			      "a table can still be written at %lx", t->page);
	}
}

#endif

/*
 * One entry of the shadow against what its page stands for: the guest's entry as it is
 * now, the rights gathered above, the memory it leads to. Written from the manual's
 * tables; must not know how an entry is made. SDM 3A "Access Rights" 4.6.
 */
#ifndef TESTS_SHADOW_CHECK_ENTRY_H
#define TESTS_SHADOW_CHECK_ENTRY_H

#include "shadow_world.h"

#define CHECK_MODE	(ROLE_FORMAT | ROLE_NXE | ROLE_WP | ROLE_SMXP | ROLE_PSE)

static inline unsigned check_format(uint32_t role)
{
	return role >> 3 & 3;
}

/* The guest's entry behind a slot of a table that is in step. */
static inline uint64_t check_guest_entry(const struct world *w, const struct shadow_page *p,
					 unsigned slot, bool *rom)
{
	unsigned quadrant = p->role >> 16 & 3, size = 8;
	uint64_t at = (uint64_t)p->gfn << 12, value = 0;
	const uint8_t *from;

	if (check_format(p->role) == ROLE_32BIT) {
		size = 4;
		/* Two of ours for one PDE: four quarters of 256. Halves of 512 PTEs. */
		at += p->role & 7 ? (quadrant * 256 + slot / 2) * 4
				  : (quadrant * 512 + slot) * 4;
	} else {
		at += slot * 8;
	}
	from = world_ours(w, at);
	world_require(w, from != NULL, "a table at %lx, where no memory is", at);
	memcpy(&value, from, size);
	*rom = world_is_rom(w, at);
	return value;
}

static inline bool check_is_large(const struct world *w, const struct shadow_page *p,
				  uint64_t entry)
{
	unsigned level = p->role & 7;

	if (!model_bit(entry, 7) || !level)
		return false;
	if (check_format(p->role) == ROLE_32BIT)
		return p->role & ROLE_PSE;
	return level == 1 || (level == 2 && w->mode.page1g);
}

static inline uint64_t check_reserved(const struct world *w, const struct shadow_page *p,
				      uint64_t entry)
{
	unsigned level = p->role & 7;
	uint64_t reserved = model_mask(51, w->mode.maxphyaddr);

	if (check_format(p->role) == ROLE_32BIT)
		return check_is_large(w, p, entry) ? model_reserved_4m(&w->mode) : 0;
	if (!(p->role & ROLE_NXE))
		reserved |= model_mask(63, 63);
	if (check_format(p->role) == ROLE_PAE)
		reserved |= model_mask(62, 52);
	if (level && check_is_large(w, p, entry))
		return reserved | model_mask(12 + 9 * level - 1, 13);
	return level > 1 ? reserved | model_mask(7, 7) : reserved;
}

static inline uint32_t check_rights(uint32_t role, uint64_t entry)
{
	uint32_t rights = role & ROLE_RIGHTS;

	if (!model_bit(entry, 1))
		rights &= ~ROLE_W;
	if (!model_bit(entry, 2))
		rights &= ~ROLE_U;
	if (model_bit(entry, 63))
		rights &= ~ROLE_X;
	return rights;
}

/* ---- leaves ---- */

/* The memory a leaf leads to is the guest's, and written only where that may be. */
static inline uint64_t check_leaf_memory(const struct world *w, const struct shadow_page *p,
					 uint64_t leaf)
{
	uint64_t size = p->role & 7 ? SIZE_2M : PAGE_SIZE;
	uint64_t host = leaf & model_mask(51, 12), at = 0, end = 0;

	world_require(w, world_gpa_of(w, host, &at) &&
		      world_gpa_of(w, host + size - 1, &end) && end - at == size - 1,
		      "the leaf %lx leads out of the guest", leaf);
	world_require(w, !model_bit(leaf, 1) || !world_is_rom(w, at), "a ROM can be written");
	world_require(w, !model_bit(leaf, 1) || size != PAGE_SIZE ||
		      !shadow_frame(&w->s, at >> 12)->tracked, "a table can be written");
	return at;
}

/*
 * The rights of a leaf: those of the guest, or less; with CR0.WP clear the supervisor's
 * right to write what is read-only, with the user's access taken instead.
 */
static inline void check_leaf_rights(const struct world *w, uint32_t role, uint32_t rights,
				     uint64_t leaf)
{
	bool write = model_bit(leaf, 1), user = model_bit(leaf, 2);
	bool turned = !(role & ROLE_WP) && !(rights & ROLE_W) && !user;

	world_require(w, !write || (rights & ROLE_W) || turned,
		      "%lx may be written, role %x", leaf, role);
	world_require(w, !user || (rights & ROLE_U), "%lx is the user's, role %x", leaf, role);
	/* Without U the hardware no longer sees what SMEP and SMAP refuse. The W may be gone. */
	world_require(w, user || !(rights & ROLE_U) || (turned && !(role & ROLE_SMXP)),
		      "%lx is not the user's, role %x", leaf, role);
	world_require(w, model_bit(leaf, 63) == !(rights & ROLE_X), "%lx NX, role %x", leaf,
		      role);
}

/* The hardware asks PKRU for the key of the entry that maps the page. SDM 3A 4.6.2. */
static inline void check_leaf_key(const struct world *w, uint64_t leaf, unsigned key)
{
	world_require(w, model_bits(leaf, 62, 59) == key, "%lx has not key %u", leaf, key);
}

/* ---- what is in step with a table of the guest's ---- */

static inline uint64_t check_large_address(const struct world *w, const struct shadow_page *p,
					   uint64_t entry, unsigned slot)
{
	uint64_t at;

	if (check_format(p->role) != ROLE_32BIT)
		return entry & model_mask(51, 12 + 9 * (p->role & 7));
	at = entry & model_mask(31, 22);
	if (w->mode.pse36)
		at |= model_bits(entry, 20, 13) << 32;
	return at | (uint64_t)(slot & 1) << 21;
}

static inline void check_table_leaf(const struct world *w, const struct shadow_page *p,
				    unsigned slot, uint64_t leaf, uint64_t entry, bool rom)
{
	uint64_t at = check_leaf_memory(w, p, leaf);
	uint64_t should = p->role & 7 ? check_large_address(w, p, entry, slot) :
			  check_format(p->role) == ROLE_32BIT ? entry & model_mask(31, 12) :
			  entry & model_mask(51, 12);

	world_require(w, at == should, "%lx leads to %lx, the guest's to %lx", leaf, at, should);
	world_require(w, !(p->role & 7) || check_is_large(w, p, entry), "large: %lx", entry);
	world_require(w, !model_bit(leaf, 1) || model_bit(entry, 6) || rom,
		      "%lx may be written, the guest's %lx is clean", leaf, entry);
	check_leaf_rights(w, p->role, check_rights(p->role, entry), leaf);
	check_leaf_key(w, leaf, check_format(p->role) == ROLE_LONG ?
			       (unsigned)model_bits(entry, 62, 59) : 0);
}

static inline void check_child(const struct world *w, const struct shadow_page *p,
			       unsigned slot, uint64_t entry)
{
	const struct shadow_page *c = &w->s.page[p->link[slot].child];
	uint32_t role = ((p->role & CHECK_MODE) | ((p->role & 7) - 1)) |
			check_rights(p->role, entry);
	uint64_t gfn = model_bits(entry, 51, 12);

	if (check_is_large(w, p, entry)) {
		role = (role & ~(uint32_t)(ROLE_FORMAT | ROLE_PSE | ROLE_NXE)) | ROLE_DIRECT;
		role |= c->role & ROLE_DIRTY;
		if (check_format(p->role) == ROLE_LONG)
			role |= (uint32_t)model_bits(entry, 62, 59) << 26;
		world_require(w, !(role & ROLE_DIRTY) || model_bit(entry, 6) ||
			      world_is_rom(w, (uint64_t)p->gfn << 12),
			      "written from %lx, which is clean", entry);
		gfn = check_large_address(w, p, entry, slot) >> 12;
	} else if (check_format(p->role) == ROLE_32BIT) {
		role |= (uint32_t)(slot & 1) << 16;
	}
	world_require(w, c->gfn == gfn && c->role == role, "%lx leads to frame %x role %x, not %x",
		      entry, c->gfn, c->role, role);
}

static inline void check_table_entry(const struct world *w, const struct shadow_page *p,
				     unsigned slot)
{
	uint64_t ours = p->table[slot], entry;
	bool rom;

	if (p->out_of_step || w->s.config.sync == SHADOW_FLUSH) {
		if (!(p->role & 7) || model_bit(ours, 7))
			(void)check_leaf_memory(w, p, ours);
		return;
	}
	entry = check_guest_entry(w, p, slot, &rom);
	world_require(w, model_bit(entry, 0) && (rom || model_bit(entry, 5)),
		      "%lx was made from %lx", ours, entry);
	world_require(w, !(entry & check_reserved(w, p, entry)),
		      "%lx was made from %lx, which faults", ours, entry);
	if (!(p->role & 7) || model_bit(ours, 7))
		check_table_leaf(w, p, slot, ours, entry, rom);
	else
		check_child(w, p, slot, entry);
}

/* ---- runs of memory, and roots ---- */

static inline void check_direct(const struct world *w, const struct shadow_page *p,
				unsigned slot)
{
	unsigned level = p->role & 7;
	uint64_t gfn = p->gfn + ((uint64_t)slot << 9 * level), ours = p->table[slot];
	const struct shadow_page *c;

	if (!level || model_bit(ours, 7)) {
		world_require(w, check_leaf_memory(w, p, ours) == gfn << 12,
			      "%lx is not frame %lx", ours, gfn);
		world_require(w, !model_bit(ours, 1) || (p->role & ROLE_DIRTY),
			      "%lx may be written, its run is clean", ours);
		check_leaf_rights(w, p->role, p->role & ROLE_RIGHTS, ours);
		check_leaf_key(w, ours, p->role >> 26 & 15);
		return;
	}
	c = &w->s.page[p->link[slot].child];
	world_require(w, c->gfn == gfn && c->role ==
		      ((p->role & ~(uint32_t)(7 | ROLE_ROOT | ROLE_FIXED)) | (level - 1)),
		      "frame %x role %x below role %x", c->gfn, c->role, p->role);
}

static inline void check_root(const struct world *w, const struct shadow_page *p,
			      unsigned slot)
{
	const struct shadow_page *c = &w->s.page[p->link[slot].child];
	uint32_t role = (p->role & CHECK_MODE) | ROLE_RIGHTS | 1;
	uint64_t gfn = p->gfn;

	if (check_format(p->role) == ROLE_32BIT) {
		role |= slot << 16;
	} else {
		world_require(w, model_bit(p->pdpte[slot], 0), "PDPTE %lx", p->pdpte[slot]);
		gfn = model_bits(p->pdpte[slot], 51, 12);
	}
	world_require(w, c->gfn == gfn && c->role == role, "a root leads to frame %x role %x",
		      c->gfn, c->role);
}

static inline void check_meaning(const struct world *w, unsigned page, unsigned slot)
{
	const struct shadow_page *p = &w->s.page[page];

	if (p->role & ROLE_DIRECT)
		check_direct(w, p, slot);
	else if (p->role & ROLE_ROOT)
		check_root(w, p, slot);
	else
		check_table_entry(w, p, slot);
}

#endif

/*
 * The guest's accesses, stores and flushes as hardware and core carry them out over the
 * shadow, each judged by the second model. Must not know the shadow's tables.
 */
#ifndef TESTS_SHADOW_GUEST_H
#define TESTS_SHADOW_GUEST_H

#include "shadow_hardware.h"
#include "shadow_history.h"

#define GUEST_TRIES	5u	/* faults on the way of one access */

/* What a store puts there; size 0: the access is none. */
struct guest_store {
	uint64_t value;
	unsigned size;
};

/* ---- the two memories ---- */

static inline void guest_same_entries(struct world *w, const struct model *m)
{
	for (unsigned i = m->level; i < m->levels; i++) {
		const uint8_t *ours = world_ours(w, m->entry_at[i]);

		if (!m->controls[i] || !ours)
			continue;
		world_require(w, !memcmp(ours, world_theirs(w, m->entry_at[i]), m->entry_size),
			      "the entry at %lx is %lx, the model's %lx", m->entry_at[i],
			      *(const uint64_t *)(uintptr_t)align_down((uintptr_t)ours, 8),
			      m->entry[i]);
	}
}

/* The model makes the access, A and D included. */
static inline enum walk_result guest_mark(struct world *w, uint64_t address, unsigned access,
					  struct model *m)
{
	*m = (struct model){ .mode = &w->mode, .mem = &w->model_mem, .address = address,
			     .access = access };
	return model_walk(m);
}

static inline void guest_put(struct world *w, uint64_t at, const struct guest_store *store)
{
	if (!store->size)
		return;
	memcpy(world_ours(w, at), &store->value, store->size);
	history_store(w, at, store->value, store->size);
	w->edits++;
}

/* By the hypervisor, for the guest. */
static inline void guest_put_emulated(struct world *w, uint64_t at,
				      const struct guest_store *store)
{
	if (!store->size || !world_theirs(w, at) || world_is_rom(w, at))
		return;
	shadow_write(&w->s, gpa(at), store->size);
	guest_put(w, at, store);
	hardware_honour(w);
}

/* ---- how an access ends ---- */

/* The hardware let it through: the guest's tables must, or have done since the last flush. */
static inline void guest_hit(struct world *w, uint64_t address, unsigned access,
			     uint64_t host, const struct guest_store *store)
{
	struct model m;
	uint64_t at = 0;

	w->hits++;
	world_require(w, world_gpa_of(w, host, &at), "%lx leads to host %lx", address, host);
	if (!model_leads(w, address, access, at, &m)) {
		w->stale++;
		world_require(w, history_allows(w, address, access, at),
			      "access %x to %lx leads to %lx, the guest's tables to %lx (%d, %x)",
			      access, address, at, m.physical, m.found, m.error);
	}
	guest_same_entries(w, &m);
	if (store->size)
		w->edits_direct++;
	guest_put(w, at, store);
}

static inline void guest_fault(struct world *w, uint64_t address, unsigned access,
			       unsigned told, uint32_t error)
{
	struct model m;

	w->guest++;
	world_require(w, model_look(w, address, access, &m) == WALK_FAULT,
		      "access %x to %lx faults with %x", access, address, error);
	world_require(w, m.error == error, "access %x to %lx faults with %x, not %x", access,
		      address, error, m.error);
	w->keys_guest += !!(error & PFEC_PK);
	/* What SMAP refuses of an implicit access, an explicit one may have marked. */
	if (access & ACCESS_IMPLICIT)
		(void)guest_mark(w, address, told, &m);
	guest_same_entries(w, &m);
}

/* With CR0.WP clear the supervisor's write passes a key that refuses with it set. */
static inline bool guest_wp_alone_refuses(const struct world *w, const struct model *m)
{
	struct walk_mode mode = w->mode;
	struct model with = *m;

	with.mode = &mode;
	mode.cr0 |= CR0_WP;
	return !(w->mode.cr0 & CR0_WP) && model_key_denies(&with);
}

/* Is there a reason why no entry of the hardware's can do this access? */
static inline bool guest_needs_software(const struct world *w, const struct model *m,
					unsigned access)
{
	bool write = access & ACCESS_WRITE;

	if (!world_theirs(w, m->physical) || (write && world_is_rom(w, m->physical)) ||
	    w->s.root == w->s.nowhere)
		return true;
	if (write && shadow_frame(&w->s, m->physical >> 12)->tracked)
		return w->s.written == m->physical >> 12;
	for (unsigned i = m->level; i < m->levels; i++)
		if (m->controls[i] && !world_theirs(w, m->entry_at[i]))
			return true;
	if (guest_wp_alone_refuses(w, m))
		return true;
	return write && !(w->mode.cr0 & CR0_WP) && !model_writable(m) &&
	       model_user_address(m) && ((w->mode.cr4 & (CR4_SMEP | CR4_SMAP | CR4_PKE)) ||
					 w->s.written == SHADOW_BOTH_SIDES);
}

static inline void guest_emulate(struct world *w, uint64_t address, unsigned access,
				 const struct guest_store *store)
{
	struct walk ours;
	struct model m;

	w->emulated++;
	world_require(w, guest_mark(w, address, access, &m) == WALK_OK,
		      "access %x to %lx is emulated, but faults with %x", access, address,
		      m.error);
	world_require(w, guest_needs_software(w, &m, access), "%lx is emulated for nothing",
		      address);
	w->keys_emulated += guest_wp_alone_refuses(w, &m);
	world_require(w, walk(&w->mode, &w->mem, gva(address), access, &ours) == WALK_OK,
		      "walk at %lx", address);
	guest_same_entries(w, &m);
	guest_put_emulated(w, m.physical, store);
}

/* ---- one access ---- */

/* As core tells it from the error code. */
static inline unsigned guest_told(const struct world *w, uint32_t error)
{
	return (error & PFEC_W ? ACCESS_WRITE : 0) | (error & PFEC_I ? ACCESS_FETCH : 0) |
	       (error & PFEC_U && w->mode.cr0 & CR0_PG ? ACCESS_USER : 0);
}

/* An instruction that cannot be emulated writes a table: core's way out, and another. */
static inline void guest_give_up(struct world *w)
{
	w->given_up++;
	if (w->lets < WORLD_LET_GO && world_percent(w, 75)) {
		w->let_go[w->lets++] = w->s.written;
		shadow_let_write(&w->s, gpa((uint64_t)w->s.written << 12));
		return;
	}
	shadow_give_up(&w->s, gpa((uint64_t)w->s.written << 12));
	world_require(w, w->s.root && w->s.page[w->s.root].role, "the root was given up");
	(void)shadow_root(&w->s, &w->mode, w->fixed);
	hardware_honour(w);
}

static inline void guest_filled(struct world *w, uint64_t address, unsigned told)
{
	struct model m;

	w->fills++;
	world_require(w, guest_mark(w, address, told, &m) == WALK_OK,
		      "access %x to %lx is let try again, but faults", told, address);
	guest_same_entries(w, &m);
}

static inline void guest_access(struct world *w, uint64_t address, unsigned access,
				const struct guest_store *store, bool can_emulate)
{
	unsigned given_up = can_emulate ? 0 : 2;
	uint32_t error, theirs;
	uint64_t host;

	w->accesses++;
	for (unsigned tries = 0; !hardware_access(w, address, access, &host, &error); tries++) {
		unsigned told = guest_told(w, error);
		enum shadow_answer answer;

		world_require(w, tries < GUEST_TRIES, "access %x to %lx never ends", access,
			      address);
		answer = shadow_fault(&w->s, &w->mode, gva(address), told, error, &theirs);
		hardware_honour(w);
		if (answer == SHADOW_DONE) {
			guest_filled(w, address, told);
		} else if (answer == SHADOW_GUEST) {
			guest_fault(w, address, access, told, theirs);
			return;
		} else if (w->s.written && given_up) {
			given_up--;
			(void)guest_mark(w, address, told, &(struct model){ 0 });
			guest_give_up(w);
		} else {
			guest_emulate(w, address, told, store);
			return;
		}
	}
	guest_hit(w, address, access, host, store);
}

/* ---- flushes ---- */

static inline void guest_invlpg(struct world *w, uint64_t address)
{
	history_invlpg(w, address);
	/* Core does not ask then: the hardware remembers nothing that is not so. */
	if (shadow_in_step(&w->s) && world_percent(w, 50))
		return;
	if (shadow_invlpg(&w->s, gva(address)))
		hardware_forget(w, address);
	hardware_honour(w);
	/* Of paging-structure caches it drops all, whatever the address. SDM 3A 4.10.4.1 */
	world_require(w, !w->s.unsynced_upper, "an upper table is out of step");
	if (shadow_in_step(&w->s))
		w->lets = 0;
}

/* MOV to CR3, in core's way: a flush when the root is another, or the shadow asks for it. */
static inline void guest_load_cr3(struct world *w, const struct walk_mode *mode)
{
	bool pae = (mode->cr4 & CR4_PAE) && !(mode->efer & EFER_LMA);
	uint64_t root = hpa_of(w->s.page[w->s.root].table).v;

	history_clear(w);
	if (shadow_in_step(&w->s) && mode->cr3 == w->mode.cr3 && !pae)
		return;
	shadow_sync_all(&w->s);
	world_require(w, !w->s.unsynced, "a table is out of step after a flush");
	w->mode = *mode;
	if (shadow_root_switch(&w->s, &w->mode).v != root)
		w->s.flush = true;
	hardware_honour(w);
}

/* Another mode, or what else drops everything: the order of core's calls. */
static inline void guest_new_mode(struct world *w, const struct walk_mode *mode, bool fixed)
{
	shadow_sync_all(&w->s);
	w->mode = *mode;
	w->fixed = fixed;
	world_require(w, shadow_root(&w->s, &w->mode, fixed).v ==
		      hpa_of(w->s.page[w->s.root].table).v, "CR3");
	hardware_forget_all(w);
	w->s.flush = false;
	history_clear(w);
}

#endif

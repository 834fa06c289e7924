/*
 * The right of one access to one translated page. Private to the walker; knows
 * no table and no memory.
 * SDM 3A "Access Rights" 4.6; APM vol. 2 "Page-Protection Checks" 5.6.
 */
#ifndef MMU_WALK_PERM_H
#define MMU_WALK_PERM_H

#include "mmu/walk.h"

/* May EFER.NXE be honoured, and is it set? */
static inline bool walk_nxe(const struct walk_mode *mode)
{
	return mode->nx && (mode->efer & EFER_NXE);
}

/* An access to a system structure is a supervisor's at any CPL: SDM 3A 4.6. */
static inline bool walk_is_user(unsigned access)
{
	return (access & (ACCESS_USER | ACCESS_IMPLICIT)) == ACCESS_USER;
}

/* The W, U and I bits that any page fault of this access reports. */
uint32_t walk_access_error(const struct walk_mode *mode, unsigned access);

/*
 * PFEC_PK when the page's protection key refuses this access, else 0. The page
 * is a user page, the mode long mode, CR4.PKE set.
 */
uint32_t walk_pkey_error(const struct walk_mode *mode, unsigned access,
			 uint64_t leaf);

/* What the supervisor may not do, CR0.WP, SMEP and SMAP considered. */
static inline bool walk_supervisor_denied(const struct walk_mode *mode,
					  unsigned access,
					  const struct walk *w)
{
	if ((access & ACCESS_WRITE) && !w->write && (mode->cr0 & CR0_WP))
		return true;
	if (!w->user || !(mode->cr4 & (CR4_SMEP | CR4_SMAP)))
		return false;
	if (access & ACCESS_FETCH)
		return mode->cr4 & CR4_SMEP;
	/* SMAP: only an explicit access under RFLAGS.AC may pass. */
	return (mode->cr4 & CR4_SMAP) &&
	       ((access & ACCESS_IMPLICIT) || !mode->rflags_ac);
}

/* Does the page refuse the access, protection keys aside? */
static inline bool walk_denied(const struct walk_mode *mode, unsigned access,
			       const struct walk *w)
{
	if ((access & ACCESS_FETCH) && w->nx)
		return true;
	if (!walk_is_user(access))
		return walk_supervisor_denied(mode, access, w);
	return !w->user || ((access & ACCESS_WRITE) && !w->write);
}

#endif

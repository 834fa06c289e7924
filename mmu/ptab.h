/*
 * The builder: page tables that the hypervisor makes (its own, nested, hidden).
 * Works on any struct pt_format; never reads guest tables.
 */
#ifndef MMU_PTAB_H
#define MMU_PTAB_H

#include "mmu/err.h"
#include "mmu/format.h"
#include "mmu/frame.h"

struct ptab {
	const struct pt_format	*format;
	struct frame_pool	*pool;
	hpa_t			root;
	unsigned		largest;	/* highest level index allowed as a leaf */
	bool			nx;		/* the hardware honours PTE_NX */
};

struct ptab_leaf {
	hpa_t		frame;		/* of the byte asked for's page */
	unsigned	level;
	unsigned	prot;		/* PROT_*: the AND along the walk */
};

/*
 * HV_BAD_ARGUMENT when `largest` names a level that maps no memory, or when the
 * pool's frames lie where 32-bit entries or a PAE CR3 cannot name them.
 */
enum hv_err ptab_init(struct ptab *pt, const struct pt_format *format,
		      struct frame_pool *pool, unsigned largest, bool nx)
		      MUST_CHECK;

/*
 * Map [va, va+size) to [pa, pa+size), all page aligned, with the largest pages
 * that size, alignment of both addresses, and `largest` allow.
 * A table already there is kept, so that smaller pages may fill it. `prot` has
 * PROT_R. Size 0 maps nothing. HV_ALREADY when any part is mapped. After any
 * failure nothing has changed but empty tables.
 */
enum hv_err ptab_map(struct ptab *pt, uint64_t va, hpa_t pa, uint64_t size,
		     unsigned prot) MUST_CHECK;

/*
 * Change what [va, va+size) allows, splitting large pages at its edges.
 * prot 0 unmaps. Unmapped parts are passed over. The caller flushes. After
 * HV_NO_MEMORY pages may be split, but no permission has changed.
 */
enum hv_err ptab_protect(struct ptab *pt, uint64_t va, uint64_t size,
			 unsigned prot) MUST_CHECK;

/* False when nothing is mapped at va. */
bool ptab_lookup(const struct ptab *pt, uint64_t va, struct ptab_leaf *leaf);

/* Frees every table frame, the root too; not the mapped frames. */
void ptab_fini(struct ptab *pt);

#endif

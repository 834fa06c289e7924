/*
 * Rare parts of the access rights: error codes and protection keys; must not
 * know how a page was found.
 */
#include "mmu/walk_perm.h"

/* PKRU: two bits for each key. SDM 3A "Protection Keys" 4.6.2. */
#define PKRU_AD		BIT(0)	/* no data access */
#define PKRU_WD		BIT(1)	/* no write */
#define PKRU_BITS	2

uint32_t walk_access_error(const struct walk_mode *mode, unsigned access)
{
	/* SDM 3A "Page-Fault Exceptions" 4.7: else a fetch looks like a read. */
	bool tells_fetch = ((mode->cr4 & CR4_PAE) && walk_nxe(mode)) ||
			   (mode->cr4 & CR4_SMEP);

	return (access & ACCESS_WRITE ? PFEC_W : 0) |
	       (walk_is_user(access) ? PFEC_U : 0) |
	       ((access & ACCESS_FETCH) && tells_fetch ? PFEC_I : 0);
}

uint32_t walk_pkey_error(const struct walk_mode *mode, unsigned access,
			 uint64_t leaf)
{
	unsigned key = FIELD_GET(PTE_PKEY, leaf);
	uint32_t rights = mode->pkru >> (key * PKRU_BITS);
	bool write_checked = walk_is_user(access) || (mode->cr0 & CR0_WP);

	if (access & ACCESS_FETCH)
		return 0;
	if ((rights & PKRU_AD) || ((access & ACCESS_WRITE) && write_checked &&
				   (rights & PKRU_WD)))
		return PFEC_PK;
	return 0;
}

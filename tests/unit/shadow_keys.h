/*
 * Guests of four and five levels whose pages have protection keys, and what PKRU holds for
 * them. Knows no rule. SDM 3A "Protection Keys" 4.6.2.
 */
#ifndef TESTS_SHADOW_KEYS_H
#define TESTS_SHADOW_KEYS_H

#include "shadow_picture_fixture.h"

#define KEY		5u
#define KEY2		9u
#define KEYED(key)	FIELD_PUT(PTE_PKEY, key)
#define AD(key)		(UINT32_C(1) << 2 * (key))	/* no data access */
#define WD(key)		(UINT32_C(2) << 2 * (key))	/* no write */
#define WRITE		(PFEC_P | PFEC_W)
#define VA2		(VA_4LEVEL + PAGE_SIZE)		/* by the next PTE */
#define ALIAS		(VA_4LEVEL + SIZE_2M)		/* by the same table */

static const enum shadow_sync policies[] = { SHADOW_UNSYNC, SHADOW_PROTECT, SHADOW_FLUSH };

/* Four or five levels, the page with that key. */
static inline struct rig *keyed(struct rig *r, unsigned key)
{
	put64(r, PTE_AT, DATA | PWUAD | KEYED(key));
	r->mode.cr4 |= CR4_PKE;
	rig_root(r);
	return r;
}

static inline void without_wp(struct rig *r)
{
	r->mode.cr0 &= ~CR0_WP;
	rig_root(r);
}

static inline unsigned key_of(struct rig *r, uint64_t va)
{
	const struct hw h = hw_walk(r, va);

	assert_true(h.present);
	return h.key;
}

#endif

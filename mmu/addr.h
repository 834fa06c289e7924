/*
 * The three kinds of address, as types the compiler keeps apart, and page sizes.
 *
 * gva_t: guest linear address; gpa_t: guest-physical; hpa_t: host-physical.
 * The hypervisor maps host-physical memory one to one, so that hpa_ptr() is
 * the address itself; in host tests an hpa_t holds a plain pointer.
 */
#ifndef MMU_ADDR_H
#define MMU_ADDR_H

#include "mmu/bits.h"

typedef struct { uint64_t v; } gva_t;
typedef struct { uint64_t v; } gpa_t;
typedef struct { uint64_t v; } hpa_t;

#define PAGE_SHIFT	12
#define PAGE_SIZE	BIT(PAGE_SHIFT)
#define PAGE_MASK	(PAGE_SIZE - 1)
#define SIZE_2M		BIT(21)
#define SIZE_4M		BIT(22)
#define SIZE_1G		BIT(30)
#define SIZE_4G		BIT(32)

static inline gva_t gva(uint64_t v) { return (gva_t){ v }; }
static inline gpa_t gpa(uint64_t v) { return (gpa_t){ v }; }
static inline hpa_t hpa(uint64_t v) { return (hpa_t){ v }; }

/* Is it an address of four-level paging? SDM 1 "Canonical Addressing" 3.3.7.1 */
static inline bool gva_is_48(gva_t a)
{
	return (uint64_t)((int64_t)(a.v << 16) >> 16) == a.v;
}

static inline void *hpa_ptr(hpa_t a) { return (void *)(uintptr_t)a.v; }
static inline hpa_t hpa_of(const void *p) { return hpa((uintptr_t)p); }

#endif

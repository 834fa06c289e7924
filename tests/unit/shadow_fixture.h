/*
 * A guest on shadow tables, and a plain walk of the tables that its hardware is given, as
 * the CPU makes it (CR0.WP and EFER.NXE set, no CR4.PGE; PKRU is the guest's own). Knows no
 * rule of the shadow's.
 */
#ifndef TESTS_SHADOW_FIXTURE_H
#define TESTS_SHADOW_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

#include "mmu/shadow_page.h"

#define RAM_SIZE	0x1000000ul
#define ROM_BASE	RAM_SIZE
#define OUTSIDE		0x2000000ul
#define POOL_SIZE	0x400000ul
#define PAGES		64u

/* Where the guest's tables lie, top down, and the index used in each. */
#define PML5		0x1000ul
#define PML4		0x2000ul
#define PDPT		0x3000ul
#define PD		0x4000ul
#define PT		0x5000ul
#define DATA		0x6000ul
#define PML5E_AT	(PML5 + 5 * 8)
#define PML4E_AT	(PML4 + 1 * 8)
#define PDPTE_AT	(PDPT + 2 * 8)
#define PDE_AT		(PD + 3 * 8)
#define PTE_AT		(PT + 4 * 8)
#define VA_PAE		((2ul << 30) | (3ul << 21) | (4ul << 12))
#define VA_4LEVEL	((1ul << 39) | VA_PAE)
#define VA_5LEVEL	((5ul << 48) | VA_4LEVEL)
#define VA_32BIT	((3ul << 22) | (4ul << 12))
#define PDE32_AT	(PD + 3 * 4)
#define PTE32_AT	(PT + 4 * 4)

#define PWU		(PTE_P | PTE_W | PTE_U)
#define PWUAD		(PWU | PTE_A | PTE_D)

struct rig {
	uint8_t			*ram, *rom, *pool_memory;
	struct guest_mem	mem;
	struct frame_pool	pool;
	struct shadow		s;
	struct walk_mode	mode;
	hpa_t			root;
	uint64_t		va;
	uint32_t		error;	/* the guest's own, of the last touch() */
	unsigned		faults;	/* that the last touch() took */
};

/* ---- the guest's memory ---- */

static inline uint8_t *at(struct rig *r, uint64_t address)
{
	return address >= ROM_BASE ? r->rom + (address - ROM_BASE)
				   : r->ram + address;
}

static inline void put64(struct rig *r, uint64_t address, uint64_t value)
{
	memcpy(at(r, address), &value, sizeof(value));
}

static inline void put32(struct rig *r, uint64_t address, uint32_t value)
{
	memcpy(at(r, address), &value, sizeof(value));
}

static inline uint64_t get64(struct rig *r, uint64_t address)
{
	uint64_t value;

	memcpy(&value, at(r, address), sizeof(value));
	return value;
}

static inline uint32_t get32(struct rig *r, uint64_t address)
{
	return (uint32_t)get64(r, address);
}

/* As the emulator writes: the shadow hears of it first. */
static inline void write64(struct rig *r, uint64_t address, uint64_t value)
{
	shadow_write(&r->s, gpa(address), sizeof(value));
	put64(r, address, value);
}

static inline void write32(struct rig *r, uint64_t address, uint32_t value)
{
	shadow_write(&r->s, gpa(address), sizeof(value));
	put32(r, address, value);
}

/* ---- the machine ---- */

static inline void rig_pool(struct rig *r, uint64_t size)
{
	frame_pool_init(&r->pool, hpa_of(r->pool_memory), size);
	/* What a frame held before is nobody's business. */
	memset(r->pool_memory, 0xa5, POOL_SIZE);
}

static inline struct rig *rig_make(enum shadow_sync sync)
{
	struct rig *r = calloc(1, sizeof(*r));
	const struct shadow_config config = {
		.sync = sync, .nx = true, .pages_max = PAGES };

	assert_non_null(r);
	r->ram = aligned_alloc(SIZE_2M, RAM_SIZE);
	r->rom = aligned_alloc(PAGE_SIZE, PAGE_SIZE);
	r->pool_memory = mmap(NULL, POOL_SIZE, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	assert_non_null(r->ram);
	assert_non_null(r->rom);
	assert_ptr_not_equal(r->pool_memory, MAP_FAILED);
	memset(r->ram, 0, RAM_SIZE);
	memset(r->rom, 0, PAGE_SIZE);
	r->mem.slots = 2;
	r->mem.slot[0] = (struct guest_mem_slot){
		gpa(0), RAM_SIZE, hpa_of(r->ram), false };
	r->mem.slot[1] = (struct guest_mem_slot){
		gpa(ROM_BASE), PAGE_SIZE, hpa_of(r->rom), true };
	r->mode = (struct walk_mode){
		.cr0 = CR0_PE | CR0_PG | CR0_WP,
		.maxphyaddr = 40, .pse36 = true, .page1g = true, .nx = true,
	};
	rig_pool(r, POOL_SIZE);
	assert_int_equal(shadow_init(&r->s, &r->mem, &r->pool, &config), HV_OK);
	return r;
}

static inline void rig_free(struct rig *r)
{
	shadow_fini(&r->s);
	assert_int_equal(r->pool.used, 0);
	munmap(r->pool_memory, POOL_SIZE);
	free(r->ram);
	free(r->rom);
	free(r);
}

static inline void rig_root(struct rig *r)
{
	r->root = shadow_root(&r->s, &r->mode, false);
}

static inline struct rig *rig_4level(enum shadow_sync sync)
{
	struct rig *r = rig_make(sync);

	put64(r, PML4E_AT, PDPT | PWU);
	put64(r, PDPTE_AT, PD | PWU);
	put64(r, PDE_AT, PT | PWU);
	put64(r, PTE_AT, DATA | PWU);
	r->mode.cr3 = PML4;
	r->mode.cr4 = CR4_PAE;
	r->mode.efer = EFER_LME | EFER_LMA | EFER_NXE;
	r->va = VA_4LEVEL;
	rig_root(r);
	return r;
}

static inline struct rig *rig_5level(enum shadow_sync sync)
{
	struct rig *r = rig_4level(sync);

	put64(r, PML5E_AT, PML4 | PWU);
	r->mode.cr3 = PML5;
	r->mode.cr4 |= CR4_LA57;
	r->va = VA_5LEVEL;
	rig_root(r);
	return r;
}

static inline struct rig *rig_pae(enum shadow_sync sync)
{
	struct rig *r = rig_4level(sync);

	r->mode.pdpte[2] = PD | PTE_P;
	r->mode.cr3 = PDPT;
	r->mode.efer = EFER_NXE;
	r->va = VA_PAE;
	rig_root(r);
	return r;
}

static inline struct rig *rig_32bit(enum shadow_sync sync)
{
	struct rig *r = rig_make(sync);

	put32(r, PDE32_AT, PT | PWU);
	put32(r, PTE32_AT, DATA | PWU);
	r->mode.cr3 = PD;
	r->mode.cr4 = CR4_PSE;
	r->va = VA_32BIT;
	rig_root(r);
	return r;
}

static inline struct rig *rig_unpaged(enum shadow_sync sync)
{
	struct rig *r = rig_make(sync);

	r->mode.cr0 = CR0_PE;
	rig_root(r);
	return r;
}

/* ---- the hardware ---- */

struct hw {
	uint64_t	*slot[PT_LEVELS_MAX];	/* where each entry lies */
	bool		present, write, user, nx;
	unsigned	level, key;
	uint64_t	host;		/* of the byte asked for */
};

static inline unsigned hw_top(const struct rig *r)
{
	if (!(r->mode.cr0 & CR0_PG) || !(r->mode.efer & EFER_LMA))
		return 2;
	return r->mode.cr4 & CR4_LA57 ? 4 : 3;
}

/* SDM 3A tables 4-8 to 4-20: nothing reserved is ever set in what the CPU reads. */
static inline void hw_check(const struct rig *r, unsigned level, uint64_t entry)
{
	bool leaf = !level || entry & PTE_PS;

	if (hw_top(r) == 2 && level == 2)
		assert_int_equal(entry & (BITS(63, 52) | BITS(8, 5) | BITS(2, 1)), 0);
	assert_int_equal(entry & (BITS(62, 52) | PTE_G) & ~(leaf && hw_top(r) > 2 ? PTE_PKEY : 0),
			 0);
	assert_false(level >= 2 && entry & PTE_PS);
	assert_false(level == 1 && entry & PTE_PS && entry & BITS(20, 12));
}

static inline struct hw hw_walk(struct rig *r, uint64_t va)
{
	unsigned top = hw_top(r);
	struct hw h = { .write = true, .user = true };
	uint64_t table = r->root.v;

	for (h.level = top;; h.level--) {
		unsigned index = va >> (12 + 9 * h.level) & 511;
		uint64_t entry;

		if (top == 2 && h.level == 2)
			index &= 3;
		h.slot[h.level] = (uint64_t *)hpa_ptr(hpa(table)) + index;
		entry = *h.slot[h.level];
		if (!(entry & PTE_P))
			return h;
		hw_check(r, h.level, entry);
		if (top != 2 || h.level != 2) {
			h.write &= !!(entry & PTE_W);
			h.user &= !!(entry & PTE_U);
			h.nx |= !!(entry & PTE_NX);
		}
		table = entry & PTE_ADDR;
		h.key = FIELD_GET(PTE_PKEY, entry);
		if (!h.level || entry & PTE_PS)
			break;
	}
	h.present = true;
	h.host = table + (va & (BIT(12 + 9 * h.level) - 1));
	return h;
}

/* PFEC_PK or 0. SDM 3A "Protection Keys" 4.6.2, CR0.WP = 1: CR4.PKE counts in long mode only. */
static inline uint32_t hw_key_refuses(const struct rig *r, const struct hw *h, unsigned access)
{
	uint32_t rights = r->mode.pkru >> 2 * h->key;

	if (hw_top(r) == 2 || !(r->mode.cr4 & CR4_PKE) || !h->present || !h->user ||
	    access & ACCESS_FETCH)
		return 0;
	return rights & 1 || (rights & 2 && access & ACCESS_WRITE) ? PFEC_PK : 0;
}

/* The error code, or 0: the access is made. SDM 3A "Access Rights" 4.6, CR0.WP = 1. */
static inline uint32_t hw_refuses(struct rig *r, uint64_t va, unsigned access,
				  uint32_t *error)
{
	const struct hw h = hw_walk(r, va);
	bool user = access & ACCESS_USER && !(access & ACCESS_IMPLICIT);
	bool paged = r->mode.cr0 & CR0_PG, ok = h.present;
	uint32_t key = hw_key_refuses(r, &h, access);

	if (user && !h.user)
		ok = false;
	if (access & ACCESS_WRITE && !h.write)
		ok = false;
	if (access & ACCESS_FETCH && h.nx)
		ok = false;
	if (!user && h.user && paged && access & ACCESS_FETCH && r->mode.cr4 & CR4_SMEP)
		ok = false;
	if (!user && h.user && paged && !(access & ACCESS_FETCH) && r->mode.cr4 & CR4_SMAP &&
	    (access & ACCESS_IMPLICIT || !r->mode.rflags_ac))
		ok = false;
	*error = (h.present ? PFEC_P : 0) | (access & ACCESS_WRITE ? PFEC_W : 0) |
		 (user ? PFEC_U : 0) | (access & ACCESS_FETCH ? PFEC_I : 0) | key;
	return !ok || key;
}

/* ---- one access, to its end ---- */

enum end { PASSES, FAULTS, EMULATED, LOOPS };
#define FAULTS_MAX	4u

static inline enum end touch(struct rig *r, uint64_t va, unsigned access)
{
	uint32_t error;

	for (r->faults = 0; r->faults < FAULTS_MAX; r->faults++) {
		/* That an access is implicit, no error code says. */
		unsigned told = access & ~(unsigned)ACCESS_IMPLICIT;

		if (access & ACCESS_IMPLICIT)
			told &= ~(unsigned)ACCESS_USER;
		if (!hw_refuses(r, va, access, &error))
			return PASSES;
		r->error = UINT32_MAX;
		switch (shadow_fault(&r->s, &r->mode, gva(va), told, error, &r->error)) {
		case SHADOW_GUEST:
			return FAULTS;
		case SHADOW_EMULATE:
			return EMULATED;
		case SHADOW_DONE:
			break;
		}
	}
	return LOOPS;
}

/* The guest-physical address that the hardware finds behind a linear one. */
static inline uint64_t maps_to(struct rig *r, uint64_t va)
{
	const struct hw h = hw_walk(r, va);

	assert_true(h.present);
	if (h.host - hpa_of(r->rom).v < PAGE_SIZE)
		return h.host - hpa_of(r->rom).v + ROM_BASE;
	assert_in_range(h.host, hpa_of(r->ram).v, hpa_of(r->ram).v + RAM_SIZE - 1);
	return h.host - hpa_of(r->ram).v;
}

static inline bool present(struct rig *r, uint64_t va)
{
	return hw_walk(r, va).present;
}

static inline bool writable(struct rig *r, uint64_t va)
{
	const struct hw h = hw_walk(r, va);

	return h.present && h.write;
}

static inline const struct shadow_frame *frame_of(struct rig *r, uint64_t address)
{
	return shadow_frame(&r->s, address >> PAGE_SHIFT);
}

#define assert_reads(r, va)	assert_int_equal(touch(r, va, ACCESS_READ), PASSES)
#define assert_writes(r, va)	assert_int_equal(touch(r, va, ACCESS_WRITE), PASSES)
#define assert_faults(r, va, access, code) do {				\
	assert_int_equal(touch(r, va, access), FAULTS);			\
	assert_int_equal((r)->error, code);				\
} while (0)

#endif

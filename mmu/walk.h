/*
 * The guest walker: the guest's own page tables, read as the CPU reads them.
 * One answer: the translation, or the exact page-fault error code.
 * SDM 3A "Paging" 4.1 to 4.10; APM vol. 2 "Page Translation and Protection" 5.
 */
#ifndef MMU_WALK_H
#define MMU_WALK_H

#include "mmu/format.h"
#include "mmu/guest_mem.h"
#include "mmu/x86_defs.h"

/* The control state that decides how an address is translated. */
struct walk_mode {
	uint64_t	cr0, cr3, cr4, efer;
	uint64_t	pdpte[4];	/* PAE: as loaded by MOV CR, not as in memory now */
	uint32_t	pkru;
	uint8_t		maxphyaddr;	/* of the guest: bits above are reserved */
	bool		pse36;		/* 4 MiB PDE bits 20:13 are address bits 39:32 */
	bool		page1g;		/* 1 GiB pages exist */
	bool		nx;		/* EFER.NXE may be honoured */
	bool		rflags_ac;
};

#define ACCESS_READ	0u
#define ACCESS_WRITE	BIT(0)
#define ACCESS_FETCH	BIT(1)
#define ACCESS_USER	BIT(2)	/* CPL 3 */
#define ACCESS_IMPLICIT	BIT(3)	/* supervisor access to a system structure: AC is ignored */
#define ACCESS_NO_AD	BIT(4)	/* look only: leave accessed and dirty as they are */

struct walk {
	gpa_t		gpa;		/* of the byte asked for */
	uint64_t	page_size;	/* of the page that maps it; SIZE_4G when paging is off */
	uint32_t	error;		/* PFEC_*, when the walk faults */
	uint8_t		level;		/* level index where it ended */
	uint8_t		levels;		/* levels of this mode; 0 when paging is off */
	gpa_t		entry_gpa[PT_LEVELS_MAX];	/* where each entry was read, [0] lowest */
	uint64_t	entry[PT_LEVELS_MAX];	/* each entry as read (A/D updates in) */
	bool		write, user, nx;	/* AND / AND / OR along the walk */
	bool		global;
};

enum walk_result {
	WALK_OK,
	WALK_FAULT,		/* #PF with .error */
	WALK_NOT_CANONICAL,	/* #GP or #SS: not a page fault */
};

/*
 * Translate one address for one access. Table entries outside guest memory read
 * as all ones, as from an empty bus. A/D are set by compare-and-exchange, only
 * when the whole walk succeeds; in ROM they are dropped.
 * On WALK_FAULT only error, level, levels and, from levels-1 down to level,
 * entry and entry_gpa hold; on WALK_NOT_CANONICAL only levels. In PAE
 * entry[2] is the PDPTE register and entry_gpa[2] where it was loaded from.
 */
enum walk_result walk(const struct walk_mode *mode, const struct guest_mem *mem,
		      gva_t address, unsigned access, struct walk *out);

/* The format CR0, CR4 and EFER select, or NULL with paging off. */
const struct pt_format *walk_format(const struct walk_mode *mode);

/*
 * Read the four PAE PDPTEs at cr3 (32-byte aligned) into mode->pdpte.
 * False when a present one has a reserved bit set: the caller raises #GP and
 * discards what was read (or keeps it, where nested paging defers the check).
 */
bool walk_load_pdptes(struct walk_mode *mode, const struct guest_mem *mem,
		      uint64_t cr3) MUST_CHECK;

/* The little that walk_peek() starts from. Paging is on. */
struct walk_roots {
	uint64_t	cr3, cr4, efer;
	const uint64_t	*pdpte;		/* four; read for PAE paging only */
};

/*
 * The last short walk in long mode or 32-bit paging, step by step: while its entries
 * still hold what they held, the answer is the same. All zeros: none. The pointers
 * are into guest memory, which stays where it is for the vm's life.
 */
struct walk_trail {
	uint64_t	page, cr3, mode, gpa_page;
	unsigned	steps;
	const volatile uint64_t *at[PT_LEVELS_MAX];
	uint64_t	value[PT_LEVELS_MAX];
	const volatile uint32_t *narrow_at[2];	/* 32-bit: directory, table */
	uint32_t	narrow[2];
};

/*
 * Where an address leads that the CPU has used an instant ago, for looking at the
 * instruction it was executing: much less work than walk(). False: ask walk().
 */
bool walk_peek(const struct guest_mem *mem, const struct walk_roots *roots,
	       gva_t address, struct walk_trail *trail, gpa_t *out) MUST_CHECK;

#endif

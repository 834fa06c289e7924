/*
 * Page-table formats as data: what differs between 32-bit, PAE, 4-level,
 * 5-level and EPT tables. One walker and one builder read these.
 * SDM 3A "Paging" 4.3 to 4.5; SDM 3C "The Extended Page Table Mechanism" 28.3.
 */
#ifndef MMU_FORMAT_H
#define MMU_FORMAT_H

#include "mmu/addr.h"

#define PT_LEVELS_MAX	5

/* Entry bits of the ordinary (not EPT) formats. */
#define PTE_P		BIT(0)
#define PTE_W		BIT(1)
#define PTE_U		BIT(2)
#define PTE_PWT		BIT(3)
#define PTE_PCD		BIT(4)
#define PTE_A		BIT(5)
#define PTE_D		BIT(6)
#define PTE_PS		BIT(7)	/* levels above the lowest: maps a large page */
#define PTE_PAT		BIT(7)	/* lowest level */
#define PTE_G		BIT(8)
#define PTE_PAT_LARGE	BIT(12)
#define PTE_PKEY	BITS(62, 59)
#define PTE_NX		BIT(63)
#define PTE_ADDR	BITS(51, 12)

/* EPT entry bits. SDM 3C tables 28-1 to 28-6. */
#define EPT_R		BIT(0)
#define EPT_W		BIT(1)
#define EPT_X		BIT(2)
#define EPT_MEMTYPE	BITS(5, 3)
#define EPT_MEMTYPE_UC	0u
#define EPT_MEMTYPE_WB	6u
#define EPT_IPAT	BIT(6)
#define EPT_PS		BIT(7)
#define EPT_A		BIT(8)
#define EPT_D		BIT(9)

/* What a mapping allows, neutral to the format. */
#define PROT_R		BIT(0)
#define PROT_W		BIT(1)
#define PROT_X		BIT(2)
#define PROT_U		BIT(3)
#define PROT_UNCACHED	BIT(4)

struct pt_level {
	uint8_t		shift;		/* lowest address bit that indexes here */
	uint8_t		bits;		/* how many index bits */
	bool		leaf;		/* an entry here may map memory (as PTE_PS, or lowest) */
};

struct pt_format {
	const char	*name;
	uint8_t		levels;
	uint8_t		entry_size;	/* bytes: 4 or 8 */
	bool		ept;
	struct pt_level	level[PT_LEVELS_MAX];	/* [0] is the lowest */
};

extern const struct pt_format pt_format_32bit;	/* PDE.PS honoured: needs CR4.PSE */
extern const struct pt_format pt_format_pae;
extern const struct pt_format pt_format_4level;
extern const struct pt_format pt_format_5level;
extern const struct pt_format pt_format_ept;

#endif

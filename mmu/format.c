/*
 * The page-table formats, one table each; must not know who reads them.
 * SDM 3A "Paging" 4.3 to 4.5; SDM 3C "The Extended Page Table Mechanism" 28.3.
 */
#include "mmu/format.h"

const struct pt_format pt_format_32bit = {
	.name = "32-bit", .levels = 2, .entry_size = sizeof(uint32_t),
	.level = {
		{ .shift = 12, .bits = 10, .leaf = true },	/* PTE */
		{ .shift = 22, .bits = 10, .leaf = true },	/* PDE */
	},
};

const struct pt_format pt_format_pae = {
	.name = "PAE", .levels = 3, .entry_size = sizeof(uint64_t),
	.level = {
		{ .shift = 12, .bits = 9, .leaf = true },	/* PTE */
		{ .shift = 21, .bits = 9, .leaf = true },	/* PDE */
		{ .shift = 30, .bits = 2 },			/* PDPTE */
	},
};

const struct pt_format pt_format_4level = {
	.name = "4-level", .levels = 4, .entry_size = sizeof(uint64_t),
	.level = {
		{ .shift = 12, .bits = 9, .leaf = true },	/* PTE */
		{ .shift = 21, .bits = 9, .leaf = true },	/* PDE */
		{ .shift = 30, .bits = 9, .leaf = true },	/* PDPTE */
		{ .shift = 39, .bits = 9 },			/* PML4E */
	},
};

const struct pt_format pt_format_5level = {
	.name = "5-level", .levels = 5, .entry_size = sizeof(uint64_t),
	.level = {
		{ .shift = 12, .bits = 9, .leaf = true },	/* PTE */
		{ .shift = 21, .bits = 9, .leaf = true },	/* PDE */
		{ .shift = 30, .bits = 9, .leaf = true },	/* PDPTE */
		{ .shift = 39, .bits = 9 },			/* PML4E */
		{ .shift = 48, .bits = 9 },			/* PML5E */
	},
};

const struct pt_format pt_format_ept = {
	.name = "EPT", .levels = 4, .entry_size = sizeof(uint64_t),
	.ept = true,
	.level = {
		{ .shift = 12, .bits = 9, .leaf = true },
		{ .shift = 21, .bits = 9, .leaf = true },
		{ .shift = 30, .bits = 9, .leaf = true },
		{ .shift = 39, .bits = 9 },
	},
};

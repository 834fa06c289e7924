/*
 * The VMCS that tests of the entry rules start from: an array in place of the
 * hardware, filled as one of five valid guests on a CPU that can do everything.
 */
#ifndef TESTS_VMX_RULES_WORLD_H
#define TESTS_VMX_RULES_WORLD_H

#include "vmx/rules.h"
#include "vmx/vmcs.h"
#include "vmx/vmx_defs.h"

#define FIELD_SPACE	(VMCS_HOST_SSP_TABLE + 1)

enum base {
	BASE_LONG,	/* 64-bit code, EPT */
	BASE_PM32,	/* 32-bit code under 32-bit paging */
	BASE_PAE,	/* 32-bit code under PAE paging, EPT */
	BASE_VM86,	/* virtual-8086 mode */
	BASE_REAL,	/* real mode with unrestricted guest */
	BASE_COUNT
};

struct world {
	uint64_t		field[FIELD_SPACE];
	struct vmx_rule_input	in;
};

/* Fill `w` with a guest that breaks no rule; world_read() then takes the snapshot. */
void world_valid(struct world *w, enum base base);
void world_read(struct world *w);

#endif

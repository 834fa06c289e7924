/*
 * The memory type range registers' numbers and what may be written to each. Knows no
 * memory. SDM 3A "Memory Type Range Registers (MTRRs)" 11.11.
 */
#include "core/mtrr.h"

#include "core/msr_defs.h"
#include "mmu/x86_defs.h"

#define TYPE_BITS	8

/* "IA32_MTRR_DEF_TYPE MSR" and "Fixed Range MTRRs": all else is reserved. */
static bool type_valid(uint64_t type)
{
	return type == MEMORY_UC || type == MEMORY_WC || type == MEMORY_WT ||
	       type == MEMORY_WP || type == MEMORY_WB;
}

static bool types_valid(uint64_t types)
{
	for (unsigned i = 0; i < sizeof(types); i++, types >>= TYPE_BITS)
		if (!type_valid(types & MTRR_TYPE))
			return false;
	return true;
}

/* The first number of each run is MSR_MTRR_FIX64K, FIX16K and FIX4K. */
static uint64_t *fixed(struct mtrrs *m, uint32_t number)
{
	if (number == MSR_MTRR_FIX64K)
		return &m->fixed[0];
	if (number - MSR_MTRR_FIX16K < MTRR_FIX16K_COUNT)
		return &m->fixed[1 + number - MSR_MTRR_FIX16K];
	if (number - MSR_MTRR_FIX4K < MTRR_FIX4K_COUNT)
		return &m->fixed[1 + MTRR_FIX16K_COUNT + number - MSR_MTRR_FIX4K];
	return NULL;
}

static uint64_t *variable(struct mtrrs *m, uint32_t number)
{
	return number - MSR_MTRR_PHYSBASE0 < ARRAY_SIZE(m->variable) ?
	       &m->variable[number - MSR_MTRR_PHYSBASE0] : NULL;
}

static uint64_t *stored(struct mtrrs *m, uint32_t number)
{
	uint64_t *at = variable(m, number);

	if (!at)
		at = fixed(m, number);
	return at || number != MSR_MTRR_DEF_TYPE ? at : &m->type;
}

bool mtrr_read(struct mtrrs *m, uint32_t number, uint64_t *value)
{
	const uint64_t *at = stored(m, number);

	if (number == MSR_MTRR_CAP)
		*value = FIELD_PUT(MTRR_CAP_VARIABLE, MTRR_VARIABLE) |
			 MTRR_CAP_FIXED | MTRR_CAP_WC;
	else if (at)
		*value = *at;
	return at || number == MSR_MTRR_CAP;
}

static bool valid(struct mtrrs *m, uint32_t number, uint64_t value,
		  unsigned phys_bits)
{
	uint64_t address = (BIT(phys_bits) - 1) & ~BITS(11, 0);

	if (fixed(m, number))
		return types_valid(value);
	if (number == MSR_MTRR_DEF_TYPE)
		address = MTRR_DEF_TYPE_FIXED | MTRR_DEF_TYPE_ENABLE;
	else if ((number - MSR_MTRR_PHYSBASE0) % 2)
		return !(value & ~(address | MTRR_MASK_VALID));
	return type_valid(value & MTRR_TYPE) && !(value & ~(address | MTRR_TYPE));
}

bool mtrr_write(struct mtrrs *m, uint32_t number, uint64_t value,
		unsigned phys_bits)
{
	uint64_t *at = stored(m, number);

	if (!at || !valid(m, number, value, phys_bits))
		return false;
	*at = value;
	return true;
}

/* Bit and field helpers for hardware words; knows no register. */
#ifndef MMU_BITS_H
#define MMU_BITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BIT(n)		(UINT64_C(1) << (n))
#define BITS(hi, lo)	(((~UINT64_C(0)) >> (63 - (hi))) & ~(BIT(lo) - 1))

/* Read or place a field named by its (constant, contiguous) mask. */
#define FIELD_GET(mask, word)	(((word) & (mask)) / ((mask) & -(mask)))
#define FIELD_PUT(mask, value)	(((value) * ((mask) & -(mask))) & (mask))

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define MUST_CHECK	__attribute__((warn_unused_result))

static inline uint64_t align_down(uint64_t value, uint64_t power_of_two)
{
	return value & ~(power_of_two - 1);
}

static inline uint64_t align_up(uint64_t value, uint64_t power_of_two)
{
	return align_down(value + power_of_two - 1, power_of_two);
}

#endif

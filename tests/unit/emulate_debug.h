/*
 * Breakpoints for the emulator's small machine, set and asked for. Knows no rule
 * under test.
 */
#ifndef TESTS_EMULATE_DEBUG_H
#define TESTS_EMULATE_DEBUG_H

#include "emulate_machine.h"

#define WATCHED		0x6000u
#define RW_CODE		0u
#define RW_WRITE	1u
#define RW_PORT		2u
#define RW_ACCESS	3u
#define LEN_1		0u
#define LEN_2		1u
#define LEN_8		2u
#define LEN_4		3u

/* Gn, R/Wn and LENn of DR7. SDM 3B figure 17-1 */
static inline void arm(unsigned n, uint64_t at, unsigned rw, unsigned len)
{
	m.v.dr[n] = at;
	m.v.dr7 |= BIT(2 * n + 1) | (uint64_t)(rw | len << 2) << (16 + 4 * n);
}

/* No #DB, or a trap left pending with exactly these of B0 to B3. */
static inline void assert_trap(unsigned hits)
{
	assert_int_equal(m.v.dr6, DR6_INIT | hits);
	assert_int_equal(m.v.pending.kind, hits ? EVENT_EXCEPTION : EVENT_NONE);
	if (!hits)
		return;
	assert_int_equal(m.v.pending.vector, VEC_DB);
	assert_false(m.v.pending.has_error);
	assert_true(m.v.dirty & ST_DR);
}

#endif

/*
 * The debug-address registers: which of DR0 to DR3 an address meets, as DR7 says.
 * Pure on the neutral vcpu. SDM 3B "Debug Registers" 17.2; APM vol. 2 "Debug
 * Registers" 13.1.1.
 */
#ifndef CORE_BREAKPOINT_H
#define CORE_BREAKPOINT_H

#include "core/vcpu.h"

/* What DR7's R/W field asks for, one bit for each of its values. */
#define BREAK_CODE	BIT(0)
#define BREAK_WRITE	BIT(1)
#define BREAK_PORT	BIT(2)	/* with CR4.DE only */
#define BREAK_ACCESS	BIT(3)	/* data reads and writes */

/* Is any of the four on? Needs ST_DR. */
static inline bool breakpoint_armed(const struct vcpu *v)
{
	return v->dr7 & DR7_ENABLES;
}

/*
 * The enabled breakpoints of these kinds that share a byte with the `size` from
 * `at` on, a linear address or a port: DR6's B0 to B3. Needs ST_DR and ST_CR.
 */
uint8_t breakpoint_hits(const struct vcpu *v, unsigned kinds, uint64_t at, unsigned size);

/* The same for the instruction at CS:RIP, unless RF or MOV SS holds it off. Needs ST_ALL. */
uint8_t breakpoint_at_rip(const struct vcpu *v);

/*
 * Why a #DB trap or fault came, where the CPU has not told: DR6 bits. A guess
 * in one case: of several breakpoints on data or ports, all are named. Needs ST_ALL.
 */
uint64_t breakpoint_reason(const struct vcpu *v);

#endif

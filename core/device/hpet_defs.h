/*
 * The HPET's registers: offsets and bits. IA-PC HPET Specification 1.0a, "Memory Map" 2.3.1
 * and the registers behind it.
 */
#ifndef CORE_DEVICE_HPET_DEFS_H
#define CORE_DEVICE_HPET_DEFS_H

#include "mmu/bits.h"

#define HPET_CAPABILITIES	0x000
#define CAP_PERIOD		BITS(63, 32)	/* of the main counter, in femtoseconds */
#define CAP_VENDOR		BITS(31, 16)
#define CAP_LEGACY		BIT(15)
#define CAP_COUNTER_64		BIT(13)
#define CAP_LAST_TIMER		BITS(12, 8)
#define CAP_REVISION		BITS(7, 0)
#define HPET_CONFIGURATION	0x010
#define CONFIG_ENABLE		BIT(0)
#define CONFIG_LEGACY		BIT(1)
#define HPET_STATUS		0x020
#define HPET_COUNTER		0x0f0

/* Timer n's, from here on in steps of HPET_TIMER_STEP. */
#define HPET_TIMERS		0x100
#define HPET_TIMER_STEP		0x20
#define TIMER_CONFIGURATION	0x00
#define TIMER_LEVEL		BIT(1)	/* Tn_INT_TYPE_CNF */
#define TIMER_ENABLE		BIT(2)	/* Tn_INT_ENB_CNF */
#define TIMER_PERIODIC		BIT(3)	/* Tn_TYPE_CNF */
#define TIMER_PERIODIC_CAP	BIT(4)	/* Tn_PER_INT_CAP */
#define TIMER_64_CAP		BIT(5)	/* Tn_SIZE_CAP */
#define TIMER_SET		BIT(6)	/* Tn_VAL_SET_CNF */
#define TIMER_32		BIT(8)	/* Tn_32MODE_CNF */
#define TIMER_WRITABLE		(TIMER_LEVEL | TIMER_ENABLE | TIMER_PERIODIC | \
				 TIMER_SET | TIMER_32)
#define TIMER_COMPARATOR	0x08

#define REGISTER_SIZE		8
#define VENDOR_ID		0x8086u	/* as on the machines of this kind */
#define REVISION_ID		1u

#endif

/* The 8254's ports and words, and a PC's port 61h. 8254 datasheet (Intel, 231164). */
#ifndef CORE_DEVICE_PIT_DEFS_H
#define CORE_DEVICE_PIT_DEFS_H

#include "mmu/bits.h"

#define PIT_PORT		0x40	/* counters 0 to 2, then the control word */
#define PIT_PORT_CONTROL	0x43
#define PIT_PORT_MASK		BITS(1, 0)

/* "Control Word Format" */
#define CONTROL_BCD		BIT(0)
#define CONTROL_MODE		BITS(3, 1)
#define CONTROL_RW		BITS(5, 4)
#define CONTROL_SC		BITS(7, 6)
#define CONTROL_KEPT		BITS(5, 0)	/* what the status byte gives back */
#define SC_READ_BACK		3u
#define RW_LATCH		0u	/* no control word: the counter latch command */
#define RW_LOW			1u
#define RW_HIGH			2u
#define RW_BOTH			3u

#define MODE_TERMINAL_COUNT	0u
#define MODE_ONE_SHOT		1u
#define MODE_RATE		2u
#define MODE_SQUARE		3u
#define MODE_STROBE		4u
#define MODE_STROBE_HARDWARE	5u
#define MODE_TWO_BITS		BITS(1, 0)	/* 6 and 7 are 2 and 3: "X 1 0", "X 1 1" */

/* "Read-Back Command": the first two are active low. */
#define READ_BACK_NO_COUNT	BIT(5)
#define READ_BACK_NO_STATUS	BIT(4)
#define READ_BACK_COUNTER(n)	BIT(1 + (n))

#define STATUS_OUT		BIT(7)
#define STATUS_NULL_COUNT	BIT(6)

#define MODULUS_BINARY		65536u
#define MODULUS_BCD		10000u
#define BCD_DIGIT_BITS		4
#define BCD_DIGIT		BITS(3, 0)

#define PORT61			0x61
#define PORT61_GATE2		BIT(0)
#define PORT61_KEPT		BITS(3, 0)	/* bit 1 the speaker, 2 and 3 checks of parity */
#define PORT61_REFRESH		BIT(4)
#define PORT61_OUT2		BIT(5)
#define REFRESH_NS		15085u	/* 18 ticks: a PC's counter 1 */

/* A PC's BIOS: counter 0, both bytes, mode 3, binary. */
#define CONTROL_BIOS		(FIELD_PUT(CONTROL_RW, RW_BOTH) | \
				 FIELD_PUT(CONTROL_MODE, MODE_SQUARE))

#endif

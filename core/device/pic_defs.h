/* The 8259A's ports and command words. 8259A datasheet (Intel, 231468), "Programming". */
#ifndef CORE_DEVICE_PIC_DEFS_H
#define CORE_DEVICE_PIC_DEFS_H

#include "mmu/bits.h"

/* Each chip has two ports: A0 = 0 for commands, A0 = 1 for data. */
#define PIC_PORT_MASTER		0x20
#define PIC_PORT_SLAVE		0xa0
#define PIC_PORT_A0		BIT(0)
#define PIC_PORT_IS_SLAVE	BIT(7)
#define ELCR_PORT_MASTER	0x4d0
#define ELCR_PORT_SLAVE		0x4d1
#define ELCR_PORT_IS_SLAVE	BIT(0)

#define CHIP_LINES		8u
#define CASCADE_LINE		2u	/* of the first chip: the second's INT */
#define SPURIOUS_LINE		7u	/* "Edge and Level Triggered Modes": the default IR7 */

#define ICW1			BIT(4)	/* a command with this bit is ICW1 */
#define ICW1_IC4		BIT(0)	/* ICW4 will come */
#define ICW1_SNGL		BIT(1)	/* alone: no ICW3 */
#define ICW1_LTIM		BIT(3)	/* level-triggered, all lines */
#define ICW2_BASE		BITS(7, 3)
#define ICW4_AEOI		BIT(1)
#define ICW4_SFNM		BIT(4)	/* special fully nested mode */

#define OCW3			BIT(3)	/* and not ICW1 */
#define OCW3_RIS		BIT(0)	/* read the ISR, with RR */
#define OCW3_RR			BIT(1)
#define OCW3_POLL		BIT(2)
#define OCW3_SMM		BIT(5)	/* special mask mode, with ESMM */
#define OCW3_ESMM		BIT(6)

/* What is neither ICW1 nor OCW3 is OCW2: three bits of command and a line. */
#define OCW2_LINE		BITS(2, 0)
#define OCW2_COMMAND		BITS(7, 5)
#define OCW2_ROTATE_AEOI_CLEAR	0
#define OCW2_EOI		1
#define OCW2_NOTHING		2
#define OCW2_EOI_SPECIFIC	3
#define OCW2_ROTATE_AEOI_SET	4
#define OCW2_ROTATE_EOI		5
#define OCW2_SET_PRIORITY	6
#define OCW2_ROTATE_SPECIFIC	7

#define POLL_REQUEST		BIT(7)	/* the poll word's I; W is the line */

#define ALL_LINES		BITS(7, 0)
/* PIIX4 "ELCR1", "ELCR2": lines 0, 1, 2, 8 and 13 are always edge-triggered. */
#define ELCR_MASTER_DEFINED	BITS(7, 3)
#define ELCR_SLAVE_DEFINED	(BITS(7, 6) | BITS(4, 1))

#endif

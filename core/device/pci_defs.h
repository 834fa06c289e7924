/*
 * PCI configuration space and its ports. PCI Local Bus Specification 3.0; the bridge's own
 * registers: 82441FX (440FX PMC) datasheet, "PCI Configuration Space Mapped Registers"; the
 * others': 82371SB (PIIX3) datasheet, "PCI to ISA/EIO Bridge" and "IDE Interface".
 */
#ifndef CORE_DEVICE_PCI_DEFS_H
#define CORE_DEVICE_PCI_DEFS_H

#include "mmu/bits.h"

#define PCI_CONFIG_ADDRESS	0xcf8	/* by a whole doubleword only */
#define PCI_RESET_CONTROL	0xcf9	/* by a byte: 82371AB (PIIX4) datasheet "RCR" */
#define PCI_CONFIG_DATA		0xcfc

/* "Software Generation of Configuration Transactions" 3.2.2.3.2: the rest reads 0. */
#define PCI_ADDRESS_ENABLE	BIT(31)
#define PCI_ADDRESS_FUNCTION	BITS(23, 8)	/* bus, device, function */
#define PCI_ADDRESS_DEVFN	BITS(15, 8)	/* of bus 0 */
#define PCI_ADDRESS_REGISTER	BITS(7, 2)
#define PCI_ADDRESS_KEPT	(PCI_ADDRESS_ENABLE | PCI_ADDRESS_FUNCTION | PCI_ADDRESS_REGISTER)

#define RCR_CPU			BIT(2)		/* 0 to 1: reset */
#define RCR_KEPT		BITS(2, 1)	/* bit 1: of the whole system */

/* "Configuration Space Header" 6.1, as bytes; what is not here reads 0. */
#define PCI_VENDOR		0x00
#define PCI_DEVICE		0x02
#define PCI_COMMAND		0x04
#define PCI_STATUS		0x06
#define PCI_REVISION		0x08
#define PCI_SUBCLASS		0x0a
#define PCI_CLASS		0x0b
#define PCI_HEADER_TYPE		0x0e
#define PCI_MULTIFUNCTION	0x80	/* functions beyond 0 are to be looked for */

#define PCI_440FX_VENDOR	0x8086
#define PCI_440FX_DEVICE	0x1237
#define PCI_440FX_REVISION	0x02
#define PCI_CLASS_BRIDGE	0x06
#define PCI_SUBCLASS_HOST	0x00
#define PCI_440FX_COMMAND	0x0006	/* memory and bus master, hardwired */
#define PCI_440FX_STATUS	0x0280	/* medium DEVSEL, fast back-to-back */

/* Which part of 768 KiB to 1 MiB is RAM: kept, and without effect, as all of it is RAM. */
#define PCI_PAM_FIRST		0x59
#define PCI_PAM_LAST		0x5f
#define PCI_SMRAM		0x72
#define PCI_SMRAM_START		0x02	/* C_BASE_SEG: always at a0000h */

/* Device 1: functions 0 and 1. */
#define PCI_DEVFN_ISA		0x08
#define PCI_DEVFN_IDE		0x09
#define PCI_PIIX3_ISA		0x7000
#define PCI_PIIX3_IDE		0x7010
#define PCI_PIIX3_COMMAND	0x0007	/* I/O, memory and bus master, hardwired */
#define PCI_PIIX3_STATUS	0x0280
#define PCI_SUBCLASS_ISA	0x01
#define PCI_CLASS_STORAGE	0x01
#define PCI_SUBCLASS_IDE	0x01

/* Kept, and without effect: nothing is routed, and the channels always answer. */
#define PCI_ISA_XBCS_FIRST	0x4e
#define PCI_ISA_XBCS_LAST	0x4f
#define PCI_ISA_PIRQ_FIRST	0x60
#define PCI_ISA_PIRQ_LAST	0x63
#define PCI_IDE_TIMING_FIRST	0x40
#define PCI_IDE_TIMING_LAST	0x43

#endif

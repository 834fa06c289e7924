/*
 * Ports and registers of the PC around the CPU: interrupt controllers, timer,
 * the emulators' exits.
 */
#ifndef BOOT_MACHINE_DEFS_H
#define BOOT_MACHINE_DEFS_H

#include "mmu/bits.h"

/* 8259A datasheet "Initialization Command Words". */
#define PIC1_COMMAND	0x20
#define PIC1_DATA	0x21
#define PIC2_COMMAND	0xa0
#define PIC2_DATA	0xa1
#define PIC_ICW1	0x11	/* edge triggered, cascaded, ICW4 follows */
#define PIC1_ICW3	0x04	/* the other one hangs on line 2 */
#define PIC2_ICW3	0x02
#define PIC_ICW4	0x01	/* 8086 mode, normal EOI */
#define PIC_MASK_ALL	0xff
#define PIC_MASK_TIMER	0xfe	/* all but line 0 */
#define PIC_READ_ISR	0x0b	/* OCW3 */
#define PIC_EOI		0x20	/* OCW2: non-specific */
#define PIC_LINE7	0x80	/* in the ISR: a real one, not spurious */

/* 8254 datasheet "Control Word Format". */
#define PIT_CHANNEL0	0x40
#define PIT_COMMAND	0x43
#define PIT_MODE_RATE	0x34	/* channel 0, low then high byte, mode 2 */

/* SDM 3A "Local APIC Status and Location" 10.4.4, table 10-1 */
#define APIC_BASE_ENABLE	BIT(11)
#define APIC_BASE_X2APIC	BIT(10)
#define APIC_BASE_ADDR		BITS(51, 12)
#define APIC_SPURIOUS		0xf0
#define APIC_SPURIOUS_ENABLE	0x100u
#define APIC_LINT0		0x350
#define APIC_LVT_MASKED		0x10000u
#define APIC_LVT_MODE		0x700u
#define APIC_LVT_EXTINT		0x700u
#define X2APIC_MSR_SPURIOUS	0x80f
#define X2APIC_MSR_LINT0	0x835

#define PORT_QEMU_EXIT		0xf4
#define PORT_BOCHS_SHUTDOWN	0x8900

#endif

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
#define PIT_MODE_ONCE	0x30	/* channel 0, low then high byte, mode 0 */
#define PIT_MODE_RATE	0x34	/* channel 0, low then high byte, mode 2 */

#define PIT_LATCH	0x00	/* channel 0 */
#define PIT_PROBE_COUNT	200u	/* 168 us */
#define PIT_PROBE_READS	10000u

/* SDM 3A "Local APIC Status and Location" 10.4.4, table 10-1 */
#define APIC_BASE_ENABLE	BIT(11)
#define APIC_BASE_X2APIC	BIT(10)
#define APIC_BASE_ADDR		BITS(51, 12)
#define APIC_ID			0x20
#define APIC_ID_SHIFT		24
#define APIC_SPURIOUS		0xf0
#define APIC_SPURIOUS_ENABLE	0x100u
#define APIC_LINT0		0x350
#define APIC_LVT_MASKED		0x10000u
#define APIC_LVT_MODE		0x700u
#define APIC_LVT_EXTINT		0x700u
#define X2APIC_MSR_ID		0x802
#define X2APIC_MSR_SPURIOUS	0x80f
#define X2APIC_MSR_LINT0	0x835

/* 82093AA I/O APIC datasheet "Register Description" 3. */
#define IOAPIC_PAGE		UINT64_C(0xfec00000)
#define IOAPIC_SELECT		0x00
#define IOAPIC_WINDOW		0x10
#define IOAPIC_VERSION		1u
#define IOAPIC_LINES		BITS(23, 16)	/* lines less one */
#define IOAPIC_TIMER_LINE	2u		/* where the PIT's IRQ 0 comes in */
#define IOAPIC_TIMER_LOW	(0x10u + 2 * IOAPIC_TIMER_LINE)
#define IOAPIC_TIMER_HIGH	(IOAPIC_TIMER_LOW + 1)
#define IOAPIC_DESTINATION_SHIFT 24
#define IOAPIC_NMI		0x400u		/* edge, physical, not masked */
#define IOAPIC_MASKED		0x10000u

#define PORT_QEMU_EXIT		0xf4
#define PORT_BOCHS_SHUTDOWN	0x8900

#endif

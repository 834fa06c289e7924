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

#define PIT_CHANNEL2	0x42
#define PIT_GATED_ONCE	0xb0	/* channel 2, low then high byte, mode 0 */

#define PIT_FAST_COUNT	1193u	/* 1 ms: for a CPU without a timer of its own */
#define PIT_LATCH	0x00	/* channel 0 */
#define PIT_PROBE_COUNT	200u	/* 168 us */
#define PIT_PROBE_READS	10000u

/* Channel 2's gate and output. 82371AB datasheet "NMI Status and Control Register". */
#define PORT_SPEAKER	0x61
#define SPEAKER_GATE	0x01
#define SPEAKER_DATA	0x02	/* the tone reaches the speaker */
#define SPEAKER_OUT	0x20

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
#define APIC_EOI		0xb0
#define APIC_LVT_TIMER		0x320	/* a vector alone: one-shot, not masked */
#define APIC_INITIAL_COUNT	0x380
#define APIC_CURRENT_COUNT	0x390
#define APIC_DIVIDE		0x3e0
#define APIC_DIVIDE_BY_1	0xbu
#define X2APIC_MSR(offset)	(0x800u + ((offset) >> 4))

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

/* A TSC that counts instructions, and the one whose speed nobody knows. */
#define TSC_HZ_VIRTUAL		UINT64_C(1000000000)

#define PORT_QEMU_EXIT		0xf4
#define PORT_BOCHS_SHUTDOWN	0x8900

#endif

/* The I/O APIC, only so far that the timer's line can be an NMI. */
#include "boot/ioapic.h"

#include "boot/lapic.h"
#include "boot/machine_defs.h"

static uint32_t read(unsigned index)
{
	volatile uint8_t *regs = hpa_ptr(ioapic_page());

	*(volatile uint32_t *)(regs + IOAPIC_SELECT) = index;
	return *(volatile uint32_t *)(regs + IOAPIC_WINDOW);
}

static void write(unsigned index, uint32_t value)
{
	volatile uint8_t *regs = hpa_ptr(ioapic_page());

	*(volatile uint32_t *)(regs + IOAPIC_SELECT) = index;
	*(volatile uint32_t *)(regs + IOAPIC_WINDOW) = value;
}

hpa_t ioapic_page(void)
{
	return hpa(IOAPIC_PAGE);
}

bool ioapic_timer_nmi(bool on)
{
	uint32_t version = read(IOAPIC_VERSION);

	/* Nothing there reads as all ones; a real one has at least 16 lines. */
	if (version == UINT32_MAX ||
	    FIELD_GET(IOAPIC_LINES, version) < IOAPIC_TIMER_LINE)
		return false;
	write(IOAPIC_TIMER_HIGH, lapic_id() << IOAPIC_DESTINATION_SHIFT);
	write(IOAPIC_TIMER_LOW, on ? IOAPIC_NMI : IOAPIC_MASKED);
	return true;
}

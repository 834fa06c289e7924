/* The local APIC, only so far that it lets the 8259's interrupts through. */
#include "boot/lapic.h"

#include "boot/cpuid_bits.h"
#include "boot/machine_defs.h"
#include "boot/timer.h"
#include "core/x86_insn.h"
#include "mmu/x86_defs.h"

static uint64_t apic_base(void)
{
	if (!(x86_cpuid(1, 0).edx & CPUID_1_EDX_APIC))
		return 0;
	return x86_rdmsr(MSR_APIC_BASE);
}

bool lapic_page(hpa_t *page)
{
	uint64_t base = apic_base();

	*page = hpa(base & APIC_BASE_ADDR);
	return base & APIC_BASE_ENABLE && !(base & APIC_BASE_X2APIC);
}

static uint32_t spurious_enabled(uint64_t old)
{
	return (uint32_t)old | APIC_SPURIOUS_ENABLE | VEC_APIC_SPURIOUS;
}

static uint32_t lint0_extint(uint64_t old)
{
	return ((uint32_t)old & ~(APIC_LVT_MASKED | APIC_LVT_MODE)) |
	       APIC_LVT_EXTINT;
}

void lapic_pass_pic(void)
{
	uint64_t base = apic_base();
	hpa_t page;

	if (lapic_page(&page)) {
		volatile uint8_t *regs = hpa_ptr(page);
		volatile uint32_t *spurious =
			(volatile uint32_t *)(regs + APIC_SPURIOUS);
		volatile uint32_t *lint0 =
			(volatile uint32_t *)(regs + APIC_LINT0);

		*spurious = spurious_enabled(*spurious);
		*lint0 = lint0_extint(*lint0);
	} else if (base & APIC_BASE_ENABLE) {
		x86_wrmsr(X2APIC_MSR_SPURIOUS,
			  spurious_enabled(x86_rdmsr(X2APIC_MSR_SPURIOUS)));
		x86_wrmsr(X2APIC_MSR_LINT0,
			  lint0_extint(x86_rdmsr(X2APIC_MSR_LINT0)));
	}
}

uint32_t lapic_id(void)
{
	hpa_t page;

	if (lapic_page(&page)) {
		volatile uint8_t *regs = hpa_ptr(page);

		return *(volatile uint32_t *)(regs + APIC_ID) >> APIC_ID_SHIFT;
	}
	return apic_base() & APIC_BASE_ENABLE ?
	       (uint32_t)x86_rdmsr(X2APIC_MSR_ID) : 0;
}

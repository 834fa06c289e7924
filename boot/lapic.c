/* The local APIC, so far that the 8259's interrupts come through, and its timer. Knows no guest. */
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

/* How the registers are reached: asked for once, as the way to ask exits under others. */
static bool usable, x2apic;
static volatile uint8_t *regs;	/* without x2APIC */

static bool find(void)
{
	hpa_t page;

	if (lapic_page(&page))
		regs = hpa_ptr(page);
	else
		x2apic = apic_base() & APIC_BASE_ENABLE;
	return usable = regs || x2apic;
}

static uint32_t read(unsigned offset)
{
	if (x2apic)
		return (uint32_t)x86_rdmsr(X2APIC_MSR(offset));
	return *(volatile uint32_t *)(regs + offset);
}

static void write(unsigned offset, uint32_t value)
{
	if (x2apic)
		x86_wrmsr(X2APIC_MSR(offset), value);
	else
		*(volatile uint32_t *)(regs + offset) = value;
}

static void enable(void)
{
	write(APIC_SPURIOUS, read(APIC_SPURIOUS) | APIC_SPURIOUS_ENABLE |
	      VEC_APIC_SPURIOUS);
}

void lapic_pass_pic(void)
{
	if (!find())
		return;
	enable();
	write(APIC_LINT0, (read(APIC_LINT0) & ~(APIC_LVT_MASKED | APIC_LVT_MODE)) |
	      APIC_LVT_EXTINT);
}

uint32_t lapic_id(void)
{
	if (!find())
		return 0;
	return read(APIC_ID) >> (x2apic ? 0 : APIC_ID_SHIFT);
}

void lapic_eoi(void)
{
	write(APIC_EOI, 0);
}

/* Counts of the timer for one tick of the TSC: a fixed-point number. */
#define RATIO_SHIFT	32
static uint64_t ratio;

/* So that a delay times the ratio fits 64 bits, and the counter. */
#define DELAY_MAX	BIT(30)
#define RATIO_MAX	BITS(32, 0)

/* The timer counts from its top for so many ticks of the TSC; masked, it tells nobody. */
static void calibrate(uint64_t ticks)
{
	uint64_t start, elapsed;
	uint32_t counted;

	write(APIC_LVT_TIMER, APIC_LVT_MASKED | VEC_APIC_TIMER);
	write(APIC_DIVIDE, APIC_DIVIDE_BY_1);
	start = x86_rdtsc();
	write(APIC_INITIAL_COUNT, UINT32_MAX);
	do
		elapsed = x86_rdtsc() - start;
	while (elapsed < ticks);
	counted = UINT32_MAX - read(APIC_CURRENT_COUNT);
	ratio = ((uint64_t)counted << RATIO_SHIFT) / elapsed;
	if (ratio > RATIO_MAX)
		ratio = RATIO_MAX;
	write(APIC_INITIAL_COUNT, 0);
}

bool lapic_timer_start(uint64_t ticks)
{
	if (!find())
		return false;
	enable();
	calibrate(ticks);
	write(APIC_LVT_TIMER, VEC_APIC_TIMER);
	return ratio;
}

void lapic_timer_arm(uint64_t tsc)
{
	uint64_t now = x86_rdtsc();
	uint64_t delay = tsc > now ? tsc - now : 0;

	if (!ratio)
		return;
	if (delay > DELAY_MAX)
		delay = DELAY_MAX;
	/* A count of zero would stop the timer; one more makes up for rounding. */
	write(APIC_INITIAL_COUNT, (uint32_t)(delay * ratio >> RATIO_SHIFT) + 1);
}

void lapic_timer_stop(void)
{
	if (ratio)
		write(APIC_INITIAL_COUNT, 0);
}

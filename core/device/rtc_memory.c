/*
 * What a PC's BIOS and firmware for emulators look up in the CMOS memory. Knows no clock.
 */
#include "core/device/rtc_memory.h"

#include "core/device/rtc_defs.h"

#define KIB	10
#define MIB	20
#define GIB	30

static void put_word(uint8_t *cmos, unsigned at, uint64_t value)
{
	if (value > CMOS_WORD_MAX)
		value = CMOS_WORD_MAX;
	cmos[at] = (uint8_t)value;
	cmos[at + 1] = (uint8_t)(value >> 8);
}

/* How much of `memory` lies from `from` on, below `to`. */
static uint64_t between(uint64_t memory, uint64_t from, uint64_t to)
{
	return memory <= from ? 0 : (memory < to ? memory : to) - from;
}

void rtc_memory_fill(uint8_t cmos[RTC_CMOS], uint64_t memory)
{
	const uint64_t extended = between(memory, BIT(MIB), BIT(GIB + 2)) >> KIB;
	const uint64_t high = between(memory, BIT(GIB + 2), UINT64_MAX) >> 16;
	unsigned sum = 0;

	cmos[CMOS_EQUIPMENT] = CMOS_EQUIPMENT_FPU;
	put_word(cmos, CMOS_BASE, between(memory, 0, CMOS_BASE_KIB << KIB) >> KIB);
	put_word(cmos, CMOS_EXTENDED, extended);
	put_word(cmos, CMOS_EXTENDED_POST, extended);
	put_word(cmos, CMOS_ABOVE_16M,
		 between(memory, BIT(MIB + 4), BIT(GIB + 2)) >> 16);
	put_word(cmos, CMOS_ABOVE_4G, high & CMOS_WORD_MAX);
	cmos[CMOS_ABOVE_4G + 2] = (uint8_t)(high >> 16);
	cmos[CMOS_BOOT_ORDER] = CMOS_BOOT_HARD_DISK;
	for (unsigned i = CMOS_SUMMED_FIRST; i <= CMOS_SUMMED_LAST; i++)
		sum += cmos[i];
	cmos[CMOS_SUM_HIGH] = (uint8_t)(sum >> 8);
	cmos[CMOS_SUM_LOW] = (uint8_t)sum;
}

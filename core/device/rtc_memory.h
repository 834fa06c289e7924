/*
 * The CMOS memory's contents as a machine's setup leaves them. "CMOS RAM" of the IBM AT;
 * SeaBIOS documentation, "Runtime config".
 */
#ifndef CORE_DEVICE_RTC_MEMORY_H
#define CORE_DEVICE_RTC_MEMORY_H

#include "core/device/rtc.h"

/* `memory`: bytes of RAM, all from address 0 on. What it does not name stays as it is. */
void rtc_memory_fill(uint8_t cmos[RTC_CMOS], uint64_t memory);

#endif

/*
 * The MC146818's registers, and what a PC keeps in the memory behind them.
 * MC146818 datasheet (Motorola), "Address Map"; "CMOS RAM" of the IBM AT.
 */
#ifndef CORE_DEVICE_RTC_DEFS_H
#define CORE_DEVICE_RTC_DEFS_H

#include "core/device/clock.h"

#define RTC_INDEX_PORT	0x70
#define RTC_DATA_PORT	0x71
#define RTC_INDEX_MASK	BITS(6, 0)	/* bit 7 of port 70h masks NMI */

#define RTC_SECONDS		0x00
#define RTC_SECONDS_ALARM	0x01
#define RTC_MINUTES		0x02
#define RTC_MINUTES_ALARM	0x03
#define RTC_HOURS		0x04
#define RTC_HOURS_ALARM		0x05
#define RTC_WEEKDAY		0x06
#define RTC_DAY			0x07
#define RTC_MONTH		0x08
#define RTC_YEAR		0x09
#define RTC_A			0x0a
#define RTC_B			0x0b
#define RTC_C			0x0c
#define RTC_D			0x0d

#define RTC_A_UIP	BIT(7)		/* update in progress */
#define RTC_A_DV	BITS(6, 4)	/* divider */
#define RTC_A_DV_RUN	BIT(5)		/* 32.768 kHz */
#define RTC_A_DV_RESET	BITS(6, 5)	/* both set: the divider is held */
#define RTC_A_RS	BITS(3, 0)	/* rate of the periodic interrupt */

#define RTC_B_SET	BIT(7)
#define RTC_B_PIE	BIT(6)		/* periodic, alarm, update-ended enabled */
#define RTC_B_AIE	BIT(5)
#define RTC_B_UIE	BIT(4)
#define RTC_B_SQWE	BIT(3)
#define RTC_B_DM	BIT(2)		/* 1: binary, 0: BCD */
#define RTC_B_24	BIT(1)
#define RTC_B_DSE	BIT(0)

#define RTC_C_IRQF	BIT(7)
#define RTC_C_PF	BIT(6)		/* where the enables are in B */
#define RTC_C_AF	BIT(5)
#define RTC_C_UF	BIT(4)
#define RTC_FLAGS	BITS(6, 4)

#define RTC_D_VRT	BIT(7)		/* the battery is good */

#define RTC_HOURS_PM	BIT(7)
#define RTC_ALARM_ANY	BITS(7, 6)	/* both set: "don't care" */

#define RTC_HZ		32768u		/* the crystal */
#define RTC_RS_1024_HZ	0x06
/* The two highest rates are those of 8 and 9 again. */
#define RTC_RS_REPEATED	2
#define RTC_RS_REPEAT	7
/* t_BUC: UIP is set so long before the update. "Switching Characteristics" */
#define RTC_UIP_NS	UINT64_C(244000)
/* The divider's first update after its reset comes half a second later. */
#define RTC_RELEASE_NS	(NS_PER_SECOND / 2)

/* CMOS memory. */
#define CMOS_EQUIPMENT		0x14
#define CMOS_EQUIPMENT_FPU	BIT(1)	/* and no floppy disk */
#define CMOS_BASE		0x15	/* KiB below 1 MiB; a low byte, and one above it */
#define CMOS_EXTENDED		0x17	/* KiB above 1 MiB */
#define CMOS_SUMMED_FIRST	0x10
#define CMOS_SUMMED_LAST	0x2d
#define CMOS_SUM_HIGH		0x2e
#define CMOS_SUM_LOW		0x2f
#define CMOS_EXTENDED_POST	0x30	/* the same, as found by the test at power-on */
#define CMOS_CENTURY		0x32	/* BCD whatever register B says */
/* Of firmware for emulators: 64 KiB above 16 MiB, and (three bytes) above 4 GiB. */
#define CMOS_ABOVE_16M		0x34
#define CMOS_ABOVE_4G		0x5b
/* And the order of boot devices, four bits each, the first one lowest here. */
#define CMOS_BOOT_ORDER		0x3d
#define CMOS_BOOT_HARD_DISK	0x02

#define CMOS_BASE_KIB		640u
#define CMOS_WORD_MAX		UINT64_C(0xffff)

#endif

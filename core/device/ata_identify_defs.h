/*
 * The words of IDENTIFY DEVICE and what this disk says in them.
 * ATA/ATAPI-6 (T13/1410D), "IDENTIFY DEVICE".
 */
#ifndef CORE_DEVICE_ATA_IDENTIFY_DEFS_H
#define CORE_DEVICE_ATA_IDENTIFY_DEFS_H

#include "core/device/ata_defs.h"

#define ID_GENERAL		0
#define ID_GENERAL_FIXED	BIT(6)
#define ID_CYLINDERS		1	/* default translation */
#define ID_HEADS		3
#define ID_TRACK		6
#define ID_SERIAL		10
#define ID_SERIAL_WORDS		10
#define ID_FIRMWARE		23
#define ID_FIRMWARE_WORDS	4
#define ID_MODEL		27
#define ID_MODEL_WORDS		20
#define ID_MULTIPLE_MAX		47
#define ID_MULTIPLE_FIXED	0x8000
#define ID_CAPABILITIES		49
#define ID_CAPABILITIES_VALUE	(BIT(9) | BIT(10) | BIT(11))	/* LBA; IORDY, can be off */
#define ID_CAPABILITIES_2	50
#define ID_PIO_TIMING		51
#define ID_PIO_TIMING_VALUE	0x0200	/* mode 2 */
#define ID_VALID		53
#define ID_VALID_VALUE		(BIT(0) | BIT(1))	/* words 54-58, and 64-70 */
#define ID_NOW_CYLINDERS	54	/* current translation */
#define ID_NOW_HEADS		55
#define ID_NOW_TRACK		56
#define ID_NOW_CAPACITY		57	/* and 58 */
#define ID_MULTIPLE		59
#define ID_MULTIPLE_VALID	BIT(8)
#define ID_CAPACITY_28		60	/* and 61 */
#define ID_PIO_MODES		64
#define ID_PIO_MODES_VALUE	(BIT(0) | BIT(1))	/* modes 3 and 4 */
#define ID_PIO_CYCLE		67	/* ns, without flow control */
#define ID_PIO_CYCLE_IORDY	68
#define ID_PIO_CYCLE_VALUE	120
#define ID_MAJOR		80
#define ID_MAJOR_VALUE		BITS(6, 3)	/* ATA-3 to ATA/ATAPI-6 */
#define ID_SUPPORTED_1		82
#define ID_SUPPORTED_2		83
#define ID_SUPPORTED_3		84
#define ID_ENABLED_1		85
#define ID_ENABLED_2		86
#define ID_ENABLED_3		87
#define ID_SET_NOP		BIT(14)			/* of words 82 and 85 */
#define ID_SET_48_FLUSH		(BIT(10) | BIT(12) | BIT(13))	/* of words 83 and 86 */
#define ID_WORD_VALID		BIT(14)			/* of words 50, 83, 84, 87, 93 */
/* Device 0: by a jumper, passed its diagnostics, answers for an absent device 1. */
#define ID_RESET_RESULT		93
#define ID_RESET_RESULT_VALUE	(BIT(0) | BIT(1) | BIT(3) | BIT(6))
#define ID_CAPACITY_48		100	/* to 103 */

#endif

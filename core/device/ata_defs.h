/*
 * Ports, registers and command codes of an ATA disk. ATA/ATAPI-6 (T13/1410D): "Register
 * definitions" 7, "Command descriptions" 8; what INITIALIZE DEVICE PARAMETERS and
 * RECALIBRATE do is in ATA-3 (X3T13/2008D), as later editions call them obsolete.
 */
#ifndef CORE_DEVICE_ATA_DEFS_H
#define CORE_DEVICE_ATA_DEFS_H

#include "mmu/bits.h"

#define ATA_PORT_FIRST	0x1f0	/* the Command Block */
#define ATA_PORT_LAST	0x1f7
#define ATA_PORT_CONTROL 0x3f6	/* in: Alternate Status; out: Device Control */

#define ATA_SECOND_FIRST 0x170
#define ATA_SECOND_LAST	0x177
#define ATA_SECOND_CONTROL 0x376

#define ATA_DATA	0x1f0
#define ATA_ERROR	0x1f1	/* out: Features */
#define ATA_COUNT	0x1f2
#define ATA_LOW		0x1f3	/* LBA low; or the sector */
#define ATA_MIDDLE	0x1f4	/* LBA mid; or the cylinder, low byte */
#define ATA_HIGH	0x1f5	/* LBA high; or the cylinder, high byte */
#define ATA_DEVICE	0x1f6
#define ATA_STATUS	0x1f7	/* out: Command */

#define ATA_ERROR_ABRT	BIT(2)	/* command aborted */
#define ATA_ERROR_IDNF	BIT(4)	/* no such sector */

#define ATA_DEVICE_HEAD	BITS(3, 0)	/* or LBA bits 27:24 */
#define ATA_DEVICE_DEV	BIT(4)
#define ATA_DEVICE_LBA	BIT(6)

#define ATA_STATUS_ERR	BIT(0)
#define ATA_STATUS_DRQ	BIT(3)
#define ATA_STATUS_DSC	BIT(4)	/* command dependent; of old: the seek is complete */
#define ATA_STATUS_DRDY	BIT(6)
#define ATA_STATUS_BSY	BIT(7)
#define ATA_STATUS_READY (ATA_STATUS_DRDY | ATA_STATUS_DSC)

#define ATA_CONTROL_NIEN BIT(1)	/* 1: no interrupts */
#define ATA_CONTROL_SRST BIT(2)
#define ATA_CONTROL_HOB	BIT(7)	/* reads show the bytes written before the last */

/* How a command names its sectors. */
#define ATA_CHS		0
#define ATA_LBA28	1
#define ATA_LBA48	2

#define ATA_COUNT_28	256u	/* what a count of 0 stands for */
#define ATA_COUNT_48	65536u
#define ATA_LBA28_MAX	UINT64_C(0x0fffffff)

/* "Signature and persistence": a disk's; "EXECUTE DEVICE DIAGNOSTIC": no fault. */
#define ATA_SIGNATURE	1
#define ATA_PASSED	1

#define ATA_MULTIPLE_MAX 16	/* sectors in a DRQ block; a power of two */
#define ATA_HEADS	16	/* the default translation */
#define ATA_TRACK	63
#define ATA_CYLINDERS_MAX 16383

#define ATA_RECALIBRATE			0x10	/* to 1fh */
#define ATA_RECALIBRATE_LAST		0x1f
#define ATA_READ_SECTORS		0x20
#define ATA_READ_SECTORS_ONCE		0x21	/* "without retry" */
#define ATA_READ_SECTORS_EXT		0x24
#define ATA_READ_MULTIPLE_EXT		0x29
#define ATA_WRITE_SECTORS		0x30
#define ATA_WRITE_SECTORS_ONCE		0x31
#define ATA_WRITE_SECTORS_EXT		0x34
#define ATA_WRITE_MULTIPLE_EXT		0x39
#define ATA_READ_VERIFY			0x40
#define ATA_READ_VERIFY_ONCE		0x41
#define ATA_READ_VERIFY_EXT		0x42
#define ATA_SEEK			0x70
#define ATA_DIAGNOSTIC			0x90
#define ATA_INITIALIZE_PARAMETERS	0x91
#define ATA_READ_MULTIPLE		0xc4
#define ATA_WRITE_MULTIPLE		0xc5
#define ATA_SET_MULTIPLE		0xc6
#define ATA_STANDBY_IMMEDIATE		0xe0
#define ATA_IDLE_IMMEDIATE		0xe1
#define ATA_STANDBY			0xe2
#define ATA_IDLE			0xe3
#define ATA_CHECK_POWER			0xe5
#define ATA_FLUSH_CACHE			0xe7
#define ATA_FLUSH_CACHE_EXT		0xea
#define ATA_IDENTIFY			0xec
#define ATA_SET_FEATURES		0xef

#define ATA_POWER_ACTIVE		0xff	/* or idle */
#define ATA_FEATURE_TRANSFER_MODE	0x03
#define ATA_TRANSFER_PIO_LAST		0x0f	/* above: DMA */

#endif

/*
 * An ATA disk by programmed I/O on the first channel (1f0h to 1f7h, 3f6h, IRQ 14), with
 * its content in memory: what is written is seen until the run ends and kept nowhere.
 * ATA/ATAPI-6 (T13/1410D), "Register definitions" 7, "Command descriptions" 8.
 */
#ifndef CORE_DEVICE_ATA_H
#define CORE_DEVICE_ATA_H

#include "core/device/clock.h"
#include "core/device/device.h"

#define ATA_IRQ		14u
#define ATA_DEVICES	4u	/* ports 1f0h to 1f7h, 3f6h, 170h to 177h, 376h */
#define ATA_SECTOR	512u

struct ata {
	uint8_t		*disk;		/* NULL: no disk there */
	uint64_t	sectors;
	uint8_t		error, features, status, control, device;
	/* Each twice: the last byte written, and the one before it (48-bit commands). */
	uint8_t		count[2], low[2], middle[2], high[2];
	uint8_t		buffer[ATA_SECTOR];
	unsigned	at;		/* byte in the buffer; even, and inside it */
	uint32_t	left;		/* sectors after the one in the buffer */
	uint64_t	next;		/* the sector after the one in the buffer */
	bool		writing;
	uint8_t		addressing;	/* how the command names its sectors, ATA_CHS ... */
	uint8_t		block;		/* sectors in one of the command's DRQ blocks */
	uint8_t		block_left;	/* of this block, after the one in the buffer */
	uint8_t		multiple;	/* sectors a DRQ block, SET MULTIPLE MODE; 0: off */
	uint8_t		heads, track;	/* of CHS addresses; neither is 0 */
	bool		pending;	/* an interrupt, whether the line may tell it or not */
	struct irq_line	irq;
};

/*
 * `disk`: `size` bytes, rounded down to sectors; written in place. Without a whole sector
 * there is no disk, and its ports read 0, as the second channel's always do.
 */
void ata_init(struct ata *ata, uint8_t *disk, uint64_t size, struct irq_line irq);
void ata_devices(struct ata *ata, struct device out[ATA_DEVICES]);

#endif

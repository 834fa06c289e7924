/*
 * The disk's commands, from the Command register's write to the last sector. Every one is
 * done at once: no time passes, so BSY is never seen. Knows no port.
 * ATA/ATAPI-6 (T13/1410D), "Command descriptions"; "PIO data-in command protocol" and after.
 */
#include <string.h>

#include "core/device/ata_internal.h"

#define TO_DISK		BIT(0)
#define NO_DATA		BIT(1)	/* only whether the sectors are there */
#define EXT		BIT(2)	/* 48-bit */
#define IN_BLOCKS	BIT(3)
#define ONE_SECTOR	BIT(4)	/* whatever the count says */

/* The commands that name sectors. */
static const struct {
	uint8_t	command, kind;
} sector_commands[] = {
	{ ATA_READ_SECTORS,		0 },
	{ ATA_READ_SECTORS_ONCE,	0 },
	{ ATA_READ_SECTORS_EXT,		EXT },
	{ ATA_READ_MULTIPLE,		IN_BLOCKS },
	{ ATA_READ_MULTIPLE_EXT,	IN_BLOCKS | EXT },
	{ ATA_WRITE_SECTORS,		TO_DISK },
	{ ATA_WRITE_SECTORS_ONCE,	TO_DISK },
	{ ATA_WRITE_SECTORS_EXT,	TO_DISK | EXT },
	{ ATA_WRITE_MULTIPLE,		TO_DISK | IN_BLOCKS },
	{ ATA_WRITE_MULTIPLE_EXT,	TO_DISK | IN_BLOCKS | EXT },
	{ ATA_READ_VERIFY,		NO_DATA },
	{ ATA_READ_VERIFY_ONCE,		NO_DATA },
	{ ATA_READ_VERIFY_EXT,		NO_DATA | EXT },
	{ ATA_SEEK,			NO_DATA | ONE_SECTOR },
};

static void finish(struct ata *ata)
{
	ata->status = ATA_STATUS_READY;
	ata_interrupt(ata, true);
}

static void fail(struct ata *ata, uint8_t error)
{
	ata->error = error;
	ata->status = ATA_STATUS_READY | ATA_STATUS_ERR;
	ata->left = 0;
	ata_interrupt(ata, true);
}

void ata_signature(struct ata *ata)
{
	memset(ata->count, 0, sizeof(ata->count));
	memset(ata->low, 0, sizeof(ata->low));
	memset(ata->middle, 0, sizeof(ata->middle));
	memset(ata->high, 0, sizeof(ata->high));
	ata->count[0] = ATA_SIGNATURE;
	ata->low[0] = ATA_SIGNATURE;
	ata->device = 0;
	ata->error = ATA_PASSED;
	ata->status = ATA_STATUS_READY;
	ata->left = 0;
}

/* One interrupt a DRQ block, but for the first of a write, which the host need not await. */
static void announce_block(struct ata *ata, bool first)
{
	if (ata->block_left)
		ata->block_left--;
	else {
		ata->block_left = ata->left < ata->block ?
				  (uint8_t)ata->left : ata->block - 1;
		if (!ata->writing || !first)
			ata_interrupt(ata, true);
	}
}

/*
 * The next sector into the buffer, or room for it. One that is not there ends the command,
 * in the middle of a block too: what came before it has been transferred.
 */
static void begin_sector(struct ata *ata, bool first)
{
	ata_set_address(ata, ata->next);
	ata_set_count(ata, ata->left);
	if (ata->next >= ata->sectors) {
		fail(ata, ATA_ERROR_IDNF);
		return;
	}
	if (!ata->writing)
		memcpy(ata->buffer, ata->disk + ata->next * ATA_SECTOR, ATA_SECTOR);
	ata->next++;
	ata->left--;
	ata->at = 0;
	ata->status = ATA_STATUS_READY | ATA_STATUS_DRQ;
	announce_block(ata, first);
}

void ata_buffer_done(struct ata *ata)
{
	ata->at = 0;
	if (ata->writing)
		memcpy(ata->disk + (ata->next - 1) * ATA_SECTOR, ata->buffer,
		       ATA_SECTOR);
	if (ata->left) {
		begin_sector(ata, false);
		return;
	}
	ata->status = ATA_STATUS_READY;
	if (ata->writing)
		ata_interrupt(ata, true);
}

/* Like a transfer of that many, to the same sector's error. */
static void verify(struct ata *ata, uint64_t lba, uint32_t count)
{
	const uint64_t there = lba < ata->sectors ? ata->sectors - lba : 0;

	if (count > there) {
		ata_set_address(ata, lba + there);
		ata_set_count(ata, count - (uint32_t)there);
		fail(ata, ATA_ERROR_IDNF);
		return;
	}
	ata_set_address(ata, lba + count - 1);
	ata_set_count(ata, 0);
	finish(ata);
}

static void sector_command(struct ata *ata, unsigned kind)
{
	uint64_t lba;
	uint32_t count;

	if (kind & EXT)
		ata->addressing = ATA_LBA48;
	else
		ata->addressing = ata->device & ATA_DEVICE_LBA ? ATA_LBA28 : ATA_CHS;
	if ((kind & IN_BLOCKS) && !ata->multiple) {
		fail(ata, ATA_ERROR_ABRT);
		return;
	}
	if (!ata_get_address(ata, &lba)) {
		fail(ata, ATA_ERROR_IDNF);
		return;
	}
	count = kind & ONE_SECTOR ? 1 : ata_get_count(ata);
	if (kind & NO_DATA) {
		verify(ata, lba, count);
		return;
	}
	ata->writing = kind & TO_DISK;
	ata->next = lba;
	ata->left = count;
	ata->block = kind & IN_BLOCKS ? ata->multiple : 1;
	ata->block_left = 0;
	begin_sector(ata, true);
}

static void identify_device(struct ata *ata)
{
	ata_identify(ata);
	ata->writing = false;
	ata->at = 0;
	ata->status = ATA_STATUS_READY | ATA_STATUS_DRQ;
	ata_interrupt(ata, true);
}

/* A block size that is not supported switches the mode off. "SET MULTIPLE MODE" */
static void set_multiple(struct ata *ata)
{
	const uint8_t size = ata->count[0];
	const bool supported = size <= ATA_MULTIPLE_MAX && !(size & (size - 1));

	ata->multiple = supported ? size : 0;
	if (supported)
		finish(ata);
	else
		fail(ata, ATA_ERROR_ABRT);
}

/* ATA-3 "INITIALIZE DEVICE PARAMETERS": sectors a track, and the highest head. */
static void initialize_parameters(struct ata *ata)
{
	if (!ata->count[0]) {
		fail(ata, ATA_ERROR_ABRT);
		return;
	}
	ata->track = ata->count[0];
	ata->heads = (ata->device & ATA_DEVICE_HEAD) + 1;
	finish(ata);
}

/* All is as well without it; but a transfer by DMA cannot be set. */
static void set_features(struct ata *ata)
{
	if (ata->features == ATA_FEATURE_TRANSFER_MODE &&
	    ata->count[0] > ATA_TRANSFER_PIO_LAST)
		fail(ata, ATA_ERROR_ABRT);
	else
		finish(ata);
}

static void other_command(struct ata *ata, uint8_t command)
{
	switch (command) {
	case ATA_IDENTIFY:
		identify_device(ata);
		break;
	case ATA_SET_MULTIPLE:
		set_multiple(ata);
		break;
	case ATA_SET_FEATURES:
		set_features(ata);
		break;
	case ATA_INITIALIZE_PARAMETERS:
		initialize_parameters(ata);
		break;
	case ATA_DIAGNOSTIC:
		ata_signature(ata);
		ata_interrupt(ata, true);
		break;
	case ATA_CHECK_POWER:
		ata->count[0] = ATA_POWER_ACTIVE;
		finish(ata);
		break;
	/* Nothing to move, to stop or to flush. */
	case ATA_RECALIBRATE ... ATA_RECALIBRATE_LAST:
	case ATA_FLUSH_CACHE:
	case ATA_FLUSH_CACHE_EXT:
	case ATA_IDLE:
	case ATA_IDLE_IMMEDIATE:
	case ATA_STANDBY:
	case ATA_STANDBY_IMMEDIATE:
		finish(ata);
		break;
	/* NOP too ends like this: "NOP". */
	default:
		fail(ata, ATA_ERROR_ABRT);
	}
}

/* A command that is written while another transfers data takes its place. */
void ata_command(struct ata *ata, uint8_t command)
{
	ata->error = 0;
	ata->status = ATA_STATUS_READY;
	ata->left = 0;
	/* Withdrawn first, so that this command's own is a new edge. */
	ata_interrupt(ata, false);
	for (size_t i = 0; i < ARRAY_SIZE(sector_commands); i++)
		if (sector_commands[i].command == command) {
			sector_command(ata, sector_commands[i].kind);
			return;
		}
	other_command(ata, command);
}

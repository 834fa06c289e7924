/*
 * The disk's registers at their ports: selection, resets, the data port and the interrupt.
 * Knows no command. ATA/ATAPI-6 "Register definitions", "Protocol".
 */
#include "core/device/ata.h"

#include <string.h>

#include "core/device/ata_internal.h"

/*
 * A cable with no device on it: the host pulls DD7 down, so that BSY is 0, and software
 * sees that nobody keeps what it writes. "DD (15:0) (Device data)"
 */
#define NOBODY		0
#define NO_DATA		BITS(15, 0)
#define BYTE_BITS	8
#define WORD_BITS	16
#define WORD		sizeof(uint16_t)

/* Only a selected device drives the line. "INTRQ (Device interrupt)" */
void ata_interrupt(struct ata *ata, bool pending)
{
	ata->pending = pending;
	irq_set(&ata->irq, pending && !(ata->control & ATA_CONTROL_NIEN) &&
			   !(ata->device & ATA_DEVICE_DEV));
}

static bool moves_data(const struct ata *ata, bool writing)
{
	return (ata->status & ATA_STATUS_DRQ) && ata->writing == writing;
}

static void next_word(struct ata *ata)
{
	ata->at += WORD;
	if (ata->at == ATA_SECTOR)
		ata_buffer_done(ata);
}

static uint16_t read_word(struct ata *ata)
{
	uint16_t word;

	if (!moves_data(ata, false))
		return NO_DATA;
	memcpy(&word, ata->buffer + ata->at, WORD);
	next_word(ata);
	return word;
}

static void write_word(struct ata *ata, uint16_t word)
{
	if (!moves_data(ata, true))
		return;
	memcpy(ata->buffer + ata->at, &word, WORD);
	next_word(ata);
}

/* "Device 0 only configurations": it answers for device 1, but with status 0. */
static uint8_t status(const struct ata *ata)
{
	return ata->device & ATA_DEVICE_DEV ? 0 : ata->status;
}

static uint8_t read_status(struct ata *ata)
{
	if (!(ata->device & ATA_DEVICE_DEV))
		ata_interrupt(ata, false);
	return status(ata);
}

static uint8_t ata_in(void *self, uint16_t port)
{
	struct ata *ata = self;
	const bool before = ata->control & ATA_CONTROL_HOB;

	if (!ata->disk)
		return NOBODY;
	/* "Status register": while BSY is set every register reads as it. */
	if (ata->status & ATA_STATUS_BSY)
		return ata->status;
	switch (port) {
	case ATA_DATA:
		/* The register is a word: a byte moves one, and shows half of it. */
		return read_word(ata) & BITS(7, 0);
	case ATA_ERROR:
		return ata->error;
	case ATA_COUNT:
		return ata->count[before];
	case ATA_LOW:
		return ata->low[before];
	case ATA_MIDDLE:
		return ata->middle[before];
	case ATA_HIGH:
		return ata->high[before];
	case ATA_DEVICE:
		return ata->device;
	default:
		return read_status(ata);
	}
}

static void push(uint8_t reg[2], uint8_t value)
{
	reg[1] = reg[0];
	reg[0] = value;
}

static void write_command(struct ata *ata, uint8_t command)
{
	if (!(ata->device & ATA_DEVICE_DEV) || command == ATA_DIAGNOSTIC)
		ata_command(ata, command);
}

static void ata_out(void *self, uint16_t port, uint8_t value)
{
	struct ata *ata = self;

	if (!ata->disk || (ata->status & ATA_STATUS_BSY))
		return;
	/* "Device Control register": any write to the Command Block clears HOB. */
	ata->control &= (uint8_t)~ATA_CONTROL_HOB;
	switch (port) {
	case ATA_DATA:
		write_word(ata, value);
		break;
	case ATA_ERROR:
		ata->features = value;
		break;
	case ATA_COUNT:
		push(ata->count, value);
		break;
	case ATA_LOW:
		push(ata->low, value);
		break;
	case ATA_MIDDLE:
		push(ata->middle, value);
		break;
	case ATA_HIGH:
		push(ata->high, value);
		break;
	case ATA_DEVICE:
		ata->device = value;
		ata_interrupt(ata, ata->pending);
		break;
	default:
		write_command(ata, value);
	}
}

/* A doubleword is two words of data; at the other ports there is nothing wide. */
static bool ata_in_wide(void *self, uint16_t port, unsigned size, uint32_t *value)
{
	struct ata *ata = self;

	if (port != ATA_DATA || !ata->disk)
		return false;
	*value = read_word(ata);
	if (size > WORD)
		*value |= (uint32_t)read_word(ata) << WORD_BITS;
	return true;
}

static bool ata_out_wide(void *self, uint16_t port, unsigned size, uint32_t value)
{
	struct ata *ata = self;

	if (port != ATA_DATA || !ata->disk)
		return false;
	write_word(ata, (uint16_t)value);
	if (size > WORD)
		write_word(ata, (uint16_t)(value >> WORD_BITS));
	return true;
}

static uint8_t control_in(void *self, uint16_t port)
{
	const struct ata *ata = self;

	(void)port;
	return ata->disk ? status(ata) : NOBODY;
}

/* Whichever device is selected: both see this register. "Software reset protocol" */
static void control_out(void *self, uint16_t port, uint8_t value)
{
	struct ata *ata = self;
	const uint8_t before = ata->control;

	(void)port;
	if (!ata->disk)
		return;
	ata->control = value;
	if (value & ATA_CONTROL_SRST) {
		ata->status = ATA_STATUS_BSY;
		ata->device = 0;
		ata->pending = false;
	} else if (before & ATA_CONTROL_SRST) {
		ata_signature(ata);
	}
	ata_interrupt(ata, ata->pending);
}

/* The second channel has no device. */
static uint8_t second_in(void *self, uint16_t port)
{
	(void)self;
	(void)port;
	return NOBODY;
}

static void second_out(void *self, uint16_t port, uint8_t value)
{
	(void)self;
	(void)port;
	(void)value;
}

void ata_init(struct ata *ata, uint8_t *disk, uint64_t size, struct irq_line irq)
{
	memset(ata, 0, sizeof(*ata));
	ata->disk = size < ATA_SECTOR ? NULL : disk;
	ata->sectors = size / ATA_SECTOR;
	ata->multiple = ATA_MULTIPLE_MAX;
	ata->heads = ATA_HEADS;
	ata->track = ATA_TRACK;
	ata->irq = irq;
	ata_signature(ata);
}

void ata_devices(struct ata *ata, struct device out[ATA_DEVICES])
{
	out[0] = (struct device){
		.first = ATA_PORT_FIRST,
		.last = ATA_PORT_LAST,
		.self = ata,
		.in = ata_in,
		.out = ata_out,
		.in_wide = ata_in_wide,
		.out_wide = ata_out_wide,
	};
	out[1] = (struct device){
		.first = ATA_PORT_CONTROL,
		.last = ATA_PORT_CONTROL,
		.self = ata,
		.in = control_in,
		.out = control_out,
	};
	out[2] = (struct device){
		.first = ATA_SECOND_FIRST, .last = ATA_SECOND_LAST,
		.in = second_in, .out = second_out,
	};
	out[3] = out[2];
	out[3].first = out[3].last = ATA_SECOND_CONTROL;
}

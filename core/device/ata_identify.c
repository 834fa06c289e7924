/* What the disk says of itself: IDENTIFY DEVICE's 256 words. Knows no registers. */
#include "core/device/ata_identify_defs.h"

#include <string.h>

#include "core/device/ata_internal.h"

#define BYTE_BITS	8
#define WORD_BITS	16

static void put(struct ata *ata, unsigned word, uint64_t value)
{
	ata->buffer[word * 2] = value & BITS(7, 0);
	ata->buffer[word * 2 + 1] = (value >> BYTE_BITS) & BITS(7, 0);
}

/* Least significant word first. */
static void put_words(struct ata *ata, unsigned word, unsigned words, uint64_t value)
{
	for (unsigned i = 0; i < words; i++)
		put(ata, word + i, value >> (i * WORD_BITS));
}

/* The first character of a word is its high byte; the rest are spaces. */
static void put_text(struct ata *ata, unsigned word, unsigned words, const char *text)
{
	for (unsigned i = 0; i < words * 2; i++)
		ata->buffer[(word * 2 + i) ^ 1] = *text ? (uint8_t)*text++ : ' ';
}

static uint64_t smaller(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* A disk smaller than one cylinder still has one; what it lacks is not found. */
static uint64_t cylinders(const struct ata *ata, unsigned heads, unsigned track)
{
	uint64_t whole = ata->sectors / (heads * track);

	return whole ? smaller(whole, ATA_CYLINDERS_MAX) : 1;
}

static void put_geometry(struct ata *ata)
{
	const uint64_t now = cylinders(ata, ata->heads, ata->track);

	put(ata, ID_CYLINDERS, cylinders(ata, ATA_HEADS, ATA_TRACK));
	put(ata, ID_HEADS, ATA_HEADS);
	put(ata, ID_TRACK, ATA_TRACK);
	put(ata, ID_NOW_CYLINDERS, now);
	put(ata, ID_NOW_HEADS, ata->heads);
	put(ata, ID_NOW_TRACK, ata->track);
	put_words(ata, ID_NOW_CAPACITY, 2,
		  smaller(ata->sectors, now * ata->heads * ata->track));
	put_words(ata, ID_CAPACITY_28, 2, smaller(ata->sectors, ATA_LBA28_MAX));
	put_words(ata, ID_CAPACITY_48, 4, ata->sectors);
}

static void put_features(struct ata *ata)
{
	put(ata, ID_MAJOR, ID_MAJOR_VALUE);
	put(ata, ID_SUPPORTED_1, ID_SET_NOP);
	put(ata, ID_SUPPORTED_2, ID_SET_48_FLUSH | ID_WORD_VALID);
	put(ata, ID_SUPPORTED_3, ID_WORD_VALID);
	put(ata, ID_ENABLED_1, ID_SET_NOP);
	put(ata, ID_ENABLED_2, ID_SET_48_FLUSH);
	put(ata, ID_ENABLED_3, ID_WORD_VALID);
	put(ata, ID_RESET_RESULT, ID_RESET_RESULT_VALUE | ID_WORD_VALID);
}

static void put_transfers(struct ata *ata)
{
	put(ata, ID_MULTIPLE_MAX, ID_MULTIPLE_FIXED | ATA_MULTIPLE_MAX);
	if (ata->multiple)
		put(ata, ID_MULTIPLE, ID_MULTIPLE_VALID | ata->multiple);
	put(ata, ID_CAPABILITIES, ID_CAPABILITIES_VALUE);
	put(ata, ID_CAPABILITIES_2, ID_WORD_VALID);
	put(ata, ID_PIO_TIMING, ID_PIO_TIMING_VALUE);
	put(ata, ID_VALID, ID_VALID_VALUE);
	put(ata, ID_PIO_MODES, ID_PIO_MODES_VALUE);
	put(ata, ID_PIO_CYCLE, ID_PIO_CYCLE_VALUE);
	put(ata, ID_PIO_CYCLE_IORDY, ID_PIO_CYCLE_VALUE);
}

void ata_identify(struct ata *ata)
{
	memset(ata->buffer, 0, sizeof(ata->buffer));
	put(ata, ID_GENERAL, ID_GENERAL_FIXED);
	put_text(ata, ID_SERIAL, ID_SERIAL_WORDS, "1");
	put_text(ata, ID_FIRMWARE, ID_FIRMWARE_WORDS, "1");
	put_text(ata, ID_MODEL, ID_MODEL_WORDS, "Diptych disk");
	put_geometry(ata);
	put_transfers(ata);
	put_features(ata);
}

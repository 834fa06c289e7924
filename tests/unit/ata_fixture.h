/*
 * A small disk on a bus, and the accesses by which a driver uses it. Sectors are filled
 * with their number; the memory ends where the disk does, so that ASan sees an overrun.
 */
#ifndef TESTS_UNIT_ATA_FIXTURE_H
#define TESTS_UNIT_ATA_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "core/device/ata.h"

#define DISK_SECTORS	3000u

struct drive {
	struct bus	bus;
	struct ata	ata;
	uint8_t		*disk;
	bool		level;
	unsigned	rises;
};

static inline void drive_line(void *controller, unsigned line, bool level)
{
	struct drive *d = controller;

	assert_int_equal(line, 14);
	if (level && !d->level)
		d->rises++;
	d->level = level;
}

static inline void drive_sized(struct drive *d, uint64_t size)
{
	const struct irq_line irq = { drive_line, d, ATA_IRQ };
	struct device device[ATA_DEVICES];

	memset(&d->bus, 0, sizeof(d->bus));
	ata_init(&d->ata, d->disk, size, irq);
	ata_devices(&d->ata, device);
	for (unsigned i = 0; i < ATA_DEVICES; i++)
		assert_true(bus_attach(&d->bus, &device[i]));
}

static inline int drive_setup(void **state)
{
	struct drive *d = calloc(1, sizeof(*d));

	assert_non_null(d);
	d->disk = malloc(DISK_SECTORS * ATA_SECTOR);
	assert_non_null(d->disk);
	for (unsigned i = 0; i < DISK_SECTORS * ATA_SECTOR; i += 2) {
		d->disk[i] = (uint8_t)(i / ATA_SECTOR);
		d->disk[i + 1] = (uint8_t)(i / ATA_SECTOR >> 8);
	}
	drive_sized(d, DISK_SECTORS * ATA_SECTOR);
	*state = d;
	return 0;
}

static inline int drive_teardown(void **state)
{
	struct drive *d = *state;

	free(d->disk);
	free(d);
	return 0;
}

#define DRIVE_TEST(f) cmocka_unit_test_setup_teardown(f, drive_setup, drive_teardown)

static inline uint8_t in(struct drive *d, unsigned port)
{
	return (uint8_t)bus_in(&d->bus, (uint16_t)port, 1);
}

static inline void out(struct drive *d, unsigned port, uint8_t value)
{
	bus_out(&d->bus, (uint16_t)port, 1, value);
}

/* Count, three address bytes, device, command. */
static inline void command(struct drive *d, uint8_t code, uint8_t count,
			   uint32_t address, uint8_t device)
{
	out(d, 0x1f6, device);
	out(d, 0x1f2, count);
	out(d, 0x1f3, (uint8_t)address);
	out(d, 0x1f4, (uint8_t)(address >> 8));
	out(d, 0x1f5, (uint8_t)(address >> 16));
	out(d, 0x1f7, code);
}

static inline void command28(struct drive *d, uint8_t code, uint8_t count, uint32_t lba)
{
	command(d, code, count, lba & 0xffffff, (uint8_t)(0xe0 | lba >> 24));
}

static inline void command48(struct drive *d, uint8_t code, uint16_t count, uint64_t lba)
{
	out(d, 0x1f2, (uint8_t)(count >> 8));
	for (unsigned i = 0; i < 3; i++)
		out(d, 0x1f3 + i, (uint8_t)(lba >> (24 + 8 * i)));
	command(d, code, (uint8_t)count, lba & 0xffffff, 0xe0);
}

static inline void expect_sector(struct drive *d, unsigned number)
{
	for (unsigned i = 0; i < ATA_SECTOR / 2; i++)
		assert_int_equal(bus_in(&d->bus, 0x1f0, 2), number);
}

static inline void send_sector(struct drive *d, uint16_t word)
{
	for (unsigned i = 0; i < ATA_SECTOR / 2; i++)
		bus_out(&d->bus, 0x1f0, 2, word);
}

/* What lies on the disk is that word, all through. */
static inline void expect_on_disk(const struct drive *d, unsigned sector, uint16_t word)
{
	uint16_t there;

	for (unsigned i = 0; i < ATA_SECTOR; i += 2) {
		memcpy(&there, d->disk + (size_t)sector * ATA_SECTOR + i, 2);
		assert_int_equal(there, word);
	}
}

/* Ready: 50h; with data to move 58h; ended by an error 51h. */
static inline void expect_status(struct drive *d, uint8_t status)
{
	assert_int_equal(in(d, 0x3f6), status);
}

static inline void expect_error(struct drive *d, uint8_t error)
{
	expect_status(d, 0x51);
	assert_int_equal(in(d, 0x1f1), error);
}

static inline void expect_lba28(struct drive *d, uint32_t lba)
{
	assert_int_equal(in(d, 0x1f3), lba & 0xff);
	assert_int_equal(in(d, 0x1f4), (lba >> 8) & 0xff);
	assert_int_equal(in(d, 0x1f5), (lba >> 16) & 0xff);
	assert_int_equal(in(d, 0x1f6), 0xe0 | lba >> 24);
}

/* The line rose since the last look; the status read lowers it. */
static inline void expect_interrupt(struct drive *d, bool expected)
{
	assert_int_equal(d->rises, expected);
	assert_int_equal(d->level, expected);
	d->rises = 0;
	in(d, 0x1f7);
	assert_false(d->level);
}

#endif

/*
 * The disk's commands that name sectors: addresses, DRQ blocks, interrupts, the disk's end.
 * Each rule from ATA/ATAPI-6 (T13/1410D).
 */
#include "ata_fixture.h"

#define ERR_ABRT 0x04
#define ERR_IDNF 0x10

/* "PIO data-in command protocol": an interrupt before each sector, none at the end. */
static void read_interrupts_before_each_sector(void **state)
{
	struct drive *d = *state;

	command28(d, 0x20, 3, 1234);
	for (unsigned i = 0; i < 3; i++) {
		expect_status(d, 0x58);
		expect_interrupt(d, true);
		expect_sector(d, 1234 + i);
	}
	expect_status(d, 0x50);
	expect_interrupt(d, false);
	assert_int_equal(bus_in(&d->bus, 0x1f0, 2), 0xffff);
}

/* "PIO data-out command protocol": none before the first sector, one after each. */
static void write_interrupts_after_each_sector(void **state)
{
	struct drive *d = *state;

	command28(d, 0x30, 2, 77);
	expect_status(d, 0x58);
	expect_interrupt(d, false);
	send_sector(d, 0x1111);
	expect_status(d, 0x58);
	expect_interrupt(d, true);
	send_sector(d, 0x2222);
	expect_status(d, 0x50);
	expect_interrupt(d, true);
	send_sector(d, 0x3333);
	expect_on_disk(d, 76, 76);
	expect_on_disk(d, 77, 0x1111);
	expect_on_disk(d, 78, 0x2222);
	expect_on_disk(d, 79, 79);
}

/* "READ MULTIPLE": one interrupt a block; the last block is what remains. */
static void multiple_interrupts_once_a_block(void **state)
{
	static const bool announced[10] = { true, false, false, false, true,
					    false, false, false, true, false };
	struct drive *d = *state;

	command(d, 0xc6, 4, 0, 0xa0);
	expect_interrupt(d, true);
	command28(d, 0xc4, 10, 100);
	for (unsigned i = 0; i < 10; i++) {
		expect_interrupt(d, announced[i]);
		expect_sector(d, 100 + i);
	}
	expect_status(d, 0x50);
	expect_interrupt(d, false);
	command28(d, 0xc5, 10, 200);
	for (unsigned i = 0; i < 10; i++) {
		expect_status(d, 0x58);
		expect_interrupt(d, i && announced[i]);
		send_sector(d, 0x4444);
	}
	expect_status(d, 0x50);
	expect_interrupt(d, true);
	expect_on_disk(d, 209, 0x4444);
	expect_on_disk(d, 210, 210);
}

/* Each code reads or writes that sector, by its own width of address and count. */
static void every_code_transfers(void **state)
{
	static const uint8_t reads[] = { 0x20, 0x21, 0xc4 }, writes[] = { 0x30, 0x31, 0xc5 };
	static const uint8_t reads48[] = { 0x24, 0x29 }, writes48[] = { 0x34, 0x39 };
	struct drive *d = *state;
	unsigned sector = 300;

	for (unsigned i = 0; i < 3; i++, sector++) {
		command28(d, reads[i], 1, sector);
		expect_sector(d, sector);
		command28(d, writes[i], 1, sector);
		send_sector(d, 0x5555);
		expect_on_disk(d, sector, 0x5555);
	}
	for (unsigned i = 0; i < 2; i++, sector++) {
		command48(d, reads48[i], 1, sector);
		expect_sector(d, sector);
		command48(d, writes48[i], 1, sector);
		send_sector(d, 0x5555);
		expect_on_disk(d, sector, 0x5555);
	}
	expect_status(d, 0x50);
}

/* A count of 0 stands for 256 sectors, of a 48-bit command for 65,536. */
static void count_0_is_the_most(void **state)
{
	struct drive *d = *state;

	command28(d, 0x20, 0, 1000);
	for (unsigned i = 0; i < 256; i++)
		expect_sector(d, 1000 + i);
	expect_status(d, 0x50);
	/* More than there is: all of it comes, then the end is not found. */
	command48(d, 0x24, 0, 0);
	for (unsigned i = 0; i < DISK_SECTORS; i++)
		expect_sector(d, i);
	expect_error(d, ERR_IDNF);
	assert_int_equal(in(d, 0x1f2), (65536 - 3000) & 0xff);
	out(d, 0x3f6, 0x80);
	assert_int_equal(in(d, 0x1f2), (65536 - 3000) >> 8);
}

/* 48 bits: the bytes written first are the high ones. */
static void count_and_address_have_48_bit_halves(void **state)
{
	struct drive *d = *state;

	command48(d, 0x24, 0x0102, 5);
	for (unsigned i = 0; i < 0x102; i++)
		expect_sector(d, 5 + i);
	expect_status(d, 0x50);
	for (unsigned bit = 12; bit < 48; bit++) {
		command48(d, 0x24, 1, UINT64_C(1) << bit);
		expect_error(d, ERR_IDNF);
	}
	/* LBA bits 27:24 are in Device for 28 bits, and nothing for 48. */
	command28(d, 0x20, 1, 0x1000000);
	expect_error(d, ERR_IDNF);
	expect_lba28(d, 0x1000000);
	command(d, 0x24, 1, 5, 0xef);
	out(d, 0x1f2, 0);
	expect_sector(d, 5);
}

/* ATA-3: sector numbers start at 1; (cylinder * heads + head) * sectors + sector - 1. */
static void chs_names_the_sectors(void **state)
{
	struct drive *d = *state;

	command(d, 0x20, 3, 1 << 8 | 62, 0xa2);
	for (unsigned i = 0; i < 3; i++)
		expect_sector(d, (1 * 16 + 2) * 63 + 61 + i);
	expect_status(d, 0x50);
	/* The address is the last sector's, on the next track. */
	assert_int_equal(in(d, 0x1f3), 1);
	assert_int_equal(in(d, 0x1f4), 1);
	assert_int_equal(in(d, 0x1f6), 0xa3);
	command(d, 0x91, 10, 0, 0xa3);
	command(d, 0x20, 1, 2 << 8 | 10, 0xa3);
	expect_sector(d, (2 * 4 + 3) * 10 + 9);
}

static void chs_outside_the_translation_is_not_found(void **state)
{
	static const struct { uint32_t address; uint8_t device; } wrong[] = {
		{ 0, 0xa0 }, { 64, 0xa0 }, { 0x300 | 1, 0xa0 }, { 0xffff01, 0xaf },
	};
	struct drive *d = *state;

	for (unsigned i = 0; i < ARRAY_SIZE(wrong); i++) {
		command(d, 0x20, 1, wrong[i].address, wrong[i].device);
		expect_error(d, ERR_IDNF);
		expect_interrupt(d, true);
	}
	command(d, 0x91, 63, 0, 0xa3);
	command(d, 0x20, 1, 1, 0xa3);
	expect_sector(d, 3 * 63);
	command(d, 0x20, 1, 1, 0xa4);
	expect_error(d, ERR_IDNF);
}

static void last_sectors_are_written_and_read_back(void **state)
{
	struct drive *d = *state;

	command28(d, 0x30, 2, DISK_SECTORS - 2);
	send_sector(d, 0x6666);
	send_sector(d, 0x7777);
	expect_status(d, 0x50);
	command48(d, 0x24, 2, DISK_SECTORS - 2);
	expect_sector(d, 0x6666);
	expect_sector(d, 0x7777);
	expect_status(d, 0x50);
	expect_on_disk(d, DISK_SECTORS - 3, DISK_SECTORS - 3);
}

/* The sectors that there are come first; the address is the first one's that is not. */
static void read_past_the_end_gives_what_there_is(void **state)
{
	static const uint8_t codes[] = { 0x20, 0xc4 };
	struct drive *d = *state;

	for (unsigned i = 0; i < 2; i++) {
		command28(d, codes[i], 5, DISK_SECTORS - 2);
		expect_sector(d, DISK_SECTORS - 2);
		expect_status(d, 0x58);
		in(d, 0x1f7);
		expect_sector(d, DISK_SECTORS - 1);
		assert_true(d->level);
		expect_error(d, ERR_IDNF);
		expect_lba28(d, DISK_SECTORS);
		assert_int_equal(in(d, 0x1f2), 3);
		assert_int_equal(bus_in(&d->bus, 0x1f0, 2), 0xffff);
	}
}

static void write_past_the_end_keeps_what_fits(void **state)
{
	struct drive *d = *state;

	command28(d, 0x30, 5, DISK_SECTORS - 1);
	send_sector(d, 0x8888);
	expect_error(d, ERR_IDNF);
	expect_lba28(d, DISK_SECTORS);
	expect_interrupt(d, true);
	send_sector(d, 0x9999);
	expect_on_disk(d, DISK_SECTORS - 1, 0x8888);
	command28(d, 0x30, 1, DISK_SECTORS);
	expect_error(d, ERR_IDNF);
	expect_interrupt(d, true);
}

/* READ VERIFY and SEEK move nothing and find the same end. */
static void verify_checks_every_sector(void **state)
{
	static const uint8_t codes[] = { 0x40, 0x41 };
	struct drive *d = *state;

	for (unsigned i = 0; i < 2; i++) {
		d->rises = 0;
		command28(d, codes[i], 10, DISK_SECTORS - 10);
		expect_status(d, 0x50);
		expect_interrupt(d, true);
		command28(d, codes[i], 11, DISK_SECTORS - 10);
		expect_error(d, ERR_IDNF);
		expect_lba28(d, DISK_SECTORS);
		command28(d, codes[i], 1, 0xfffffff);
		expect_error(d, ERR_IDNF);
		expect_lba28(d, 0xfffffff);
	}
	command48(d, 0x42, DISK_SECTORS, 0);
	expect_status(d, 0x50);
	command48(d, 0x42, DISK_SECTORS, 1);
	expect_error(d, ERR_IDNF);
	command28(d, 0x70, 200, DISK_SECTORS - 1);
	expect_status(d, 0x50);
	command28(d, 0x70, 0, DISK_SECTORS);
	expect_error(d, ERR_IDNF);
}

/* Two words at once, the lower first; also across the end of a sector. */
static void doublewords_are_two_words(void **state)
{
	struct drive *d = *state;

	command28(d, 0x20, 2, 0x102);
	bus_in(&d->bus, 0x1f0, 2);
	for (unsigned i = 0; i < 127; i++)
		assert_int_equal(bus_in(&d->bus, 0x1f0, 4), 0x01020102);
	assert_int_equal(bus_in(&d->bus, 0x1f0, 4), 0x01030102);
	command28(d, 0x30, 1, 9);
	for (unsigned i = 0; i < 128; i++)
		bus_out(&d->bus, 0x1f0, 4, 0xbbbbaaaa);
	expect_status(d, 0x50);
	assert_memory_equal(d->disk + 9 * 512, "\xaa\xaa\xbb\xbb\xaa\xaa", 6);
	assert_memory_equal(d->disk + 9 * 512 + 508, "\xaa\xaa\xbb\xbb", 4);
}

/* The data register is a word wide: a byte moves one, and shows its low half. */
static void bytes_move_words_of_data(void **state)
{
	struct drive *d = *state;

	command28(d, 0x20, 1, 0x123);
	for (unsigned i = 0; i < 256; i++)
		assert_int_equal(in(d, 0x1f0), 0x23);
	expect_status(d, 0x50);
}

/* Data goes only the way that the command says. */
static void wrong_direction_moves_nothing(void **state)
{
	struct drive *d = *state;

	command28(d, 0x20, 1, 10);
	send_sector(d, 0xcccc);
	expect_sector(d, 10);
	expect_on_disk(d, 10, 10);
	command28(d, 0x30, 1, 10);
	assert_int_equal(bus_in(&d->bus, 0x1f0, 2), 0xffff);
	send_sector(d, 0xdddd);
	expect_status(d, 0x50);
	expect_on_disk(d, 10, 0xdddd);
}

/* A half-filled sector of a command that is given up is not written. */
static void new_command_drops_the_old_one_s_data(void **state)
{
	struct drive *d = *state;

	command28(d, 0x30, 1, 20);
	bus_out(&d->bus, 0x1f0, 2, 0xeeee);
	command28(d, 0x20, 1, 21);
	expect_sector(d, 21);
	expect_status(d, 0x50);
	expect_on_disk(d, 20, 20);
	command28(d, 0x30, 3, 20);
	out(d, 0x3f6, 0x04);
	out(d, 0x3f6, 0x00);
	send_sector(d, 0xeeee);
	expect_on_disk(d, 20, 20);
}

/* Nor does a block that was given up swallow the next command's interrupt. */
static void new_command_starts_a_new_block(void **state)
{
	struct drive *d = *state;

	command28(d, 0xc4, 16, 0);
	expect_interrupt(d, true);
	command28(d, 0x20, 1, 0);
	expect_interrupt(d, true);
}

/* Whatever the guest does, the disk's ends hold (by ASan), and it works afterwards. */
static void random_traffic_stays_on_the_disk(void **state)
{
	static const uint8_t codes[] = { 0x20, 0x24, 0x29, 0x30, 0x34, 0x39, 0xc4,
					 0xc5, 0xc6, 0x91, 0xec, 0x40, 0x42, 0x70 };
	static const unsigned sizes[] = { 1, 2, 4 };
	struct drive *d = *state;

	srandom(3);
	for (unsigned i = 0; i < 400000; i++) {
		const uint16_t port = (uint16_t)(0x1ed + random() % 14);
		const unsigned size = sizes[random() % 3];

		switch (random() % 8) {
		case 0:
			bus_out(&d->bus, port, size, (uint32_t)random());
			break;
		case 1:
			bus_in(&d->bus, port, size);
			break;
		case 2:
			out(d, 0x1f7, codes[random() % sizeof(codes)]);
			break;
		case 3:
			out(d, 0x3f6, random() % 16 ? 0 : (uint8_t)random());
			command28(d, codes[random() % sizeof(codes)], (uint8_t)random(),
				  DISK_SECTORS - 4 + (uint32_t)random() % 8);
			break;
		default:
			for (unsigned n = (unsigned)random() % 300; n; n--)
				if (d->ata.writing)
					bus_out(&d->bus, 0x1f0, 4, (uint32_t)random());
				else
					bus_in(&d->bus, 0x1f0, 4);
		}
		assert_in_range(d->ata.at, 0, ATA_SECTOR - 2);
	}
	out(d, 0x3f6, 0x04);
	out(d, 0x3f6, 0x02);
	command28(d, 0x30, 1, DISK_SECTORS - 1);
	send_sector(d, 0xabcd);
	expect_on_disk(d, DISK_SECTORS - 1, 0xabcd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		DRIVE_TEST(read_interrupts_before_each_sector),
		DRIVE_TEST(write_interrupts_after_each_sector),
		DRIVE_TEST(multiple_interrupts_once_a_block),
		DRIVE_TEST(every_code_transfers),
		DRIVE_TEST(count_0_is_the_most),
		DRIVE_TEST(count_and_address_have_48_bit_halves),
		DRIVE_TEST(chs_names_the_sectors),
		DRIVE_TEST(chs_outside_the_translation_is_not_found),
		DRIVE_TEST(last_sectors_are_written_and_read_back),
		DRIVE_TEST(read_past_the_end_gives_what_there_is),
		DRIVE_TEST(write_past_the_end_keeps_what_fits),
		DRIVE_TEST(verify_checks_every_sector),
		DRIVE_TEST(doublewords_are_two_words),
		DRIVE_TEST(bytes_move_words_of_data),
		DRIVE_TEST(wrong_direction_moves_nothing),
		DRIVE_TEST(new_command_drops_the_old_one_s_data),
		DRIVE_TEST(new_command_starts_a_new_block),
		DRIVE_TEST(random_traffic_stays_on_the_disk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

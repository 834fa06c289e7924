/*
 * The disk's registers, resets, interrupt and identification, and the commands that move
 * no sectors. Each rule from ATA/ATAPI-6 (T13/1410D).
 */
#include "ata_fixture.h"

#define ERR_ABRT 0x04

/* "Signature and persistence": 01 01 00 00, device 0; diagnostic code 01: passed. */
static void expect_signature(struct drive *d)
{
	assert_int_equal(in(d, 0x1f1), 0x01);
	assert_int_equal(in(d, 0x1f2), 0x01);
	assert_int_equal(in(d, 0x1f3), 0x01);
	assert_int_equal(in(d, 0x1f4), 0x00);
	assert_int_equal(in(d, 0x1f5), 0x00);
	assert_int_equal(in(d, 0x1f6), 0x00);
	expect_status(d, 0x50);
}

static void power_on_leaves_the_signature(void **state)
{
	struct drive *d = *state;

	expect_signature(d);
	assert_int_equal(d->rises, 0);
}

/* "Software reset protocol": BSY while SRST is set, then the signature; no interrupt. */
static void software_reset_is_busy_then_signs(void **state)
{
	struct drive *d = *state;

	command28(d, 0x20, 2, 0);
	out(d, 0x3f6, 0x04);
	assert_false(d->level);
	d->rises = 0;
	expect_status(d, 0x80);
	for (unsigned port = 0x1f0; port <= 0x1f7; port++)
		assert_int_equal(in(d, port), 0x80);
	/* Nothing is taken while it lasts. */
	out(d, 0x1f2, 0x77);
	out(d, 0x1f7, 0xec);
	expect_status(d, 0x80);
	out(d, 0x3f6, 0x00);
	expect_signature(d);
	assert_int_equal(d->rises, 0);
}

/* Device Control is both devices': a reset finds the absent one selected, too. */
static void software_reset_selects_device_0(void **state)
{
	struct drive *d = *state;

	out(d, 0x1f6, 0xb0);
	out(d, 0x3f6, 0x04);
	expect_status(d, 0x80);
	out(d, 0x3f6, 0x00);
	expect_signature(d);
}

/* How SeaBIOS, GRUB and Linux look for a disk: registers hold what is written. */
static void registers_hold_what_is_written(void **state)
{
	struct drive *d = *state;

	for (unsigned v = 0; v < 256; v++)
		for (unsigned port = 0x1f2; port <= 0x1f6; port++) {
			out(d, port, (uint8_t)(v ^ port));
			assert_int_equal(in(d, port), (uint8_t)(v ^ port));
		}
}

/* HOB shows what was written before the last; any write to the Command Block clears it. */
static void hob_shows_the_bytes_before(void **state)
{
	struct drive *d = *state;

	for (unsigned port = 0x1f2; port <= 0x1f5; port++) {
		out(d, port, 0x12);
		out(d, port, 0x34);
		out(d, 0x3f6, 0x80);
		assert_int_equal(in(d, port), 0x12);
		out(d, 0x1f1, 0);
		assert_int_equal(in(d, port), 0x34);
	}
}

/* "Device 0 only configurations": status 00h, else device 0 answers; no command. */
static void absent_device_1_has_status_0(void **state)
{
	struct drive *d = *state;

	out(d, 0x1f6, 0xb0);
	assert_int_equal(in(d, 0x1f7), 0);
	assert_int_equal(in(d, 0x3f6), 0);
	assert_int_equal(in(d, 0x1f6), 0xb0);
	out(d, 0x1f2, 0x55);
	assert_int_equal(in(d, 0x1f2), 0x55);
	out(d, 0x1f7, 0xec);
	assert_int_equal(in(d, 0x1f7), 0);
	assert_int_equal(d->rises, 0);
	out(d, 0x1f6, 0xa0);
	expect_status(d, 0x50);
	/* But EXECUTE DEVICE DIAGNOSTIC is for both. */
	out(d, 0x1f6, 0xb0);
	out(d, 0x1f7, 0x90);
	expect_signature(d);
}

/* Reading Status ends the interrupt, Alternate Status does not; a command does, too. */
static void status_clears_the_interrupt(void **state)
{
	struct drive *d = *state;

	command28(d, 0xe7, 0, 0);
	assert_true(d->level);
	in(d, 0x3f6);
	assert_true(d->level);
	in(d, 0x1f7);
	assert_false(d->level);
	command28(d, 0xe7, 0, 0);
	command28(d, 0xe7, 0, 0);
	/* Each its own edge. */
	assert_int_equal(d->rises, 3);
}

/* nIEN keeps the line low and the interrupt pending; so does selecting device 1. */
static void interrupt_needs_nien_clear_and_selection(void **state)
{
	struct drive *d = *state;

	out(d, 0x3f6, 0x02);
	command28(d, 0xe7, 0, 0);
	assert_false(d->level);
	out(d, 0x3f6, 0x00);
	assert_true(d->level);
	out(d, 0x1f6, 0xf0);
	assert_false(d->level);
	in(d, 0x1f7);
	out(d, 0x1f6, 0xe0);
	assert_true(d->level);
	out(d, 0x3f6, 0x02);
	in(d, 0x1f7);
	out(d, 0x3f6, 0x00);
	assert_false(d->level);
}

static void identify(struct drive *d, uint16_t word[256])
{
	command(d, 0xec, 0, 0, 0xa0);
	expect_status(d, 0x58);
	expect_interrupt(d, true);
	for (unsigned i = 0; i < 256; i++)
		word[i] = (uint16_t)bus_in(&d->bus, 0x1f0, 2);
	expect_status(d, 0x50);
	expect_interrupt(d, false);
}

/* 3000 sectors in 16 heads of 63: 2 whole cylinders, 2016 sectors by CHS. */
static void identify_tells_the_size(void **state)
{
	struct drive *d = *state;
	uint16_t word[256];

	identify(d, word);
	assert_int_equal(word[1], 2);
	assert_int_equal(word[3], 16);
	assert_int_equal(word[6], 63);
	assert_int_equal(word[53] & 1, 1);
	assert_int_equal(word[54], 2);
	assert_int_equal(word[55], 16);
	assert_int_equal(word[56], 63);
	assert_int_equal(word[57], 2016);
	assert_int_equal(word[58], 0);
	assert_int_equal(word[60], 3000);
	assert_int_equal(word[61], 0);
	assert_int_equal(word[100], 3000);
	assert_int_equal(word[101] | word[102] | word[103], 0);
}

/* An ATA disk, LBA, no DMA; 48-bit, flushes and NOP; blocks of 16; bits that are fixed. */
static void identify_tells_what_there_is(void **state)
{
	struct drive *d = *state;
	uint16_t word[256];

	identify(d, word);
	assert_int_equal(word[0] & 0x8000, 0);
	assert_int_equal(word[47], 0x8010);
	assert_int_equal(word[49] & 0x0300, 0x0200);
	assert_int_equal(word[59], 0x0110);
	assert_int_equal(word[62] | word[63] | word[88], 0);
	assert_int_equal(word[64], 0x0003);
	assert_int_equal(word[80], 0x0078);
	assert_int_equal(word[82], 0x4000);
	assert_int_equal(word[83], 0x7400);
	assert_int_equal(word[84], 0x4000);
	assert_int_equal(word[86], 0x3400);
	assert_int_equal(word[87], 0x4000);
	/* What tells SeaBIOS that device 0 answers for device 1. */
	assert_int_equal(word[93] & 0xdf61, 0x4041);
	/* "Diptych disk": the first character is the high byte. */
	assert_int_equal(word[27], 'D' << 8 | 'i');
	assert_int_equal(word[46], ' ' << 8 | ' ');
}

/* Sizes beyond what CHS and 28 bits can tell are told as far as they can. */
static void identify_limits_old_sizes(void **state)
{
	struct drive *d = *state;
	uint16_t word[256];

	drive_sized(d, UINT64_C(0x123456789) * 512);
	identify(d, word);
	assert_int_equal(word[1], 16383);
	assert_int_equal(word[60], 0xffff);
	assert_int_equal(word[61], 0x0fff);
	assert_int_equal(word[100], 0x6789);
	assert_int_equal(word[101], 0x2345);
	assert_int_equal(word[102], 0x0001);
	drive_sized(d, 5 * 512);
	identify(d, word);
	assert_int_equal(word[1], 1);
	assert_int_equal(word[57], 5);
}

/* ATA-3: sectors a track in Sector Count, the highest head in Device. */
static void initialize_parameters_sets_the_translation(void **state)
{
	struct drive *d = *state;
	uint16_t word[256];

	command(d, 0x91, 10, 0, 0xa3);
	expect_status(d, 0x50);
	expect_interrupt(d, true);
	identify(d, word);
	assert_int_equal(word[54], 75);
	assert_int_equal(word[55], 4);
	assert_int_equal(word[56], 10);
	assert_int_equal(word[57], 3000);
	assert_int_equal(word[3], 16);
	command(d, 0x91, 0, 0, 0xa3);
	expect_error(d, ERR_ABRT);
}

/* Powers of two up to word 47's; what is not supported switches the mode off. */
static void set_multiple_takes_powers_of_two(void **state)
{
	struct drive *d = *state;
	uint16_t word[256];

	for (unsigned size = 0; size < 256; size++) {
		const bool good = size == 0 || size == 1 || size == 2 ||
				  size == 4 || size == 8 || size == 16;

		command(d, 0xc6, (uint8_t)size, 0, 0xa0);
		expect_status(d, good ? 0x50 : 0x51);
		expect_interrupt(d, true);
		identify(d, word);
		assert_int_equal(word[59], good && size ? 0x100 | size : 0);
	}
	command28(d, 0xc4, 1, 0);
	expect_error(d, ERR_ABRT);
	command28(d, 0xc5, 1, 0);
	expect_error(d, ERR_ABRT);
}

/* Accepted; but a transfer mode must be one by PIO. */
static void set_features_refuses_dma_modes(void **state)
{
	struct drive *d = *state;

	for (unsigned feature = 0; feature < 256; feature++) {
		out(d, 0x1f1, (uint8_t)feature);
		command(d, 0xef, 0x22, 0, 0xa0);
		expect_status(d, feature == 3 ? 0x51 : 0x50);
	}
	out(d, 0x1f1, 3);
	command(d, 0xef, 0x0c, 0, 0xa0);
	expect_status(d, 0x50);
}

static void commands_without_data_just_end(void **state)
{
	static const uint8_t codes[] = {
		0x10, 0x1f, 0x90, 0xe0, 0xe1, 0xe2, 0xe3, 0xe5, 0xe7, 0xea,
	};
	struct drive *d = *state;

	for (unsigned i = 0; i < sizeof(codes); i++) {
		command(d, codes[i], 0, 0, 0xa0);
		expect_status(d, 0x50);
		expect_interrupt(d, true);
		assert_int_equal(bus_in(&d->bus, 0x1f0, 2), 0xffff);
	}
	/* CHECK POWER MODE: active or idle. */
	command(d, 0xe5, 0, 0, 0xa0);
	assert_int_equal(in(d, 0x1f2), 0xff);
}

/* NOP always, ATAPI's and DMA's codes, and what nobody defined. */
static void other_commands_are_aborted(void **state)
{
	static const uint8_t codes[] = {
		0x00, 0x08, 0x0f, 0xa0, 0xa1, 0xc8, 0xca, 0x25, 0x35, 0xf8, 0x27, 0xff,
	};
	struct drive *d = *state;

	for (unsigned i = 0; i < sizeof(codes); i++) {
		command(d, codes[i], 1, 0, 0xe0);
		expect_error(d, ERR_ABRT);
		expect_interrupt(d, true);
	}
	/* The next one starts without the error. */
	command(d, 0xe7, 0, 0, 0xa0);
	expect_status(d, 0x50);
	assert_int_equal(in(d, 0x1f1), 0);
}

/*
 * No disk, or not a whole sector of one: DD7 is pulled down, so nobody is busy, and what
 * is written is not read back. "DD (15:0) (Device data)"
 */
static void no_disk_reads_zeros(void **state)
{
	struct drive *d = *state;

	for (uint64_t size = 0; size < 512; size += 511) {
		drive_sized(d, size);
		for (unsigned port = 0x1f0; port <= 0x1f7; port++) {
			out(d, port, 0xec);
			assert_int_equal(in(d, port), 0);
		}
		out(d, 0x3f6, 0x04);
		assert_int_equal(in(d, 0x3f6), 0);
		assert_int_equal(bus_in(&d->bus, 0x1f0, 4), 0);
		bus_out(&d->bus, 0x1f0, 4, 0);
	}
	assert_int_equal(d->rises, 0);
}

/* With a disk on the first channel, too. */
static void second_channel_has_no_disk(void **state)
{
	struct drive *d = *state;

	for (unsigned port = 0x170; port <= 0x177; port++) {
		out(d, port, 0xec);
		assert_int_equal(in(d, port), 0);
	}
	out(d, 0x376, 0x04);
	assert_int_equal(in(d, 0x376), 0);
	expect_status(d, 0x50);
	assert_int_equal(d->rises, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		DRIVE_TEST(power_on_leaves_the_signature),
		DRIVE_TEST(software_reset_is_busy_then_signs),
		DRIVE_TEST(software_reset_selects_device_0),
		DRIVE_TEST(registers_hold_what_is_written),
		DRIVE_TEST(hob_shows_the_bytes_before),
		DRIVE_TEST(absent_device_1_has_status_0),
		DRIVE_TEST(status_clears_the_interrupt),
		DRIVE_TEST(interrupt_needs_nien_clear_and_selection),
		DRIVE_TEST(identify_tells_the_size),
		DRIVE_TEST(identify_tells_what_there_is),
		DRIVE_TEST(identify_limits_old_sizes),
		DRIVE_TEST(initialize_parameters_sets_the_translation),
		DRIVE_TEST(set_multiple_takes_powers_of_two),
		DRIVE_TEST(set_features_refuses_dma_modes),
		DRIVE_TEST(commands_without_data_just_end),
		DRIVE_TEST(other_commands_are_aborted),
		DRIVE_TEST(no_disk_reads_zeros),
		DRIVE_TEST(second_channel_has_no_disk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

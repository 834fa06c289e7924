/*
 * The firmware configuration ports as firmware reads them. QEMU documentation, "QEMU
 * Firmware Configuration (fw_cfg) Device".
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "core/device/fw_cfg.h"

#define MEMORY UINT64_C(0x123456789a)

struct world {
	struct bus	bus;
	struct fw_cfg	fw_cfg;
	uint8_t		log[4];
	unsigned	logged;
};

static void take_byte(void *opaque, uint8_t byte)
{
	struct world *w = opaque;

	w->log[w->logged++ % 4] = byte;
}

static int setup(void **state)
{
	static struct world w;
	struct device device[FW_CFG_DEVICES];

	memset(&w, 0, sizeof(w));
	fw_cfg_init(&w.fw_cfg, MEMORY, take_byte, &w);
	fw_cfg_devices(&w.fw_cfg, device);
	for (unsigned i = 0; i < FW_CFG_DEVICES; i++)
		assert_true(bus_attach(&w.bus, &device[i]));
	*state = &w;
	return 0;
}

static void take(struct world *w, uint8_t *out, unsigned size)
{
	for (unsigned i = 0; i < size; i++)
		out[i] = (uint8_t)bus_in(&w->bus, 0x511, 1);
}

/* The item of that key is `expected`, and zeros after it. */
static void expect(struct world *w, uint16_t key, const void *expected, unsigned size)
{
	static const uint8_t zeros[16];
	uint8_t got[512];

	assert_in_range(size, 0, sizeof(got));
	bus_out(&w->bus, 0x510, 2, key);
	take(w, got, size);
	assert_memory_equal(got, expected, size);
	take(w, got, sizeof(zeros));
	assert_memory_equal(got, zeros, sizeof(zeros));
}

static void signature_is_qemu(void **state)
{
	expect(*state, 0x0000, "QEMU", 4);
}

/* Revision: bit 0, the traditional interface; bit 1, DMA, is not offered. */
static void id_offers_no_dma(void **state)
{
	expect(*state, 0x0001, "\x01\0\0\0", 4);
}

static void memory_size_is_a_little_endian_quadword(void **state)
{
	expect(*state, 0x0003, "\x9a\x78\x56\x34\x12\0\0\0", 8);
}

/* The item that tells of no graphics is what firmware takes to the serial line for. */
static void screen_is_on_the_serial_line_when_asked_for(void **state)
{
	struct world *w = *state;

	expect(w, 0x0004, "\0\0", 2);
	w->fw_cfg.serial_screen = true;
	expect(w, 0x0004, "\x01\0", 2);
}

/* One CPU, no more to come, no boot menu. */
static void machine_is_small(void **state)
{
	expect(*state, 0x0005, "\x01\0", 2);
	expect(*state, 0x000e, "\0\0", 2);
	expect(*state, 0x000f, "\x01\0", 2);
}

/* Of what there may be in 65,536 keys, these are all; the bit for writing apart. */
static void every_other_item_is_empty(void **state)
{
	for (unsigned key = 0; key < 0x10000; key++) {
		const unsigned item = key & ~0x4000u;

		if (item > 1 && item != 3 && item != 4 && item != 5 &&
		    item != 0x0f && item != 0x19)
			expect(*state, (uint16_t)key, "", 0);
	}
	expect(*state, 0x4000, "QEMU", 4);
}

/* Selecting sets the offset to zero, the same key again too. */
static void selecting_starts_over(void **state)
{
	struct world *w = *state;
	uint8_t got[2];

	bus_out(&w->bus, 0x510, 2, 0);
	take(w, got, 2);
	assert_memory_equal(got, "QE", 2);
	bus_out(&w->bus, 0x510, 2, 0);
	take(w, got, 2);
	assert_memory_equal(got, "QE", 2);
}

/* The selector is one word, written only; data cannot be written. */
static void other_accesses_leave_selector_and_offset(void **state)
{
	struct world *w = *state;
	uint8_t got[4];

	bus_out(&w->bus, 0x510, 2, 0);
	bus_out(&w->bus, 0x510, 1, 3);
	bus_out(&w->bus, 0x510, 4, 3);
	bus_out(&w->bus, 0x511, 1, 3);
	assert_int_equal(bus_in(&w->bus, 0x510, 1), 0);
	take(w, got, 4);
	assert_memory_equal(got, "QEMU", 4);
}

static void directory_starts_empty(void **state)
{
	expect(*state, 0x0019, "\0\0\0\0", 4);
}

/* Count, then size, key, two bytes reserved, 56 of name; numbers big-endian. */
static void directory_lists_the_files(void **state)
{
	static const char b[0x1234] = "second";
	struct world *w = *state;
	uint8_t expected[4 + 2 * 64] = { 0, 0, 0, 2 };

	assert_true(fw_cfg_add(&w->fw_cfg, "etc/a", "first", 5));
	assert_true(fw_cfg_add(&w->fw_cfg, "etc/b", b, sizeof(b)));
	memcpy(expected + 4, "\0\0\0\x05\0\x20\0\0etc/a", 14);
	memcpy(expected + 68, "\0\0\x12\x34\0\x21\0\0etc/b", 14);
	expect(w, 0x0019, expected, sizeof(expected));
	expect(w, 0x0020, "first", 5);
	expect(w, 0x0021, "second", 6);
	expect(w, 0x0022, "", 0);
}

/* A name is at most 55 characters and a zero. */
static void too_long_a_name_is_refused(void **state)
{
	struct world *w = *state;
	char name[57];

	memset(name, 'n', sizeof(name));
	name[56] = '\0';
	assert_false(fw_cfg_add(&w->fw_cfg, name, "x", 1));
	expect(w, 0x0019, "\0\0\0\0", 4);
	name[55] = '\0';
	assert_true(fw_cfg_add(&w->fw_cfg, name, "x", 1));
	expect(w, 0x0020, "x", 1);
}

static void full_directory_is_refused(void **state)
{
	struct world *w = *state;

	for (unsigned i = 0; i < FW_CFG_FILES; i++)
		assert_true(fw_cfg_add(&w->fw_cfg, "etc/file", "x", 1));
	assert_false(fw_cfg_add(&w->fw_cfg, "etc/file", "x", 1));
	expect(w, 0x20 + FW_CFG_FILES, "", 0);
}

/* An offset that could wrap would show the item anew. */
static void offset_stays_at_its_end(void **state)
{
	struct world *w = *state;
	uint8_t got[4];

	bus_out(&w->bus, 0x510, 2, 0);
	w->fw_cfg.offset = UINT32_MAX - 2;
	take(w, got, 4);
	take(w, got, 4);
	assert_memory_equal(got, "\0\0\0\0", 4);
	bus_out(&w->bus, 0x510, 2, 0x19);
	w->fw_cfg.offset = UINT32_MAX - 1;
	take(w, got, 4);
	assert_memory_equal(got, "\0\0\0\0", 4);
}

/* The port tells that it is there, and passes every byte on. */
static void debug_port_reads_its_mark_and_logs(void **state)
{
	struct world *w = *state;

	assert_int_equal(bus_in(&w->bus, 0x402, 1), 0xe9);
	bus_out(&w->bus, 0x402, 1, 'o');
	bus_out(&w->bus, 0x402, 1, '\n');
	assert_int_equal(w->logged, 2);
	assert_memory_equal(w->log, "o\n", 2);
	fw_cfg_init(&w->fw_cfg, MEMORY, NULL, NULL);
	bus_out(&w->bus, 0x402, 1, 'x');
	assert_int_equal(w->logged, 2);
	assert_int_equal(bus_in(&w->bus, 0x402, 1), 0xe9);
}

/* An entry is an address, a length and a type, 1 for RAM: 20 bytes, little-endian. */
static void e820_is_one_piece_below_4g(void **state)
{
	struct fw_cfg_e820 entry[FW_CFG_E820_ENTRIES];

	(void)state;
	assert_int_equal(fw_cfg_e820(entry, 0x12345000), 20);
	assert_memory_equal(entry, "\0\0\0\0\0\0\0\0" "\0\x50\x34\x12\0\0\0\0"
			    "\x01\0\0\0", 20);
	/* The firmware's 16 MiB are not told, and what lies beyond begins anew. */
	assert_int_equal(fw_cfg_e820(entry, UINT64_C(0x100000000)), 20);
	assert_int_equal(entry[0].length, 0xff000000);
	assert_int_equal(fw_cfg_e820(entry, UINT64_C(0x140000000)), 40);
	assert_int_equal(entry[0].length, 0xff000000);
	assert_int_equal(entry[1].address, UINT64_C(0x100000000));
	assert_int_equal(entry[1].length, 0x40000000);
	assert_int_equal(entry[1].type, 1);
}

/* Whatever is selected and read: no byte but an item's own. */
static void random_traffic_leaves_the_items(void **state)
{
	static const unsigned sizes[] = { 1, 2, 4 };
	struct world *w = *state;
	/* On the heap: ASan sees where it ends. */
	uint8_t *data = malloc(3);

	assert_non_null(data);
	memset(data, 'a', 3);
	assert_true(fw_cfg_add(&w->fw_cfg, "etc/abc", data, 3));
	srandom(2);
	for (unsigned i = 0; i < 100000; i++) {
		const uint16_t port = (uint16_t)(0x50e + random() % 6);
		const unsigned size = sizes[random() % 3];

		if (random() % 16 == 0)
			w->fw_cfg.offset = (uint32_t)random() << (random() % 2);
		if (random() % 2)
			bus_in(&w->bus, port, size);
		else if (random() % 2)
			bus_out(&w->bus, port, size, (uint32_t)random());
		else
			bus_out(&w->bus, 0x510, 2, (uint32_t)random() % 0x28);
	}
	expect(w, 0, "QEMU", 4);
	expect(w, 0x20, "aaa", 3);
	free(data);
}

#define TEST(f) cmocka_unit_test_setup(f, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(signature_is_qemu),
		TEST(id_offers_no_dma),
		TEST(memory_size_is_a_little_endian_quadword),
		TEST(machine_is_small),
		TEST(screen_is_on_the_serial_line_when_asked_for),
		TEST(every_other_item_is_empty),
		TEST(selecting_starts_over),
		TEST(other_accesses_leave_selector_and_offset),
		TEST(directory_starts_empty),
		TEST(directory_lists_the_files),
		TEST(too_long_a_name_is_refused),
		TEST(full_directory_is_refused),
		TEST(offset_stays_at_its_end),
		TEST(debug_port_reads_its_mark_and_logs),
		TEST(e820_is_one_piece_below_4g),
		TEST(random_traffic_leaves_the_items),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * Configuration mechanism 1 and the functions behind it. PCI Local Bus Specification 3.0,
 * 3.2.2.3 and 6.1; the values are the 82441FX and 82371SB datasheets'.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "core/device/pci.h"

struct world {
	struct bus	bus;
	struct pci	pci;
	unsigned	resets;
};

static void count_reset(void *opaque)
{
	struct world *w = opaque;

	w->resets++;
}

static int setup(void **state)
{
	static struct world w;
	struct device device;

	memset(&w, 0, sizeof(w));
	pci_init(&w.pci);
	pci_on_reset(&w.pci, count_reset, &w);
	device = pci_device(&w.pci);
	assert_true(bus_attach(&w.bus, &device));
	*state = &w;
	return 0;
}

static uint32_t config_read(struct world *w, uint32_t address, unsigned size)
{
	bus_out(&w->bus, 0xcf8, 4, address);
	return bus_in(&w->bus, (uint16_t)(0xcfc + (address & 3)), size);
}

static void config_write(struct world *w, uint32_t address, unsigned size,
			 uint32_t value)
{
	bus_out(&w->bus, 0xcf8, 4, address);
	bus_out(&w->bus, (uint16_t)(0xcfc + (address & 3)), size, value);
}

/* 3.2.2.3.2: bits 30:24 and 1:0 of the address register read as zeros. */
static void address_register_keeps_its_defined_bits(void **state)
{
	struct world *w = *state;

	assert_int_equal(bus_in(&w->bus, 0xcf8, 4), 0);
	bus_out(&w->bus, 0xcf8, 4, 0xffffffff);
	assert_int_equal(bus_in(&w->bus, 0xcf8, 4), 0x80fffffc);
	bus_out(&w->bus, 0xcf8, 4, 0x80000000);
	assert_int_equal(bus_in(&w->bus, 0xcf8, 4), 0x80000000);
}

/* 3.2.2.3.2: only a doubleword is the register; anything narrower passes by. */
static void narrow_accesses_are_not_the_address_register(void **state)
{
	struct world *w = *state;

	bus_out(&w->bus, 0xcf8, 4, 0x80001234);
	bus_out(&w->bus, 0xcf8, 1, 0);
	bus_out(&w->bus, 0xcfa, 2, 0);
	bus_out(&w->bus, 0xcfb, 1, 1);
	assert_int_equal(bus_in(&w->bus, 0xcf8, 4), 0x80001234);
	/* Software that looks for mechanism 2 must not find zeros here. */
	assert_int_equal(bus_in(&w->bus, 0xcf8, 1), 0xff);
	assert_int_equal(bus_in(&w->bus, 0xcfa, 2), 0xffff);
}

static void bridge_is_a_440fx(void **state)
{
	struct world *w = *state;

	assert_int_equal(config_read(w, 0x80000000, 4), 0x12378086);
	assert_int_equal(config_read(w, 0x80000000, 2), 0x8086);
	assert_int_equal(config_read(w, 0x80000002, 2), 0x1237);
	assert_int_equal(config_read(w, 0x80000004, 4), 0x02800006);
	assert_int_equal(config_read(w, 0x8000000a, 2), 0x0600);
	assert_int_equal(config_read(w, 0x8000000b, 1), 0x06);
	/* Header type 0, one function, no base address, no interrupt. */
	assert_int_equal(config_read(w, 0x8000000e, 1), 0x00);
	for (unsigned reg = 0x10; reg < 0x40; reg += 4)
		assert_int_equal(config_read(w, 0x80000000 + reg, 4), 0);
}

/* 3.2.2.3.2: without bit 31 it is an ordinary access, which nobody answers. */
static void disabled_address_selects_nothing(void **state)
{
	struct world *w = *state;

	assert_int_equal(config_read(w, 0, 4), 0xffffffff);
	config_write(w, 0x59, 1, 0x33);
	assert_int_equal(config_read(w, 0x80000059, 1), 0);
}

/* 6.2.1: bit 7 of function 0's header type says that there are others. */
static void device_1_is_a_piix3(void **state)
{
	struct world *w = *state;

	assert_int_equal(config_read(w, 0x80000800, 4), 0x70008086);
	assert_int_equal(config_read(w, 0x8000080a, 2), 0x0601);
	assert_int_equal(config_read(w, 0x8000080e, 1), 0x80);
	assert_int_equal(config_read(w, 0x80000900, 4), 0x70108086);
	/* An IDE controller: both channels at their old ports, no bus master. */
	assert_int_equal(config_read(w, 0x80000908, 4), 0x01010000);
	for (unsigned reg = 0x10; reg < 0x40; reg += 4) {
		config_write(w, 0x80000900 + reg, 4, 0xffffffff);
		assert_int_equal(config_read(w, 0x80000900 + reg, 4), 0);
	}
}

/* XBCS and the four PIRQ registers; the two channels' timings. */
static void only_a_piix3s_routes_and_timings_are_kept(void **state)
{
	struct world *w = *state;

	for (unsigned reg = 0; reg < 0x200; reg++) {
		const bool kept = (reg >= 0x4e && reg <= 0x4f) ||
				  (reg >= 0x60 && reg <= 0x63) ||
				  (reg >= 0x140 && reg <= 0x143);
		const uint32_t before = config_read(w, 0x80000800 + reg, 1);

		config_write(w, 0x80000800 + reg, 1, ~before);
		assert_int_equal(config_read(w, 0x80000800 + reg, 1),
				 kept ? ~before & 0xff : before);
	}
}

/* 6.1: an absent function reads all ones, so vendor FFFFh; there are three functions. */
static void every_other_function_is_absent(void **state)
{
	struct world *w = *state;

	for (uint32_t function = 1; function < 0x10000; function++)
		if (function != 0x08 && function != 0x09)
			assert_int_equal(config_read(w, 0x80000000 |
						     function << 8, 4),
					 0xffffffff);
	config_write(w, 0x80000159, 1, 0x33);
	assert_int_equal(config_read(w, 0x80000059, 1), 0);
}

/* PAM0 to PAM6 at 59h to 5fh, SMRAM at 72h; all others are as they were. */
static void only_pam_and_smram_are_kept(void **state)
{
	struct world *w = *state;

	assert_int_equal(config_read(w, 0x80000072, 1), 0x02);
	for (unsigned reg = 0; reg < 0x100; reg++) {
		const bool kept = (reg >= 0x59 && reg <= 0x5f) || reg == 0x72;
		const uint32_t before = config_read(w, 0x80000000 + reg, 1);

		config_write(w, 0x80000000 + reg, 1, ~before);
		assert_int_equal(config_read(w, 0x80000000 + reg, 1),
				 kept ? ~before & 0xff : before);
	}
}

static void wide_writes_reach_each_byte(void **state)
{
	struct world *w = *state;

	config_write(w, 0x80000058, 4, 0x44332211);
	assert_int_equal(config_read(w, 0x80000058, 4), 0x44332200);
	config_write(w, 0x8000005e, 2, 0x6655);
	assert_int_equal(config_read(w, 0x8000005c, 4), 0x66550000);
}

/* PIIX "Reset Control Register": bit 2 from 0 to 1 resets, and only that. */
static void reset_control_resets_on_the_rise_of_bit_2(void **state)
{
	struct world *w = *state;

	bus_out(&w->bus, 0xcf9, 1, 0x02);
	assert_int_equal(w->resets, 0);
	assert_int_equal(bus_in(&w->bus, 0xcf9, 1), 0x02);
	bus_out(&w->bus, 0xcf9, 1, 0x06);
	assert_int_equal(w->resets, 1);
	bus_out(&w->bus, 0xcf9, 1, 0x06);
	assert_int_equal(w->resets, 1);
	bus_out(&w->bus, 0xcf9, 1, 0x00);
	bus_out(&w->bus, 0xcf9, 1, 0x04);
	assert_int_equal(w->resets, 2);
}

/* A doubleword to cf8h covers cf9h, and is no reset. */
static void address_writes_do_not_reset(void **state)
{
	struct world *w = *state;

	bus_out(&w->bus, 0xcf8, 4, 0xffffffff);
	assert_int_equal(w->resets, 0);
	assert_int_equal(bus_in(&w->bus, 0xcf9, 1), 0);
}

/* Nobody asked to be told: the write has no effect but its own. */
static void reset_needs_no_listener(void **state)
{
	struct world *w = *state;

	pci_on_reset(&w->pci, NULL, NULL);
	bus_out(&w->bus, 0xcf9, 1, 0x06);
	assert_int_equal(bus_in(&w->bus, 0xcf9, 1), 0x06);
	assert_int_equal(w->resets, 0);
}

/* Any traffic leaves the bridge what it is. */
static void random_traffic_changes_only_what_is_kept(void **state)
{
	static const unsigned sizes[] = { 1, 2, 4 };
	struct world *w = *state;

	srandom(1);
	for (unsigned i = 0; i < 100000; i++) {
		const uint16_t port = (uint16_t)(0xcf5 + random() % 14);
		const unsigned size = sizes[random() % 3];

		if (random() % 2)
			bus_in(&w->bus, port, size);
		else if (random() % 2)
			bus_out(&w->bus, port, size, (uint32_t)random() << 1);
		else
			bus_out(&w->bus, 0xcf8, 4, 0x80000000 | random() % 0x1000);
	}
	assert_int_equal(config_read(w, 0x80000000, 4), 0x12378086);
	assert_int_equal(config_read(w, 0x80000008, 4), 0x06000002);
	assert_int_equal(config_read(w, 0x80000060, 4), 0);
	assert_int_not_equal(w->resets, 0);
}

#define TEST(f) cmocka_unit_test_setup(f, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(address_register_keeps_its_defined_bits),
		TEST(narrow_accesses_are_not_the_address_register),
		TEST(bridge_is_a_440fx),
		TEST(disabled_address_selects_nothing),
		TEST(device_1_is_a_piix3),
		TEST(only_a_piix3s_routes_and_timings_are_kept),
		TEST(every_other_function_is_absent),
		TEST(only_pam_and_smram_are_kept),
		TEST(wide_writes_reach_each_byte),
		TEST(reset_control_resets_on_the_rise_of_bit_2),
		TEST(address_writes_do_not_reset),
		TEST(reset_needs_no_listener),
		TEST(random_traffic_changes_only_what_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

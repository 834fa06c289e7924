/* The port bus: who answers, in which order the bytes go, and what an empty bus says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "core/device/device.h"

/* Remembers what reached it; reads as the low byte of the port. */
struct probe {
	uint16_t	port[8];
	uint8_t		value[8];
	unsigned	writes, reads;
	uint16_t	wide_port;
	uint32_t	wide_value;
};

static uint8_t probe_in(void *self, uint16_t port)
{
	struct probe *p = self;

	p->port[p->reads++ % 8] = port;
	return (uint8_t)port;
}

static void probe_out(void *self, uint16_t port, uint8_t value)
{
	struct probe *p = self;

	p->port[p->writes % 8] = port;
	p->value[p->writes++ % 8] = value;
}

static struct device device(struct probe *p, uint16_t first, uint16_t last)
{
	return (struct device){
		.first = first, .last = last, .self = p,
		.in = probe_in, .out = probe_out,
	};
}

static bool attach(struct bus *bus, struct probe *p, uint16_t first, uint16_t last)
{
	const struct device d = device(p, first, last);

	return bus_attach(bus, &d);
}

static void empty_bus_reads_ones_at_every_port(void **state)
{
	struct bus bus = { .devices = 0 };

	(void)state;
	for (unsigned port = 0; port < 0x10000; port++) {
		assert_int_equal(bus_in(&bus, (uint16_t)port, 1), 0xff);
		assert_int_equal(bus_in(&bus, (uint16_t)port, 2), 0xffff);
		assert_int_equal(bus_in(&bus, (uint16_t)port, 4), 0xffffffff);
		bus_out(&bus, (uint16_t)port, 4, 0);
	}
}

/* Both ends of a range are the device's, their neighbours are not. */
static void device_answers_exactly_its_ports(void **state)
{
	struct bus bus = { .devices = 0 };
	struct probe p = { .reads = 0 };

	(void)state;
	assert_true(attach(&bus, &p, 0x3f8, 0x3ff));
	for (unsigned port = 0; port < 0x10000; port++) {
		bool own = port >= 0x3f8 && port <= 0x3ff;
		unsigned before = p.reads;

		assert_int_equal(bus_in(&bus, (uint16_t)port, 1),
				 own ? port & 0xff : 0xff);
		assert_int_equal(p.reads - before, own);
		before = p.writes;
		bus_out(&bus, (uint16_t)port, 1, 0);
		assert_int_equal(p.writes - before, own);
	}
}

/* SDM 1 "I/O Port Addressing" 19.3: wide ports are consecutive bytes, low port first. */
static void wide_accesses_are_bytes_low_port_first(void **state)
{
	struct bus bus = { .devices = 0 };
	struct probe p = { .reads = 0 };

	(void)state;
	assert_true(attach(&bus, &p, 0x10, 0x12));
	assert_int_equal(bus_in(&bus, 0x10, 2), 0x1110);
	assert_int_equal(bus_in(&bus, 0x10, 4), 0xff121110);
	assert_int_equal(bus_in(&bus, 0x0f, 2), 0x10ff);
	bus_out(&bus, 0x0f, 4, 0x44332211);
	assert_int_equal(p.writes, 3);
	assert_int_equal(p.port[0], 0x10);
	assert_int_equal(p.value[0], 0x22);
	assert_int_equal(p.value[1], 0x33);
	assert_int_equal(p.value[2], 0x44);
}

/* There are 65,536 ports: what reaches past the last starts over. */
static void last_port_wraps_to_the_first(void **state)
{
	struct bus bus = { .devices = 0 };
	struct probe high = { .reads = 0 }, low = { .reads = 0 };

	(void)state;
	assert_true(attach(&bus, &high, 0xffff, 0xffff));
	assert_true(attach(&bus, &low, 0, 1));
	assert_int_equal(bus_in(&bus, 0xffff, 4), 0xff0100ff);
	assert_int_equal(high.reads, 1);
	assert_int_equal(low.reads, 2);
	bus_out(&bus, 0xffff, 2, 0x2211);
	assert_int_equal(high.value[0], 0x11);
	assert_int_equal(low.port[0], 0);
	assert_int_equal(low.value[0], 0x22);
}

/* Takes words whole and leaves doublewords to the bytes. */
static bool word_in(void *self, uint16_t port, unsigned size, uint32_t *value)
{
	(void)self;
	(void)port;
	*value = 0xbeef;
	return size == 2;
}

static bool word_out(void *self, uint16_t port, unsigned size, uint32_t value)
{
	struct probe *p = self;

	p->wide_port = port;
	p->wide_value = value;
	return size == 2;
}

static bool attach_wide(struct bus *bus, struct probe *p)
{
	struct device d = device(p, 0x10, 0x14);

	d.in_wide = word_in;
	d.out_wide = word_out;
	return bus_attach(bus, &d);
}

static void whole_access_goes_to_a_device_that_takes_it(void **state)
{
	struct bus bus = { .devices = 0 };
	struct probe p = { .reads = 0 };

	(void)state;
	assert_true(attach_wide(&bus, &p));
	assert_int_equal(bus_in(&bus, 0x10, 2), 0xbeef);
	assert_int_equal(bus_in(&bus, 0x13, 2), 0xbeef);
	assert_int_equal(p.reads, 0);
	/* Only as many bits as the access has. */
	bus_out(&bus, 0x13, 2, 0x44332211);
	assert_int_equal(p.writes, 0);
	assert_int_equal(p.wide_port, 0x13);
	assert_int_equal(p.wide_value, 0x2211);
}

static void refused_whole_access_comes_as_bytes(void **state)
{
	struct bus bus = { .devices = 0 };
	struct probe p = { .reads = 0 };

	(void)state;
	assert_true(attach_wide(&bus, &p));
	assert_int_equal(bus_in(&bus, 0x11, 4), 0x14131211);
	bus_out(&bus, 0x11, 4, 0x44332211);
	assert_int_equal(p.wide_value, 0x44332211);
	assert_int_equal(p.writes, 4);
	assert_int_equal(p.value[3], 0x44);
	/* A byte is never offered whole. */
	p.wide_value = 0;
	assert_int_equal(bus_in(&bus, 0x12, 1), 0x12);
	bus_out(&bus, 0x12, 1, 0x77);
	assert_int_equal(p.wide_value, 0);
	assert_int_equal(p.value[4], 0x77);
}

/* What begins before the device, or ends after it, is bytes. */
static void access_across_a_device_s_edge_comes_as_bytes(void **state)
{
	struct bus bus = { .devices = 0 };
	struct probe p = { .reads = 0 };

	(void)state;
	assert_true(attach_wide(&bus, &p));
	assert_int_equal(bus_in(&bus, 0x0f, 2), 0x10ff);
	assert_int_equal(bus_in(&bus, 0x14, 2), 0xff14);
	bus_out(&bus, 0x0f, 2, 0x2211);
	bus_out(&bus, 0x14, 2, 0x4433);
	bus_out(&bus, 0x12, 4, 0x88776655);
	assert_int_equal(p.wide_port, 0);
	assert_int_equal(p.writes, 5);
	assert_memory_equal(p.value, "\x22\x33\x55\x66\x77", 5);
}

static void overlapping_devices_are_refused(void **state)
{
	static const uint16_t overlap[][2] = {
		{ 0x100, 0x10f }, { 0xf0, 0x100 }, { 0x10f, 0x110 },
		{ 0x104, 0x105 }, { 0x0, 0xffff },
	};
	struct bus bus = { .devices = 0 };
	struct probe p = { .reads = 0 };

	(void)state;
	assert_true(attach(&bus, &p, 0x100, 0x10f));
	for (unsigned i = 0; i < ARRAY_SIZE(overlap); i++)
		assert_false(attach(&bus, &p, overlap[i][0], overlap[i][1]));
	assert_false(attach(&bus, &p, 2, 1));
	assert_true(attach(&bus, &p, 0xff, 0xff));
	assert_true(attach(&bus, &p, 0x110, 0x110));
	assert_int_equal(bus.devices, 3);
}

static void full_table_is_refused(void **state)
{
	struct bus bus = { .devices = 0 };
	struct probe p = { .reads = 0 };

	(void)state;
	for (uint16_t i = 0; i < BUS_DEVICES; i++)
		assert_true(attach(&bus, &p, i, i));
	assert_false(attach(&bus, &p, 0x1000, 0x1000));
	assert_int_equal(bus_in(&bus, BUS_DEVICES - 1, 1), BUS_DEVICES - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty_bus_reads_ones_at_every_port),
		cmocka_unit_test(device_answers_exactly_its_ports),
		cmocka_unit_test(wide_accesses_are_bytes_low_port_first),
		cmocka_unit_test(last_port_wraps_to_the_first),
		cmocka_unit_test(whole_access_goes_to_a_device_that_takes_it),
		cmocka_unit_test(refused_whole_access_comes_as_bytes),
		cmocka_unit_test(access_across_a_device_s_edge_comes_as_bytes),
		cmocka_unit_test(overlapping_devices_are_refused),
		cmocka_unit_test(full_table_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

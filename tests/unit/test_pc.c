/*
 * The virtual PC as a whole: who answers which port, whose interrupt comes on which
 * line, and what wakes it. Asks through the bus only, as a guest does.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "pc_machine.h"

#define PORTS		0x10000u
#define MASTER_BASE	0x20
#define SLAVE_BASE	0x28

/* ---- ports ---- */

struct range { uint16_t first, last; };

static const struct range always[] = {
	{ 0x20, 0x21 }, { 0x40, 0x43 }, { 0x60, 0x60 }, { 0x61, 0x61 },
	{ 0x64, 0x64 }, { 0x70, 0x71 }, { 0x92, 0x92 }, { 0xa0, 0xa1 },
	{ 0x3f8, 0x3ff }, { 0x4d0, 0x4d1 },
};
/* Both channels; with PCI their controller is there without a disk too. */
static const struct range of_disk[] = {
	{ 0x1f0, 0x1f7 }, { 0x3f6, 0x3f6 }, { 0x170, 0x177 }, { 0x376, 0x376 },
};
static const struct range of_firmware[] = { { 0x402, 0x402 }, { 0x510, 0x511 } };
static const struct range of_pci[] = { { 0xcf8, 0xcff } };

static bool in_ranges(const struct range *r, size_t count, unsigned port)
{
	for (; count--; r++)
		if (port >= r->first && port <= r->last)
			return true;
	return false;
}
#define IN(ranges, port) in_ranges(ranges, sizeof(ranges) / sizeof(*(ranges)), port)

static bool claimed(const struct machine *m, unsigned port)
{
	for (unsigned i = 0; i < m->pc.bus.devices; i++)
		if (port >= m->pc.bus.device[i].first &&
		    port <= m->pc.bus.device[i].last)
			return true;
	return false;
}

/* A PC's ports, and no others; what nobody claims reads ones and takes any write. */
static void the_ports_are_those_of_its_devices(void **state)
{
	(void)state;
	for (unsigned which = 0; which < 8; which++) {
		const bool disk = which & 1, pci = which & 2, firmware = which & 4;
		struct machine *m = machine(disk, pci, firmware);

		for (unsigned port = 0; port < PORTS; port++) {
			bool there = IN(always, port) ||
				     ((disk || pci) && IN(of_disk, port)) ||
				     (pci && IN(of_pci, port)) ||
				     (firmware && IN(of_firmware, port));

			assert_int_equal(claimed(m, port), there);
			if (there)
				continue;
			out(m, (uint16_t)port, 0);
			assert_int_equal(in(m, (uint16_t)port), 0xff);
		}
		machine_free(m);
	}
}

/* What each says first: datasheets' values at power-on, or as a BIOS leaves them. */
static void each_device_answers_at_its_ports(void **state)
{
	struct machine *m = machine(true, true, true);

	(void)state;
	assert_int_equal(in(m, 0x3fd), 0x60);	/* LSR: THRE, TEMT */
	assert_int_equal(in(m, 0x21), 0xff);	/* all masked */
	assert_int_equal(in(m, 0xa1), 0xff);
	assert_int_equal(in(m, 0x4d0), 0);	/* all edge-triggered */
	assert_int_equal(in(m, 0x4d1), 0);
	assert_int_equal(in(m, 0x64) & 0x11, 0x10);	/* unlocked, no byte */
	assert_int_equal(in(m, 0x92) & 0x03, 0x02);	/* A20 on, no reset */
	assert_int_equal(in(m, 0x1f7), 0x50);	/* DRDY, DSC */
	assert_int_equal(in(m, 0x402), 0xe9);	/* "the debug port is here" */
	out(m, 0x70, 0x0d);
	assert_int_equal(in(m, 0x71), 0x80);	/* VRT */
	out(m, 0x43, 0xe2);			/* read back the status of counter 0 */
	assert_int_equal(in(m, 0x40) & 0x3f, 0x36);	/* both bytes, mode 3 */
	bus_out(&m->pc.bus, 0xcf8, 4, 0x80000000);
	assert_int_equal(bus_in(&m->pc.bus, 0xcfc, 4), 0x12378086);
	bus_out(&m->pc.bus, 0x510, 2, 0);	/* the signature */
	for (const char *c = "QEMU"; *c; c++)
		assert_int_equal(in(m, 0x511), *c);
	machine_free(m);
}

/* CMOS 17h: KiB above 1 MiB. "etc/e820" in the directory, which is big-endian. */
static void memory_s_size_is_told(void **state)
{
	static const uint8_t head[] = { 0, 0, 0, 1, 0, 0, 0, 20 };
	struct machine *m = machine(false, false, true);
	char name[8];

	(void)state;
	out(m, 0x70, 0x17);
	assert_int_equal(in(m, 0x71), ((MEMORY >> 10) - 1024) & 0xff);
	out(m, 0x70, 0x18);
	assert_int_equal(in(m, 0x71), ((MEMORY >> 10) - 1024) >> 8);
	bus_out(&m->pc.bus, 0x510, 2, 0x19);
	for (size_t i = 0; i < sizeof(head); i++)
		assert_int_equal(in(m, 0x511), head[i]);
	for (unsigned i = 0; i < 4; i++)
		in(m, 0x511);
	for (size_t i = 0; i < sizeof(name); i++)
		name[i] = (char)in(m, 0x511);
	assert_memory_equal(name, "etc/e820", sizeof(name));
	machine_free(m);
}

static void bytes_reach_their_listeners(void **state)
{
	struct machine *m = machine(false, false, true);

	(void)state;
	out(m, 0x3f8, 'a');
	assert_int_equal(m->serial, 1);
	assert_int_equal(m->last, 'a');
	assert_int_equal(m->debug, 0);
	out(m, 0x402, 'b');
	assert_int_equal(m->debug, 1);
	assert_int_equal(m->last, 'b');
	assert_int_equal(m->serial, 1);
	machine_free(m);
}

/* The keyboard controller's pulse, port 92h's rise, and the bridge's register. */
static void each_reset_line_is_connected(void **state)
{
	struct machine *m = machine(false, true, false);

	(void)state;
	out(m, 0x64, 0xfe);
	assert_int_equal(m->resets, 1);
	out(m, 0x92, 0x03);
	assert_int_equal(m->resets, 2);
	out(m, 0xcf9, 0x02);
	assert_int_equal(m->resets, 2);
	out(m, 0xcf9, 0x06);
	assert_int_equal(m->resets, 3);
	machine_free(m);
}

/* ---- interrupts ---- */

/* 8259A "Programming": ICW1 to ICW4; then all but `line` masked. */
static void listen(struct machine *m, unsigned line)
{
	const uint16_t mask = (uint16_t)~(1u << line | (line > 7 ? 1u << 2 : 0));

	out(m, 0x20, 0x11);
	out(m, 0x21, MASTER_BASE);
	out(m, 0x21, 0x04);
	out(m, 0x21, 0x01);
	out(m, 0xa0, 0x11);
	out(m, 0xa1, SLAVE_BASE);
	out(m, 0xa1, 0x02);
	out(m, 0xa1, 0x01);
	out(m, 0x21, (uint8_t)mask);
	out(m, 0xa1, mask >> 8);
	m->pc.clock.attention = false;
	assert_false(pic_intr(&m->pc.pic));
}

/* This line, as the only one open, has brought the CPU its vector. */
static void expect_interrupt(struct machine *m, unsigned line)
{
	assert_true(pic_intr(&m->pc.pic));
	assert_true(m->pc.clock.attention);
	assert_int_equal(pic_ack(&m->pc.pic), line > 7 ? SLAVE_BASE + line - 8 :
							 MASTER_BASE + line);
	assert_false(pic_intr(&m->pc.pic));
	machine_free(m);
}

static struct machine *listening(unsigned line)
{
	struct machine *m = machine(true, true, true);

	listen(m, line);
	return m;
}

static void counter_0_interrupts_on_line_0(void **state)
{
	struct machine *m = listening(0);

	(void)state;
	out(m, 0x43, 0x34);
	out(m, 0x40, 0xa9);	/* 1193 ticks: a millisecond */
	out(m, 0x40, 0x04);
	pc_advance(&m->pc, 900000);
	assert_false(pic_intr(&m->pc.pic));
	pc_advance(&m->pc, 1100000);
	expect_interrupt(m, 0);
}

static void put_memory(struct machine *m, uint64_t at, uint64_t value)
{
	mmio_access(&m->pc.mmio, at, &value, sizeof(value), true);
}

/* HPET "LegacyReplacement Option": timer 0 in place of the 8254, timer 1 of the clock. */
static void the_event_timers_interrupt_on_lines_0_and_8(void **state)
{
	(void)state;
	for (unsigned timer = 0; timer < 2; timer++) {
		struct machine *m = listening(timer * 8);

		out(m, 0x70, 0x0b);
		out(m, 0x71, 0x42);	/* both would interrupt on their own */
		put_memory(m, HPET_BASE + 0x100 + 0x20 * timer, 4);
		put_memory(m, HPET_BASE + 0x108 + 0x20 * timer, 20000000);
		put_memory(m, HPET_BASE + 0x10, 3);
		assert_int_equal(pc_wakes_at(&m->pc), 200000000);
		pc_advance(&m->pc, 199999999);
		assert_false(pic_intr(&m->pc.pic));
		pc_advance(&m->pc, 200000000);
		expect_interrupt(m, timer * 8);
	}
}

/* Switched off, nobody is there, and the lines are the two others'. */
static void without_event_timers_nobody_claims_memory(void **state)
{
	struct machine *m = machine(false, false, false);

	(void)state;
	assert_true(mmio_near(&m->pc.mmio, HPET_BASE, 1));
	m->config.hpet = false;
	assert_true(pc_init(&m->pc, &m->config));
	assert_false(mmio_near(&m->pc.mmio, HPET_BASE, 8));
	listen(m, 0);
	assert_in_range(pc_wakes_at(&m->pc), 54925000, 54927000);
	pc_advance(&m->pc, 54927000);
	expect_interrupt(m, 0);
}

static void the_keyboard_interrupts_on_line_1(void **state)
{
	struct machine *m = listening(1);

	(void)state;
	out(m, 0x64, 0x60);
	out(m, 0x60, 0x01);
	out(m, 0x64, 0xd2);	/* as if from the keyboard */
	out(m, 0x60, 0x1c);
	expect_interrupt(m, 1);
}

static void the_serial_line_interrupts_on_line_4(void **state)
{
	struct machine *m = listening(4);

	(void)state;
	out(m, 0x3fc, 0x08);	/* OUT2 */
	assert_false(pic_intr(&m->pc.pic));
	out(m, 0x3f9, 0x02);	/* the transmitter is empty */
	expect_interrupt(m, 4);
}

static void the_clock_interrupts_on_line_8(void **state)
{
	struct machine *m = listening(8);

	(void)state;
	out(m, 0x70, 0x0b);
	out(m, 0x71, 0x42);	/* periodic, 1024 Hz as a BIOS leaves it */
	pc_advance(&m->pc, 900000);
	assert_false(pic_intr(&m->pc.pic));
	pc_advance(&m->pc, 1000000);
	expect_interrupt(m, 8);
}

static void the_mouse_interrupts_on_line_12(void **state)
{
	struct machine *m = listening(12);

	(void)state;
	out(m, 0x64, 0x60);
	out(m, 0x60, 0x02);
	out(m, 0x64, 0xd3);
	out(m, 0x60, 0x08);
	expect_interrupt(m, 12);
}

static void the_disk_interrupts_on_line_14(void **state)
{
	struct machine *m = listening(14);

	(void)state;
	out(m, 0x1f7, 0xec);	/* IDENTIFY DEVICE */
	expect_interrupt(m, 14);
}

/* ---- time ---- */

static void the_clock_never_runs_back(void **state)
{
	struct machine *m = machine(false, false, false);

	(void)state;
	pc_advance(&m->pc, 5000);
	assert_int_equal(m->pc.clock.ns, 5000);
	pc_advance(&m->pc, 4000);
	assert_int_equal(m->pc.clock.ns, 5000);
	machine_free(m);
}

/* Only a line that the controllers let through wakes a waiting CPU; the first of them. */
static void what_is_masked_wakes_nobody(void **state)
{
	struct machine *m = machine(false, false, false);
	uint64_t tick, second;

	(void)state;
	assert_true(pc_wakes_at(&m->pc) == NEVER);
	listen(m, 4);
	assert_true(pc_wakes_at(&m->pc) == NEVER);
	listen(m, 0);
	tick = pc_wakes_at(&m->pc);
	/* 65536 ticks of 1193182 Hz, from 0 on. */
	assert_in_range(tick, 54925000, 54927000);
	listen(m, 8);
	assert_true(pc_wakes_at(&m->pc) == NEVER);
	out(m, 0x70, 0x0b);
	out(m, 0x71, 0x12);	/* update ended */
	second = pc_wakes_at(&m->pc);
	assert_int_equal(second, 1000000000);
	out(m, 0x21, 0xfa);	/* both */
	assert_int_equal(pc_wakes_at(&m->pc), tick);
	assert_int_equal(pc_advance(&m->pc, 0), tick);
	machine_free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_ports_are_those_of_its_devices),
		cmocka_unit_test(each_device_answers_at_its_ports),
		cmocka_unit_test(memory_s_size_is_told),
		cmocka_unit_test(bytes_reach_their_listeners),
		cmocka_unit_test(each_reset_line_is_connected),
		cmocka_unit_test(counter_0_interrupts_on_line_0),
		cmocka_unit_test(the_event_timers_interrupt_on_lines_0_and_8),
		cmocka_unit_test(without_event_timers_nobody_claims_memory),
		cmocka_unit_test(the_keyboard_interrupts_on_line_1),
		cmocka_unit_test(the_serial_line_interrupts_on_line_4),
		cmocka_unit_test(the_clock_interrupts_on_line_8),
		cmocka_unit_test(the_mouse_interrupts_on_line_12),
		cmocka_unit_test(the_disk_interrupts_on_line_14),
		cmocka_unit_test(the_clock_never_runs_back),
		cmocka_unit_test(what_is_masked_wakes_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

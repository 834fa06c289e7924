/* The two 8259As on a port bus, and the ways a system sets them up. Knows no rule. */
#ifndef TESTS_PIC_MACHINE_H
#define TESTS_PIC_MACHINE_H

#include "core/device/pic.h"

#define MASTER	0x20
#define SLAVE	0xa0

struct machine {
	struct vclock	clock;
	struct pic	pic;
	struct bus	bus;
};

static inline uint8_t in(struct machine *m, uint16_t port)
{
	return (uint8_t)bus_in(&m->bus, port, 1);
}

static inline void out(struct machine *m, uint16_t port, uint8_t value)
{
	bus_out(&m->bus, port, 1, value);
}

static inline void machine_init(struct machine *m)
{
	struct device ports[PIC_DEVICES];

	memset(m, 0, sizeof(*m));
	pic_init(&m->pic, &m->clock);
	pic_devices(&m->pic, ports);
	for (unsigned i = 0; i < PIC_DEVICES; i++)
		if (!bus_attach(&m->bus, &ports[i]))
			abort();
}

/* ICW1 to ICW4 of one chip, as a PC's BIOS writes them but for what is given. */
static inline void chip_start(struct machine *m, uint16_t port, uint8_t base, uint8_t icw1,
			      uint8_t icw4)
{
	out(m, port, icw1);
	out(m, port + 1, base);
	if (!(icw1 & 0x02))
		out(m, port + 1, port == MASTER ? 0x04 : 0x02);
	if (icw1 & 0x01)
		out(m, port + 1, icw4);
}

/* Vectors 20h to 2fh, edges, an EOI for each; nothing masked. */
static inline void machine_start(struct machine *m)
{
	machine_init(m);
	chip_start(m, MASTER, 0x20, 0x11, 0x01);
	chip_start(m, SLAVE, 0x28, 0x11, 0x01);
	m->clock.attention = false;
}

static inline void rise(struct machine *m, unsigned line)
{
	pic_set(&m->pic, line, false);
	pic_set(&m->pic, line, true);
}

static inline uint8_t irr(struct machine *m, uint16_t port)
{
	out(m, port, 0x0a);
	return in(m, port);
}

static inline uint8_t isr(struct machine *m, uint16_t port)
{
	out(m, port, 0x0b);
	return in(m, port);
}

#endif

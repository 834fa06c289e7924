/*
 * The virtual PC: which devices there are, at which ports and addresses, on which lines. Knows no
 * vendor, no vcpu, and no time but what it is told.
 */
#ifndef CORE_DEVICE_PC_H
#define CORE_DEVICE_PC_H

#include "core/device/ata.h"
#include "core/device/fw_cfg.h"
#include "core/device/hpet.h"
#include "core/device/i8042.h"
#include "core/device/pci.h"
#include "core/device/pic.h"
#include "core/device/pit.h"
#include "core/device/rtc.h"
#include "core/device/uart.h"

#define PC_UART_IRQ	4u

struct pc_config {
	uint64_t	memory;		/* bytes of RAM */
	bool		pci;		/* a host bridge; else nobody answers cf8h */
	bool		hpet;		/* event timers; else nobody is at FED0_0000h */
	bool		firmware;	/* fw_cfg and the debug port are there */
	bool		serial_screen;	/* firmware writes its screen to the serial line */
	uint8_t		*disk;		/* NULL: none */
	uint64_t	disk_size;
	void		(*serial_byte)(void *opaque, uint8_t byte);
	void		(*debug_byte)(void *opaque, uint8_t byte);
	void		(*reset)(void *opaque);
	void		*opaque;	/* for all three */
};

struct pc {
	struct bus	bus;
	struct mmio_bus	mmio;
	struct vclock	clock;
	struct pic	pic;
	struct pit	pit;
	struct rtc	rtc;
	struct hpet	hpet;
	struct uart	uart;
	struct i8042	i8042;
	struct pci	pci;
	struct fw_cfg	fw_cfg;
	struct fw_cfg_e820 e820[FW_CFG_E820_ENTRIES];	/* its file */
	struct ata	ata;
};

/* False: the bus has no room, a fault of the table in pc.c. */
bool pc_init(struct pc *pc, const struct pc_config *config) MUST_CHECK;

/* Move the clock to `ns` and let the devices do what is due. The next deadline, or NEVER. */
uint64_t pc_advance(struct pc *pc, uint64_t ns);

/* The next deadline whose interrupt the controllers would let through; NEVER: none. */
uint64_t pc_wakes_at(const struct pc *pc);

#endif

/* Wires the virtual PC: devices to their ports and lines. Decides nothing of theirs. */
#include "core/device/pc.h"

static struct irq_line line(struct pc *pc, unsigned number)
{
	return (struct irq_line){
		.set = pic_set, .controller = &pc->pic, .line = number,
	};
}

static bool attach(struct pc *pc, const struct device *devices, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		if (!bus_attach(&pc->bus, &devices[i]))
			return false;
	return true;
}

/* First on the bus, for they are asked most. */
static bool attach_serial(struct pc *pc, const struct pc_config *config)
{
	struct device uart;

	uart_init(&pc->uart, config->serial_byte, config->opaque);
	pc->uart.irq = line(pc, PC_UART_IRQ);
	uart = uart_device(&pc->uart, UART_COM1);
	return attach(pc, &uart, 1);
}

/* Between the two timers and their lines, where it is. */
static bool attach_hpet(struct pc *pc, const struct pc_config *config, struct irq_line *irq0,
			struct irq_line *irq8)
{
	struct mmio_device hpet;

	*irq0 = line(pc, PIT_IRQ);
	*irq8 = line(pc, RTC_IRQ);
	hpet_init(&pc->hpet, &pc->clock, *irq0, *irq8);
	if (!config->hpet)
		return true;
	*irq0 = hpet_input(&pc->hpet, 0);
	*irq8 = hpet_input(&pc->hpet, 1);
	hpet = hpet_device(&pc->hpet);
	return mmio_attach(&pc->mmio, &hpet);
}

static bool attach_timing(struct pc *pc, const struct pc_config *config)
{
	struct device pic[PIC_DEVICES], pit[PIT_DEVICES], rtc;
	struct irq_line irq0, irq8;

	pic_init(&pc->pic, &pc->clock);
	pic_devices(&pc->pic, pic);
	if (!attach_hpet(pc, config, &irq0, &irq8))
		return false;
	pit_init(&pc->pit, &pc->clock, irq0);
	pit_devices(&pc->pit, pit);
	rtc_init(&pc->rtc, &pc->clock, irq8, config->memory);
	rtc = rtc_device(&pc->rtc);
	return attach(pc, pic, PIC_DEVICES) && attach(pc, pit, PIT_DEVICES) &&
	       attach(pc, &rtc, 1);
}

static bool attach_keyboard(struct pc *pc, const struct pc_config *config)
{
	struct device i8042[I8042_DEVICES];

	i8042_init(&pc->i8042, line(pc, I8042_KEYBOARD_IRQ),
		   line(pc, I8042_MOUSE_IRQ), config->reset, config->opaque);
	i8042_devices(&pc->i8042, i8042);
	return attach(pc, i8042, I8042_DEVICES);
}

static bool attach_disk(struct pc *pc, const struct pc_config *config)
{
	struct device ata[ATA_DEVICES];

	/* With PCI the disk's controller is there, whether the disk is or not. */
	if (!config->disk && !config->pci)
		return true;
	ata_init(&pc->ata, config->disk, config->disk_size,
		 line(pc, ATA_IRQ));
	ata_devices(&pc->ata, ata);
	return attach(pc, ata, ATA_DEVICES);
}

static bool attach_firmware(struct pc *pc, const struct pc_config *config)
{
	struct device fw_cfg[FW_CFG_DEVICES];

	if (!config->firmware)
		return true;
	fw_cfg_init(&pc->fw_cfg, config->memory, config->debug_byte,
		    config->opaque);
	pc->fw_cfg.serial_screen = config->serial_screen;
	fw_cfg_devices(&pc->fw_cfg, fw_cfg);
	return fw_cfg_add(&pc->fw_cfg, "etc/e820", pc->e820,
			  fw_cfg_e820(pc->e820, config->memory)) &&
	       attach(pc, fw_cfg, FW_CFG_DEVICES);
}

static bool attach_pci(struct pc *pc, const struct pc_config *config)
{
	struct device pci;

	if (!config->pci)
		return true;
	pci_init(&pc->pci);
	pci_on_reset(&pc->pci, config->reset, config->opaque);
	pci = pci_device(&pc->pci);
	return attach(pc, &pci, 1);
}

bool pc_init(struct pc *pc, const struct pc_config *config)
{
	*pc = (struct pc){ .clock.attention = true };
	return attach_serial(pc, config) && attach_timing(pc, config) &&
	       attach_keyboard(pc, config) && attach_disk(pc, config) &&
	       attach_firmware(pc, config) && attach_pci(pc, config);
}

uint64_t pc_advance(struct pc *pc, uint64_t ns)
{
	if (pc->clock.ns < ns)
		pc->clock.ns = ns;
	if (pc->pit.next <= pc->clock.ns)
		pit_advance(&pc->pit);
	if (pc->rtc.next <= pc->clock.ns)
		rtc_advance(&pc->rtc);
	if (pc->hpet.next <= pc->clock.ns)
		hpet_advance(&pc->hpet);
	return earlier(earlier(pc->pit.next, pc->rtc.next), pc->hpet.next);
}

uint64_t pc_wakes_at(const struct pc *pc)
{
	const bool replaced = hpet_replaces(&pc->hpet);
	uint64_t at = NEVER;

	if (pic_open(&pc->pic, PIT_IRQ))
		at = replaced ? hpet_wakes_at(&pc->hpet, 0) : pc->pit.next;
	if (pic_open(&pc->pic, RTC_IRQ))
		at = earlier(at, replaced ? hpet_wakes_at(&pc->hpet, 1) : pc->rtc.next);
	return at;
}

/*
 * Configuration mechanism 1 and the one function behind it, a 440FX host bridge.
 * Knows no memory: what the bridge's registers would map is kept and does nothing.
 */
#include "core/device/pci.h"

#include <string.h>

#include "core/device/pci_defs.h"

#define NOBODY		0xff	/* a byte of a function that is not there */
#define BYTE_BITS	8

static void put16(uint8_t *at, uint16_t value)
{
	at[0] = value & BITS(7, 0);
	at[1] = (uint8_t)(value >> BYTE_BITS);
}

static bool bridge_keeps(unsigned reg)
{
	return (reg >= PCI_PAM_FIRST && reg <= PCI_PAM_LAST) || reg == PCI_SMRAM;
}

/* The byte that a data port shows, or NULL where no function answers. */
static uint8_t *selected(struct pci *pci, uint16_t port)
{
	const uint32_t function = PCI_ADDRESS_ENABLE | PCI_ADDRESS_FUNCTION;

	/* Without the enable bit the access is an ordinary one, to ports of nobody. */
	if ((pci->address & function) != PCI_ADDRESS_ENABLE)
		return NULL;
	return &pci->bridge[(pci->address & PCI_ADDRESS_REGISTER) +
			    (port - PCI_CONFIG_DATA)];
}

static uint8_t pci_in(void *self, uint16_t port)
{
	struct pci *pci = self;
	const uint8_t *byte;

	if (port == PCI_RESET_CONTROL)
		return pci->reset_control;
	/*
	 * Parts of the address register do not answer: 3.2.2.3.2 passes them on as
	 * ordinary accesses, by which software tells mechanism 1 from 2.
	 */
	byte = port < PCI_CONFIG_DATA ? NULL : selected(pci, port);
	return byte ? *byte : NOBODY;
}

static void write_reset_control(struct pci *pci, uint8_t value)
{
	const bool rises = value & ~pci->reset_control & RCR_CPU;

	pci->reset_control = value & RCR_KEPT;
	if (rises && pci->reset)
		pci->reset(pci->opaque);
}

static void pci_out(void *self, uint16_t port, uint8_t value)
{
	struct pci *pci = self;
	uint8_t *byte;

	if (port == PCI_RESET_CONTROL)
		write_reset_control(pci, value);
	if (port < PCI_CONFIG_DATA)
		return;
	byte = selected(pci, port);
	if (byte && bridge_keeps((unsigned)(byte - pci->bridge)))
		*byte = value;
}

static bool is_address(uint16_t port, unsigned size)
{
	return port == PCI_CONFIG_ADDRESS && size == sizeof(uint32_t);
}

static bool pci_in_wide(void *self, uint16_t port, unsigned size, uint32_t *value)
{
	const struct pci *pci = self;

	*value = pci->address;
	return is_address(port, size);
}

static bool pci_out_wide(void *self, uint16_t port, unsigned size, uint32_t value)
{
	struct pci *pci = self;

	if (!is_address(port, size))
		return false;
	pci->address = value & PCI_ADDRESS_KEPT;
	return true;
}

void pci_init(struct pci *pci)
{
	memset(pci, 0, sizeof(*pci));
	put16(pci->bridge + PCI_VENDOR, PCI_440FX_VENDOR);
	put16(pci->bridge + PCI_DEVICE, PCI_440FX_DEVICE);
	put16(pci->bridge + PCI_COMMAND, PCI_440FX_COMMAND);
	put16(pci->bridge + PCI_STATUS, PCI_440FX_STATUS);
	pci->bridge[PCI_REVISION] = PCI_440FX_REVISION;
	pci->bridge[PCI_SUBCLASS] = PCI_SUBCLASS_HOST;
	pci->bridge[PCI_CLASS] = PCI_CLASS_BRIDGE;
	pci->bridge[PCI_SMRAM] = PCI_SMRAM_START;
}

void pci_on_reset(struct pci *pci, void (*reset)(void *), void *opaque)
{
	pci->reset = reset;
	pci->opaque = opaque;
}

struct device pci_device(struct pci *pci)
{
	return (struct device){
		.first = PCI_CONFIG_ADDRESS,
		.last = PCI_CONFIG_ADDRESS + PCI_PORTS - 1,
		.self = pci,
		.in = pci_in,
		.out = pci_out,
		.in_wide = pci_in_wide,
		.out_wide = pci_out_wide,
	};
}

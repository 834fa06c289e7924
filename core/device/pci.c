/*
 * Configuration mechanism 1 and the functions behind it. Knows no memory and no disk:
 * what the bridges' registers would map or route is kept and does nothing.
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

struct range { uint8_t first, last; };

/* Where it is and which of its registers can be written; an empty range is none. */
static const struct {
	uint8_t		devfn;
	struct range	kept[2];
} functions[PCI_FUNCTIONS] = {
	[PCI_HOST] = { 0, { { PCI_PAM_FIRST, PCI_PAM_LAST },
			    { PCI_SMRAM, PCI_SMRAM } } },
	[PCI_ISA] = { PCI_DEVFN_ISA, {
			{ PCI_ISA_XBCS_FIRST, PCI_ISA_XBCS_LAST },
			{ PCI_ISA_PIRQ_FIRST, PCI_ISA_PIRQ_LAST } } },
	[PCI_IDE] = { PCI_DEVFN_IDE, {
			{ PCI_IDE_TIMING_FIRST, PCI_IDE_TIMING_LAST },
			{ PCI_IDE_TIMING_FIRST, PCI_IDE_TIMING_LAST } } },
};

static bool keeps(unsigned function, unsigned reg)
{
	const struct range *kept = functions[function].kept;

	return (reg >= kept[0].first && reg <= kept[0].last) ||
	       (reg >= kept[1].first && reg <= kept[1].last);
}

/* The function that is addressed, or PCI_FUNCTIONS where none answers. */
static unsigned selected(const struct pci *pci)
{
	const uint32_t where = pci->address & PCI_ADDRESS_FUNCTION;
	unsigned i = 0;

	/* Without the enable bit the access is an ordinary one, to ports of nobody. */
	if (!(pci->address & PCI_ADDRESS_ENABLE))
		return PCI_FUNCTIONS;
	while (i < PCI_FUNCTIONS &&
	       where != FIELD_PUT(PCI_ADDRESS_DEVFN, functions[i].devfn))
		i++;
	return i;
}

/* Which register a data port shows. */
static unsigned register_at(const struct pci *pci, uint16_t port)
{
	return (pci->address & PCI_ADDRESS_REGISTER) + (port - PCI_CONFIG_DATA);
}

static uint8_t pci_in(void *self, uint16_t port)
{
	struct pci *pci = self;
	unsigned function = selected(pci);

	if (port == PCI_RESET_CONTROL)
		return pci->reset_control;
	/*
	 * Parts of the address register do not answer: 3.2.2.3.2 passes them on as
	 * ordinary accesses, by which software tells mechanism 1 from 2.
	 */
	if (port < PCI_CONFIG_DATA || function == PCI_FUNCTIONS)
		return NOBODY;
	return pci->space[function][register_at(pci, port)];
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
	unsigned function = selected(pci), reg;

	if (port == PCI_RESET_CONTROL)
		write_reset_control(pci, value);
	if (port < PCI_CONFIG_DATA || function == PCI_FUNCTIONS)
		return;
	reg = register_at(pci, port);
	if (keeps(function, reg))
		pci->space[function][reg] = value;
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

static void describe(uint8_t *space, uint16_t device, uint8_t class,
		     uint8_t subclass)
{
	put16(space + PCI_VENDOR, PCI_440FX_VENDOR);
	put16(space + PCI_DEVICE, device);
	put16(space + PCI_COMMAND, PCI_PIIX3_COMMAND);
	put16(space + PCI_STATUS, PCI_PIIX3_STATUS);
	space[PCI_SUBCLASS] = subclass;
	space[PCI_CLASS] = class;
}

void pci_init(struct pci *pci)
{
	uint8_t *host = pci->space[PCI_HOST];

	memset(pci, 0, sizeof(*pci));
	describe(host, PCI_440FX_DEVICE, PCI_CLASS_BRIDGE, PCI_SUBCLASS_HOST);
	put16(host + PCI_COMMAND, PCI_440FX_COMMAND);
	put16(host + PCI_STATUS, PCI_440FX_STATUS);
	host[PCI_REVISION] = PCI_440FX_REVISION;
	host[PCI_SMRAM] = PCI_SMRAM_START;
	describe(pci->space[PCI_ISA], PCI_PIIX3_ISA, PCI_CLASS_BRIDGE,
		 PCI_SUBCLASS_ISA);
	pci->space[PCI_ISA][PCI_HEADER_TYPE] = PCI_MULTIFUNCTION;
	/* Programming interface 0: both channels at their old ports, and no bus master. */
	describe(pci->space[PCI_IDE], PCI_PIIX3_IDE, PCI_CLASS_STORAGE,
		 PCI_SUBCLASS_IDE);
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

/*
 * PCI configuration space through ports cf8h and cfch (mechanism 1): bus 0 with a host
 * bridge, a PIIX3's ISA bridge and its IDE function; and the reset control register at
 * cf9h, which lies in between. PCI Local Bus Specification 3.0, 3.2.2.3 and 6.1.
 */
#ifndef CORE_DEVICE_PCI_H
#define CORE_DEVICE_PCI_H

#include "core/device/device.h"

#define PCI_PORTS	8u	/* ports cf8h to cffh */

enum pci_function { PCI_HOST, PCI_ISA, PCI_IDE, PCI_FUNCTIONS };

struct pci {
	uint32_t	address;	/* as written to cf8h by a whole doubleword */
	uint8_t		space[PCI_FUNCTIONS][256];
	uint8_t		reset_control;
	/* Bit 2 of the reset control register went from 0 to 1. */
	void		(*reset)(void *opaque);
	void		*opaque;
};

/* Power-on values, and no `reset`: pci_on_reset() says who wants to know. */
void pci_init(struct pci *pci);
void pci_on_reset(struct pci *pci, void (*reset)(void *), void *opaque);
struct device pci_device(struct pci *pci);

#endif

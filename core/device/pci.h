/*
 * PCI configuration space through ports cf8h and cfch (mechanism 1): bus 0 with one
 * host bridge and nothing else. PCI Local Bus Specification 3.0, 3.2.2.3 and 6.1.
 */
#ifndef CORE_DEVICE_PCI_H
#define CORE_DEVICE_PCI_H

#include "core/device/device.h"

#define PCI_PORTS	8u	/* ports cf8h to cffh */

struct pci {
	uint32_t	address;	/* as written to cf8h by a whole doubleword */
	uint8_t		bridge[256];	/* the host bridge's space */
};

void pci_init(struct pci *pci);
struct device pci_device(struct pci *pci);

#endif

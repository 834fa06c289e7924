/*
 * Ports, keys and layouts of QEMU's firmware configuration. QEMU documentation, "QEMU
 * Firmware Configuration (fw_cfg) Device"; the keys' names are in its qemu_fw_cfg.h.
 */
#ifndef CORE_DEVICE_FW_CFG_DEFS_H
#define CORE_DEVICE_FW_CFG_DEFS_H

#include "mmu/bits.h"

#define FW_CFG_PORT_SELECTOR	0x510	/* a little-endian word, written only */
#define FW_CFG_PORT_DATA	0x511
#define FW_CFG_PORT_DEBUG	0x402
#define FW_CFG_DEBUG_PRESENT	0xe9	/* what the debug port reads when it is there */

#define FW_CFG_WRITE		BIT(14)	/* of the selector: writes would be let through */

#define FW_CFG_SIGNATURE	0x00
#define FW_CFG_ID		0x01
#define FW_CFG_RAM_SIZE		0x03
#define FW_CFG_NOGRAPHIC	0x04
#define FW_CFG_NB_CPUS		0x05
#define FW_CFG_MAX_CPUS		0x0f
#define FW_CFG_FILE_DIR		0x19
#define FW_CFG_FILE_FIRST	0x20

#define FW_CFG_QEMU		0x554d4551	/* "QEMU", as it lies in memory */
#define FW_CFG_TRADITIONAL	BIT(0)		/* no DMA, which is bit 1 */

/* The directory: a count, then entries; numbers are big-endian. */
#define FW_CFG_DIR_ENTRY	64u
#define FW_CFG_DIR_SIZE		0u
#define FW_CFG_DIR_SELECT	4u
#define FW_CFG_DIR_RESERVED	6u
#define FW_CFG_DIR_NAME		8u

/* Memory beside the firmware at the top of 4 GiB. */
#define FW_CFG_BELOW_ROM	UINT64_C(0xff000000)
#define FW_CFG_ABOVE_ROM	BIT(32)

#endif

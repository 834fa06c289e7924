/*
 * QEMU's firmware configuration ports (510h selector, 511h data, 514h DMA left out):
 * what firmware made for emulators asks its machine. And the debug port 402h, where such
 * firmware writes its log. QEMU documentation, "QEMU Firmware Configuration (fw_cfg) Device".
 */
#ifndef CORE_DEVICE_FW_CFG_H
#define CORE_DEVICE_FW_CFG_H

#include "core/device/device.h"

#define FW_CFG_DEVICES	2u	/* ports 510h to 511h, and 402h */
#define FW_CFG_FILES	4u
#define FW_CFG_NAME	56u	/* the zero at the end included */

struct fw_cfg_file {
	char		name[FW_CFG_NAME];
	const void	*data;
	uint32_t	size;
};

struct fw_cfg {
	uint16_t	selector;
	uint32_t	offset;
	uint64_t	memory;
	bool		serial_screen;	/* firmware is to write its screen to the serial line */
	struct fw_cfg_file file[FW_CFG_FILES];
	unsigned	files;
	void		(*debug_byte)(void *opaque, uint8_t byte);
	void		*opaque;
};

/* An entry of the file "etc/e820". */
struct fw_cfg_e820 {
	uint64_t	address, length;
	uint32_t	type;
#define FW_CFG_E820_RAM		1u
} __attribute__((packed));
#define FW_CFG_E820_ENTRIES	2u
_Static_assert(sizeof(struct fw_cfg_e820) == 20, "no gap in the file");

/* `memory`: bytes of RAM. `debug_byte` may be NULL: the log is dropped. */
void fw_cfg_init(struct fw_cfg *fw_cfg, uint64_t memory,
		 void (*debug_byte)(void *, uint8_t), void *opaque);
/*
 * A file of the directory ("etc/e820" ...); false when there is no room, or the name is
 * longer than an entry's. `data` is kept, not copied.
 */
bool fw_cfg_add(struct fw_cfg *fw_cfg, const char *name, const void *data,
		uint32_t size) MUST_CHECK;
/*
 * What "etc/e820" says of `memory` bytes of RAM from address 0 on, without the 16 MiB
 * below 4 GiB where firmware is. Returns the file's size in bytes.
 */
uint32_t fw_cfg_e820(struct fw_cfg_e820 entry[FW_CFG_E820_ENTRIES],
		     uint64_t memory) MUST_CHECK;
void fw_cfg_devices(struct fw_cfg *fw_cfg, struct device out[FW_CFG_DEVICES]);

#endif

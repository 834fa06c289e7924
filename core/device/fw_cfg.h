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
#define FW_CFG_NAME	56u

struct fw_cfg_file {
	char		name[FW_CFG_NAME];
	const void	*data;
	uint32_t	size;
};

struct fw_cfg {
	uint16_t	selector;
	uint32_t	offset;
	uint64_t	memory;
	struct fw_cfg_file file[FW_CFG_FILES];
	unsigned	files;
	void		(*debug_byte)(void *opaque, uint8_t byte);
	void		*opaque;
};

/* `memory`: bytes of RAM. `debug_byte` may be NULL: the log is dropped. */
void fw_cfg_init(struct fw_cfg *fw_cfg, uint64_t memory,
		 void (*debug_byte)(void *, uint8_t), void *opaque);
/* A file of the directory ("etc/e820" ...); false when there is no room. `data` is kept. */
bool fw_cfg_add(struct fw_cfg *fw_cfg, const char *name, const void *data,
		uint32_t size) MUST_CHECK;
void fw_cfg_devices(struct fw_cfg *fw_cfg, struct device out[FW_CFG_DEVICES]);

#endif

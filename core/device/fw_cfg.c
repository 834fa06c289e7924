/*
 * The items of QEMU's firmware configuration, byte for byte as they are asked for.
 * Knows no firmware: files come from whoever made the machine.
 */
#include "core/device/fw_cfg.h"

#include <string.h>

#include "core/device/fw_cfg_defs.h"

#define WRITE_ONLY	0	/* what the selector reads */
#define BYTE_BITS	8

/* An item that is a number: after its end it reads zeros, as all items do. */
static uint8_t little_endian(uint64_t value, uint32_t offset)
{
	return offset < sizeof(value) ?
	       (uint8_t)(value >> (offset * BYTE_BITS)) : 0;
}

/* Byte `offset` of a number of `size` bytes. */
static uint8_t big_endian(uint32_t value, uint32_t offset, uint32_t size)
{
	return (uint8_t)(value >> ((size - 1 - offset) * BYTE_BITS));
}

static uint8_t directory_byte(const struct fw_cfg *f, uint32_t offset)
{
	const uint32_t count_size = sizeof(uint32_t);
	uint32_t index, at;

	if (offset < count_size)
		return big_endian(f->files, offset, count_size);
	index = (offset - count_size) / FW_CFG_DIR_ENTRY;
	at = (offset - count_size) % FW_CFG_DIR_ENTRY;
	if (index >= f->files)
		return 0;
	if (at < FW_CFG_DIR_SELECT)
		return big_endian(f->file[index].size, at - FW_CFG_DIR_SIZE,
				  sizeof(uint32_t));
	if (at < FW_CFG_DIR_RESERVED)
		return big_endian(FW_CFG_FILE_FIRST + index,
				  at - FW_CFG_DIR_SELECT, sizeof(uint16_t));
	return at < FW_CFG_DIR_NAME ?
	       0 : (uint8_t)f->file[index].name[at - FW_CFG_DIR_NAME];
}

static uint8_t file_byte(const struct fw_cfg *f, unsigned index, uint32_t offset)
{
	if (index >= f->files || offset >= f->file[index].size)
		return 0;
	return ((const uint8_t *)f->file[index].data)[offset];
}

static uint8_t item_byte(const struct fw_cfg *f, uint16_t key, uint32_t offset)
{
	switch (key) {
	case FW_CFG_SIGNATURE:
		return little_endian(FW_CFG_QEMU, offset);
	case FW_CFG_ID:
		return little_endian(FW_CFG_TRADITIONAL, offset);
	case FW_CFG_RAM_SIZE:
		return little_endian(f->memory, offset);
	case FW_CFG_NOGRAPHIC:
		return little_endian(f->serial_screen, offset);
	case FW_CFG_NB_CPUS:
	case FW_CFG_MAX_CPUS:
		return little_endian(1, offset);
	case FW_CFG_FILE_DIR:
		return directory_byte(f, offset);
	default:
		/* No such item: an empty one. A key below the files' is a huge index. */
		return file_byte(f, (unsigned)key - FW_CFG_FILE_FIRST, offset);
	}
}

static uint8_t fw_cfg_in(void *self, uint16_t port)
{
	struct fw_cfg *f = self;
	uint8_t byte;

	if (port == FW_CFG_PORT_SELECTOR)
		return WRITE_ONLY;
	byte = item_byte(f, f->selector & (uint16_t)~FW_CFG_WRITE, f->offset);
	if (f->offset < UINT32_MAX)
		f->offset++;
	return byte;
}

/* Half a selector selects nothing, and data cannot be written. */
static void fw_cfg_out(void *self, uint16_t port, uint8_t value)
{
	(void)self;
	(void)port;
	(void)value;
}

static bool fw_cfg_out_wide(void *self, uint16_t port, unsigned size, uint32_t value)
{
	struct fw_cfg *f = self;

	if (port != FW_CFG_PORT_SELECTOR || size != sizeof(f->selector))
		return false;
	f->selector = (uint16_t)value;
	f->offset = 0;
	return true;
}

static uint8_t debug_in(void *self, uint16_t port)
{
	(void)self;
	(void)port;
	return FW_CFG_DEBUG_PRESENT;
}

static void debug_out(void *self, uint16_t port, uint8_t value)
{
	const struct fw_cfg *f = self;

	(void)port;
	if (f->debug_byte)
		f->debug_byte(f->opaque, value);
}

void fw_cfg_init(struct fw_cfg *fw_cfg, uint64_t memory,
		 void (*debug_byte)(void *, uint8_t), void *opaque)
{
	memset(fw_cfg, 0, sizeof(*fw_cfg));
	fw_cfg->memory = memory;
	fw_cfg->debug_byte = debug_byte;
	fw_cfg->opaque = opaque;
}

bool fw_cfg_add(struct fw_cfg *fw_cfg, const char *name, const void *data,
		uint32_t size)
{
	struct fw_cfg_file *file = &fw_cfg->file[fw_cfg->files];

	if (fw_cfg->files == FW_CFG_FILES)
		return false;
	*file = (struct fw_cfg_file){ .data = data, .size = size };
	for (unsigned i = 0; name[i]; i++) {
		if (i == FW_CFG_NAME - 1)
			return false;
		file->name[i] = name[i];
	}
	fw_cfg->files++;
	return true;
}

static uint64_t smaller(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

uint32_t fw_cfg_e820(struct fw_cfg_e820 entry[FW_CFG_E820_ENTRIES],
		     uint64_t memory)
{
	uint32_t entries = 0;

	entry[entries++] = (struct fw_cfg_e820){
		.length = smaller(memory, FW_CFG_BELOW_ROM),
		.type = FW_CFG_E820_RAM,
	};
	if (memory > FW_CFG_ABOVE_ROM)
		entry[entries++] = (struct fw_cfg_e820){
			.address = FW_CFG_ABOVE_ROM,
			.length = memory - FW_CFG_ABOVE_ROM,
			.type = FW_CFG_E820_RAM,
		};
	return entries * (uint32_t)sizeof(*entry);
}

void fw_cfg_devices(struct fw_cfg *fw_cfg, struct device out[FW_CFG_DEVICES])
{
	out[0] = (struct device){
		.first = FW_CFG_PORT_SELECTOR,
		.last = FW_CFG_PORT_DATA,
		.self = fw_cfg,
		.in = fw_cfg_in,
		.out = fw_cfg_out,
		.out_wide = fw_cfg_out_wide,
	};
	out[1] = (struct device){
		.first = FW_CFG_PORT_DEBUG,
		.last = FW_CFG_PORT_DEBUG,
		.self = fw_cfg,
		.in = debug_in,
		.out = debug_out,
	};
}

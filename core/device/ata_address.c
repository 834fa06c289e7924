/*
 * How the disk's registers name sectors: cylinder, head and sector, 28 bits, or 48 in
 * bytes written twice. Knows no command. ATA/ATAPI-6 (T13/1410D), "Register definitions".
 */
#include "core/device/ata_internal.h"

#define BYTE_BITS	8
#define HIGH_HALF	24	/* LBA bits 47:24 are in the bytes written before */
#define BYTE_MASK	BITS(7, 0)

static uint64_t three_bytes(const struct ata *ata, unsigned i)
{
	return ata->low[i] | (uint64_t)ata->middle[i] << BYTE_BITS |
	       (uint64_t)ata->high[i] << (2 * BYTE_BITS);
}

static void set_three_bytes(struct ata *ata, unsigned i, uint64_t value)
{
	ata->low[i] = value & BYTE_MASK;
	ata->middle[i] = (value >> BYTE_BITS) & BYTE_MASK;
	ata->high[i] = (value >> (2 * BYTE_BITS)) & BYTE_MASK;
}

static void set_head(struct ata *ata, uint64_t value)
{
	ata->device = (ata->device & (uint8_t)~ATA_DEVICE_HEAD) |
		      (value & ATA_DEVICE_HEAD);
}

/* False: the translation has no such head or sector. */
static bool get_chs(const struct ata *ata, uint64_t *lba)
{
	const unsigned sector = ata->low[0];
	const unsigned head = ata->device & ATA_DEVICE_HEAD;
	const uint64_t cylinder = three_bytes(ata, 0) >> BYTE_BITS;

	*lba = (cylinder * ata->heads + head) * ata->track + sector - 1;
	return sector && sector <= ata->track && head < ata->heads;
}

static void set_chs(struct ata *ata, uint64_t lba)
{
	const uint64_t tracks = lba / ata->track;

	set_three_bytes(ata, 0, tracks / ata->heads << BYTE_BITS |
				(lba % ata->track + 1));
	set_head(ata, tracks % ata->heads);
}

bool ata_get_address(const struct ata *ata, uint64_t *lba)
{
	switch (ata->addressing) {
	case ATA_CHS:
		return get_chs(ata, lba);
	case ATA_LBA28:
		*lba = three_bytes(ata, 0) |
		       (uint64_t)(ata->device & ATA_DEVICE_HEAD) << HIGH_HALF;
		return true;
	default:
		*lba = three_bytes(ata, 0) | three_bytes(ata, 1) << HIGH_HALF;
		return true;
	}
}

void ata_set_address(struct ata *ata, uint64_t lba)
{
	switch (ata->addressing) {
	case ATA_CHS:
		set_chs(ata, lba);
		return;
	case ATA_LBA28:
		set_head(ata, lba >> HIGH_HALF);
		break;
	default:
		set_three_bytes(ata, 1, lba >> HIGH_HALF);
	}
	set_three_bytes(ata, 0, lba);
}

uint32_t ata_get_count(const struct ata *ata)
{
	uint32_t count = ata->count[0];

	if (ata->addressing != ATA_LBA48)
		return count ? count : ATA_COUNT_28;
	count |= (uint32_t)ata->count[1] << BYTE_BITS;
	return count ? count : ATA_COUNT_48;
}

void ata_set_count(struct ata *ata, uint32_t count)
{
	ata->count[0] = count & BYTE_MASK;
	if (ata->addressing == ATA_LBA48)
		ata->count[1] = (count >> BYTE_BITS) & BYTE_MASK;
}

/* What the disk's parts (registers, addresses, commands, identification) ask of each other. */
#ifndef CORE_DEVICE_ATA_INTERNAL_H
#define CORE_DEVICE_ATA_INTERNAL_H

#include "core/device/ata.h"
#include "core/device/ata_defs.h"

/* The Command register was written: device 0 is selected, or it is the diagnostic. */
void ata_command(struct ata *ata, uint8_t command);

/* The host has read, or filled, the whole buffer. */
void ata_buffer_done(struct ata *ata);

/*
 * The sector that the registers name by ->addressing; false: the translation has no such
 * head or sector. It may lie beyond the disk.
 */
bool ata_get_address(const struct ata *ata, uint64_t *lba) MUST_CHECK;

/* Where the command is: its last sector when it ends well, else the one that failed. */
void ata_set_address(struct ata *ata, uint64_t lba);

/* How many sectors, at least 1; and how many are still to come. */
uint32_t ata_get_count(const struct ata *ata);
void ata_set_count(struct ata *ata, uint32_t count);

/* What a reset and EXECUTE DEVICE DIAGNOSTIC leave in the registers. */
void ata_signature(struct ata *ata);

/* Raise or withdraw the interrupt, as far as the line may tell it. */
void ata_interrupt(struct ata *ata, bool pending);

/* Fill the buffer with what IDENTIFY DEVICE returns. */
void ata_identify(struct ata *ata);

#endif

/*
 * Whether the hardware can be entered with the guest's segments as they are: the
 * CPU's entry checks, asked beforehand. What does not fit is emulated until it does.
 */
#ifndef CORE_FITS_H
#define CORE_FITS_H

#include "core/vcpu.h"

/*
 * Real mode (or the guest's own virtual-8086 mode) as virtual-8086 mode: six
 * segments with base = selector * 16, limit ffffh, 16-bit, present, writable.
 * SDM 3C "Checks on Guest Segment Registers" 26.3.1.2. Needs ST_CS_SS, ST_SEG.
 */
bool fits_vm86(const struct vcpu *v);

/* SS alone. */
bool fits_vm86_stack(const struct vcpu *v);

/* Protected mode on a CPU without unrestricted guest; same clause. Needs ST_CR too. */
bool fits_protected(const struct vcpu *v);

/* Whichever applies to this vcpu's mode. Needs ST_CR, ST_RIP, ST_CS_SS, ST_SEG. */
bool fits(const struct vcpu *v);

#endif

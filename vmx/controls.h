/*
 * Fitting control fields to what this CPU allows: pure arithmetic on values of
 * capability MSRs. Which controls are wanted is the caller's affair.
 * SDM 3D "Reserved Controls and Default Settings" A.2, A.3, A.4, A.5.
 */
#ifndef VMX_CONTROLS_H
#define VMX_CONTROLS_H

#include "mmu/bits.h"

/*
 * The value to write to a 32-bit control field. `capability_msr` is the value of
 * the MSR that vmx_ctrl_msr() names. *out gets the bits that are required or
 * wanted and may be one, and those that must be one on this CPU (the caller need
 * not know them). *missing gets the required bits that may not be one; the
 * result is true when there are none. Wanted bits that are missing are dropped
 * in silence: read *out to learn what was got.
 */
bool vmx_ctrl_adjust(uint64_t capability_msr, uint32_t required,
		     uint32_t wanted, uint32_t *out, uint32_t *missing);

/*
 * The MSR_VMX_* that governs a control field: VMCS_CTL_PIN, _PROC, _EXIT and
 * _ENTRY have a TRUE twin, used when `basic` (MSR_VMX_BASIC) says that there is
 * one, for only it tells which of the default-one controls may be zero. Zero
 * for an encoding that is not a 32-bit control field with a capability MSR.
 */
uint32_t vmx_ctrl_msr(uint32_t encoding, uint64_t basic);

#endif

/* One-line wrappers for the VMX instructions. SDM 3C "VMX Instruction Reference" 30.3. */
#ifndef VMX_VMX_INSN_H
#define VMX_VMX_INSN_H

#include "mmu/panic.h"
#include "core/vcpu.h"
#include "mmu/addr.h"
#include "vmx/vmcs.h"
#include "vmx/vmx_defs.h"

/* Each succeeds with CF and ZF clear: condition "above". */

static inline bool vmx_vmxon(hpa_t region)
{
	bool ok;

	__asm__ volatile("vmxon %1" : "=@cca"(ok) : "m"(region.v) : "memory");
	return ok;
}

static inline void vmx_vmxoff(void)
{
	__asm__ volatile("vmxoff" : : : "cc", "memory");
}

static inline bool vmx_vmclear(hpa_t vmcs)
{
	bool ok;

	__asm__ volatile("vmclear %1" : "=@cca"(ok) : "m"(vmcs.v) : "memory");
	return ok;
}

static inline bool vmx_vmptrld(hpa_t vmcs)
{
	bool ok;

	__asm__ volatile("vmptrld %1" : "=@cca"(ok) : "m"(vmcs.v) : "memory");
	return ok;
}

/* A field that this CPU does not have is a bug of ours: panic. */
static inline uint64_t vmx_read(enum vmcs_field field)
{
	uint64_t value;
	bool ok;

	__asm__ volatile("vmread %2, %0" : "=r"(value), "=@cca"(ok)
			 : "r"((uint64_t)field));
	if (!ok)
		panic("VMREAD of field %x failed", (unsigned)field);
	return value;
}

static inline void vmx_write(enum vmcs_field field, uint64_t value)
{
	bool ok;

	__asm__ volatile("vmwrite %2, %1" : "=@cca"(ok)
			 : "r"((uint64_t)field), "r"(value) : "memory");
	if (!ok)
		panic("VMWRITE of field %x failed", (unsigned)field);
}

/* CPL is SS.DPL at all times. SDM 3C "Guest Register State" 24.4.1. */
static inline uint8_t vmx_cpl(void)
{
	return FIELD_GET(AR_DPL, vmx_read(VMCS_GUEST_SS_AR));
}

static inline void vmx_invept(enum invept_type type, uint64_t eptp)
{
	const struct { uint64_t eptp, zero; } operand = { eptp, 0 };

	__asm__ volatile("invept %0, %1" : : "m"(operand), "r"((uint64_t)type)
			 : "cc", "memory");
}

static inline void vmx_invvpid(enum invvpid_type type, uint16_t vpid,
			       uint64_t address)
{
	const struct { uint64_t vpid, address; } operand = { vpid, address };

	__asm__ volatile("invvpid %0, %1" : : "m"(operand), "r"((uint64_t)type)
			 : "cc", "memory");
}

#endif

/* CPUID leaves and bits that boot/ looks at. SDM 2A "CPUID" table 3-8. */
#ifndef BOOT_CPUID_BITS_H
#define BOOT_CPUID_BITS_H

#include "mmu/bits.h"

#define CPUID_VENDOR		0x0
#define CPUID_FEATURES		0x1
#define CPUID_1_ECX_HYPERVISOR	BIT(31)
#define CPUID_1_EDX_APIC	BIT(9)
#define CPUID_1_FAMILY		BITS(11, 8)
#define CPUID_1_FAMILY_EXT	BITS(27, 20)
#define CPUID_1_MODEL		BITS(7, 4)
#define CPUID_1_MODEL_EXT	BITS(19, 16)
#define CPUID_1_STEPPING	BITS(3, 0)
#define CPUID_1_FAMILY_FULL	0xfu	/* here the extended fields count */
#define CPUID_1_FAMILY_P6	0x6u
#define CPUID_STRUCTURED	0x7
#define CPUID_TSC		0x15
#define CPUID_HYPERVISOR	0x40000000
#define CPUID_EXT		0x80000000
#define CPUID_EXT_FEATURES	0x80000001
#define CPUID_EXT_EDX_PAGE1G	BIT(26)
#define CPUID_BRAND		0x80000002	/* and the next two */
#define CPUID_ADDRESS_SIZES	0x80000008
#define CPUID_SIZES_PHYSICAL	BITS(7, 0)
#define CPUID_SIZES_LINEAR	BITS(15, 8)

#endif

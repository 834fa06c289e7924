/*
 * Where the loader puts things in guest memory, and the words it writes there.
 * Addresses that a PC's firmware would have set up: facts of the platform.
 */
#ifndef CORE_LOAD_DEFS_H
#define CORE_LOAD_DEFS_H

#include "mmu/addr.h"

/* Conventional memory, top to bottom. */
#define LOW_1M			BIT(20)
#define LOW_BIOS		UINT64_C(0xf0000)	/* ROM as the memory map tells it */
#define LOW_RAM_END		UINT64_C(0xa0000)
#define LOW_EBDA		UINT64_C(0x9fc00)	/* 639 KiB: usable up to here */
#define LOW_KIB			639
#define BOOT_SECTOR_END		UINT64_C(0x9f000)	/* an image ends below this */
#define BOOT_SECTOR_ADDRESS	0x7c00
#define LOADER_END		UINT64_C(0x7000)	/* the loader's own data ends here */
#define LOADER_INFO		UINT64_C(0x1000)	/* multiboot information from here */
#define LOADER_GDT		UINT64_C(0x800)

/* BIOS data area: words that guests read without calling the BIOS. */
#define BDA_EBDA_SEGMENT	UINT64_C(0x40e)
#define BDA_MEMORY_KIB		UINT64_C(0x413)

#define BOOT_SECTOR_SIZE	512
#define BOOT_SIGNATURE_AT	510
#define BOOT_SIGNATURE_0	0x55
#define BOOT_SIGNATURE_1	0xaa
#define BOOT_DRIVE		0x80	/* DL: the first hard disk */

#define FLAT_ADDRESS		LOW_1M

/* A ROM ends at 4 GiB; its last part shows below 1 MiB too. */
#define FIRMWARE_UNIT		UINT64_C(0x10000)
#define FIRMWARE_MAX		BIT(24)
#define FIRMWARE_SHADOW_MAX	UINT64_C(0x20000)
#define RESET_VECTOR_OFFSET	16	/* from the ROM's end */
#define RESET_CS		0xf000
#define RESET_CS_BASE		UINT64_C(0xffff0000)
#define RESET_IP		0xfff0
#define OPCODE_JMP_REL16	0xe9
#define OPCODE_JMP_FAR		0xea
#define OPCODE_JMP_REL8		0xeb

/*
 * Flat segments: base 0, limit 4 GiB, present, DPL 0, accessed.
 * SDM 3A "Segment Descriptors" 3.4.5.
 */
#define DESCRIPTOR_CODE32	UINT64_C(0x00cf9b000000ffff)
#define DESCRIPTOR_DATA32	UINT64_C(0x00cf93000000ffff)
#define DESCRIPTOR_CODE64	UINT64_C(0x00af9b000000ffff)
#define DESCRIPTOR_SIZE		8

/* What long mode takes: SDM 3A "Initializing IA-32e Mode" 9.8.5. */
#define LONG_CR0		(CR0_PG | CR0_ET | CR0_PE)
#define LONG_CR4		CR4_PAE
#define LONG_EFER		(EFER_LME | EFER_LMA)

/* SDM 3A "Processor State After Reset" 9.1.1 table 9-1 */
#define RESET_CR0		(CR0_CD | CR0_NW | CR0_ET)
#define RESET_LIMIT		0xffff
#define IVT_LIMIT		0x3ff	/* 256 vectors of 4 bytes */
#define FLAT_LIMIT		0xffffffffu

#endif

/*
 * Guest images into guest memory. Pure: bytes in, memory and a start state out.
 * A damaged image is an error that names the field; it never hurts the host.
 */
#ifndef CORE_LOAD_LOAD_H
#define CORE_LOAD_LOAD_H

#include "core/vcpu.h"
#include "mmu/err.h"
#include "mmu/guest_mem.h"

enum guest_kind {
	GUEST_AUTO, GUEST_BOOT_SECTOR, GUEST_MULTIBOOT1, GUEST_FIRMWARE,
	GUEST_FLAT, GUEST_LINUX16,
	GUEST_LINUX32,		/* a bzImage at its 32-bit entry */
	GUEST_LINUX64,		/* at its 64-bit entry: paging is on already */
	GUEST_VMLINUX,		/* an ELF kernel, told as the Linux boot protocol has it */
	GUEST_PVH, GUEST_MULTIBOOT2, GUEST_LIMINE,
	GUEST_KINDS
};

#define LOAD_MODULES	8

struct load_blob { const uint8_t *data; uint64_t size; const char *command_line; };

struct load_request {
	struct load_blob	image;
	struct load_blob	module[LOAD_MODULES];
	unsigned		modules;
	const char		*command_line;	/* the guest's */
	enum guest_kind		kind;		/* GUEST_AUTO: from the image */
};

/* How the CPU stands when the guest's first instruction runs; handoff.asm knows the values. */
enum load_mode {
	LOAD_REAL,
	LOAD_PROTECTED,		/* flat 32-bit, paging off */
	LOAD_LONG,		/* 64-bit code, paging on by tables in guest RAM */
};

/*
 * The state a guest starts in: only what differs from the reset-like base
 * that load_start_base() sets. Applied to a vcpu, or by the bare hand-over.
 */
struct load_result {
	enum guest_kind	kind;
	enum load_mode	mode;
	bool		reset_vector;	/* real mode: CS base 0xffff0000, IP 0xfff0 */
	uint16_t	cs;
	uint16_t	ds;		/* and for ES, SS, FS, GS */
	uint16_t	ip, sp;		/* real mode */
	uint32_t	eax, ebx, edx;
	uint64_t	rip, rsp;	/* not real mode; protected: 32 bits of them */
	uint64_t	rsi, rdi;
	/*
	 * Not real mode: the GDT that cs and ds lie in. Their descriptors are
	 * DESCRIPTOR_CODE32 or, in long mode, DESCRIPTOR_CODE64; and DESCRIPTOR_DATA32.
	 */
	uint64_t	gdt_base;
	uint16_t	gdt_limit;
	/*
	 * Long mode only, whole registers. The tables at cr3 map the first 4 GiB one to
	 * one, writable and executable: the bare hand-over's last page is in there.
	 */
	uint64_t	cr0, cr3, cr4, efer;
	uint64_t	pat;		/* load_long_start() sets what reset does */
	char		error[160];	/* one line, when loading failed */
};

/* Selectors of the GDT that guests start with but for those that ask for another. */
#define LOAD_CS		0x10
#define LOAD_DS		0x18
#define LOAD_GDT_LIMIT	31

/* Names as in the record: "boot-sector", ...; NULL when out of range. */
const char *guest_kind_name(enum guest_kind kind);

/* The kind an image's own headers tell, or GUEST_FLAT when none does. */
enum guest_kind load_detect(const struct load_blob *image);

/*
 * Put the image, its modules and what they are told into `mem` (RAM from 0;
 * firmware adds ROM slots that point into the image). HV_OK, or HV_BAD_IMAGE /
 * HV_TOO_LARGE with ->error.
 */
enum hv_err load_guest(const struct load_request *request, struct guest_mem *mem,
		       struct load_result *out) MUST_CHECK;

/* The whole vcpu start state (registers as after INIT, then the result's). */
void load_start(const struct load_result *start, uint32_t cpu_signature,
		struct vcpu *vcpu);

#endif

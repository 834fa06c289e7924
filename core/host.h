/*
 * What the hypervisor knows of the machine it stands on: a read-only snapshot
 * that boot/ takes once. core/ and the tests read it; nobody here asks the CPU.
 */
#ifndef CORE_HOST_H
#define CORE_HOST_H

#include "core/fx.h"
#include "mmu/addr.h"

#define HOST_CPUID_BASIC	0x20	/* leaves 0..0x1f kept */
#define HOST_CPUID_EXTENDED	0x20	/* leaves 80000000h.. kept */
#define HOST_CPUID_SUBLEAVES	4	/* of leaves 4, 7, 0xb and 0xd: kept in sub[] */

struct cpuid_regs { uint32_t eax, ebx, ecx, edx; };

struct host_cpu {
	char		vendor[13];	/* CPUID 0: "GenuineIntel" */
	char		name[49];	/* brand string, trimmed; may be empty */
	char		hypervisor[13];	/* CPUID 40000000h; empty on metal */
	uint32_t	family, model, stepping;
	bool		amd;		/* AMD or Hygon */
	bool		tsc_counts_instructions;	/* an emulator: see boot/machine.c */
	uint64_t	tsc_hz;		/* ticks a second, by definition if they count insns */
	uint8_t		phys_bits, linear_bits;
	struct cpuid_regs basic[HOST_CPUID_BASIC];
	struct cpuid_regs extended[HOST_CPUID_EXTENDED];
	struct cpuid_regs leaf7[HOST_CPUID_SUBLEAVES];
	uint64_t	cr4_supported;	/* CR4 bits this CPU has, from CPUID */
};

/* Where text and bytes go. boot/ gives the real ports, tests a buffer. */
struct host_io {
	void (*guest_byte)(struct host_io *io, uint8_t byte);
	void (*record_line)(struct host_io *io, const char *line, unsigned size);
	/* Now and then while the guest runs: move on what is still on its way. */
	void (*poll)(struct host_io *io);
	/* FNINIT, FNSTCW, FNSTSW: the x87 state in the CPU is the guest's. */
	void (*fninit)(struct host_io *io);
	uint16_t (*fnstcw)(struct host_io *io);
	uint16_t (*fnstsw)(struct host_io *io);
	/*
	 * FXSAVE, FXRSTOR (wide: with REX.W) of that state, which with SSE's is the guest's,
	 * too. MXCSR's reserved bits must be clear. NULL: the emulator does without.
	 */
	void (*fxsave)(struct host_io *io, struct fx_image *image, bool wide);
	void (*fxrstor)(struct host_io *io, const struct fx_image *image, bool wide);
	/* RDPKRU, WRPKRU: the value in the CPU is the guest's. Only where the CPU has CR4.PKE. */
	uint32_t (*rdpkru)(struct host_io *io);
	void (*wrpkru)(struct host_io *io, uint32_t value);
	/* The TSC now. */
	uint64_t (*clock)(struct host_io *io);
	/*
	 * Interrupt this CPU, the guest too, when the TSC is at `tsc` or soon after; a new
	 * call replaces the last one. Asked for a time that has passed: at once.
	 */
	void (*timer)(struct host_io *io, uint64_t tsc);
	/*
	 * A line to whoever debugs the guest: its next byte or -1, at once; and a byte to
	 * it. NULL: there is no such line.
	 */
	int (*line_get)(struct host_io *io);
	void (*line_put)(struct host_io *io, uint8_t byte);
};

#endif

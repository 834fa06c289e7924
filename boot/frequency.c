/* How fast the TSC counts. Knows no guest and no other clock's user. */
#include "boot/cpuid_bits.h"
#include "boot/machine.h"
#include "boot/machine_defs.h"
#include "core/x86_insn.h"

#define PIT_COUNT	23864u	/* 20 ms */
#define PIT_COUNT_HZ	50u
#define PIT_READS	2000000u /* more than 20 ms on anything */

/* EBX / EAX ticks of the TSC for each of the crystal's ECX a second. SDM 2A "CPUID" */
static uint64_t told(const struct host_cpu *host)
{
	const struct cpuid_regs *r = &host->basic[CPUID_TSC];

	if (!r->eax || !r->ebx || !r->ecx)
		return 0;
	return (uint64_t)r->ecx * r->ebx / r->eax;
}

/* 8254 datasheet "Mode 0: Interrupt on Terminal Count": OUT goes high at zero. */
static uint64_t measured(void)
{
	uint8_t speaker = x86_in8(PORT_SPEAKER) & (SPEAKER_GATE | SPEAKER_DATA);
	uint64_t start, end;
	unsigned reads = 0;

	x86_out8(PORT_SPEAKER, SPEAKER_GATE);
	x86_out8(PIT_COMMAND, PIT_GATED_ONCE);
	x86_out8(PIT_CHANNEL2, (uint8_t)PIT_COUNT);
	x86_out8(PIT_CHANNEL2, PIT_COUNT >> 8);
	start = x86_rdtsc();
	while (!(x86_in8(PORT_SPEAKER) & SPEAKER_OUT) && reads < PIT_READS)
		reads++;
	end = x86_rdtsc();
	x86_out8(PORT_SPEAKER, speaker);
	/* No such timer: it never ends, or has ended from the start. */
	return reads && reads < PIT_READS ? (end - start) * PIT_COUNT_HZ : 0;
}

uint64_t machine_tsc_hz(const struct host_cpu *host)
{
	uint64_t hz;

	if (host->tsc_counts_instructions)
		return TSC_HZ_VIRTUAL;
	hz = told(host);
	if (!hz)
		hz = measured();
	return hz ? hz : TSC_HZ_VIRTUAL;
}

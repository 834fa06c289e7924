/* The snapshot of this CPU that the core works from. Asks the CPU, decides nothing. */
#include "boot/machine.h"

#include "boot/cpuid_bits.h"
#include "core/x86_insn.h"
#include "mmu/x86_defs.h"

#include <string.h>

#define PHYS_BITS_DEFAULT	36
#define LINEAR_BITS_DEFAULT	48

/* Which CPUID bit stands for which CR4 bit. SDM 3A "Control Registers" 2.5 */
enum cpuid_word { F1_ECX, F1_EDX, F7_EBX, F7_ECX, F7_EDX, WORDS };

static const struct { enum cpuid_word word; unsigned bit; uint64_t cr4; }
cr4_features[] = {
	{ F1_EDX, 1 /* VME */,		CR4_VME | CR4_PVI },
	{ F1_EDX, 2 /* DE */,		CR4_DE },
	{ F1_EDX, 3 /* PSE */,		CR4_PSE },
	{ F1_EDX, 4 /* TSC */,		CR4_TSD },
	{ F1_EDX, 6 /* PAE */,		CR4_PAE },
	{ F1_EDX, 7 /* MCE */,		CR4_MCE },
	{ F1_EDX, 13 /* PGE */,		CR4_PGE },
	{ F1_EDX, 24 /* FXSR */,	CR4_OSFXSR },
	{ F1_EDX, 25 /* SSE */,		CR4_OSXMMEXCPT },
	{ F1_ECX, 5 /* VMX */,		CR4_VMXE },
	{ F1_ECX, 6 /* SMX */,		CR4_SMXE },
	{ F1_ECX, 17 /* PCID */,	CR4_PCIDE },
	{ F1_ECX, 26 /* XSAVE */,	CR4_OSXSAVE },
	{ F7_EBX, 0 /* FSGSBASE */,	CR4_FSGSBASE },
	{ F7_EBX, 7 /* SMEP */,		CR4_SMEP },
	{ F7_EBX, 20 /* SMAP */,	CR4_SMAP },
	{ F7_ECX, 2 /* UMIP */,		CR4_UMIP },
	{ F7_ECX, 3 /* PKU */,		CR4_PKE },
	{ F7_ECX, 7 /* CET_SS */,	CR4_CET },
	{ F7_ECX, 16 /* LA57 */,	CR4_LA57 },
	{ F7_ECX, 31 /* PKS */,		CR4_PKS },
	{ F7_EDX, 20 /* CET_IBT */,	CR4_CET },
};

static uint64_t cr4_supported(const struct host_cpu *host)
{
	uint64_t cr4 = 0;
	const uint32_t words[WORDS] = {
		[F1_ECX] = host->basic[CPUID_FEATURES].ecx,
		[F1_EDX] = host->basic[CPUID_FEATURES].edx,
		[F7_EBX] = host->leaf7[0].ebx,
		[F7_ECX] = host->leaf7[0].ecx,
		[F7_EDX] = host->leaf7[0].edx,
	};

	for (unsigned i = 0; i < ARRAY_SIZE(cr4_features); i++) {
		if (words[cr4_features[i].word] & BIT(cr4_features[i].bit))
			cr4 |= cr4_features[i].cr4;
	}
	/* RDPMC has no CPUID bit: every P6 and later has it. SDM 2B "RDPMC" */
	if (host->family >= CPUID_1_FAMILY_P6)
		cr4 |= CR4_PCE;
	return cr4;
}

static void read_leaves(struct host_cpu *host)
{
	uint32_t basic = x86_cpuid(CPUID_VENDOR, 0).eax;
	uint32_t extended = x86_cpuid(CPUID_EXT, 0).eax;

	for (uint32_t i = 0; i <= basic && i < HOST_CPUID_BASIC; i++)
		host->basic[i] = x86_cpuid(i, 0);
	for (uint32_t i = 0; i <= extended - CPUID_EXT &&
	     i < HOST_CPUID_EXTENDED; i++)
		host->extended[i] = x86_cpuid(CPUID_EXT + i, 0);
	for (uint32_t i = 0; basic >= CPUID_STRUCTURED &&
	     i < HOST_CPUID_SUBLEAVES; i++)
		host->leaf7[i] = x86_cpuid(CPUID_STRUCTURED, i);
}

/* Three words as 12 characters and a terminator. */
static void text12(char out[13], uint32_t a, uint32_t b, uint32_t c)
{
	uint32_t words[3] = { a, b, c };

	memcpy(out, words, sizeof(words));
	out[sizeof(words)] = '\0';
}

static void read_names(struct host_cpu *host)
{
	const struct cpuid_regs *brand =
		&host->extended[CPUID_BRAND - CPUID_EXT];
	struct cpuid_regs r = host->basic[CPUID_VENDOR];
	const char *from = (const char *)brand;
	unsigned used = 0;

	text12(host->vendor, r.ebx, r.edx, r.ecx);
	host->amd = !memcmp(host->vendor, "AuthenticAMD", 12) ||
		    !memcmp(host->vendor, "HygonGenuine", 12);
	if (host->basic[CPUID_FEATURES].ecx & CPUID_1_ECX_HYPERVISOR) {
		r = x86_cpuid(CPUID_HYPERVISOR, 0);
		text12(host->hypervisor, r.ebx, r.ecx, r.edx);
	}
	for (unsigned i = 0; i < sizeof(host->name) - 1 && from[i]; i++) {
		if (used || from[i] != ' ')
			host->name[used++] = from[i];
	}
	while (used && host->name[used - 1] == ' ')
		used--;
	host->name[used] = '\0';
}

/* SDM 2A "CPUID" "Version Information": what the extended fields add, and when. */
static void read_signature(struct host_cpu *host)
{
	uint32_t eax = host->basic[CPUID_FEATURES].eax;

	host->family = FIELD_GET(CPUID_1_FAMILY, eax);
	host->model = FIELD_GET(CPUID_1_MODEL, eax);
	host->stepping = FIELD_GET(CPUID_1_STEPPING, eax);
	if (host->family == CPUID_1_FAMILY_FULL ||
	    (host->family == CPUID_1_FAMILY_P6 && !host->amd))
		host->model |= FIELD_GET(CPUID_1_MODEL_EXT, eax) << 4;
	if (host->family == CPUID_1_FAMILY_FULL)
		host->family += FIELD_GET(CPUID_1_FAMILY_EXT, eax);
}

void machine_cpu(struct host_cpu *host)
{
	uint32_t sizes;

	memset(host, 0, sizeof(*host));
	read_leaves(host);
	read_names(host);
	read_signature(host);
	sizes = host->extended[CPUID_ADDRESS_SIZES - CPUID_EXT].eax;
	host->phys_bits = sizes ? FIELD_GET(CPUID_SIZES_PHYSICAL, sizes) :
			  PHYS_BITS_DEFAULT;
	host->linear_bits = sizes ? FIELD_GET(CPUID_SIZES_LINEAR, sizes) :
			    LINEAR_BITS_DEFAULT;
	host->cr4_supported = cr4_supported(host);
	host->tsc_counts_instructions = machine_tsc_counts();
}

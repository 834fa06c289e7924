/*
 * One-line wrappers for every privileged or special instruction. Included by
 * svm/, vmx/ and boot/ alone: core/ and mmu/ must run in host tests too.
 */
#ifndef CORE_X86_INSN_H
#define CORE_X86_INSN_H

#include "core/host.h"
#include "mmu/x86_defs.h"

/* The operand of LGDT, LIDT, SGDT, SIDT in 64-bit mode. */
struct x86_dtr {
	uint16_t	limit;
	uint64_t	base;
} __attribute__((packed));
_Static_assert(sizeof(struct x86_dtr) == 10, "LGDT m16&64");

static inline uint64_t x86_rdmsr(uint32_t number)
{
	uint32_t lo, hi;

	__asm__ volatile("rdmsr" : "=a"(lo), "=d"(hi) : "c"(number));
	return (uint64_t)hi << 32 | lo;
}

static inline void x86_wrmsr(uint32_t number, uint64_t value)
{
	__asm__ volatile("wrmsr" : : "c"(number), "a"((uint32_t)value),
			 "d"((uint32_t)(value >> 32)) : "memory");
}

/*
 * RDMSR of a register that this CPU may not have: false instead of #GP. The
 * trap handler finds the two addresses in .fixups and goes on at the second.
 */
static inline bool x86_rdmsr_safe(uint32_t number, uint64_t *value)
{
	uint32_t lo = 0, hi = 0, ok = 0;

	__asm__ volatile("1: rdmsr\n\t"
			 "mov $1, %2\n"
			 "2:\n\t"
			 ".pushsection .fixups, \"a\"\n\t"
			 ".quad 1b, 2b\n\t"
			 ".popsection"
			 : "+a"(lo), "+d"(hi), "+r"(ok) : "c"(number));
	*value = (uint64_t)hi << 32 | lo;
	return ok;
}

static inline uint64_t x86_rdtsc(void)
{
	uint32_t lo, hi;

	__asm__ volatile("rdtsc" : "=a"(lo), "=d"(hi) : : "memory");
	return (uint64_t)hi << 32 | lo;
}

static inline struct cpuid_regs x86_cpuid(uint32_t leaf, uint32_t subleaf)
{
	struct cpuid_regs r;

	__asm__ volatile("cpuid"
			 : "=a"(r.eax), "=b"(r.ebx), "=c"(r.ecx), "=d"(r.edx)
			 : "a"(leaf), "c"(subleaf));
	return r;
}

#define X86_REG_READ(reg)						\
static inline uint64_t x86_read_##reg(void)				\
{									\
	uint64_t value;							\
									\
	__asm__ volatile("mov %%" #reg ", %0" : "=r"(value) : : "memory"); \
	return value;							\
}
#define X86_REG_WRITE(reg)						\
static inline void x86_write_##reg(uint64_t value)			\
{									\
	__asm__ volatile("mov %0, %%" #reg : : "r"(value) : "memory");	\
}
#define X86_REG(reg)	X86_REG_READ(reg) X86_REG_WRITE(reg)

X86_REG(cr0)
X86_REG(cr2)
X86_REG(cr3)
X86_REG(cr4)
X86_REG(dr0)
X86_REG(dr1)
X86_REG(dr2)
X86_REG(dr3)
X86_REG(dr6)
X86_REG(dr7)

#undef X86_REG
#undef X86_REG_READ
#undef X86_REG_WRITE

#define X86_SEG_READ(seg)						\
static inline uint16_t x86_read_##seg(void)				\
{									\
	uint16_t value;							\
									\
	__asm__ volatile("mov %%" #seg ", %0" : "=r"(value));		\
	return value;							\
}

X86_SEG_READ(cs)
X86_SEG_READ(ss)
X86_SEG_READ(ds)
X86_SEG_READ(es)
X86_SEG_READ(fs)
X86_SEG_READ(gs)

#undef X86_SEG_READ

static inline uint16_t x86_str(void)
{
	uint16_t value;

	__asm__ volatile("str %0" : "=r"(value));
	return value;
}

static inline void x86_lgdt(const struct x86_dtr *dtr)
{
	__asm__ volatile("lgdt %0" : : "m"(*dtr));
}

static inline void x86_lidt(const struct x86_dtr *dtr)
{
	__asm__ volatile("lidt %0" : : "m"(*dtr));
}

static inline void x86_sgdt(struct x86_dtr *dtr)
{
	__asm__ volatile("sgdt %0" : "=m"(*dtr));
}

static inline void x86_sidt(struct x86_dtr *dtr)
{
	__asm__ volatile("sidt %0" : "=m"(*dtr));
}

static inline void x86_ltr(uint16_t selector)
{
	__asm__ volatile("ltr %0" : : "r"(selector) : "memory");
}

static inline void x86_lldt(uint16_t selector)
{
	__asm__ volatile("lldt %0" : : "r"(selector) : "memory");
}

static inline uint8_t x86_in8(uint16_t port)
{
	uint8_t value;

	__asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static inline uint16_t x86_in16(uint16_t port)
{
	uint16_t value;

	__asm__ volatile("inw %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static inline uint32_t x86_in32(uint16_t port)
{
	uint32_t value;

	__asm__ volatile("inl %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static inline void x86_out8(uint16_t port, uint8_t value)
{
	__asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static inline void x86_out16(uint16_t port, uint16_t value)
{
	__asm__ volatile("outw %0, %1" : : "a"(value), "Nd"(port));
}

static inline void x86_out32(uint16_t port, uint32_t value)
{
	__asm__ volatile("outl %0, %1" : : "a"(value), "Nd"(port));
}

static inline void x86_invlpg(const void *address)
{
	__asm__ volatile("invlpg (%0)" : : "r"(address) : "memory");
}

static inline void x86_xsetbv(uint32_t number, uint64_t value)
{
	__asm__ volatile("xsetbv" : : "c"(number), "a"((uint32_t)value),
			 "d"((uint32_t)(value >> 32)));
}

static inline uint64_t x86_xgetbv(uint32_t number)
{
	uint32_t lo, hi;

	__asm__ volatile("xgetbv" : "=a"(lo), "=d"(hi) : "c"(number));
	return (uint64_t)hi << 32 | lo;
}

static inline void x86_fninit(void) { __asm__ volatile("fninit"); }

static inline uint16_t x86_fnstcw(void)
{
	uint16_t word;

	__asm__ volatile("fnstcw %0" : "=m"(word));
	return word;
}

static inline uint16_t x86_fnstsw(void)
{
	uint16_t word;

	__asm__ volatile("fnstsw %0" : "=m"(word));
	return word;
}

/* CR4.OSFXSR is set, or the XMM registers may be left out. SDM 2A "FXSAVE" */
static inline void x86_fxsave(struct fx_image *image, bool wide)
{
	if (wide)
		__asm__ volatile("fxsave64 %0" : "=m"(*image));
	else
		__asm__ volatile("fxsave %0" : "=m"(*image));
}

/* #GP when a reserved bit of MXCSR is set. */
static inline void x86_fxrstor(const struct fx_image *image, bool wide)
{
	if (wide)
		__asm__ volatile("fxrstor64 %0" : : "m"(*image));
	else
		__asm__ volatile("fxrstor %0" : : "m"(*image));
}

/*
 * Protection keys: with CR4.PKE set for this one instruction. Our pages are all the
 * supervisor's, where keys mean nothing, but Bochs 2.7 heeds the guest's WD there too: no
 * write to memory may come while CR4.PKE is set. SDM 3A "Protection Keys", SDM 2B "RDPKRU"
 */
static inline uint32_t x86_rdpkru(void)
{
	uint64_t cr4 = x86_read_cr4();
	uint32_t value, zero;

	__asm__ volatile("mov %3, %%cr4\n\trdpkru\n\tmov %2, %%cr4"
			 : "=&a"(value), "=&d"(zero)
			 : "r"(cr4), "r"(cr4 | CR4_PKE), "c"(0)
			 : "memory");
	return value;
}

static inline void x86_wrpkru(uint32_t value)
{
	uint64_t cr4 = x86_read_cr4();

	__asm__ volatile("mov %1, %%cr4\n\twrpkru\n\tmov %0, %%cr4"
			 :
			 : "r"(cr4), "r"(cr4 | CR4_PKE), "a"(value), "c"(0), "d"(0)
			 : "memory");
}

static inline void x86_hlt(void) { __asm__ volatile("hlt" : : : "memory"); }
static inline void x86_cli(void) { __asm__ volatile("cli" : : : "memory"); }
static inline void x86_sti(void) { __asm__ volatile("sti" : : : "memory"); }
static inline void x86_pause(void) { __asm__ volatile("pause"); }
static inline void x86_wbinvd(void) { __asm__ volatile("wbinvd" : : : "memory"); }

/* Let pending host interrupts in. STI holds them off for one instruction. */
static inline void x86_interrupt_window(void)
{
	__asm__ volatile("sti; nop; cli" : : : "memory");
}

#endif

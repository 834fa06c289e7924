/* One-line wrappers for the SVM instructions. APM vol. 3 "System Instruction Reference". */
#ifndef SVM_SVM_INSN_H
#define SVM_SVM_INSN_H

#include "mmu/addr.h"

static inline void svm_vmload(hpa_t area)
{
	__asm__ volatile("vmload %0" : : "a"(area.v) : "memory");
}

static inline void svm_vmsave(hpa_t area)
{
	__asm__ volatile("vmsave %0" : : "a"(area.v) : "memory");
}

/* Drop one ASID's translation of a page. APM vol. 3 "INVLPGA". */
static inline void svm_invlpga(gva_t address, uint32_t asid)
{
	__asm__ volatile("invlpga %%rax, %%ecx" : : "a"(address.v), "c"(asid)
			 : "memory");
}

static inline void svm_clgi(void) { __asm__ volatile("clgi" : : : "memory"); }
static inline void svm_stgi(void) { __asm__ volatile("stgi" : : : "memory"); }

#endif

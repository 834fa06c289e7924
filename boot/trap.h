/*
 * Host exceptions and interrupts. An exception in the hypervisor is a bug: it
 * ends the run with a dump. Knows no guest.
 */
#ifndef BOOT_TRAP_H
#define BOOT_TRAP_H

#include "mmu/bits.h"

#define TRAP_STUB_SIZE	16

/* What vectors.asm leaves on the stack, lowest address first. */
struct trap_frame {
	uint64_t	r15, r14, r13, r12, r11, r10, r9, r8;
	uint64_t	rdi, rsi, rbp, rbx, rdx, rcx, rax;
	uint64_t	vector, error;
	uint64_t	rip, cs, rflags, rsp, ss;
};
_Static_assert(sizeof(struct trap_frame) == 22 * 8, "vectors.asm");
_Static_assert(offsetof(struct trap_frame, vector) == 15 * 8, "vectors.asm");

extern const uint8_t trap_stubs[];

/* Called by vectors.asm with interrupts off. Returns for interrupts only. */
void trap_dispatch(struct trap_frame *frame);

/* "#PF", or "vector" where the manuals give no mnemonic. */
const char *trap_name(uint64_t vector);

#endif

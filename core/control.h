/*
 * The guest's writes to control registers, done in software with the checks
 * the CPU would make. Pure on the neutral vcpu. SDM 2 "MOV - Move to/from
 * Control Registers"; APM vol. 3 "MOV CRn".
 */
#ifndef CORE_CONTROL_H
#define CORE_CONTROL_H

#include "core/vm.h"
#include "mmu/walk.h"

/* Each: false when the write raises #GP(0), with nothing changed. */
bool control_write_cr0(struct vm *vm, uint64_t value) MUST_CHECK;
bool control_write_cr3(struct vm *vm, uint64_t value) MUST_CHECK;
bool control_write_cr4(struct vm *vm, uint64_t value) MUST_CHECK;
/* CR0, CR3, CR4 or CR8 by its number; any other is refused. */
bool control_write_cr(struct vm *vm, unsigned number, uint64_t value) MUST_CHECK;
bool control_write_efer(struct vm *vm, uint64_t value) MUST_CHECK;

/* LMSW: loads PE, MP, EM, TS; cannot clear PE. */
uint64_t control_lmsw(uint64_t cr0, uint16_t operand);

/* The walker's view of this vcpu. Needs ST_CR and ST_RIP. */
struct walk_mode control_walk_mode(const struct vm *vm);
void control_walk_mode_to(const struct vm *vm, struct walk_mode *mode);

/*
 * Where the CPU reads PAE's top entries at each walk, and keeps none: what it would read
 * now, into the vcpu. Needs ST_CR and ST_RIP.
 */
void control_pdptes(struct vm *vm);

/* The guest's view changed: recompute the hardware's, note the mode. Needs ST_CR. */
void control_apply(struct vm *vm);

#endif

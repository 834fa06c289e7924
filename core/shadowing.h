/*
 * The shadow tables at work for a real guest: joins mmu/shadow.h to a vm, on the rungs
 * whose hardware cannot walk the guest's own tables. Knows no vendor.
 */
#ifndef CORE_SHADOWING_H
#define CORE_SHADOWING_H

#include "core/handlers.h"

enum hv_err shadowing_init(struct vm *vm) MUST_CHECK;
void shadowing_fini(struct vm *vm);

/* The guest's view has changed: the hardware's CR3 for it, into vm->hw. Needs ST_CR, ST_RIP. */
void shadowing_root(struct vm *vm);

/* MOV to CR3: the same, and all that goes with it. */
void shadowing_switch(struct vm *vm);

/* The guest did what drops all its translations. */
void shadowing_flush(struct vm *vm);
void shadowing_invlpg(struct vm *vm, gva_t address);

/* The hypervisor is about to write guest memory, inside one page. */
void shadowing_written(struct vm *vm, gpa_t at, unsigned size);

/* A page fault under our tables: ours to mend, the guest's own, or an instruction to emulate. */
enum action shadowing_fault(struct vm *vm, struct exit *exit);

/* What shadow paging did in all, as a line of the record. */
void shadowing_report(struct vm *vm);

#endif

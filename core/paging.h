/*
 * The shadow tables at work for a real guest: joins mmu/shadow.h to a vm, on the rungs
 * whose hardware cannot walk the guest's own tables. Knows no vendor.
 */
#ifndef CORE_PAGING_H
#define CORE_PAGING_H

#include "core/handlers.h"

enum hv_err paging_init(struct vm *vm) MUST_CHECK;
void paging_fini(struct vm *vm);

/* The guest's view has changed: the hardware's CR3 for it, into vm->hw. Needs ST_CR, ST_RIP. */
void paging_root(struct vm *vm);

/* The guest did what drops all its translations. */
void paging_flush(struct vm *vm);
void paging_invlpg(struct vm *vm, gva_t address);

/* The hypervisor is about to write guest memory, inside one page. */
void paging_written(struct vm *vm, gpa_t at, unsigned size);

/* A page fault under our tables: ours to mend, the guest's own, or an instruction to emulate. */
enum action paging_fault(struct vm *vm, struct exit *exit);

/* What shadow paging did in all, as a line of the record. */
void paging_report(struct vm *vm);

#endif

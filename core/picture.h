/*
 * The picture of a linear address as a record: the guest's entries beside what the
 * hardware walks. Asked for on the command line or by the guest; changes nothing.
 */
#ifndef CORE_PICTURE_H
#define CORE_PICTURE_H

#include <stdint.h>

#include "mmu/addr.h"

#define PICTURE_ADDRESSES	4	/* at most, on the command line */
#define PICTURE_CALLS		64	/* at most, by the guest in one run */

struct vm;

/* Addresses to show when the guest ends. */
struct picture_list {
	uint64_t	address[PICTURE_ADDRESSES];
	unsigned	count;
};

/* A run's pictures: those asked for beforehand, and how often the guest asked. */
struct pictures {
	struct picture_list	at_end;
	unsigned		calls;
	uint64_t		dropped;	/* calls past PICTURE_CALLS */
};

/* The guest asks now: one record, or none when it has had its share. */
void picture_call(struct vm *vm, gva_t address);

/* The guest has ended: one record for each address of the command line. */
void pictures_at_end(struct vm *vm);

#endif

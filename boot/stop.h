/*
 * The ends of a run that are not the guest's: an error of the person who starts
 * it, or a bug of ours. Each leaves exactly one `error` record and ends the machine.
 */
#ifndef BOOT_STOP_H
#define BOOT_STOP_H

#include "boot/trap.h"
#include "mmu/panic.h"

/* A wrong command line, too little memory, a missing feature: one clear line. */
_Noreturn void stop_error(bool missing, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* A host exception: registers, backtrace, record. Safe inside itself. */
_Noreturn void stop_exception(const struct trap_frame *frame);

#endif

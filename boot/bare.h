/*
 * Rung `bare`: the guest gets the machine itself, and the hypervisor is gone.
 * The reference that the other rungs are compared with.
 */
#ifndef BOOT_BARE_H
#define BOOT_BARE_H

#include "boot/memory.h"
#include "core/cmdline.h"
#include "core/host.h"
#include "mmu/ptab.h"

_Noreturn void bare_start(const struct cmdline *cmdline,
			  const struct load_request *request,
			  const struct host_cpu *host, struct memory *memory,
			  struct ptab *pt);

#endif

/*
 * One run of one guest on this machine: its modules, its memory, the hypervisor started.
 * Knows the machine, not why this guest is run or whether another one follows.
 */
#ifndef BOOT_GUEST_H
#define BOOT_GUEST_H

#include "boot/info.h"
#include "boot/memory.h"
#include "core/cmdline.h"
#include "core/hv.h"
#include "mmu/ptab.h"

/* What every run of this machine has in common. */
struct guest_ground {
	const struct hv_backend	*const *backends;
	unsigned		backend_count;
	const char		*build;		/* for the record */
	struct host_cpu		*host;
};

struct guest_run {
	const struct guest_ground *ground;
	const struct cmdline	*cmdline;
	struct memory		*memory;	/* what it takes is not given back */
	struct host_io		*io;
	struct load_request	load;		/* guest_modules() fills it in, and */
	struct load_blob	disk;		/* ... this */
	struct hv_result	*result;
};

/*
 * The first of `count` modules is the guest, the others what it needs. False with one
 * line in `error` when there are not such as the command line tells.
 */
bool guest_modules(struct guest_run *run, const struct boot_module *module,
		   unsigned count, char *error, unsigned size) MUST_CHECK;

/* What this CPU lacks for the command line's rung, or NULL. */
const char *guest_missing(const struct guest_run *run);

/* As hv_start(). HV_NO_MEMORY too when the guest's memory is not there. */
enum hv_err guest_start(struct guest_run *run) MUST_CHECK;

/* The guest gets the machine itself: rung `bare`. */
_Noreturn void guest_bare(struct guest_run *run, struct ptab *pages);

#endif

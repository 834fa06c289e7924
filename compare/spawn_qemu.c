/*
 * How QEMU is told to run a job. Must not know how outcomes are judged.
 */
#include <stdlib.h>
#include <string.h>

#include "compare/spawn.h"

#define QEMU_PROGRAM "qemu-system-x86_64"

static void accelerator_add(const struct job *job, struct launch *l)
{
	char *cpu;

	if (job->machine->emulator == EMULATOR_KVM) {
		launch_add(l, "-accel", "kvm", "-cpu", "host", LAST_WORD);
		return;
	}
	cpu = fmt("%s%s", job->machine->model,
		  strchr(job->machine->model, ',') ? "" : ",+svm,+npt");
	/* One instruction, one tick: counts repeat to the instruction. */
	launch_add(l, "-accel", "tcg", "-icount", "shift=0,sleep=off",
		   "-cpu", cpu, LAST_WORD);
	free(cpu);
}

bool qemu_prepare(struct job *job, struct launch *l)
{
	char *options;

	if (!job_needs(job, QEMU_PROGRAM))
		return false;
	launch_step(l, QEMU_PROGRAM, "-nodefaults", "-no-user-config", LAST_WORD);
	accelerator_add(job, l);
	launch_add(l, "-m", "256", "-display", "none", "-monitor", "none",
		   "-no-reboot", "-serial", "file:" FILE_OUTPUT,
		   "-serial", "file:" FILE_RECORDS,
		   "-device", "isa-debug-exit,iobase=0xf4,iosize=1", LAST_WORD);
	/* The log tells a triple fault from a guest that ends QEMU. */
	if (job_is_bare(job))
		launch_add(l, "-d", "cpu_reset", "-D", "qemu.log", LAST_WORD);
	if (job_is_bare(job) && job_is_firmware(job)) {
		launch_add(l, "-bios", FILE_GUEST, LAST_WORD);
		return true;
	}
	options = hypervisor_options(job);
	launch_add(l, "-kernel", FILE_HYPERVISOR, "-append", options,
		   "-initrd", FILE_GUEST, LAST_WORD);
	free(options);
	return true;
}

/*
 * How QEMU is told to run a job. Must not know how outcomes are judged.
 */
#include <stdlib.h>
#include <string.h>

#include "compare/spawn.h"

#define QEMU_PROGRAM "qemu-system-x86_64"
#define RTC "base=2000-01-01T00:00:00,clock=vm"

static void accelerator_add(const struct job *job, struct launch *l)
{
	char *cpu, *icount;

	if (job->machine->emulator == EMULATOR_KVM) {
		launch_add(l, "-accel", "kvm", "-cpu", job->machine->model,
			   "-rtc", RTC, LAST_WORD);
		return;
	}
	cpu = fmt("%s%s", job->machine->model,
		  strchr(job->machine->model, ',') ? "" : ",+svm,+npt");
	/* One instruction, one tick: counts repeat to the instruction. */
	icount = fmt("shift=%u,sleep=off",
		     job_is_bare(job) ? job->guest->tick_shift : 0);
	launch_add(l, "-accel", "tcg", "-icount", icount,
		   "-rtc", RTC, "-cpu", cpu, LAST_WORD);
	free(icount);
	free(cpu);
}

/* QEMU takes a comma for the next module's start, and two for one. */
static void words_add(struct buf *out, const char *words)
{
	for (; *words; words++)
		buf_fmt(out, *words == ',' ? ",%c" : "%c", *words);
}

/* Each module by its file name, which is the first word of its command line too. */
static void hypervisor_add(const struct job *job, struct launch *l)
{
	char *options = hypervisor_options(job);
	struct buf modules = { 0 };

	buf_fmt(&modules, FILE_GUEST);
	for (const struct guest_module *m = job->guest->module; m->file; m++) {
		buf_fmt(&modules, ",");
		words_add(&modules, m->words);
	}
	launch_add(l, "-kernel", FILE_HYPERVISOR, "-append", options,
		   "-initrd", modules.text, LAST_WORD);
	buf_free(&modules);
	free(options);
}

/*
 * Firmware finds its own way. What it says at its debug port goes where its serial
 * line goes; without a screen a BIOS writes its screen there instead.
 */
static void firmware_add(const struct job *job, struct launch *l)
{
	launch_add(l, "-bios", FILE_GUEST, LAST_WORD);
	if (job->guest->screen)
		launch_add(l, "-machine", "graphics=off", LAST_WORD);
	else
		launch_add(l, "-chardev", "file,id=debug,append=on,path=" FILE_OUTPUT,
			   "-device", "isa-debugcon,iobase=0x402,chardev=debug",
			   LAST_WORD);
	if (guest_disk(job->guest))
		launch_add(l, "-drive", "file=" GUEST_DISK ",format=raw,if=ide",
			   LAST_WORD);
}

/*
 * The log tells a triple fault from a guest that ends QEMU. Under KVM only the reasons why
 * its runs end do, which are many: left out where the guest has another end.
 */
static const char *log_items(const struct job *job)
{
	enum ending ending = job->guest->ending;

	if (job->machine->emulator == EMULATOR_KVM &&
	    (ending == ENDING_TRIPLE_FAULT || ending == ENDING_AS_BARE))
		return "cpu_reset,trace:kvm_run_exit";
	return "cpu_reset";
}

/* The third serial line, where gdb is: its bytes must not wait for each other. */
static void line_add(const struct job *job, struct launch *l)
{
	char *line;

	if (!job->gdb.gdb_port)
		return;
	line = fmt("socket,id=gdb,host=" GDB_LINE_HOST ",port=%u,nodelay=on",
		   job->gdb.emulator_port);
	launch_add(l, "-chardev", line, "-serial", "chardev:gdb", LAST_WORD);
	free(line);
}

bool qemu_prepare(struct job *job, struct launch *l)
{
	char *memory;

	if (!job_needs(job, QEMU_PROGRAM))
		return false;
	memory = fmt("%u", job_machine_mib(job));
	launch_step(l, QEMU_PROGRAM, "-nodefaults", "-no-user-config", LAST_WORD);
	accelerator_add(job, l);
	launch_add(l, "-m", memory, "-display", "none", "-monitor", "none",
		   "-no-reboot", "-chardev",
		   "file,id=output,append=on,path=" FILE_OUTPUT,
		   "-serial", "chardev:output", "-serial", "file:" FILE_RECORDS,
		   "-device", "isa-debug-exit,iobase=0xf4,iosize=1", LAST_WORD);
	free(memory);
	line_add(job, l);
	if (job_is_bare(job))
		launch_add(l, "-d", log_items(job), "-D", "qemu.log", LAST_WORD);
	if (job_is_bare(job) && job_is_firmware(job))
		firmware_add(job, l);
	else
		hypervisor_add(job, l);
	return true;
}

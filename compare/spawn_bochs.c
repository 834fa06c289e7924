/*
 * How Bochs is told to run a job. Must not know how outcomes are judged.
 */
#include <stdlib.h>
#include <string.h>

#include "compare/rungs.h"
#include "compare/spawn.h"

#define BIOS_FOLDER "/usr/share/bochs"

/*
 * ignore_bad_msrs=0: an MSR that is not there must #GP as on hardware, unless
 * it is Bochs alone that lacks it. A fixed time0 makes runs repeat to the instruction.
 */
static const char common[] =
	"config_interface: textconfig\n"
	"display_library: term\n"
	"memory: guest=%u, host=%u\n"
	"cpu: model=%s, count=1, ips=50000000, reset_on_triple_fault=0, "
	"ignore_bad_msrs=%d\n"
	"clock: sync=none, time0=946684800\n"
	"com1: enabled=1, mode=file, dev=" FILE_OUTPUT "\n"
	"com2: enabled=1, mode=file, dev=" FILE_RECORDS "\n"
	"log: bochs.log\n"
	"panic: action=fatal\n";

static const char from_iso[] =
	"romimage: file=" BIOS_FOLDER "/BIOS-bochs-latest, options=fastboot\n"
	"vgaromimage: file=" BIOS_FOLDER "/VGABIOS-lgpl-latest\n"
	"ata0: enabled=1, ioaddr1=0x1f0, ioaddr2=0x3f0, irq=14\n"
	"ata0-master: type=cdrom, path=" FILE_ISO ", status=inserted\n"
	"boot: cdrom\n";

static const char from_rom[] = "romimage: file=" FILE_GUEST "\n";

static const char with_disk[] =
	"ata0: enabled=1, ioaddr1=0x1f0, ioaddr2=0x3f0, irq=14\n"
	"ata0-master: type=disk, path=" GUEST_DISK ", mode=volatile\n"
	"boot: disk\n";

static bool file_put(struct job *job, const char *name, const char *text)
{
	char *path = fmt("%s/%s", job->dir, name);
	int err = file_write(path, text, strlen(text));

	if (err)
		job_refuse(job, OUTCOME_ERROR,
			   fmt("%s: %s", path, strerror(err)));
	free(path);
	return !err;
}

bool bochs_prepare(struct job *job, struct launch *l)
{
	bool rom = job_is_bare(job) && job_is_firmware(job), ok;
	unsigned memory = job_machine_mib(job);
	struct buf rc = { 0 };

	if (!job_needs(job, "bochs") || (!rom && !iso_prepare(job, l)))
		return false;
	buf_fmt(&rc, common, memory, memory, job->machine->model,
		job_is_bare(job) && job->guest->any_msr);
	buf_fmt(&rc, "%s%s", rom ? from_rom : from_iso,
		rom && guest_disk(job->guest) ? with_disk : "");
	if (job->gdb.gdb_port)
		buf_fmt(&rc, "com3: enabled=1, mode=socket-client, dev=" GDB_LINE_HOST
			":%u\n", job->gdb.emulator_port);
	/* Bochs 2.7 calls many #VMEXITs errors: a line for each, past any limit of the log. */
	if (job->machine->caps & CAP_SVM)
		buf_fmt(&rc, "error: action=report, cpu0=ignore\n");
	/* Debian's Bochs has its debugger in: "c" tells it to go on. */
	ok = file_put(job, "bochsrc", rc.text) && file_put(job, "commands", "c\n");
	buf_free(&rc);
	l->pty = true;
	launch_step(l, "bochs", "-q", "-f", "bochsrc", "-rc", "commands", LAST_WORD);
	return ok;
}

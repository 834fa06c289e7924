/*
 * One run of one guest on this machine. Must not know whether another one follows.
 */
#include "boot/guest.h"

#include "boot/bare.h"
#include "boot/desc.h"
#include "boot/machine.h"
#include "boot/timer.h"
#include "core/text.h"

#define MIB_SHIFT	20

static struct load_blob blob(const struct boot_module *module)
{
	return (struct load_blob){
		.data = (const uint8_t *)(uintptr_t)module->start,
		.size = module->end - module->start,
		.command_line = module->string,
	};
}

bool guest_modules(struct guest_run *run, const struct boot_module *module,
		   unsigned count, char *error, unsigned size)
{
	const struct cmdline *cmdline = run->cmdline;
	unsigned used = 0;

	if (!count)
		text_format(error, size, "no guest: the first module must be its image");
	else if (count > LOAD_MODULES + 1)
		text_format(error, size, "more than %u modules", LOAD_MODULES + 1);
	else if (cmdline->disk >= count)
		text_format(error, size, "disk=%u: there are %u modules besides the guest",
			    cmdline->disk, count - 1);
	else
		used = 1;
	if (!used)
		return false;
	run->load = (struct load_request){
		.image = blob(module), .command_line = cmdline->guest,
		.kind = cmdline->kind,
	};
	/* The guest's disk is a module that its loader does not get. */
	for (unsigned i = 1; i < count; i++) {
		if (i == cmdline->disk)
			run->disk = blob(&module[i]);
		else
			run->load.module[run->load.modules++] = blob(&module[i]);
	}
	return true;
}

static struct hv_start start_of(const struct guest_run *run)
{
	return (struct hv_start){
		.backends = run->ground->backends,
		.backend_count = run->ground->backend_count,
		.host = run->ground->host,
		.build = run->ground->build,
		.io = run->io,
		.pool = &run->memory->pool,
		.idt_flat = &desc_idtr_no_ist,
		.cmdline = run->cmdline,
		.load = &run->load,
		/* Nobody else reads a module, so the guest may write to it in place. */
		.disk = { (uint8_t *)(uintptr_t)run->disk.data, run->disk.size },
		.result = run->result,
	};
}

const char *guest_missing(const struct guest_run *run)
{
	struct hv_start start = start_of(run);

	return hv_missing(&start);
}

static bool memory_take(struct guest_run *run, hpa_t *base)
{
	uint64_t asked = run->cmdline->memory, size = asked;
	char text[128];

	if (memory_take_guest(run->memory, &size, base))
		return true;
	text_format(text, sizeof(text), "too much memory: mem=%luM, but at most %luM "
		    "fit into this machine", asked >> MIB_SHIFT, size >> MIB_SHIFT);
	hv_record_error(run->io, false, "%s", text);
	text_format(run->result->reason, sizeof(run->result->reason), "%s", text);
	return false;
}

enum hv_err guest_start(struct guest_run *run)
{
	struct hv_start start = start_of(run);
	struct host_cpu *host = run->ground->host;

	if (!memory_take(run, &start.guest_ram))
		return HV_NO_MEMORY;
	/* Measured once: a cycle stays as long as it is. */
	if (!host->tsc_hz || host->tsc_counts_instructions)
		host->tsc_hz = machine_tsc_hz(host);
	/* A TSC that counts instructions goes as fast as it is said to. */
	if (run->cmdline->clock && host->tsc_counts_instructions)
		host->tsc_hz = run->cmdline->clock;
	host_timer_start(host->tsc_counts_instructions);
	return hv_start(&start);
}

_Noreturn void guest_bare(struct guest_run *run, struct ptab *pages)
{
	static struct hv_caps caps;
	struct hv_start start = start_of(run);

	/* What this CPU could have done: on bare, nobody else asks. */
	for (unsigned i = 0; i < start.backend_count && !caps.raw_count; i++)
		start.backends[i]->probe(start.host, &caps);
	if (!caps.raw_count)
		caps = (struct hv_caps){ 0 };
	bare_start(&start, &caps, run->memory, pages);
}

/*
 * From the loader's hand to the core: sets up the ground, reads the command
 * line, and names the backends. What a rung does is not decided here.
 */
#include "boot/bare.h"
#include "boot/console.h"
#include "boot/desc.h"
#include "boot/end.h"
#include "boot/info.h"
#include "boot/machine.h"
#include "boot/memory.h"
#include "boot/paging.h"
#include "boot/selftest.h"
#include "boot/stop.h"
#include "boot/timer.h"
#include "core/cmdline.h"
#include "core/hv.h"
#include "core/x86_insn.h"
#include "mmu/x86_defs.h"
#include "svm/backend.h"
#include "vmx/backend.h"

#define MIB_SHIFT	20

#ifndef DIPTYCH_COMMIT
#define DIPTYCH_COMMIT	"unknown"
#endif

static const struct hv_backend *const backends[] = {
	&svm_backend, &vmx_backend,
};

/* Too large for the stack; used by boot_main() alone and passed on by pointer. */
static struct boot_info info;
static struct memory memory;
static struct cmdline cmdline;
static struct host_cpu host;
static struct load_request load;
static struct ptab pages;

static void ground(uint32_t magic, uint32_t address)
{
	desc_init();
	console_init();
	if (!boot_info_read(&info, magic, address))
		stop_error(false, "boot: %s", info.error);
	memory_init(&memory, &info);
	if (!memory_take_pool(&memory) ||
	    paging_init(&pages, &info, &memory.pool) != HV_OK)
		stop_error(false, "too little memory: this machine has %lu MiB free",
			   ranges_total(&memory.free) >> MIB_SHIFT);
	host_interrupts_init();
	machine_cpu(&host);
	x86_write_cr4(x86_read_cr4() |
		      (host.cr4_supported & (CR4_MCE | CR4_PGE | CR4_OSFXSR)));
	selftest_run();
}

static struct load_blob blob(const struct boot_module *module)
{
	return (struct load_blob){
		.data = (const uint8_t *)(uintptr_t)module->start,
		.size = module->end - module->start,
		.command_line = module->string,
	};
}

/* The guest's disk is a module that its loader does not get. */
static struct load_blob disk;

/* The first module is the guest, the others what it needs. */
static void request(void)
{
	unsigned used = 0;


	if (!info.modules)
		stop_error(false, "no guest: the first module must be its image");
	load.image = blob(&info.module[0]);
	if (cmdline.disk >= info.modules)
		stop_error(false, "disk=%u: there are %u modules besides the guest",
			   cmdline.disk, info.modules - 1);
	for (unsigned i = 1; i < info.modules; i++) {
		if (i == cmdline.disk)
			disk = blob(&info.module[i]);
		else
			load.module[used++] = blob(&info.module[i]);
	}
	load.modules = used;
	load.command_line = cmdline.guest;
	load.kind = cmdline.kind;
}

static hpa_t guest_ram(void)
{
	uint64_t size = cmdline.memory;
	hpa_t base;

	if (!memory_take_guest(&memory, &size, &base))
		stop_error(false, "too much memory: mem=%luM, but at most %luM "
			   "fit into this machine",
			   cmdline.memory >> MIB_SHIFT, size >> MIB_SHIFT);
	return base;
}

/* What this CPU could have done: on bare, nobody else asks. */
static void bare(const struct hv_start *start)
{
	static struct hv_caps caps;

	for (unsigned i = 0; i < ARRAY_SIZE(backends) && !caps.raw_count; i++)
		backends[i]->probe(&host, &caps);
	if (!caps.raw_count)
		caps = (struct hv_caps){ 0 };
	bare_start(start, &caps, &memory, &pages);
}

static void run(void)
{
	struct hv_start start = {
		.backends = backends,
		.backend_count = ARRAY_SIZE(backends),
		.host = &host,
		.build = DIPTYCH_COMMIT,
		.io = console_io(),
		.pool = &memory.pool,
		.idt_flat = &desc_idtr_no_ist,
		.cmdline = &cmdline,
		.load = &load,
		/* Nobody else reads a module, so the guest may write to it in place. */
		.disk = { (uint8_t *)(uintptr_t)disk.data, disk.size },
	};

	if (cmdline.rung->id == RUNG_BARE)
		bare(&start);
	start.guest_ram = guest_ram();
	host.tsc_hz = machine_tsc_hz(&host);
	/* A TSC that counts instructions goes as fast as it is said to. */
	if (cmdline.clock && host.tsc_counts_instructions)
		host.tsc_hz = cmdline.clock;
	host_timer_start(host.tsc_counts_instructions);
	if (cmdline.gdb)
		console_line();
	/* The stream has ended with `end` or `error`: nothing is left to tell. */
	if (hv_start(&start) != HV_OK)
		console_text("diptych: the run failed, see the records\n");
}

/* Called by entry.asm in long mode, interrupts off, on the main stack. */
_Noreturn void boot_main(uint32_t magic, uint32_t address);

_Noreturn void boot_main(uint32_t magic, uint32_t address)
{
	ground(magic, address);
	if (!cmdline_parse(info.command_line, &cmdline))
		stop_error(false, "%s", cmdline.error);
	request();
	run();
	console_drain();
	machine_end();
}

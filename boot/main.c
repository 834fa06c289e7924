/*
 * From the loader's hand to the core: sets up the ground, reads the command
 * line, and names the backends. What a rung does is not decided here.
 */
#include "boot/console.h"
#include "boot/desc.h"
#include "boot/end.h"
#include "boot/guest.h"
#include "boot/info.h"
#include "boot/machine.h"
#include "boot/memory.h"
#include "boot/paging.h"
#include "boot/selftest.h"
#include "boot/stop.h"
#include "boot/timer.h"
#include "boot/tour.h"
#include "core/cmdline.h"
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
static struct ptab pages;

static const struct guest_ground machine = {
	.backends = backends, .backend_count = ARRAY_SIZE(backends),
	.build = DIPTYCH_COMMIT, .host = &host,
};

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
	x86_write_cr4(x86_read_cr4() | (host.cr4_supported & (CR4_MCE | CR4_PGE | CR4_OSFXSR)));
	selftest_run();
}

/* One guest, which the command line says all of. */
static void run(void)
{
	static struct hv_result result;
	static struct guest_run run;
	char error[160];

	run = (struct guest_run){
		.ground = &machine, .cmdline = &cmdline, .memory = &memory,
		.io = console_io(), .result = &result,
	};
	if (!cmdline_parse(info.command_line, &cmdline))
		stop_error(false, "%s", cmdline.error);
	if (!guest_modules(&run, info.module, info.modules, error, sizeof(error)))
		stop_error(false, "%s", error);
	if (cmdline.rung->id == RUNG_BARE)
		guest_bare(&run, &pages);
	if (cmdline.gdb)
		console_line();
	/* The stream has ended with `end` or `error`: nothing is left to tell. */
	if (guest_start(&run) != HV_OK) {
		console_text("diptych: ");
		console_text(result.reason);
		console_text("\n");
	}
}

/* Called by entry.asm in long mode, interrupts off, on the main stack. */
_Noreturn void boot_main(uint32_t magic, uint32_t address);

_Noreturn void boot_main(uint32_t magic, uint32_t address)
{
	ground(magic, address);
	if (tour_asked(info.command_line))
		tour_run(&info, &machine, &memory);
	else
		run();
	console_drain();
	machine_end();
}

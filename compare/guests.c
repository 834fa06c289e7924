/*
 * The table of guests. Must not know rungs, machines or emulators.
 */
#include <string.h>
#include <sys/stat.h>

#include "compare/guests.h"
#include "compare/util.h"

#define MILLION(n) ((uint64_t)(n) * 1000000)

enum { MEMORY_MIB = 64, SECONDS = 60 };

static const struct filter our_filters[] = {
	{ FILTER_DROP, "^raw ", "what the machine happens to have: only to read" },
	{ FILTER_DROP, NULL, NULL },
};

static const struct filter xen_filters[] = {
	{ FILTER_DROP, "^\\(XEN\\) +\\[[0-9a-f]+, [0-9a-f]+\\]",
	  "memory map: the guest has less RAM than the machine" },
	{ FILTER_DROP, "^\\(XEN\\) System RAM: ", "memory size" },
	{ FILTER_DROP, "MHz processor", "clock frequency" },
	{ FILTER_DROP, NULL, NULL },
};

static const struct filter bench_filters[] = {
	{ FILTER_DROP, "^bench ", "times are what it is about" },
	{ FILTER_DROP, NULL, NULL },
};

const struct guest guests[] = {
	{ .name = "modes", .file = "guests/modes.bin", .kind = "boot-sector",
	  .shows = "every CPU mode, there and back to real mode",
	  .ending = ENDING_EXIT, .filters = our_filters,
	  .memory_mib = MEMORY_MIB,
	  .limit = MILLION(200), .seconds = SECONDS, .by_default = true },
	{ .name = "tables", .file = "guests/tables.bin", .kind = "boot-sector",
	  .shows = "page tables built unpaged, then changed under way",
	  .ending = ENDING_EXIT, .filters = our_filters,
	  .memory_mib = MEMORY_MIB,
	  .limit = MILLION(200), .seconds = SECONDS, .by_default = true },
	{ .name = "rights", .file = "guests/rights.bin", .kind = "boot-sector",
	  .shows = "flag bits, control bits and accesses: what each one does",
	  .ending = ENDING_EXIT, .filters = our_filters,
	  .memory_mib = MEMORY_MIB, .limit = MILLION(2000),
	  .seconds = 3 * SECONDS },
	{ .name = "rights-long", .file = "guests/rights_long.bin",
	  .kind = "boot-sector",
	  .shows = "the same, two million combinations",
	  .ending = ENDING_EXIT, .filters = our_filters,
	  .memory_mib = MEMORY_MIB, .limit = MILLION(100000),
	  .seconds = 1800 },
	{ .name = "strange", .file = "guests/strange.bin", .kind = "boot-sector",
	  .shows = "page tables in strange places and at strange times",
	  .ending = ENDING_EXIT, .filters = our_filters,
	  .memory_mib = MEMORY_MIB, .limit = MILLION(200),
	  .seconds = SECONDS, .by_default = true },
	{ .name = "reset", .file = "guests/reset.bin", .kind = "firmware",
	  .shows = "firmware, from the reset vector",
	  .ending = ENDING_EXIT, .filters = our_filters,
	  .memory_mib = MEMORY_MIB,
	  .limit = MILLION(200), .seconds = SECONDS, .by_default = true },
	{ .name = "unreal", .file = "guests/unreal.bin", .kind = "boot-sector",
	  .shows = "real mode with 4 GiB segment limits",
	  .ending = ENDING_EXIT, .filters = our_filters,
	  .memory_mib = MEMORY_MIB,
	  .limit = MILLION(200), .seconds = SECONDS, .by_default = true },
	{ .name = "flags", .file = "guests/flags.bin", .kind = "boot-sector",
	  .shows = "EFLAGS as PUSHF, INT and IRET show them",
	  .ending = ENDING_EXIT, .filters = our_filters,
	  .memory_mib = MEMORY_MIB,
	  .limit = MILLION(200), .seconds = SECONDS,
	  .lowers_iopl = true },
	{ .name = "vectors", .file = "guests/vectors.bin", .kind = "boot-sector",
	  .shows = "every exception; IDTR elsewhere and short",
	  .ending = ENDING_EXIT, .filters = our_filters,
	  .memory_mib = MEMORY_MIB,
	  .limit = MILLION(200), .seconds = SECONDS },
	{ .name = "segments", .file = "guests/segments.bin", .kind = "boot-sector",
	  .shows = "descriptors kept through changes of PE",
	  .ending = ENDING_EXIT, .filters = our_filters,
	  .memory_mib = MEMORY_MIB,
	  .limit = MILLION(200), .seconds = SECONDS, .by_default = true },
	{ .name = "unpaged", .file = "guests/unpaged.bin", .kind = "boot-sector",
	  .shows = "control registers written while paging is off",
	  .ending = ENDING_EXIT, .filters = our_filters,
	  .memory_mib = MEMORY_MIB,
	  .limit = MILLION(200), .seconds = SECONDS, .by_default = true },
	{ .name = "tasks", .file = "guests/tasks.bin", .kind = "boot-sector",
	  .shows = "hardware task switches without paging",
	  .ending = ENDING_EXIT, .filters = our_filters,
	  .memory_mib = MEMORY_MIB,
	  .limit = MILLION(200), .seconds = SECONDS },
	{ .name = "steps", .file = "guests/steps.bin", .kind = "boot-sector",
	  .shows = "single steps, through mode switches too",
	  .ending = ENDING_EXIT, .filters = our_filters,
	  .memory_mib = MEMORY_MIB,
	  .limit = MILLION(200), .seconds = SECONDS },
	{ .name = "smc", .file = "guests/smc.bin", .kind = "boot-sector",
	  .shows = "code that changes itself",
	  .ending = ENDING_EXIT, .filters = our_filters,
	  .memory_mib = MEMORY_MIB,
	  .limit = MILLION(200), .seconds = SECONDS },
	{ .name = "denied", .file = "guests/denied.bin", .kind = "boot-sector",
	  .shows = "ports, MSRs, CPUID and memory that it does not have",
	  .ending = ENDING_EXIT, .filters = our_filters,
	  .memory_mib = MEMORY_MIB, .limit = MILLION(200),
	  .seconds = SECONDS, .by_default = true },
	{ .name = "triple", .file = "guests/triple.bin", .kind = "boot-sector",
	  .shows = "a triple fault is a result",
	  .ending = ENDING_TRIPLE_FAULT, .filters = our_filters,
	  .memory_mib = MEMORY_MIB,
	  .limit = MILLION(200), .seconds = SECONDS, .by_default = true },
	{ .name = "hang", .file = "guests/hang.bin", .kind = "boot-sector",
	  .shows = "a guest that never ends is a result",
	  .ending = ENDING_LIMIT, .end_line = "hang",
	  .filters = our_filters, .memory_mib = MEMORY_MIB, .limit = MILLION(20),
	  .seconds = SECONDS, .by_default = true },
	{ .name = "xen", .file = "cache/xen", .kind = "multiboot1",
	  .shows = "Xen 4.17 as Debian ships it, until it wants a dom0",
	  .ending = ENDING_HALT, .end_line = "Manual reset required",
	  .filters = xen_filters,
	  .command_line = "xen com1=115200,8n1 console=com1 noreboot "
			  "loglvl=all no-real-mode",
	  .memory_mib = 96, .limit = MILLION(400), .seconds = SECONDS,
	  .fetched = true, .by_default = true },
	{ .name = "linux-setup", .file = "cache/linux-setup.bin", .kind = "linux16",
	  .shows = "Linux's own set-up code, from real mode to its jump",
	  .ending = ENDING_EXIT, .filters = our_filters,
	  .command_line = "earlyprintk=serial,ttyS0,115200 debug",
	  .memory_mib = MEMORY_MIB, .limit = MILLION(200), .seconds = SECONDS,
	  .fetched = true, .by_default = true },
	{ .name = "bench", .file = "guests/bench.bin", .kind = "boot-sector",
	  .shows = "single operations timed between two RDTSCs",
	  .ending = ENDING_EXIT, .filters = bench_filters,
	  .memory_mib = MEMORY_MIB, .limit = MILLION(4000), .seconds = 300 },
};
const size_t guests_count = sizeof(guests) / sizeof(*guests);

static const struct guest *made_up(const char *path, const char *kind)
{
	struct guest *g = xcalloc(1, sizeof(*g));
	const char *slash = strrchr(path, '/');

	*g = (struct guest){
		.name = xdup(slash ? slash + 1 : path),
		.file = xdup(path),
		.kind = kind ? kind : "",
		.shows = "a file",
		.ending = ENDING_AS_BARE,
		.memory_mib = MEMORY_MIB,
		.limit = MILLION(2000),
		.seconds = SECONDS,
		.is_path = true,
	};
	return g;
}

const struct guest *guest_find(const char *name, const char *kind)
{
	struct stat st;

	for (size_t i = 0; i < guests_count; i++)
		if (!strcmp(guests[i].name, name))
			return &guests[i];
	if (!stat(name, &st) && S_ISREG(st.st_mode))
		return made_up(name, kind);
	return NULL;
}

size_t guest_rank(const char *name)
{
	size_t i = 0;

	while (i < guests_count && strcmp(guests[i].name, name))
		i++;
	return i;
}

char *guest_path(const struct guest *guest)
{
	return guest->is_path ? xdup(guest->file) : path_build("%s", guest->file);
}

const char *ending_name(enum ending ending)
{
	static const char *const names[] = {
		[ENDING_AS_BARE] = "as on bare",
		[ENDING_EXIT] = "exit",
		[ENDING_TRIPLE_FAULT] = "triple-fault",
		[ENDING_LIMIT] = "limit",
		[ENDING_HALT] = "halt",
	};

	return names[ending];
}

const char *guest_option(const struct guest *guest, const char *name,
			 const char *value)
{
	if (guest->lowers_iopl && !strcmp(name, "vm86") &&
	    !strcmp(value, "fast"))
		return "exact";
	return value;
}

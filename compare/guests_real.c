/*
 * The guests that are not ours: kernels, memory tests and firmware as Debian ships
 * them. Must not know rungs, machines or emulators.
 */
#include "compare/guests_table.h"

enum { MEMORY_MIB = 64, MINUTE = 60 };

static const struct filter xen_filters[] = {
	{ FILTER_DROP, "^\\(XEN\\)  \\[0000",
	  "memory map: the guest has less RAM than the machine" },
	{ FILTER_DROP, "^\\(XEN\\) System RAM: ", "memory size" },
	{ FILTER_DROP, "MHz processor", "clock frequency" },
	{ FILTER_DROP, NULL, NULL },
};

static const struct filter our_filters[] = {
	{ FILTER_DROP, "^raw ", "what the machine happens to have: only to read" },
	{ FILTER_DROP, NULL, NULL },
};

/*
 * The bare machine has a BIOS with the PCI services, an IDE controller and a floppy
 * disk's, which the kernel finds and the virtual PC need not have.
 */
static const struct filter mach_filters[] = {
	/* Its lines end in LF and CR: the CR is at the beginning of the next one. */
	{ FILTER_DROP, "^\r?RTC time is ", "the time" },
	{ FILTER_DROP, "^\r?pcibios_init ?: |^\r?Probing PCI hardware|^\r?pci_init: ",
	  "a BIOS's services" },
	{ FILTER_DROP, "^\r?ide: |^\r?    Controller on PCI|^\r?    ide[01]: |^\r?hd[a-d]: ",
	  "the machine's disk controller" },
	{ FILTER_DROP, "^\r?FDC [01] is |^\r?floppy[01]: ", "the machine's floppy disk controller" },
	{ FILTER_DROP, "^\r?com1: ", "the machine's second serial port" },
	{ FILTER_DROP, NULL, NULL },
};

static const struct filter linux_filters[] = {
	{ FILTER_DROP, "^\\[ *[0-9]+\\.[0-9]{6}\\] ",
	  "the kernel's own lines: each carries the time" },
	{ FILTER_DROP, "^Poking KASLR using ", "the CPU's sources of chance" },
	{ FILTER_DROP, NULL, NULL },
};

/* As far as a banner: the text alone, whenever it was printed. */
static const struct filter banner_filters[] = {
	{ FILTER_KEEP, "Linux version |Command line: ", "all else is of the CPU" },
	{ FILTER_MASK, "^\\[ *[0-9]+\\.[0-9]{6}\\] ", "the time" },
	{ FILTER_DROP, NULL, NULL },
};

/* Progress, times and what the machine has are written again and again. */
static const struct filter memtest_filters[] = {
	{ FILTER_KEEP, "^.\\[1;1H.*Memtest86", "what it is" },
	{ FILTER_KEEP, "^.\\[4;35H #[0-9]", "the tests as they begin" },
	{ FILTER_KEEP, "Errors: *[1-9]", "errors, of which there are none" },
	{ FILTER_MASK, "\\| .*$", "the CPU's name, behind the title" },
	{ FILTER_DROP, NULL, NULL },
};

static const struct filter bios_filters[] = {
	{ FILTER_KEEP, "SeaBIOS \\(version", "what it is" },
	{ FILTER_KEEP, "^No bootable device", "how it ends" },
	{ FILTER_DROP, NULL, NULL },
};

static const struct filter grub_filters[] = {
	{ FILTER_KEEP, "grub: ", "all else is of the screen and the BIOS" },
	{ FILTER_DROP, NULL, NULL },
};

static const struct filter u_boot_filters[] = {
	{ FILTER_DROP, "^CPU: |^DRAM: ", "the machine" },
	{ FILTER_DROP, "^Net: |^error: can't find etc/table-loader|^Cannot find boot CPU|"
	  "^Warning: MP init failure", "the machine's devices, its ACPI tables and APIC" },
	{ FILTER_DROP, NULL, NULL },
};

/*
 * The bare run that all columns of a long guest agree with: one instead of one for
 * each CPU model, and on an emulator with every device that these guests ask for
 * (Bochs 2.7 ends itself at GNU Mach's ICW3 = 0, and lacks MSRs that Linux reads).
 */
#define ONE_REFERENCE	.reference = "qemu:EPYC"

/*
 * No APIC, no ACPI, no PCI: what a virtual PC need not have. The tests of the
 * kernel's ciphers are two thirds of its start-up otherwise.
 */
#define LINUX_COMMAND_LINE						\
	"console=ttyS0 earlyprintk=serial,ttyS0 nokaslr noapic nolapic "	\
	"acpi=off pci=off nosmp tsc=reliable cryptomgr.notests "		\
	"mitigations=off mce=off panic=-1"

/* A kernel, and the end of the script that is its only program. */
#define LINUX(more)							\
	.ending = ENDING_HALT, .end_line = "linux: the script has ended",	\
	.filters = linux_filters, .command_line = LINUX_COMMAND_LINE more,	\
	.any_msr = true, .limit = MILLION(20000), .seconds = 15 * MINUTE,	\
	.fetched = true,	\
	ONE_REFERENCE

#define INITRD(arch) { { "cache/initrd-" arch, "initrd" } }

/* The first test runs in the image's first place, the next one after it moved. */
#define MEMTEST(build, what)						\
	{ .name = "memtest-" build, .file = "cache/memtest-" build,		\
	  .kind = "linux32", .shows = "memtest86+ " what,			\
	  .ending = ENDING_LINE, .end_line = " #3  [",				\
	  .filters = memtest_filters, .screen = true,				\
	  .command_line = "console=ttyS0,115200", .memory_mib = 32,		\
	  .tick_shift = 5, .limit = MILLION(2000), .seconds = 5 * MINUTE,	\
	  .fetched = true, ONE_REFERENCE }

/*
 * Begins an entry; how it ends follows. `shift`: firmware waits in real time, so an
 * instruction takes 2^shift ns; too slow a clock and U-Boot's measure of it fails.
 */
#define FIRMWARE(called, image, what, lines, shift)			\
	{ .name = called, .file = "cache/" image, .kind = "firmware",		\
	  .shows = what, .filters = lines, .memory_mib = MEMORY_MIB,		\
	  .tick_shift = shift, .limit = MILLION(10000), .seconds = 5 * MINUTE,	\
	  .fetched = true, ONE_REFERENCE

const struct guest guests_real[] = {
	{ .name = "xen", .file = "cache/xen", .kind = "multiboot1",
	  .shows = "Xen 4.17 as Debian ships it, until it wants a dom0",
	  .ending = ENDING_HALT, .end_line = "Manual reset required",
	  .filters = xen_filters,
	  .command_line = "xen com1=115200,8n1 console=com1 noreboot "
			  "loglvl=all no-real-mode",
	  .memory_mib = 96, .limit = MILLION(400), .seconds = MINUTE,
	  .fetched = true, .by_default = true },
	{ .name = "linux-setup", .file = "cache/linux-setup.bin", .kind = "linux16",
	  .shows = "Linux's own set-up code, from real mode to its jump",
	  .ending = ENDING_EXIT, .filters = our_filters,
	  .command_line = "earlyprintk=serial,ttyS0,115200 debug",
	  .memory_mib = 80,	/* what its header's init_size asks for */
	  .limit = MILLION(200), .seconds = MINUTE,
	  .fetched = true, .by_default = true },
	{ .name = "gnumach64", .file = "cache/gnumach64", .kind = "multiboot1",
	  .shows = "GNU Mach, 64 bits, until it wants a bootstrap program",
	  .ending = ENDING_LINE, .end_line = "No bootstrap code",
	  .filters = mach_filters, .command_line = "gnumach console=com0",
	  .memory_mib = MEMORY_MIB, .limit = MILLION(400), .seconds = MINUTE,
	  .fetched = true, ONE_REFERENCE },
	{ .name = "gnumach32", .file = "cache/gnumach32", .kind = "multiboot1",
	  .shows = "GNU Mach in 32-bit paging, and a program of ours on it",
	  .ending = ENDING_LINE, .end_line = "mach: the program has ended",
	  .filters = mach_filters, .command_line = "gnumach console=com0",
	  .module = { { "guests/mach_program.bin",
			"program $(task-create) $(task-resume)" } },
	  .memory_mib = MEMORY_MIB, .tick_shift = 5, .limit = MILLION(1000), .seconds = 3 * MINUTE,
	  .fetched = true, ONE_REFERENCE },
	{ .name = "linux-banner", .file = "cache/linux-686", .kind = "vmlinux",
	  .shows = "Linux 6.1, two-level tables, as far as its banner",
	  .ending = ENDING_LINE, .end_line = "BIOS-provided physical RAM map",
	  .filters = banner_filters, .command_line = LINUX_COMMAND_LINE,
	  .memory_mib = 96, .limit = MILLION(100), .seconds = 2 * MINUTE,
	  .fetched = true, ONE_REFERENCE },
	{ .name = "linux-686", .file = "cache/linux-686", .kind = "vmlinux",
	  .shows = "Linux 6.1 with two-level tables, to the end of a script",
	  LINUX(""), .module = INITRD("i386"), .memory_mib = 96,
	  .by_default = true },
	{ .name = "linux-686-pae", .file = "cache/linux-686-pae",
	  .kind = "vmlinux",
	  .shows = "Linux 6.1 with PAE, to the end of a script",
	  LINUX(""), .module = INITRD("i386"), .memory_mib = 96 },
	{ .name = "linux-686-packed", .file = "cache/linux-686.bzimage",
	  .kind = "linux32",
	  .shows = "the same, which unpacks itself without paging",
	  LINUX(""), .module = INITRD("i386"), .memory_mib = 96 },
	{ .name = "linux-cloud", .file = "cache/linux-cloud", .kind = "pvh",
	  .shows = "Linux 6.1 for clouds, 64 bits, entered by PVH",
	  LINUX(""), .module = INITRD("amd64"), .memory_mib = 160 },
	/* Its own set-up code asks for the memory map as it would ask a BIOS. */
	{ .name = "linux-cloud-16", .file = "cache/linux-cloud.bzimage",
	  .kind = "linux16",
	  .shows = "the same by its 16-bit entry, its own set-up code first",
	  LINUX(""), .module = INITRD("amd64"), .memory_mib = 160 },
	{ .name = "linux-cloud-32", .file = "cache/linux-cloud.bzimage",
	  .kind = "linux32",
	  .shows = "the same by its 32-bit entry, without paging",
	  LINUX(""), .module = INITRD("amd64"), .memory_mib = 160 },
	{ .name = "linux-cloud-64", .file = "cache/linux-cloud.bzimage",
	  .kind = "linux64",
	  .shows = "the same by its 64-bit entry, with paging on",
	  LINUX(""), .module = INITRD("amd64"), .memory_mib = 160 },
	MEMTEST("ia32", "from 32-bit code, PAE or compatibility mode"),
	MEMTEST("x64", "64 bits"),
	/* The bare CPU cannot hide its long mode: the same tests, in another mode. */
	{ .name = "memtest-pae", .file = "cache/memtest-ia32", .kind = "linux32",
	  .shows = "memtest86+ where the CPU has no long mode: PAE",
	  .ending = ENDING_LINE, .end_line = " #3  [",
	  .filters = memtest_filters, .screen = true, .options = "lm=off",
	  .command_line = "console=ttyS0,115200", .memory_mib = 32,
	  .tick_shift = 5, .limit = MILLION(2000), .seconds = 5 * MINUTE,
	  .fetched = true, ONE_REFERENCE },
	FIRMWARE("seabios", "seabios", "a BIOS, until it finds nothing to boot",
		 bios_filters, 5),
	  .ending = ENDING_LINE, .end_line = "No bootable device" },
	FIRMWARE("grub-disk", "seabios", "a BIOS, then GRUB from a disk",
		 grub_filters, 5),
	  .module = { { "cache/grub-disk", GUEST_DISK } },
	  .ending = ENDING_EXIT },
	FIRMWARE("ipxe-disk", "seabios", "a BIOS, GRUB, then iPXE between modes",
		 NULL, 5), .options = "screen=serial",
	  .module = { { "cache/ipxe-disk", GUEST_DISK } }, .screen = true,
	  .ending = ENDING_LINE, .end_line = "No more network devices" },
	FIRMWARE("grub-firmware", "grub-firmware", "GRUB instead of a BIOS",
		 grub_filters, 6),
	  .module = { { "cache/grub-disk", GUEST_DISK } },
	  .ending = ENDING_EXIT },
	FIRMWARE("u-boot", "u-boot", "U-Boot, 32 bits, to its prompt",
		 u_boot_filters, 2),
	  .ending = ENDING_LINE, .end_line = "=> " },
	FIRMWARE("u-boot-64", "u-boot-64", "U-Boot, 64 bits, to its prompt",
		 u_boot_filters, 2),
	  .ending = ENDING_LINE, .end_line = "=> " },
	{ .name = NULL },
};

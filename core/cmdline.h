/*
 * The hypervisor's command line, parsed: pure text to struct, no allocation.
 *
 *   [PROGRAM] rung=R[,option=value]... mem=64M limit=N[K|M|G] [kind=K|entry=E]
 *	dump=ADDRESS[,ADDRESS]... clock=N[K|M|G] pci=on|off hpet=on|off disk=N
 *	screen=none|serial until=TEXT lm=on|off trace=[first:]N
 *	gdb=com3 -- guest command line
 *
 * mem counts bytes, its suffixes are powers of 1024; limit counts instructions
 * or cycles, its suffixes are powers of 1000; kind says what the image is, which is
 * else found from its headers; entry is the same and knows 16, 32 and 64, the
 * entries of a Linux bzImage; dump takes linear addresses, 0x.. or decimal.
 * clock: instructions in a second of the guest's time, where the TSC counts them (its
 * suffixes are powers of 1000); a real TSC has a frequency of its own. disk: which of the
 * modules, from 1, is the guest's disk and not handed to its loader. screen=serial: firmware
 * is told to write its screen to the serial line, and its debug port is not heard.
 * lm=off: the guest's CPU has no long mode. until: the guest ends when its serial output
 * has this text in it (%xx for a blank). trace: how many exits are kept for the record one
 * by one, the last ones, or with first: the first. gdb: the guest is under the control of gdb on
 * that line.
 */
#ifndef CORE_CMDLINE_H
#define CORE_CMDLINE_H

#include "core/picture.h"
#include "core/rung.h"
#include "core/trace.h"
#include "core/load/load.h"

#define CMDLINE_MAX		2048	/* bytes, the terminator too */
#define CMDLINE_DEFAULT_MEM	(UINT64_C(64) << 20)
#define CMDLINE_MIN_MEM		(UINT64_C(2) << 20)
#define CMDLINE_MAX_MEM		(UINT64_C(3) << 30)	/* below the hole for ROM and devices */
#define CMDLINE_UNTIL		64		/* bytes */
#define CMDLINE_MIN_CLOCK	UINT64_C(4000000)	/* Hz; an 80286's */
#define CMDLINE_MAX_CLOCK	UINT64_C(10000000000)

struct cmdline {
	const struct rung	*rung;
	struct rung_options	options;
	uint64_t		memory;		/* bytes of guest RAM, 2 MiB aligned */
	uint64_t		limit;		/* guest+hypervisor TSC units; 0: none */
	enum guest_kind		kind;		/* GUEST_AUTO unless given */
	uint64_t		clock;		/* Hz; 0: the machine's */
	bool			pci;		/* has a PCI host bridge */
	bool			hpet;		/* has event timers at FED0_0000h */
	unsigned		disk;		/* a module's number; 0: none */
	bool			no_long_mode;	/* CPUID tells of none */
	bool			serial_screen;	/* firmware's screen goes to the serial line */
	char			until[CMDLINE_UNTIL];	/* text that ends the guest */
	unsigned		until_size;	/* 0: none */
	struct picture_list	dump;		/* addresses to show at the end */
	struct trace_request	trace;
	bool			gdb;		/* gdb controls the guest */
	char			guest[CMDLINE_MAX];	/* after " -- ", as it stands */
	char			error[160];	/* one line, when parsing failed */
};

/*
 * False with ->error set when anything is unknown, doubled, malformed or out of
 * range. The first word is passed over when it is the program's name, as GRUB
 * and QEMU give it: it has no '=' and is not "--".
 */
bool cmdline_parse(const char *text, struct cmdline *out) MUST_CHECK;

#endif

/*
 * Between gdb and the guest's stub: one TCP port for gdb, one for the emulator's third
 * serial line, and a process that carries bytes. Knows no protocol on it.
 */
#ifndef COMPARE_GDB_LINE_H
#define COMPARE_GDB_LINE_H

#include <sys/types.h>

#define GDB_LINE_HOST	"127.0.0.1"	/* nobody from outside */

struct gdb_line {
	unsigned	gdb_port;	/* 0: none is wanted */
	unsigned	emulator_port;	/* for the emulator to connect to */
	pid_t		pid;
};

/*
 * Takes both ports and starts the process. It lets gdb in once the guest's side has
 * said something, which it does when it listens, and says so on stderr. NULL, or what
 * is wrong, to be freed.
 */
char *gdb_line_open(struct gdb_line *line);

/* The emulator is gone: what is under way to gdb may still arrive, then the process ends. */
void gdb_line_close(struct gdb_line *line);

#endif

/*
 * The gdb stub: gdb on a serial line of the host's controls the guest. Knows the remote
 * protocol and no vendor; what the line brings is hostile. docs/debugging.md.
 */
#ifndef CORE_GDB_GDB_H
#define CORE_GDB_GDB_H

#include "core/debug.h"
#include "core/fx.h"
#include "core/gdb/packet.h"
#include "mmu/err.h"
#include "mmu/frame.h"

#define GDB_TEXT	2000	/* bytes of a monitor command's answer */

struct gdb {
	struct debug		debug;		/* first: found again from vm->debug */
	struct packet_in	in;
	struct packet_out	out;		/* the last answer, too */
	struct debug_stop	stop;		/* where the guest stands, and why */
	struct fx_image		fx;		/* x87 and SSE state, as it stopped */
	bool			owed;		/* the client waits for the guest to stop */
	bool			attached;	/* it has not detached */
	bool			go;		/* it lets the guest run */
	bool			ahead;		/* the start of a packet was read already */
	char			text[GDB_TEXT];
};

/* When the vm is made and before it runs: its stub. The host has a line. */
enum hv_err gdb_make(struct vm *vm, struct frame_pool *pool) MUST_CHECK;

/* The command in g->in into the answer in g->out. */
void gdb_command(struct vm *vm, struct gdb *g);
/* Why the guest has stopped, into g->out. */
void gdb_tell_stop(struct vm *vm, struct gdb *g);

/* `monitor ...`: the answer into g->text. */
void gdb_monitor(struct vm *vm, struct gdb *g, const char *words);

/*
 * Guest memory by linear address, through the guest's own tables, nothing being marked
 * accessed. The bytes done: fewer where the next one is no RAM, or no address.
 */
unsigned gdb_memory_read(const struct vm *vm, uint64_t linear, uint8_t *bytes,
			 unsigned size);
/* RAM alone, whatever the guest's rights are; as the emulator's writes. */
unsigned gdb_memory_write(struct vm *vm, uint64_t linear, const uint8_t *bytes,
			  unsigned size);

/* The registers, by their numbers in the target description. */
#define GDB_REG_BYTES	16	/* of the largest */
unsigned gdb_registers(void);
/* Its size in bytes, and its value, lowest byte first. */
unsigned gdb_register_read(const struct vm *vm, const struct gdb *g, unsigned n,
			   uint8_t out[GDB_REG_BYTES]);
unsigned gdb_register_size(unsigned n);
/* False: it cannot be written, or not so. */
bool gdb_register_write(struct vm *vm, struct gdb *g, unsigned n,
			const uint8_t value[GDB_REG_BYTES]) MUST_CHECK;

/* Up to `room` bytes from `offset` of the target description. True: there are more. */
bool gdb_target_text(struct packet_out *out, uint64_t offset, uint64_t room);

/* One register as the description has it; NULL type: the same as its size. */
struct gdb_register {
	const char	*name;
	uint8_t		bits;
	uint8_t		kind, index;	/* registers.c's */
	const char	*type;
	const char	*feature;	/* begins there; NULL: the same as before */
};
const struct gdb_register *gdb_register_row(unsigned n);

#endif

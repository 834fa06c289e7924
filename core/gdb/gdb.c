/*
 * The stub's side of the line: packets in, answers out, while the guest stands still;
 * a look for Ctrl-C while it runs. Must not know what commands mean.
 */
#include "core/gdb/gdb.h"

#include "core/vm.h"

static struct gdb *gdb_of(const struct vm *vm)
{
	return (struct gdb *)vm->debug;
}

/* The client reads the start of a packet: whatever is cut short begins anew there. */
static void send(struct vm *vm, const struct packet_out *out)
{
	struct host_io *io = vm->io;
	uint8_t sum = packet_sum(out->data, out->size);

	io->line_put(io, '$');
	for (unsigned i = 0; i < out->size; i++)
		io->line_put(io, (uint8_t)out->data[i]);
	io->line_put(io, '#');
	io->line_put(io, (uint8_t)packet_digit(sum >> 4));
	io->line_put(io, (uint8_t)packet_digit(sum));
}

static void stop_reply(struct vm *vm, struct gdb *g)
{
	packet_begin(&g->out);
	gdb_tell_stop(vm, g);
	g->owed = false;
	send(vm, &g->out);
}

static void command(struct vm *vm, struct gdb *g)
{
	vm->io->line_put(vm->io, '+');
	packet_begin(&g->out);
	gdb_command(vm, g);
	/* What lets the guest run is answered when it stops; a kill needs none. */
	if (!g->go || g->out.size)
		send(vm, &g->out);
}

static void too_long(struct vm *vm, struct gdb *g)
{
	vm->io->line_put(vm->io, '+');
	packet_begin(&g->out);
	packet_text(&g->out, "E07");	/* E2BIG */
	send(vm, &g->out);
}

static void take(struct vm *vm, struct gdb *g, uint8_t byte)
{
	switch (packet_feed(&g->in, byte)) {
	case PACKET_WHOLE:
		command(vm, g);
		break;
	case PACKET_LONG:
		too_long(vm, g);
		break;
	case PACKET_BAD:
		vm->io->line_put(vm->io, '-');
		break;
	case PACKET_NAK:
		if (g->out.size)
			send(vm, &g->out);
		break;
	case PACKET_NOTHING:
	case PACKET_BREAK:	/* it stands still already */
		break;
	}
}

/* Emulators bring the line forward while nobody asks for it. */
#define ASK_EVERY	20000u	/* TSC units */

static void let_time_pass(struct host_io *io)
{
	uint64_t start = io->clock(io);

	for (unsigned i = 0; i < ASK_EVERY && io->clock(io) - start < ASK_EVERY; i++)
		;
	io->poll(io);
}

static void stopped(struct vm *vm, const struct debug_stop *stop)
{
	struct gdb *g = gdb_of(vm);
	struct host_io *io = vm->io;

	g->stop = *stop;
	if (io->fxsave)
		io->fxsave(io, &g->fx, true);
	/* Whoever waits on the other end of the line may begin. */
	if (stop->why == DEBUG_START)
		io->line_put(io, '+');
	if (g->owed)
		stop_reply(vm, g);
	if (g->ahead)
		take(vm, g, '$');
	g->ahead = false;
	for (g->go = false; !g->go;) {
		int byte = io->line_get(io);

		if (byte >= 0)
			take(vm, g, (uint8_t)byte);
		else
			let_time_pass(io);
	}
}

/* Ctrl-C, or a client that begins anew: that one does not wait for the guest to stop. */
static bool calls(struct vm *vm)
{
	struct gdb *g = gdb_of(vm);
	int byte = vm->io->line_get(vm->io);

	if (byte == '$') {
		g->owed = false;
		g->ahead = true;
	}
	return byte == '$' || (byte == PACKET_STOP && g->attached);
}

static void ended(struct vm *vm)
{
	struct gdb *g = gdb_of(vm);

	if (g->owed)
		stop_reply(vm, g);
}

static const struct debug_user user = {
	.stopped = stopped, .calls = calls, .ended = ended,
};

enum hv_err gdb_make(struct vm *vm, struct frame_pool *pool)
{
	enum hv_err err;
	hpa_t frames;
	struct gdb *g;

	err = frame_alloc_run(pool, (sizeof(*g) + PAGE_SIZE - 1) / PAGE_SIZE, &frames);
	if (err != HV_OK)
		return err;
	g = hpa_ptr(frames);
	debug_begin(vm, &g->debug, &user);
	return HV_OK;
}

/*
 * A whole vm with the gdb stub on a line that a script has written beforehand: each
 * command framed, the answers taken apart again. Knows no rule under test.
 */
#ifndef TESTS_GDB_FIXTURE_H
#define TESTS_GDB_FIXTURE_H

#include "fake_world.h"

#include "core/gdb/gdb.h"

#define SESSION_BYTES	65536
#define SESSION_ANSWERS	64
#define SESSION_FRAMES	16
#define SESSION_STOPPED	1000	/* TSC units between two looks at the line */

struct session {
	struct world		*w;	/* first: world_setup's own */
	uint8_t			*frames;
	struct frame_pool	pool;
	uint8_t			in[SESSION_BYTES];
	size_t			in_size, in_at;
	char			out[SESSION_BYTES];
	size_t			out_size;
	uint64_t		clock;
	char			*answer[SESSION_ANSWERS];
	unsigned		answers, acks, naks;
};

static struct session *session_now;	/* host_io has no room for whose it is */

static int session_get(struct host_io *io)
{
	struct session *s = session_now;
	const struct gdb *g = (const struct gdb *)s->w->vm.debug;

	(void)io;
	s->clock += SESSION_STOPPED;
	if (s->in_at == s->in_size)
		return -1;
	/* A client sends nothing but Ctrl-C until its guest has stopped. */
	if (g->go && s->in[s->in_at] != PACKET_STOP)
		return -1;
	return s->in[s->in_at++];
}

static void session_put(struct host_io *io, uint8_t byte)
{
	struct session *s = session_now;

	(void)io;
	assert_true(s->out_size < SESSION_BYTES - 1);
	s->out[s->out_size++] = (char)byte;
}

static uint64_t session_clock(struct host_io *io)
{
	(void)io;
	return session_now->clock++;
}

static inline void send_raw(struct session *s, const void *bytes, size_t size)
{
	assert_true(s->in_size + size < SESSION_BYTES);
	memcpy(s->in + s->in_size, bytes, size);
	s->in_size += size;
}

/* One command, framed as the manual says. */
static inline void send(struct session *s, const char *command)
{
	unsigned sum = 0;
	char tail[4];

	for (const char *c = command; *c; c++)
		sum += (uint8_t)*c;
	snprintf(tail, sizeof(tail), "#%02x", sum & 0xff);
	send_raw(s, "$", 1);
	send_raw(s, command, strlen(command));
	send_raw(s, tail, 3);
}

/* The stub's bytes into packets, each with the checksum that it must have. */
static inline void take_apart(struct session *s)
{
	for (size_t at = 0; at < s->out_size; at++) {
		unsigned sum = 0;
		size_t end;
		char told[3];

		s->acks += s->out[at] == '+';
		s->naks += s->out[at] == '-';
		if (s->out[at] != '$')
			continue;
		for (end = at + 1; end < s->out_size && s->out[end] != '#'; end++)
			sum += (uint8_t)s->out[end];
		assert_true(end + 2 < s->out_size);
		snprintf(told, sizeof(told), "%02x", sum & 0xff);
		assert_memory_equal(told, &s->out[end + 1], 2);
		s->out[end] = 0;
		assert_true(s->answers < SESSION_ANSWERS);
		s->answer[s->answers++] = &s->out[at + 1];
		at = end + 2;
	}
}

/* The run that the script's commands control. */
static inline void session_run(struct session *s, const struct fake_step *step,
			       unsigned steps)
{
	world_run(s->w, step, steps);
	debug_end(&s->w->vm);
	take_apart(s);
}

static inline int session_setup(void **state)
{
	struct session *s = calloc(1, sizeof(*s));

	s->w = world_make(world_seed);
	s->frames = aligned_alloc(PAGE_SIZE, SESSION_FRAMES * PAGE_SIZE);
	frame_pool_init(&s->pool, hpa_of(s->frames), SESSION_FRAMES * PAGE_SIZE);
	s->clock = FAKE_TSC;
	s->w->io.line_get = session_get;
	s->w->io.line_put = session_put;
	s->w->io.clock = session_clock;
	assert_int_equal(gdb_make(&s->w->vm, &s->pool), HV_OK);
	session_now = s;
	*state = s;
	return 0;
}

static inline int session_teardown(void **state)
{
	struct session *s = *state;

	world_free(s->w);
	free(s->frames);
	free(s);
	return 0;
}

#define SESSION_TEST(name)	cmocka_unit_test_setup_teardown(name,	\
					session_setup, session_teardown)

#define ANSWER(s, n, text)	do {					\
		assert_true((s)->answers > (n));			\
		assert_string_equal((s)->answer[n], text);		\
	} while (0)

#endif

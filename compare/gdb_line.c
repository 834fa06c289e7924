/* Carries bytes between gdb and an emulator. Must not know what they mean. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "compare/gdb_line.h"
#include "compare/util.h"

enum { CLOSE_TRIES = 50, CLOSE_WAIT_US = 10000 };

/* A socket bound to the port, 0: any; *port is which. -1: errno says why not. */
static int port_take(unsigned *port)
{
	struct sockaddr_in at = {
		.sin_family = AF_INET, .sin_port = htons((uint16_t)*port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	socklen_t size = sizeof(at);
	int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)&at, sizeof(at)) ||
	    getsockname(fd, (struct sockaddr *)&at, &size)) {
		close(fd);
		return -1;
	}
	*port = ntohs(at.sin_port);
	return fd;
}

/* Bytes come one by one: they must neither be kept to be sent together, nor acknowledged late. */
static void hurry(int fd)
{
	int on = 1;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof(on));
}

/* What there is to read from one to the other, if there is another. False: the end. */
static bool carry(int from, int to)
{
	char bytes[4096];
	ssize_t size = recv(from, bytes, sizeof(bytes), 0);
	ssize_t sent = 0;

	hurry(from);
	while (to >= 0 && sent < size) {
		ssize_t n = send(to, bytes + sent, (size_t)(size - sent), MSG_NOSIGNAL);

		if (n <= 0)
			break;	/* the reader of the other side will see it */
		sent += n;
	}
	return size > 0 || (size < 0 && errno == EINTR);
}

/* Until the emulator ends; clients of the other port one after another. */
static void serve(int emulator, int listener)
{
	int gdb = -1;

	for (;;) {
		struct pollfd fds[] = {
			{ .fd = emulator, .events = POLLIN },
			{ .fd = gdb >= 0 ? gdb : listener, .events = POLLIN },
		};

		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			return;
		if (fds[0].revents && !carry(emulator, gdb))
			return;
		if (!fds[1].revents)
			continue;
		if (gdb < 0) {
			gdb = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
			hurry(gdb);
		} else if (!carry(gdb, emulator)) {
			close(gdb);
			gdb = -1;
		}
	}
}

static _Noreturn void child(unsigned port, int emulators, int clients)
{
	int emulator;
	char hello;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGINT, SIG_IGN);	/* Ctrl-C is for gdb, or for who started us */
	emulator = accept4(emulators, NULL, NULL, SOCK_CLOEXEC);
	close(emulators);
	if (emulator < 0 || recv(emulator, &hello, 1, 0) != 1)
		_exit(STATUS_ERROR);
	hurry(emulator);
	/* gdb tries again while nobody listens, but does not wait long for an answer. */
	if (listen(clients, 1))
		_exit(STATUS_ERROR);
	fprintf(stderr, "diptych: the guest waits: (gdb) target remote "
		GDB_LINE_HOST ":%u\n", port);
	serve(emulator, clients);
	_exit(STATUS_PASS);
}

char *gdb_line_open(struct gdb_line *line)
{
	int clients = port_take(&line->gdb_port), emulators = -1;
	char *why = NULL;

	if (clients < 0)
		return fmt("port %u for gdb: %s", line->gdb_port, strerror(errno));
	line->emulator_port = 0;
	emulators = port_take(&line->emulator_port);
	if (emulators < 0 || listen(emulators, 1)) {
		why = fmt("a port for the emulator: %s", strerror(errno));
	} else {
		fflush(NULL);
		line->pid = fork();
		if (!line->pid)
			child(line->gdb_port, emulators, clients);
		if (line->pid < 0)
			why = fmt("gdb's line: %s", strerror(errno));
	}
	if (emulators >= 0)
		close(emulators);
	close(clients);
	return why;
}

void gdb_line_close(struct gdb_line *line)
{
	if (line->pid <= 0)
		return;
	for (int i = 0; i < CLOSE_TRIES; i++) {
		if (waitpid(line->pid, NULL, WNOHANG) == line->pid) {
			line->pid = 0;
			return;
		}
		usleep(CLOSE_WAIT_US);
	}
	kill(line->pid, SIGKILL);
	waitpid(line->pid, NULL, 0);
	line->pid = 0;
}

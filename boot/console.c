/*
 * Where the run's output goes: the guest's bytes and the host's text on COM1,
 * records on COM2; and the line to a debugger, COM3. Nothing is ever dropped. Knows neither
 * guest nor record.
 *
 * A guest's byte costs an exit already; waiting for the wire would cost far
 * more. So it goes into a ring, and the ring empties whenever the UART has room.
 */
#include "boot/console.h"

#include "boot/timer.h"
#include "boot/uart.h"
#include "boot/uart_defs.h"
#include "core/x86_insn.h"

#define RING_SIZE	CONSOLE_KEPT

static struct uart_port com1, com2, com3;

/* head and tail count bytes since the start; they differ by RING_SIZE at most. */
static uint8_t ring[RING_SIZE];
static unsigned ring_head, ring_tail;

/* There is but one port: it is `com2` here, and the guest's bytes stay in the ring. */
static bool one_port;

/* Who shows the host's own words, too. */
static void (*mirror)(const char *text);

/* The UART has room: move what fits. */
static void ring_send(void)
{
	for (unsigned i = 0; i < UART_FIFO && ring_tail != ring_head; i++)
		uart_port_put(&com1, ring[ring_tail++ % RING_SIZE]);
}

static void guest_byte(struct host_io *io, uint8_t byte)
{
	(void)io;
	if (ring_head - ring_tail == RING_SIZE) {
		uart_port_wait(&com1, UART_LSR_THRE);
		ring_send();
	}
	ring[ring_head++ % RING_SIZE] = byte;
	if (uart_port_ready(&com1))
		ring_send();
}

/* A line cut off by an exception is ended before the next one starts. */
static bool in_line;

static void record_line(struct host_io *io, const char *line, unsigned size)
{
	(void)io;
	if (in_line) {
		uart_port_wait(&com2, UART_LSR_THRE);
		uart_port_put(&com2, '\n');
	}
	in_line = true;
	for (unsigned i = 0; i < size; i++) {
		if (i % UART_FIFO == 0) {
			uart_port_wait(&com2, UART_LSR_THRE);
			if (uart_port_ready(&com1))
				ring_send();
		}
		uart_port_put(&com2, (uint8_t)line[i]);
	}
	in_line = false;
}

static void poll(struct host_io *io)
{
	(void)io;
	if (uart_port_ready(&com1))
		ring_send();
}

static uint64_t clock(struct host_io *io)
{
	(void)io;
	return x86_rdtsc();
}

static void timer(struct host_io *io, uint64_t tsc)
{
	(void)io;
	host_timer_arm(tsc);
}

static void fninit(struct host_io *io)
{
	(void)io;
	x86_fninit();
}

static uint16_t fnstcw(struct host_io *io)
{
	(void)io;
	return x86_fnstcw();
}

static uint16_t fnstsw(struct host_io *io)
{
	(void)io;
	return x86_fnstsw();
}

static void fxsave(struct host_io *io, struct fx_image *image, bool wide)
{
	(void)io;
	x86_fxsave(image, wide);
}

static void fxrstor(struct host_io *io, const struct fx_image *image, bool wide)
{
	(void)io;
	x86_fxrstor(image, wide);
}

static uint32_t rdpkru(struct host_io *io)
{
	(void)io;
	return x86_rdpkru();
}

static void wrpkru(struct host_io *io, uint32_t value)
{
	(void)io;
	x86_wrpkru(value);
}

static int line_get(struct host_io *io)
{
	(void)io;
	return uart_port_get(&com3);
}

static void line_put(struct host_io *io, uint8_t byte)
{
	(void)io;
	uart_port_wait(&com3, UART_LSR_THRE);
	uart_port_put(&com3, byte);
}

static struct host_io io = {
	.guest_byte = guest_byte, .record_line = record_line, .poll = poll,
	.fninit = fninit, .fnstcw = fnstcw, .fnstsw = fnstsw, .fxsave = fxsave,
	.fxrstor = fxrstor, .rdpkru = rdpkru, .wrpkru = wrpkru, .clock = clock, .timer = timer,
};

struct host_io *console_io(void)
{
	return &io;
}

void console_init(void)
{
	uart_port_init(&com1, COM1_PORT);
	uart_port_init(&com2, COM2_PORT);
}

void console_line(void)
{
	uart_port_init(&com3, COM3_PORT);
	if (!com3.present)
		return;
	io.line_get = line_get;
	io.line_put = line_put;
}

bool console_one_port(bool first)
{
	if (first || !com2.present) {
		com2 = com1;
		com1.present = false;
		one_port = true;
	}
	return com2.present;
}

bool console_is_one_port(void)
{
	return one_port;
}

void console_mirror(void (*show)(const char *text))
{
	mirror = show;
}

void console_text(const char *text)
{
	if (mirror)
		mirror(text);
	for (; *text; text++) {
		if (!one_port) {
			guest_byte(&io, (uint8_t)*text);
			continue;
		}
		uart_port_wait(&com2, UART_LSR_THRE);
		uart_port_put(&com2, (uint8_t)*text);
	}
}

unsigned console_written(void)
{
	return ring_head;
}

uint8_t console_kept(unsigned at)
{
	return ring[at % RING_SIZE];
}

void console_drain(void)
{
	while (ring_tail != ring_head) {
		uart_port_wait(&com1, UART_LSR_THRE);
		ring_send();
	}
	uart_port_wait(&com1, UART_LSR_TEMT);
	uart_port_wait(&com2, UART_LSR_TEMT);
	uart_port_wait(&com3, UART_LSR_TEMT);
}

void console_hand_over(void)
{
	console_drain();
	uart_port_reset(&com1);
	uart_port_reset(&com2);
}

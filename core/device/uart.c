/*
 * The 16550A's registers, as drivers probe them. Sends at once, so the
 * transmitter is always empty. Knows no interrupt controller.
 * PC16550D datasheet, "Registers" 8.
 */
#include "core/device/uart.h"

#include "core/device/uart_defs.h"

static uint8_t modem_lines(const struct uart *u)
{
	uint8_t lines = 0;

	if (!(u->mcr & MCR_LOOP))
		return MSR_CONNECTED;
	/* "Modem Control Register" 8.6: loop-back ties the four outputs to the four inputs. */
	if (u->mcr & MCR_RTS)
		lines |= MSR_CTS;
	if (u->mcr & MCR_DTR)
		lines |= MSR_DSR;
	if (u->mcr & MCR_OUT1)
		lines |= MSR_RI;
	if (u->mcr & MCR_OUT2)
		lines |= MSR_DCD;
	return lines;
}

static unsigned trigger_level(const struct uart *u)
{
	static const uint8_t level[] = { 1, 4, 8, 14 };

	return u->fcr & FCR_ENABLE ? level[FIELD_GET(FCR_TRIGGER, u->fcr)] : 1;
}

/*
 * The highest pending source. "Interrupt Identification Register" 8.5 table IV. Bytes
 * take no time here: the four character times of the time-out are always over.
 */
static uint8_t pending(const struct uart *u)
{
	if ((u->ier & IER_RLS) && (u->lsr & LSR_OE))
		return IIR_RLS;
	if ((u->ier & IER_RDA) && u->count)
		return u->count >= trigger_level(u) ? IIR_RDA : IIR_TIMEOUT;
	if ((u->ier & IER_THRE) && u->thr_empty_pending)
		return IIR_THRE;
	if ((u->ier & IER_MSI) && u->deltas)
		return IIR_MSI;
	return IIR_NONE;
}

/*
 * A PC leads INTR through a gate that the OUT2 pin opens, and loop-back forces that pin
 * inactive. "Modem Control Register" 8.6
 */
static void update_line(struct uart *u)
{
	bool level = (u->mcr & (MCR_OUT2 | MCR_LOOP)) == MCR_OUT2 &&
		     pending(u) != IIR_NONE;

	if (level == u->level)
		return;
	u->level = level;
	irq_set(&u->irq, level);
}

/* What the path of a sent byte need not look at one by one. */
static void update_watched(struct uart *u)
{
	u->watched = (u->lcr & LCR_DLAB) | (u->mcr & MCR_LOOP) |
		     (u->ier & IER_THRE);
}

static void write_mcr(struct uart *u, uint8_t value)
{
	uint8_t before = modem_lines(u), changed;

	u->mcr = value & MCR_DEFINED;
	changed = before ^ modem_lines(u);
	/* TERI tells the ring's end only. "Modem Status Register" 8.7 */
	if (!(before & MSR_RI))
		changed &= (uint8_t)~MSR_RI;
	u->deltas |= changed >> MSR_DELTA_SHIFT;
	update_watched(u);
	update_line(u);
}

static uint8_t read_msr(struct uart *u)
{
	uint8_t value = modem_lines(u) | u->deltas;

	u->deltas = 0;
	update_line(u);
	return value;
}

/* Reading LSR resets the error. "Line Status Register" 8.3 */
static __attribute__((noinline)) uint8_t read_overrun(struct uart *u)
{
	uint8_t value = u->lsr;

	u->lsr &= (uint8_t)~LSR_OE;
	update_line(u);
	return value;
}

static uint8_t read_iir(struct uart *u)
{
	uint8_t source = pending(u);

	/* Reading IIR resets this source when it is the one told. */
	if (source == IIR_THRE) {
		u->thr_empty_pending = false;
		update_line(u);
	}
	return source | (u->fcr & FCR_ENABLE ? IIR_FIFO : 0);
}

static void write_ier(struct uart *u, uint8_t value)
{
	/* Enabling the source while the register is empty raises it at once. */
	if ((value & IER_THRE) && !(u->ier & IER_THRE))
		u->thr_empty_pending = true;
	u->ier = value & IER_DEFINED;
	update_watched(u);
	update_line(u);
}

static void write_fcr(struct uart *u, uint8_t value)
{
	/* Turning the FIFOs on or off empties them. "FIFO Control Register" 8.4 */
	if ((value & FCR_CLEAR_RX) || ((value ^ u->fcr) & FCR_ENABLE)) {
		u->count = 0;
		u->lsr &= (uint8_t)~LSR_DR;
	}
	/* The other bits are programmed only together with the enable bit. */
	u->fcr = value & FCR_ENABLE ? value & FCR_KEPT : 0;
	update_line(u);
}

/*
 * A byte too many is lost in the shift register behind a full FIFO; without FIFOs it takes
 * the place of the one before it. "Line Status Register" 8.3 bit 1
 */
static void receive(struct uart *u, uint8_t value)
{
	unsigned room = u->fcr & FCR_ENABLE ? UART_FIFO : 1;

	if (u->count >= room) {
		u->lsr |= LSR_OE;
		if (room == 1)
			u->received[u->first] = value;
		return;
	}
	u->received[(u->first + u->count) % UART_FIFO] = value;
	u->count++;
	u->lsr |= LSR_DR;
}

static uint8_t read_data(struct uart *u)
{
	uint8_t value;

	if (!u->count)
		return 0;
	value = u->received[u->first];
	u->first = (u->first + 1) % UART_FIFO;
	u->count--;
	if (!u->count)
		u->lsr &= (uint8_t)~LSR_DR;
	update_line(u);
	return value;
}

static void send(struct uart *u, uint8_t value)
{
	u->bytes++;
	u->byte_out(u->opaque, value);
}

/* Writing resets the THRE source, and sending raises it again: an edge on the line. */
static void write_data(struct uart *u, uint8_t value)
{
	u->thr_empty_pending = false;
	update_line(u);
	if (u->mcr & MCR_LOOP)
		receive(u, value);
	else
		send(u, value);
	u->thr_empty_pending = true;
	update_line(u);
}

/* Out of line, as the next: a poll and a sent byte need not save what these use. */
static __attribute__((noinline)) uint8_t read_register(struct uart *u, unsigned reg)
{
	const bool dlab = u->lcr & LCR_DLAB;

	switch (reg) {
	case UART_DATA:
		return dlab ? u->dll : read_data(u);
	case UART_IER:
		return dlab ? u->dlm : u->ier;
	case UART_IIR:
		return read_iir(u);
	case UART_LCR:
		return u->lcr;
	case UART_MCR:
		return u->mcr;
	case UART_MSR:
		return read_msr(u);
	default:
		return u->scr;
	}
}

static __attribute__((noinline))
void write_register(struct uart *u, unsigned reg, uint8_t value)
{
	const bool dlab = u->lcr & LCR_DLAB;

	switch (reg) {
	case UART_DATA:
		if (dlab)
			u->dll = value;
		else
			write_data(u, value);
		break;
	case UART_IER:
		if (dlab)
			u->dlm = value;
		else
			write_ier(u, value);
		break;
	case UART_IIR:
		write_fcr(u, value);
		break;
	case UART_LCR:
		u->lcr = value;
		update_watched(u);
		break;
	case UART_MCR:
		write_mcr(u, value);
		break;
	case UART_SCR:
		u->scr = value;
		break;
	default:
		/* LSR and MSR: writes are for factory tests. */
		break;
	}
}

/* LSR is polled before every byte: first, and short. */
static uint8_t uart_in(void *self, uint16_t port)
{
	struct uart *u = self;
	const unsigned reg = port % UART_PORTS;

	if (reg != UART_LSR)
		return read_register(u, reg);
	return u->lsr & LSR_OE ? read_overrun(u) : u->lsr;
}

/* And a byte of text, sent by a driver that polls. */
static void uart_out(void *self, uint16_t port, uint8_t value)
{
	struct uart *u = self;
	const unsigned reg = port % UART_PORTS;

	if (reg != UART_DATA || u->watched) {
		write_register(u, reg, value);
		return;
	}
	u->thr_empty_pending = true;
	send(u, value);
}

void uart_init(struct uart *uart, void (*byte_out)(void *, uint8_t),
	       void *opaque)
{
	*uart = (struct uart){
		.byte_out = byte_out,
		.opaque = opaque,
		.dll = DIVISOR_9600,
		.lsr = LSR_THRE | LSR_TEMT,
	};
}

struct device uart_device(struct uart *uart, uint16_t base)
{
	return (struct device){
		.first = base,
		.last = (uint16_t)(base + UART_PORTS - 1),
		.self = uart,
		.in = uart_in,
		.out = uart_out,
	};
}

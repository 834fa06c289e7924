/*
 * The 16550's registers, as drivers probe them. Sends at once, so the
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

static void write_mcr(struct uart *u, uint8_t value)
{
	uint8_t before = modem_lines(u), changed;

	u->mcr = value & MCR_DEFINED;
	changed = before ^ modem_lines(u);
	/* TERI tells the ring's end only. "Modem Status Register" 8.7 */
	if (!(before & MSR_RI))
		changed &= (uint8_t)~MSR_RI;
	u->deltas |= changed >> MSR_DELTA_SHIFT;
}

static uint8_t read_msr(struct uart *u)
{
	uint8_t value = modem_lines(u) | u->deltas;

	u->deltas = 0;
	return value;
}

/* The highest pending source. "Interrupt Identification Register" 8.5 table IV. */
static uint8_t read_iir(struct uart *u)
{
	uint8_t fifo = u->fcr & FCR_ENABLE ? IIR_FIFO : 0;

	if ((u->ier & IER_RDA) && u->loop_full)
		return IIR_RDA | fifo;
	if ((u->ier & IER_THRE) && u->thr_empty_pending) {
		/* Reading IIR resets this source when it is the one told. */
		u->thr_empty_pending = false;
		return IIR_THRE | fifo;
	}
	if ((u->ier & IER_MSI) && u->deltas)
		return IIR_MSI | fifo;
	return IIR_NONE | fifo;
}

static void write_ier(struct uart *u, uint8_t value)
{
	/* Enabling the source while the register is empty raises it at once. */
	if ((value & IER_THRE) && !(u->ier & IER_THRE))
		u->thr_empty_pending = true;
	u->ier = value & IER_DEFINED;
}

static void write_fcr(struct uart *u, uint8_t value)
{
	/* Turning the FIFOs on or off empties them. "FIFO Control Register" 8.4 */
	if ((value & FCR_CLEAR_RX) || ((value ^ u->fcr) & FCR_ENABLE))
		u->loop_full = false;
	/* The other bits are programmed only together with the enable bit. */
	u->fcr = value & FCR_ENABLE ? value & FCR_KEPT : 0;
}

static uint8_t read_data(struct uart *u)
{
	uint8_t value = u->loop_full ? u->loop : 0;

	u->loop_full = false;
	return value;
}

static void write_data(struct uart *u, uint8_t value)
{
	u->thr_empty_pending = true;
	if (u->mcr & MCR_LOOP) {
		u->loop = value;
		u->loop_full = true;
		return;
	}
	u->bytes++;
	u->byte_out(u->opaque, value);
}

static uint8_t uart_in(void *self, uint16_t port)
{
	struct uart *u = self;
	const bool dlab = u->lcr & LCR_DLAB;

	switch (port % UART_PORTS) {
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
	case UART_LSR:
		return LSR_THRE | LSR_TEMT | (u->loop_full ? LSR_DR : 0);
	case UART_MSR:
		return read_msr(u);
	default:
		return u->scr;
	}
}

static void uart_out(void *self, uint16_t port, uint8_t value)
{
	struct uart *u = self;
	const bool dlab = u->lcr & LCR_DLAB;

	switch (port % UART_PORTS) {
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

void uart_init(struct uart *uart, void (*byte_out)(void *, uint8_t),
	       void *opaque)
{
	*uart = (struct uart){
		.byte_out = byte_out,
		.opaque = opaque,
		.dll = DIVISOR_9600,
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

/*
 * A 16550A UART whose output goes to a callback byte for byte. No input line: the
 * receiver holds only what loop-back sends it. PC16550D datasheet, "Registers".
 */
#ifndef CORE_DEVICE_UART_H
#define CORE_DEVICE_UART_H

#include "core/device/clock.h"
#include "core/device/device.h"

#define UART_COM1	0x3f8
#define UART_PORTS	8
#define UART_FIFO	16u

struct uart {
	void		(*byte_out)(void *opaque, uint8_t byte);
	void		*opaque;
	uint64_t	bytes;		/* sent */
	uint8_t		ier, fcr, lcr, mcr, lsr, scr, dll, dlm;
	uint8_t		deltas;		/* MSR bits 3:0: lines changed since MSR was read */
	bool		thr_empty_pending;	/* IIR: THRE interrupt not yet read */
	/* Nonzero: a byte written to port 0 is more than a byte to be sent. */
	uint8_t		watched;
	uint8_t		received[UART_FIFO], first, count;
	/*
	 * INTR behind the PC's gate: high while an enabled source is pending, MCR.OUT2 is
	 * set and loop-back is off. For the owner to set after uart_init(); told when the
	 * level changes.
	 */
	struct irq_line	irq;
	bool		level;		/* as last told */
};

/* As after a master reset; the divisor, which reset leaves alone, at 9600 baud. */
void uart_init(struct uart *uart, void (*byte_out)(void *, uint8_t), void *opaque);
/* `base`: a multiple of UART_PORTS. */
struct device uart_device(struct uart *uart, uint16_t base);

#endif

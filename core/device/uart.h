/*
 * A 16550 UART whose output goes to a callback byte for byte. No input line
 * yet: the receiver is always empty. PC16550D datasheet, "Registers".
 */
#ifndef CORE_DEVICE_UART_H
#define CORE_DEVICE_UART_H

#include "core/device/device.h"

#define UART_COM1	0x3f8
#define UART_PORTS	8

struct uart {
	void		(*byte_out)(void *opaque, uint8_t byte);
	void		*opaque;
	uint8_t		ier, fcr, lcr, mcr, scr, dll, dlm;
	bool		thr_empty_pending;	/* IIR: THRE interrupt not yet read */
	uint8_t		loop;		/* byte in the receiver, by MCR loop-back */
	bool		loop_full;
	uint8_t		deltas;		/* MSR bits 3:0: lines changed since MSR was read */
	uint64_t	bytes;		/* sent */
};

/* As after a master reset; the divisor, which reset leaves alone, at 9600 baud. */
void uart_init(struct uart *uart, void (*byte_out)(void *, uint8_t), void *opaque);
/* `base`: a multiple of UART_PORTS. */
struct device uart_device(struct uart *uart, uint16_t base);

#endif

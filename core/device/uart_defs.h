/* The 16550's registers. PC16550D datasheet (National Semiconductor), "Registers" 8. */
#ifndef CORE_DEVICE_UART_DEFS_H
#define CORE_DEVICE_UART_DEFS_H

#include "mmu/bits.h"

/* Offsets from the base port. */
#define UART_DATA	0	/* in: RBR, out: THR; DLAB: divisor, low byte */
#define UART_IER	1	/* DLAB: divisor, high byte */
#define UART_IIR	2	/* in; out: FCR */
#define UART_LCR	3
#define UART_MCR	4
#define UART_LSR	5
#define UART_MSR	6
#define UART_SCR	7

#define IER_RDA		BIT(0)	/* received data available */
#define IER_THRE	BIT(1)	/* transmitter holding register empty */
#define IER_RLS		BIT(2)	/* receiver line status: an error */
#define IER_MSI		BIT(3)	/* modem status changed */
#define IER_DEFINED	BITS(3, 0)

#define IIR_NONE	0x01	/* no interrupt pending */
#define IIR_MSI		0x00
#define IIR_THRE	0x02
#define IIR_RDA		0x04
#define IIR_RLS		0x06
#define IIR_TIMEOUT	0x0c	/* characters below the trigger level wait */
#define IIR_FIFO	0xc0	/* FIFOs enabled */

#define FCR_ENABLE	BIT(0)
#define FCR_CLEAR_RX	BIT(1)
#define FCR_TRIGGER	BITS(7, 6)	/* 1, 4, 8 or 14 bytes */
#define FCR_KEPT	(BIT(0) | BIT(3) | BITS(7, 6))	/* the clear bits clear themselves */

#define LCR_DLAB	BIT(7)

#define MCR_DTR		BIT(0)
#define MCR_RTS		BIT(1)
#define MCR_OUT1	BIT(2)
#define MCR_OUT2	BIT(3)
#define MCR_LOOP	BIT(4)
#define MCR_DEFINED	BITS(4, 0)

#define LSR_DR		BIT(0)	/* data ready */
#define LSR_OE		BIT(1)	/* overrun */
#define LSR_THRE	BIT(5)
#define LSR_TEMT	BIT(6)	/* shift register empty too */

#define MSR_DELTAS	BITS(3, 0)	/* each line's change, in the lines' order */
#define MSR_DELTA_SHIFT	4
#define MSR_CTS		BIT(4)
#define MSR_DSR		BIT(5)
#define MSR_RI		BIT(6)
#define MSR_DCD		BIT(7)
/* A terminal is connected and ready, always. */
#define MSR_CONNECTED	(MSR_CTS | MSR_DSR | MSR_DCD)

#define DIVISOR_9600	12	/* 1.8432 MHz / 16 / 9600: a PC's usual start */

#endif

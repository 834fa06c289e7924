/*
 * One 16550 UART, driven by polling. Knows bytes, not what they mean.
 */
#ifndef BOOT_UART_H
#define BOOT_UART_H

#include "mmu/bits.h"

struct uart_port {
	uint16_t	base;
	bool		present;
};

/* 115200 8N1, FIFOs on, no interrupts. Says in ->present whether it is there. */
void uart_port_init(struct uart_port *port, uint16_t base);

/* The next byte that has come in, or -1. */
int uart_port_get(const struct uart_port *port);

/* True when at least UART_FIFO bytes can be sent now. An absent one: always. */
bool uart_port_ready(const struct uart_port *port);

/* One byte, without asking: the caller has seen it ready. */
void uart_port_put(const struct uart_port *port, uint8_t byte);

/*
 * Wait until these LSR bits are set. A UART that never gets there counts as absent
 * from then on: a broken port must not hang the run.
 */
void uart_port_wait(struct uart_port *port, uint8_t lsr_bits);

/* As after a master reset, but for the divisor, which a reset leaves. */
void uart_port_reset(const struct uart_port *port);

#endif

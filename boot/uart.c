/*
 * One 16550 UART, driven by polling. Knows bytes, not what they mean.
 */
#include "boot/uart.h"

#include "boot/uart_defs.h"
#include "core/x86_insn.h"

/* Polls; 16 bytes at 115200 baud take under 100,000 on the slowest emulator. */
#define PATIENCE	(1u << 24)

static uint8_t reg_read(const struct uart_port *port, unsigned reg)
{
	return x86_in8((uint16_t)(port->base + reg));
}

static void reg_write(const struct uart_port *port, unsigned reg, uint8_t value)
{
	x86_out8((uint16_t)(port->base + reg), value);
}

void uart_port_init(struct uart_port *port, uint16_t base)
{
	port->base = base;
	reg_write(port, UART_SCR, UART_SCR_PROBE);
	port->present = reg_read(port, UART_SCR) == UART_SCR_PROBE &&
			reg_read(port, UART_LSR) != UART_ABSENT;
	if (!port->present)
		return;
	/* What the loader wrote must not be lost with the FIFO. */
	uart_port_wait(port, UART_LSR_TEMT);
	reg_write(port, UART_IER, 0);
	reg_write(port, UART_LCR, UART_LCR_DLAB);
	reg_write(port, UART_THR, UART_DIVISOR);
	reg_write(port, UART_IER, 0);
	reg_write(port, UART_LCR, UART_LCR_8N1);
	reg_write(port, UART_FCR, UART_FCR_ENABLE);
	reg_write(port, UART_MCR, UART_MCR_READY);
}

int uart_port_get(const struct uart_port *port)
{
	if (!port->present || !(reg_read(port, UART_LSR) & UART_LSR_DR))
		return -1;
	return reg_read(port, UART_RBR);
}

bool uart_port_ready(const struct uart_port *port)
{
	return !port->present || reg_read(port, UART_LSR) & UART_LSR_THRE;
}

void uart_port_put(const struct uart_port *port, uint8_t byte)
{
	if (port->present)
		reg_write(port, UART_THR, byte);
}

void uart_port_wait(struct uart_port *port, uint8_t lsr_bits)
{
	for (unsigned i = 0; port->present; i++) {
		if ((reg_read(port, UART_LSR) & lsr_bits) == lsr_bits)
			return;
		if (i == PATIENCE)
			port->present = false;
	}
}

void uart_port_reset(const struct uart_port *port)
{
	if (!port->present)
		return;
	reg_write(port, UART_IER, 0);
	reg_write(port, UART_FCR, 0);
	reg_write(port, UART_LCR, 0);
	reg_write(port, UART_MCR, 0);
	reg_write(port, UART_SCR, 0);
}

/*
 * The 16550's registers. PC16550D datasheet "Registers" 8.0. asm_defs.inc has
 * some of the same values.
 */
#ifndef BOOT_UART_DEFS_H
#define BOOT_UART_DEFS_H

#define COM1_PORT	0x3f8
#define COM2_PORT	0x2f8
#define COM3_PORT	0x3e8

#define UART_THR	0	/* transmitter holding; divisor low when LCR.DLAB */
#define UART_RBR	0	/* receiver buffer, when read */
#define UART_IER	1	/* interrupt enable; divisor high when LCR.DLAB */
#define UART_FCR	2	/* write only */
#define UART_FCR_ENABLE	0x07	/* FIFOs on, both cleared */
#define UART_LCR	3
#define UART_LCR_8N1	0x03
#define UART_LCR_DLAB	0x80
#define UART_MCR	4
#define UART_MCR_READY	0x03	/* DTR, RTS */
#define UART_LSR	5
#define UART_LSR_DR	0x01	/* a byte has come in */
#define UART_LSR_THRE	0x20	/* the transmitter's FIFO is empty */
#define UART_LSR_TEMT	0x40	/* and so is its shift register */
#define UART_SCR	7	/* scratch: a plain byte of memory */

#define UART_FIFO	16	/* bytes */
#define UART_DIVISOR	1	/* 115200 baud */
#define UART_SCR_PROBE	0x5a
#define UART_ABSENT	0xff	/* what an empty bus reads */

#endif

/*
 * The keyboard controller's commands and registers, and the keyboard's commands.
 * IBM PS/2 Hardware Interface Technical Reference, "Keyboard and Auxiliary Device
 * Controller" and "Keyboards".
 */
#ifndef CORE_DEVICE_I8042_DEFS_H
#define CORE_DEVICE_I8042_DEFS_H

#include "mmu/bits.h"

#define I8042_DATA_PORT		0x60
#define I8042_COMMAND_PORT	0x64	/* in: status */
#define I8042_PORT92		0x92

#define STATUS_OBF	BIT(0)	/* a byte waits at port 60h */
#define STATUS_SYS	BIT(2)	/* the system flag */
#define STATUS_A2	BIT(3)	/* the last write was a command */
#define STATUS_UNLOCKED	BIT(4)	/* the keyboard lock is open */
#define STATUS_MOUSE	BIT(5)	/* the byte at port 60h is the auxiliary device's */

/* Bits of ram[0], the command byte. */
#define COMMAND_KEYBOARD_IRQ	BIT(0)
#define COMMAND_MOUSE_IRQ	BIT(1)
#define COMMAND_SYS		BIT(2)
#define COMMAND_KEYBOARD_OFF	BIT(4)
#define COMMAND_MOUSE_OFF	BIT(5)
#define COMMAND_TRANSLATE	BIT(6)

#define I8042_READ_RAM		0x20	/* to 3fh */
#define I8042_WRITE_RAM		0x60	/* to 7fh */
#define I8042_RAM_INDEX		BITS(4, 0)
#define I8042_PASSWORD_TEST	0xa4
#define I8042_MOUSE_OFF		0xa7
#define I8042_MOUSE_ON		0xa8
#define I8042_MOUSE_TEST	0xa9
#define I8042_SELF_TEST		0xaa
#define I8042_KEYBOARD_TEST	0xab
#define I8042_KEYBOARD_OFF	0xad
#define I8042_KEYBOARD_ON	0xae
#define I8042_READ_INPUT	0xc0
#define I8042_READ_OUTPUT	0xd0
#define I8042_WRITE_OUTPUT	0xd1
#define I8042_LOOP_KEYBOARD	0xd2
#define I8042_LOOP_MOUSE	0xd3
#define I8042_TO_MOUSE		0xd4
#define I8042_READ_TEST		0xe0
#define I8042_PULSE		0xf0	/* to ffh: the output port's bits 3:0 that are 0 */

#define PASSWORD_NONE		0xf1
#define SELF_TEST_PASSED	0x55
#define INTERFACE_GOOD		0x00

/* The keyboard is not locked, no manufacturing jumper, all memory on the board, colour. */
#define INPUT_PORT		(BIT(7) | BIT(5) | BIT(4))

#define OUTPUT_NO_RESET		BIT(0)
#define OUTPUT_A20		BIT(1)
#define OUTPUT_KEYBOARD_IRQ	BIT(4)
#define OUTPUT_MOUSE_IRQ	BIT(5)
#define OUTPUT_AT_POWER_ON	0xcf	/* no reset, A20, and every line idle */

#define TEST_KEYBOARD_CLOCK	BIT(0)
#define TEST_KEYBOARD_DATA	BIT(1)

#define PORT92_RESET		BIT(0)	/* its rise pulls the reset line */
#define PORT92_A20		BIT(1)

#define KEYBOARD_LEDS		0xed
#define KEYBOARD_ECHO		0xee
#define KEYBOARD_SCAN_SET	0xf0
#define KEYBOARD_IDENTIFY	0xf2
#define KEYBOARD_RATE		0xf3
#define KEYBOARD_ENABLE		0xf4
#define KEYBOARD_DISABLE	0xf5
#define KEYBOARD_DEFAULT	0xf6
#define KEYBOARD_RESET		0xff

#define KEYBOARD_ACK		0xfa
#define KEYBOARD_PASSED		0xaa
#define KEYBOARD_RESEND		0xfe
#define KEYBOARD_ID_1		0xab
#define KEYBOARD_ID_2		0x83
#define KEYBOARD_SCAN_SET_2	0x02
#define KEYBOARD_TRANSLATED	0x41	/* both the last two, as if they were scan codes */

#endif

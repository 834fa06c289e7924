/*
 * The keyboard controller at ports 60h and 64h, as far as software probes and uses it
 * with no keyboard or mouse pressed: self-test, command byte, output port with the reset
 * line and A20, identify and reset of the keyboard. And port 92h, the other way to both.
 * IBM PS/2 Hardware Interface Technical Reference, "Keyboard and Auxiliary Device Controller".
 */
#ifndef CORE_DEVICE_I8042_H
#define CORE_DEVICE_I8042_H

#include "core/device/clock.h"
#include "core/device/device.h"

#define I8042_KEYBOARD_IRQ	1u
#define I8042_MOUSE_IRQ		12u
#define I8042_DEVICES		3u	/* ports 60h, 64h, 92h */
#define I8042_QUEUE		8u

struct i8042 {
	uint8_t		ram[32];	/* ram[0] is the command byte */
	uint8_t		status;		/* SYS and A2; the others are computed */
	uint8_t		output_port, port92;
	uint8_t		command;	/* the one that waits for its data byte; 0: none */
	uint8_t		keyboard_command;
	uint8_t		queue[I8042_QUEUE];	/* bytes for port 60h; the full one drops */
	uint8_t		from_mouse;	/* a bit for each of them */
	uint8_t		queued, taken;	/* how many there are, and where the first is */
	uint8_t		last;		/* read again from port 60h while none waits */
	bool		keyboard_level, mouse_level;	/* as last told */
	struct irq_line	keyboard, mouse;
	/*
	 * The reset line was pulled: by the controller, or by port 92h. Called last, so it
	 * may set this up anew. NULL: the line leads nowhere.
	 */
	void		(*reset)(void *opaque);
	void		*opaque;
};

/*
 * A20 is always on: what is written is kept and read back, and address bit 20 is never
 * forced to 0, as on machines of today.
 */
void i8042_init(struct i8042 *i8042, struct irq_line keyboard,
		struct irq_line mouse, void (*reset)(void *), void *opaque);
void i8042_devices(struct i8042 *i8042, struct device out[I8042_DEVICES]);

#endif

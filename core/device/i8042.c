/*
 * The keyboard controller, with no mouse. Answers at once, so the input buffer is always
 * empty. Knows no interrupt controller, and not what its keyboard says.
 */
#include "core/device/i8042.h"

#include "core/device/i8042_defs.h"
#include "core/device/i8042_keyboard.h"

static bool from_mouse(const struct i8042 *k)
{
	return k->queued && (k->from_mouse & BIT(k->taken));
}

static bool from_keyboard(const struct i8042 *k)
{
	return k->queued && !(k->from_mouse & BIT(k->taken));
}

static void set_line(const struct irq_line *line, bool *last, bool level)
{
	if (level == *last)
		return;
	*last = level;
	irq_set(line, level);
}

/* "Command Byte": the output buffer's interrupts, and their enables. */
static void update_lines(struct i8042 *k)
{
	set_line(&k->keyboard, &k->keyboard_level,
		 from_keyboard(k) && (k->ram[0] & COMMAND_KEYBOARD_IRQ));
	set_line(&k->mouse, &k->mouse_level,
		 from_mouse(k) && (k->ram[0] & COMMAND_MOUSE_IRQ));
}

static void answer_as(struct i8042 *k, uint8_t byte, bool mouse)
{
	unsigned at = (k->taken + k->queued) % I8042_QUEUE;

	if (k->queued == I8042_QUEUE)
		return;
	k->queue[at] = byte;
	k->from_mouse &= (uint8_t)~BIT(at);
	if (mouse)
		k->from_mouse |= BIT(at);
	k->queued++;
	update_lines(k);
}

void i8042_answer(struct i8042 *k, uint8_t byte)
{
	answer_as(k, byte, false);
}

static uint8_t read_data(struct i8042 *k)
{
	if (!k->queued)
		return k->last;
	k->last = k->queue[k->taken];
	k->taken = (k->taken + 1) % I8042_QUEUE;
	k->queued--;
	/* Each byte is an edge of its own. */
	set_line(&k->keyboard, &k->keyboard_level, false);
	set_line(&k->mouse, &k->mouse_level, false);
	update_lines(k);
	return k->last;
}

static uint8_t read_status(const struct i8042 *k)
{
	return k->status | STATUS_UNLOCKED | (k->queued ? STATUS_OBF : 0) |
	       (from_mouse(k) ? STATUS_MOUSE : 0);
}

/* The system flag is one bit, seen in both. */
static void write_command_byte(struct i8042 *k, uint8_t value)
{
	k->ram[0] = value;
	k->status &= (uint8_t)~STATUS_SYS;
	if (value & COMMAND_SYS)
		k->status |= STATUS_SYS;
	update_lines(k);
}

static void self_test(struct i8042 *k)
{
	k->queued = 0;
	k->keyboard_command = 0;
	write_command_byte(k, k->ram[0] | COMMAND_SYS);
	i8042_answer(k, SELF_TEST_PASSED);
}

static uint8_t read_output_port(const struct i8042 *k)
{
	return (k->output_port & (uint8_t)~(OUTPUT_KEYBOARD_IRQ | OUTPUT_MOUSE_IRQ)) |
	       (from_keyboard(k) ? OUTPUT_KEYBOARD_IRQ : 0) |
	       (from_mouse(k) ? OUTPUT_MOUSE_IRQ : 0);
}

/* The last thing that an access does: the machine may be set up anew. */
static void pull_reset(const struct i8042 *k)
{
	if (k->reset)
		k->reset(k->opaque);
}

/* Ranges of commands, after the single ones. */
static void command_of_range(struct i8042 *k, uint8_t value)
{
	switch (value & (uint8_t)~I8042_RAM_INDEX) {
	case I8042_READ_RAM:
		i8042_answer(k, k->ram[value & I8042_RAM_INDEX]);
		break;
	case I8042_WRITE_RAM:
		k->command = value;
		break;
	default:
		if (value >= I8042_PULSE && !(value & OUTPUT_NO_RESET))
			pull_reset(k);
		break;
	}
}

static void write_command(struct i8042 *k, uint8_t value)
{
	k->status |= STATUS_A2;
	k->command = 0;
	switch (value) {
	case I8042_PASSWORD_TEST:
		i8042_answer(k, PASSWORD_NONE);
		break;
	case I8042_MOUSE_OFF:
		k->ram[0] |= COMMAND_MOUSE_OFF;
		break;
	case I8042_MOUSE_ON:
		k->ram[0] &= (uint8_t)~COMMAND_MOUSE_OFF;
		break;
	case I8042_SELF_TEST:
		self_test(k);
		break;
	case I8042_MOUSE_TEST:
	case I8042_KEYBOARD_TEST:
		i8042_answer(k, INTERFACE_GOOD);
		break;
	case I8042_KEYBOARD_OFF:
		k->ram[0] |= COMMAND_KEYBOARD_OFF;
		break;
	case I8042_KEYBOARD_ON:
		k->ram[0] &= (uint8_t)~COMMAND_KEYBOARD_OFF;
		break;
	case I8042_READ_INPUT:
		i8042_answer(k, INPUT_PORT);
		break;
	case I8042_READ_OUTPUT:
		i8042_answer(k, read_output_port(k));
		break;
	case I8042_READ_TEST:
		/* A keyboard that is switched off is one whose clock is held low. */
		i8042_answer(k, k->ram[0] & COMMAND_KEYBOARD_OFF ?
				TEST_KEYBOARD_DATA :
				TEST_KEYBOARD_DATA | TEST_KEYBOARD_CLOCK);
		break;
	case I8042_WRITE_OUTPUT:
	case I8042_LOOP_KEYBOARD:
	case I8042_LOOP_MOUSE:
	case I8042_TO_MOUSE:
		k->command = value;
		break;
	default:
		command_of_range(k, value);
		break;
	}
}

static void write_data(struct i8042 *k, uint8_t value)
{
	uint8_t command = k->command;

	k->status &= (uint8_t)~STATUS_A2;
	k->command = 0;
	switch (command) {
	case 0:
		/* To send is to switch it on. */
		k->ram[0] &= (uint8_t)~COMMAND_KEYBOARD_OFF;
		i8042_to_keyboard(k, value);
		break;
	case I8042_WRITE_OUTPUT:
		k->output_port = value;
		if (!(value & OUTPUT_NO_RESET))
			pull_reset(k);
		break;
	case I8042_LOOP_KEYBOARD:
		i8042_answer(k, value);
		break;
	case I8042_LOOP_MOUSE:
		answer_as(k, value, true);
		break;
	case I8042_TO_MOUSE:
		break;
	case I8042_WRITE_RAM:
		write_command_byte(k, value);
		break;
	default:
		k->ram[command & I8042_RAM_INDEX] = value;
		break;
	}
}

static uint8_t data_in(void *self, uint16_t port)
{
	(void)port;
	return read_data(self);
}

static void data_out(void *self, uint16_t port, uint8_t value)
{
	(void)port;
	write_data(self, value);
}

static uint8_t status_in(void *self, uint16_t port)
{
	(void)port;
	return read_status(self);
}

static void command_out(void *self, uint16_t port, uint8_t value)
{
	(void)port;
	write_command(self, value);
}

static uint8_t port92_in(void *self, uint16_t port)
{
	const struct i8042 *k = self;

	(void)port;
	return k->port92;
}

static void port92_out(void *self, uint16_t port, uint8_t value)
{
	struct i8042 *k = self;
	bool rise = value & ~k->port92 & PORT92_RESET;

	(void)port;
	k->port92 = value & (PORT92_RESET | PORT92_A20);
	if (rise)
		pull_reset(k);
}

void i8042_init(struct i8042 *i8042, struct irq_line keyboard,
		struct irq_line mouse, void (*reset)(void *), void *opaque)
{
	*i8042 = (struct i8042){
		.output_port = OUTPUT_AT_POWER_ON,
		.port92 = PORT92_A20,
		.keyboard = keyboard,
		.mouse = mouse,
		.reset = reset,
		.opaque = opaque,
	};
}

void i8042_devices(struct i8042 *i8042, struct device out[I8042_DEVICES])
{
	out[0] = (struct device){
		.first = I8042_DATA_PORT, .last = I8042_DATA_PORT,
		.self = i8042, .in = data_in, .out = data_out,
	};
	out[1] = (struct device){
		.first = I8042_COMMAND_PORT, .last = I8042_COMMAND_PORT,
		.self = i8042, .in = status_in, .out = command_out,
	};
	out[2] = (struct device){
		.first = I8042_PORT92, .last = I8042_PORT92,
		.self = i8042, .in = port92_in, .out = port92_out,
	};
}

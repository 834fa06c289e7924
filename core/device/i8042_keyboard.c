/*
 * The keyboard behind the controller, on which nobody types: it answers commands at once.
 * Knows no port and no line. IBM PS/2 Hardware Interface Technical Reference, "Keyboards".
 */
#include "core/device/i8042_keyboard.h"

#include "core/device/i8042_defs.h"

/*
 * The controller translates what is no scan code too: of these answers the identifier's
 * second byte and the scan set's number, both to the same byte.
 */
static void answer_number(struct i8042 *k, uint8_t byte)
{
	i8042_answer(k, k->ram[0] & COMMAND_TRANSLATE ? KEYBOARD_TRANSLATED :
							byte);
}

/* Data for the command before. Scan set 0 asks for the number of the present one. */
static void data_byte(struct i8042 *k, uint8_t value)
{
	uint8_t command = k->keyboard_command;

	k->keyboard_command = 0;
	i8042_answer(k, KEYBOARD_ACK);
	if (command == KEYBOARD_SCAN_SET && value == 0)
		answer_number(k, KEYBOARD_SCAN_SET_2);
}

void i8042_to_keyboard(struct i8042 *k, uint8_t value)
{
	if (k->keyboard_command) {
		data_byte(k, value);
		return;
	}
	switch (value) {
	case KEYBOARD_LEDS:
	case KEYBOARD_SCAN_SET:
	case KEYBOARD_RATE:
		k->keyboard_command = value;
		i8042_answer(k, KEYBOARD_ACK);
		break;
	case KEYBOARD_ENABLE:
	case KEYBOARD_DISABLE:
	case KEYBOARD_DEFAULT:
		i8042_answer(k, KEYBOARD_ACK);
		break;
	case KEYBOARD_ECHO:
		i8042_answer(k, KEYBOARD_ECHO);
		break;
	case KEYBOARD_IDENTIFY:
		i8042_answer(k, KEYBOARD_ACK);
		i8042_answer(k, KEYBOARD_ID_1);
		answer_number(k, KEYBOARD_ID_2);
		break;
	case KEYBOARD_RESET:
		i8042_answer(k, KEYBOARD_ACK);
		i8042_answer(k, KEYBOARD_PASSED);
		break;
	default:
		i8042_answer(k, KEYBOARD_RESEND);
		break;
	}
}

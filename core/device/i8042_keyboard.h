/*
 * The controller and its keyboard: what passes between them. For i8042*.c only.
 */
#ifndef CORE_DEVICE_I8042_KEYBOARD_H
#define CORE_DEVICE_I8042_KEYBOARD_H

#include "core/device/i8042.h"

/* A byte for port 60h; dropped when the queue is full. */
void i8042_answer(struct i8042 *k, uint8_t byte);
/* A byte sent to the keyboard: a command, or the data that the one before waits for. */
void i8042_to_keyboard(struct i8042 *k, uint8_t value);

#endif

/*
 * The end for broken host invariants: never for what a guest does. boot/
 * implements it with a dump and an error record, host tests with abort().
 */
#ifndef MMU_PANIC_H
#define MMU_PANIC_H

/* The formats of text_format(). Does not return; safe to call from anywhere. */
_Noreturn void panic(const char *format, ...)
	__attribute__((format(printf, 1, 2)));

#endif

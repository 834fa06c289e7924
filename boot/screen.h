/*
 * The machine's screen as rows of characters, be it EGA text or a linear framebuffer.
 * Knows what is shown by its bytes alone.
 */
#ifndef BOOT_SCREEN_H
#define BOOT_SCREEN_H

#include "mmu/bits.h"

struct boot_colour { uint8_t at, size; };	/* bits of a pixel */

/* As the loader tells it. */
struct boot_screen {
	uint64_t	address;
	uint32_t	pitch;		/* bytes from one line to the next */
	uint32_t	width, height;	/* pixels, or characters; 0: there is none */
	uint8_t		depth;		/* bits of a pixel, or of a character and its colour */
	bool		text;
	struct boot_colour red, green, blue;
};

enum screen_colour { SCREEN_PLAIN, SCREEN_BRIGHT, SCREEN_GOOD, SCREEN_BAD, SCREEN_COLOURS };

/* How much memory it has; 0: none, or of a kind that is not known here. */
uint64_t screen_bytes(const struct boot_screen *s);

/* Use this one from now on, and clear it. Its memory must be mapped. */
void screen_init(const struct boot_screen *from);

/* 0 both where there is none, and then the others do nothing. */
unsigned screen_rows(void);
unsigned screen_columns(void);

void screen_clear(void);

/* What does not fit into the row is left out. Bytes that are no ASCII show as blanks. */
void screen_put(unsigned row, unsigned column, enum screen_colour colour,
		const char *text);

/* The row's rest blank from the column on. */
void screen_clear_from(unsigned row, unsigned column);

/* For a text that nobody has planned a place for: on the last rows, one after another. */
void screen_say(const char *text);

#endif

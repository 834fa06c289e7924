/* A small font of this project's own: printable ASCII, 5 dots by 8, as font.asm draws it. */
#ifndef BOOT_FONT_H
#define BOOT_FONT_H

#include "mmu/bits.h"

#define FONT_FIRST	0x20
#define FONT_LAST	0x7e
#define FONT_ROWS	8u	/* the last one for what hangs below the line */
#define FONT_COLUMNS	6u	/* of a character's place: five dots and a gap */
#define FONT_LINES	9u

/* Each row's leftmost dot is bit 5; bit 0 is the gap. */
extern const uint8_t font_glyphs[FONT_LAST - FONT_FIRST + 1][FONT_ROWS];

#endif

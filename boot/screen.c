/*
 * The machine's screen as rows of characters, be it EGA text or a linear framebuffer.
 * Must not know what is shown.
 */
#include "boot/screen.h"

#include "boot/font.h"
#include "boot/screen_defs.h"
#include "core/x86_insn.h"

#include <string.h>

static struct boot_screen screen;
static unsigned rows, columns;
static unsigned scale_x, scale_y;	/* pixels for each of the font's dots */
static uint32_t pixel[SCREEN_COLOURS];	/* the colours as the framebuffer has them */

uint64_t screen_bytes(const struct boot_screen *s)
{
	uint64_t line = (uint64_t)s->width *
			(s->text ? TEXT_CELL : (s->depth + 7u) / 8);

	if (!s->width || !s->height || s->width > SCREEN_MAX ||
	    s->height > SCREEN_MAX || s->pitch < line)
		return 0;
	if (!s->text && s->depth != 16 && s->depth != 24 && s->depth != 32)
		return 0;
	return (uint64_t)s->pitch * s->height;
}

/* The upper bits of the eight that a colour has here. */
static uint32_t part(struct boot_colour colour, uint32_t rgb, unsigned shift)
{
	uint32_t eight = rgb >> shift & UINT8_MAX;

	if (!colour.size || colour.size > 8 || colour.at > 24)
		return 0;
	return eight >> (8 - colour.size) << colour.at;
}

static void colours_init(void)
{
	static const uint32_t rgb[SCREEN_COLOURS] = {
		[SCREEN_PLAIN] = RGB_PLAIN, [SCREEN_BRIGHT] = RGB_BRIGHT,
		[SCREEN_GOOD] = RGB_GOOD, [SCREEN_BAD] = RGB_BAD,
	};

	for (unsigned i = 0; i < SCREEN_COLOURS; i++)
		pixel[i] = part(screen.red, rgb[i], 16) | part(screen.green, rgb[i], 8) |
			   part(screen.blue, rgb[i], 0);
}

/* As large as 80 by 25 characters allow, and not much wider than high. */
static void scale_choose(void)
{
	scale_x = screen.width / (FONT_COLUMNS * SCREEN_WIDE);
	scale_y = screen.height / (FONT_LINES * SCREEN_HIGH);
	if (!scale_x)
		scale_x = 1;
	if (scale_y > scale_x)
		scale_y = scale_x == 1 ? 2 : scale_x;
	if (!scale_y)
		scale_y = 1;
	columns = screen.width / (FONT_COLUMNS * scale_x);
	rows = screen.height / (FONT_LINES * scale_y);
}

void screen_init(const struct boot_screen *from)
{
	rows = columns = 0;
	if (!screen_bytes(from))
		return;
	screen = *from;
	if (screen.text) {
		columns = screen.width;
		rows = screen.height;
		x86_out8(VGA_INDEX, VGA_CURSOR_START);
		x86_out8(VGA_INDEX + 1, VGA_CURSOR_OFF);
	} else {
		colours_init();
		scale_choose();
	}
	screen_clear();
}

unsigned screen_rows(void)
{
	return rows;
}

unsigned screen_columns(void)
{
	return columns;
}

static volatile uint8_t *line_at(unsigned y)
{
	return (volatile uint8_t *)(uintptr_t)screen.address + (uint64_t)y * screen.pitch;
}

static void dot_put(volatile uint8_t *at, uint32_t value)
{
	if (screen.depth == 32) {
		*(volatile uint32_t *)at = value;
		return;
	}
	for (unsigned i = 0; i < screen.depth / 8u; i++)
		at[i] = (uint8_t)(value >> 8 * i);
}

/* One line of dots of one character, as many times as the scale says. */
static void dots_put(unsigned y, unsigned x, uint8_t dots, uint32_t value)
{
	unsigned bytes = screen.depth / 8u;

	for (unsigned line = 0; line < scale_y; line++) {
		volatile uint8_t *at = line_at(y + line) + (uint64_t)x * bytes;

		for (unsigned i = 0; i < FONT_COLUMNS * scale_x; i++) {
			bool set = dots >> (FONT_COLUMNS - 1 - i / scale_x) & 1;

			dot_put(at, set ? value : 0);
			at += bytes;
		}
	}
}

static void glyph_put(unsigned row, unsigned column, enum screen_colour colour, uint8_t c)
{
	static const uint8_t blank[FONT_LINES];
	const uint8_t *glyph = c < FONT_FIRST || c > FONT_LAST ? blank :
			       font_glyphs[c - FONT_FIRST];

	for (unsigned i = 0; i < FONT_LINES; i++)
		dots_put((row * FONT_LINES + i) * scale_y, column * FONT_COLUMNS * scale_x,
			 i < FONT_ROWS ? glyph[i] : 0, pixel[colour]);
}

static void text_put(unsigned row, unsigned column, enum screen_colour colour, uint8_t c)
{
	static const uint8_t attribute[SCREEN_COLOURS] = {
		[SCREEN_PLAIN] = EGA_PLAIN, [SCREEN_BRIGHT] = EGA_BRIGHT,
		[SCREEN_GOOD] = EGA_GOOD, [SCREEN_BAD] = EGA_BAD,
	};
	volatile uint8_t *at = line_at(row) + (uint64_t)column * TEXT_CELL;

	at[0] = c < FONT_FIRST || c > FONT_LAST ? ' ' : c;
	at[1] = attribute[colour];
}

static void put(unsigned row, unsigned column, enum screen_colour colour, uint8_t c)
{
	if (screen.text)
		text_put(row, column, colour, c);
	else
		glyph_put(row, column, colour, c);
}

void screen_put(unsigned row, unsigned column, enum screen_colour colour,
		const char *text)
{
	for (; row < rows && column < columns && *text; text++)
		put(row, column++, colour, (uint8_t)*text);
}

void screen_clear_from(unsigned row, unsigned column)
{
	for (; row < rows && column < columns; column++)
		put(row, column, SCREEN_PLAIN, ' ');
}

void screen_clear(void)
{
	if (!rows)
		return;
	if (!screen.text) {
		uint64_t words = screen_bytes(&screen) / sizeof(uint64_t);
		volatile uint64_t *at = (volatile uint64_t *)(uintptr_t)screen.address;

		while (words--)
			*at++ = 0;
		return;
	}
	for (unsigned row = 0; row < rows; row++)
		screen_clear_from(row, 0);
}

#define SAID_ROWS	8u	/* at the bottom */
static unsigned said_row, said_column;

static void said_next(void)
{
	said_row = (said_row + 1) % SAID_ROWS;
	said_column = 0;
	screen_clear_from(rows - SAID_ROWS + said_row, 0);
}

void screen_say(const char *text)
{
	if (rows < SAID_ROWS)
		return;
	for (; *text; text++) {
		if (*text == '\n' || said_column == columns)
			said_next();
		if (*text != '\n')
			put(rows - SAID_ROWS + said_row, said_column++, SCREEN_BAD,
			    (uint8_t)*text);
	}
}

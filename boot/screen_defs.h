/*
 * Numbers of the screen: EGA text, its cursor, and the colours used.
 */
#ifndef BOOT_SCREEN_DEFS_H
#define BOOT_SCREEN_DEFS_H

#define SCREEN_WIDE	80u	/* characters that a screen has at least, where it can */
#define SCREEN_HIGH	25u
#define SCREEN_MAX	16384u	/* pixels; more is taken for damage */

#define TEXT_CELL	2u	/* bytes: a character and its attribute */
#define EGA_PLAIN	0x07	/* light grey on black */
#define EGA_BRIGHT	0x0f
#define EGA_GOOD	0x0a
#define EGA_BAD		0x0c

/* The CRT controller. IBM "Enhanced Graphics Adapter" "CRT Controller Registers". */
#define VGA_INDEX		0x3d4
#define VGA_CURSOR_START	0x0a
#define VGA_CURSOR_OFF		0x20	/* VGA: bit 5 */

#define RGB_PLAIN	0xb8b8b8u
#define RGB_BRIGHT	0xffffffu
#define RGB_GOOD	0x66dd66u
#define RGB_BAD		0xff7766u

#endif

/*
 * The disc for real machines: which guests it has, what its menu says, how it is made.
 * Knows GRUB and the words of docs/metal.md; runs nothing.
 */
#ifndef COMPARE_DISC_H
#define COMPARE_DISC_H

#include "compare/guests.h"
#include "compare/util.h"

/* The guests that a disc has when none is named; NULL ends. */
extern const char *const disc_guests[];

/* What a menu entry says of one guest: the module lines for it and its own modules. */
void disc_guest_lines(struct buf *menu, const struct guest *guest, const char *sha256);

/* Where a guest's image and its modules are on the disc; to be freed. */
char *disc_file(const struct guest *guest);

/*
 * The guest's name where it must be one short word: other bytes are `_`. As
 * the record stream of the disc has it, too. To be freed.
 */
char *disc_name(const struct guest *guest);

#endif

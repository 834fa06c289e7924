/*
 * Packets of the gdb remote protocol on a line of bytes: "$data#checksum", acknowledged
 * by '+' or '-'. Knows no command. Whatever the line brings, nothing overruns.
 * Debugging with GDB, "Remote Serial Protocol: Overview".
 */
#ifndef CORE_GDB_PACKET_H
#define CORE_GDB_PACKET_H

#include "mmu/bits.h"

#define PACKET_DATA	4096	/* bytes at most, either way: told to the client */
#define PACKET_STOP	3	/* the byte that Ctrl-C sends, outside packets */

enum packet_event {
	PACKET_NOTHING,		/* go on feeding */
	PACKET_WHOLE,		/* in->data is a command, terminated */
	PACKET_BAD,		/* the checksum is wrong: to be sent again */
	PACKET_LONG,		/* whole, but more than PACKET_DATA bytes */
	PACKET_NAK,		/* the last answer is to be sent again */
	PACKET_BREAK,		/* Ctrl-C */
};

struct packet_in {
	uint8_t		state, sum, told;
	bool		overlong;
	unsigned	size;
	char		data[PACKET_DATA + 1];
};

enum packet_event packet_feed(struct packet_in *in, uint8_t byte);

/* An answer under way. What does not fit is left out, and `full` says so. */
struct packet_out {
	unsigned	size;
	bool		full;
	char		data[PACKET_DATA + 1];
};

void packet_begin(struct packet_out *out);
void packet_text(struct packet_out *out, const char *text);
void packet_hex(struct packet_out *out, const void *bytes, unsigned size);
/* As addresses are written in stop replies: no leading zeros. */
void packet_number(struct packet_out *out, uint64_t value);

uint8_t packet_sum(const char *data, unsigned size);
char packet_digit(unsigned value);

/* At *text a hexadecimal number of 64 bits at most: past it, or false. */
bool packet_take(const char **text, uint64_t *value) MUST_CHECK;
/* The same for exactly `size` bytes of two digits each. */
bool packet_bytes(const char **text, uint8_t *bytes, unsigned size) MUST_CHECK;

#endif

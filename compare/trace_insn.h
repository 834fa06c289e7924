/*
 * One instruction's bytes as text. Knows the disassembler, nothing of traces.
 */
#ifndef COMPARE_TRACE_INSN_H
#define COMPARE_TRACE_INSN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { INSN_TEXT = 128, INSN_BYTES = 15 };

/* Where code runs: real mode, long mode, or what is between them. */
enum insn_mode { INSN_REAL, INSN_LEGACY, INSN_LONG };

/*
 * Intel's syntax; branches and addresses relative to RIP as the address they lead to.
 * `bits` of code: 16, 32 or 64. How many of the bytes are the instruction; 0 and an
 * empty text: they are none, or not all of it.
 */
size_t insn_text(enum insn_mode mode, unsigned bits, uint64_t rip,
		 const uint8_t *bytes, size_t size, char text[INSN_TEXT]);

#endif

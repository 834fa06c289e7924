/*
 * Holds page.css and page.js, put in by the assembler, and their hashes. Must not
 * know what is in them.
 */
#include <stdlib.h>
#include <string.h>

#include "compare/page_style.h"
#include "compare/sha256.h"

#define EMBED(name, file) \
	__asm__(".pushsection .rodata\n" \
		".global " name "\n" name ":\n" \
		".incbin \"" file "\"\n.byte 0\n" \
		".popsection\n")

EMBED("page_css", "compare/page.css");
EMBED("page_js", "compare/page.js");

enum { HEXADECIMAL = 16, OCTETS = 3, SEXTETS = 4, SEXTET_BITS = 6 };

/* Base 64 of what is given in hexadecimal digits ("Base 64 Encoding" of RFC 4648). */
static void base64_add(struct buf *out, const char *digits)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "abcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t octets = strlen(digits) / 2;

	for (size_t at = 0; at < octets; at += OCTETS) {
		unsigned group = 0;

		for (size_t i = at; i < at + OCTETS; i++) {
			char pair[] = { i < octets ? digits[2 * i] : '0',
					i < octets ? digits[2 * i + 1] : '0', 0 };

			group = group << 8 |
				(unsigned)strtoul(pair, NULL, HEXADECIMAL);
		}
		for (size_t i = 0; i < SEXTETS; i++) {
			size_t shift = SEXTET_BITS * (SEXTETS - 1 - i);

			buf_add(out, at + i <= octets ?
				&letters[group >> shift & 63] : "=", 1);
		}
	}
}

static void source_add(struct buf *out, const char *directive, const char *text)
{
	char sum[SHA256_TEXT];

	sha256_text(text, strlen(text), sum);
	buf_fmt(out, "; %s 'sha256-", directive);
	base64_add(out, sum);
	buf_fmt(out, "'");
}

void page_policy(struct buf *out)
{
	buf_fmt(out, "default-src 'none'; base-uri 'none'; form-action 'none'; "
		"img-src data:");
	source_add(out, "style-src", page_css);
	source_add(out, "script-src", page_js);
}

/*
 * SHA-256 as FIPS 180-4 section 6.2 describes it, for naming guests and
 * outputs in reports. Must not know where the bytes come from.
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "compare/sha256.h"
#include "compare/sha256_defs.h"

static uint32_t rotate(uint32_t x, int n)
{
	return x >> n | x << (32 - n);
}

static uint32_t big_endian_load(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	       (uint32_t)p[2] << 8 | p[3];
}

static void schedule(uint32_t w[SHA256_ROUNDS], const uint8_t *block)
{
	for (int t = 0; t < 16; t++)
		w[t] = big_endian_load(block + 4 * t);
	for (int t = 16; t < SHA256_ROUNDS; t++) {
		uint32_t a = w[t - 15], b = w[t - 2];

		w[t] = w[t - 16] + w[t - 7] +
		       (rotate(a, 7) ^ rotate(a, 18) ^ a >> 3) +
		       (rotate(b, 17) ^ rotate(b, 19) ^ b >> 10);
	}
}

static void block_add(uint32_t h[SHA256_WORDS], const uint8_t *block)
{
	uint32_t w[SHA256_ROUNDS], s[SHA256_WORDS];

	schedule(w, block);
	memcpy(s, h, sizeof(s));
	for (int t = 0; t < SHA256_ROUNDS; t++) {
		uint32_t a = s[0], e = s[4];
		uint32_t choose = (e & s[5]) ^ (~e & s[6]);
		uint32_t majority = (a & s[1]) ^ (a & s[2]) ^ (s[1] & s[2]);
		uint32_t t1 = s[7] + choose + sha256_k[t] + w[t] +
			(rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25));
		uint32_t t2 = majority +
			(rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22));

		memmove(s + 1, s, 7 * sizeof(*s));
		s[4] += t1;
		s[0] = t1 + t2;
	}
	for (int i = 0; i < SHA256_WORDS; i++)
		h[i] += s[i];
}

void sha256_text(const void *data, size_t size, char out[SHA256_TEXT])
{
	const uint8_t *p = data;
	uint8_t tail[2 * SHA256_BLOCK] = { 0 };
	uint32_t h[SHA256_WORDS];
	size_t left = size, blocks;

	memcpy(h, sha256_start, sizeof(h));
	for (; left >= SHA256_BLOCK; left -= SHA256_BLOCK, p += SHA256_BLOCK)
		block_add(h, p);
	if (left)
		memcpy(tail, p, left);
	tail[left] = SHA256_PAD;
	blocks = left + 1 + SHA256_LENGTH > SHA256_BLOCK ? 2 : 1;
	for (int i = 0; i < SHA256_LENGTH; i++)
		tail[blocks * SHA256_BLOCK - 1 - (size_t)i] =
			(uint8_t)((uint64_t)size * 8 >> (8 * i));
	for (size_t b = 0; b < blocks; b++)
		block_add(h, tail + b * SHA256_BLOCK);
	for (int i = 0; i < SHA256_WORDS; i++)
		snprintf(out + 8 * i, 9, "%08x", h[i]);
}

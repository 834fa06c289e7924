/*
 * The four functions that gcc and the core expect of a C library. Each moves
 * eight bytes at a time: on emulators a string instruction costs by its count.
 */
#include <string.h>

#include <stdint.h>

#define WORD	sizeof(uint64_t)
#define BYTE_IN_EACH	(UINT64_MAX / UINT8_MAX)

/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name): the host's header */
void *memcpy(void *restrict to, const void *restrict from, size_t size)
{
	void *at = to;
	size_t words = size / WORD, bytes = size % WORD;

	__asm__ volatile("rep movsq" : "+D"(at), "+S"(from), "+c"(words)
			 : : "memory");
	__asm__ volatile("rep movsb" : "+D"(at), "+S"(from), "+c"(bytes)
			 : : "memory");
	return to;
}

void *memmove(void *to, const void *from, size_t size)
{
	uint8_t *at = (uint8_t *)to + size - 1;
	const uint8_t *source = (const uint8_t *)from + size - 1;

	/* Unsigned: also true when `to` lies below `from`. */
	if ((uintptr_t)to - (uintptr_t)from >= size)
		return memcpy(to, from, size);
	__asm__ volatile("std; rep movsb; cld"
			 : "+D"(at), "+S"(source), "+c"(size) : : "memory");
	return to;
}

void *memset(void *to, int value, size_t size)
{
	void *at = to;
	size_t words = size / WORD, bytes = size % WORD;
	uint64_t pattern = (uint8_t)value * BYTE_IN_EACH;

	__asm__ volatile("rep stosq" : "+D"(at), "+c"(words) : "a"(pattern)
			 : "memory");
	__asm__ volatile("rep stosb" : "+D"(at), "+c"(bytes) : "a"(pattern)
			 : "memory");
	return to;
}

int memcmp(const void *one, const void *other, size_t size)
{
	const uint8_t *a = one, *b = other;

	for (size_t i = 0; i < size; i++) {
		if (a[i] != b[i])
			return a[i] < b[i] ? -1 : 1;
	}
	return 0;
}
/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */

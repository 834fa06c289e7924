/* The identity map that a guest with paging off runs on unawares; no vendor. */
#include "mmu/hidden.h"

#include "mmu/format.h"

#define ENTRY_SHIFT	22

void hidden_fill(uint32_t *directory, gpa_t hole, bool supervisor)
{
	const uint32_t flags = PTE_P | PTE_W | PTE_A | PTE_D | PTE_PS;
	uint32_t at = (uint32_t)(hole.v >> ENTRY_SHIFT);

	for (uint32_t i = 0; i < HIDDEN_ENTRIES; i++)
		directory[i] = i << ENTRY_SHIFT | flags | PTE_U;
	directory[at] = supervisor ? at << ENTRY_SHIFT | flags : 0;
}

/*
 * The stand-ins for paging and a task that a guest without them runs on unawares,
 * built; no vendor, no register.
 */
#include "mmu/hidden.h"

#include <string.h>

#include "mmu/format.h"

#define ENTRY_SHIFT	22

/* The frames of a task state, in a row. */
#define TASK_DIRECTORY	0u
#define TASK_TABLE	1u
#define TASK_TSS	2u
#define TASK_FRAMES	(TASK_TSS + TSS_FRAMES)

/* Index of an address in its PAE page directory and page table. SDM 3A "PAE Paging" 4.4. */
#define PAE_PDE		BITS(29, 21)
#define PAE_PTE		BITS(20, 12)
_Static_assert(HIDDEN_TSS >= 3 * SIZE_1G && HIDDEN_TSS < SIZE_4G, "the fourth GiB");
_Static_assert(FIELD_GET(PAE_PDE, HIDDEN_TSS) ==
	       FIELD_GET(PAE_PDE, HIDDEN_TSS + TSS_LIMIT), "one page table");
_Static_assert(TSS_LIMIT < TSS_FRAMES * PAGE_SIZE, "all of the TSS");

void hidden_fill(uint32_t *directory, gpa_t hole, bool supervisor)
{
	const uint32_t flags = PTE_P | PTE_W | PTE_A | PTE_D | PTE_PS;
	uint32_t at = (uint32_t)(hole.v >> ENTRY_SHIFT);

	for (uint32_t i = 0; i < HIDDEN_ENTRIES; i++)
		directory[i] = i << ENTRY_SHIFT | flags | PTE_U;
	directory[at] = supervisor ? at << ENTRY_SHIFT | flags : 0;
}

void hidden_tss_fill(uint8_t *tss)
{
	const uint16_t io_base = TSS_SIZE + TSS_REDIRECTION;

	memcpy(tss + TSS_IO_BASE_AT, &io_base, sizeof(io_base));
	tss[TSS_LIMIT] = UINT8_MAX;	/* ends the bitmap, as the manual demands */
}

enum hv_err hidden_task_make(struct frame_pool *pool, hpa_t *directory)
{
	const uint64_t upper = PTE_P | PTE_W | PTE_A;
	uint64_t *pde, *pte;
	enum hv_err err;
	hpa_t first;

	err = frame_alloc_run(pool, TASK_FRAMES, &first);
	if (err != HV_OK)
		return err;
	pde = hpa_ptr(hpa(first.v + TASK_DIRECTORY * PAGE_SIZE));
	pte = hpa_ptr(hpa(first.v + TASK_TABLE * PAGE_SIZE));
	pde[FIELD_GET(PAE_PDE, HIDDEN_TSS)] = hpa_of(pte).v | upper;
	pte += FIELD_GET(PAE_PTE, HIDDEN_TSS);
	for (unsigned i = 0; i < TSS_FRAMES; i++)
		pte[i] = (first.v + (TASK_TSS + i) * PAGE_SIZE) | upper | PTE_D;
	hidden_tss_fill(hpa_ptr(hpa(first.v + TASK_TSS * PAGE_SIZE)));
	*directory = hpa_of(pde);
	return HV_OK;
}

void hidden_task_free(struct frame_pool *pool, hpa_t directory)
{
	for (unsigned i = 0; i < TASK_FRAMES; i++)
		frame_free(pool, hpa(directory.v + i * PAGE_SIZE));
}

/* The EPT tables that have the stand-ins for paging and a task, built; no register is touched. */
#include "vmx/hidden.h"

static enum hv_err map(struct vmx_hidden *hidden, struct vm *vm)
{
	enum hv_err err = HV_OK;

	for (unsigned i = 0; err == HV_OK && i < vm->mem.slots; i++) {
		const struct guest_mem_slot *s = &vm->mem.slot[i];

		err = ptab_map(&hidden->nested, s->base.v, s->host, s->size,
			       PROT_R | PROT_X | (s->rom ? 0 : PROT_W));
	}
	if (err == HV_OK)
		err = ptab_map(&hidden->nested, HIDDEN_BASE, hidden->frames,
			       HIDDEN_FRAMES * PAGE_SIZE, PROT_R | PROT_W);
	return err;
}

enum hv_err vmx_hidden_init(struct vmx_hidden *hidden, struct vm *vm)
{
	struct frame_pool *pool = vm->cpu->pool;
	enum hv_err err;
	uint8_t *page;

	err = frame_alloc_run(pool, HIDDEN_FRAMES, &hidden->frames);
	if (err != HV_OK)
		return err;
	page = hpa_ptr(hidden->frames);
	hidden_fill((uint32_t *)page, gpa(HIDDEN_BASE), false);
	hidden_fill((uint32_t *)(page + PAGE_SIZE), gpa(HIDDEN_BASE), true);
	hidden_tss_fill(page + (HIDDEN_TSS - HIDDEN_BASE));
	err = ptab_init(&hidden->nested, vm->nested.format, pool,
			vm->nested.largest, true);
	if (err != HV_OK)
		goto free_frames;
	err = map(hidden, vm);
	if (err == HV_OK)
		return HV_OK;
	ptab_fini(&hidden->nested);
free_frames:
	for (unsigned i = 0; i < HIDDEN_FRAMES; i++)
		frame_free(pool, hpa(hidden->frames.v + i * PAGE_SIZE));
	return err;
}

void vmx_hidden_fini(struct vmx_hidden *hidden, struct frame_pool *pool)
{
	ptab_fini(&hidden->nested);
	for (unsigned i = 0; i < HIDDEN_FRAMES; i++)
		frame_free(pool, hpa(hidden->frames.v + i * PAGE_SIZE));
}

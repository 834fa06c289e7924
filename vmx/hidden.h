/*
 * EPT tables that show the CPU the stand-ins of mmu/hidden.h, for as long as the
 * guest has no paging of its own: its other EPT tables do not have them.
 */
#ifndef VMX_HIDDEN_H
#define VMX_HIDDEN_H

#include "core/vm.h"
#include "mmu/hidden.h"

/* From HIDDEN_BASE on: two maps and the task state. */
#define HIDDEN_FRAMES	(2u + TSS_FRAMES)

struct vmx_hidden {
	struct ptab	nested;		/* EPT with the hidden frames */
	hpa_t		frames;		/* HIDDEN_FRAMES in a row */
};

enum hv_err vmx_hidden_init(struct vmx_hidden *hidden, struct vm *vm) MUST_CHECK;
void vmx_hidden_fini(struct vmx_hidden *hidden, struct frame_pool *pool);

#endif

/*
 * What stands in for paging and a task while the guest has neither: identity
 * maps, a TSS for virtual-8086 mode, and EPT tables that show them to the CPU.
 */
#ifndef VMX_HIDDEN_H
#define VMX_HIDDEN_H

#include "core/vm.h"

/*
 * Where it is in guest-physical memory. The map leaves these 4 MiB out, and the
 * EPT tables of a guest with paging on do not have them: no guest can get there.
 * Above all RAM (at most 3 GiB), below all ROM (the last 16 MiB).
 */
#define HIDDEN_BASE	UINT64_C(0xfb000000)
#define HIDDEN_MAP	HIDDEN_BASE
#define HIDDEN_MAP_VM86	(HIDDEN_BASE + PAGE_SIZE)
#define HIDDEN_TSS	(HIDDEN_BASE + 2 * PAGE_SIZE)

/* SDM 3A "Task-State Segment (TSS)" 7.2.1; "I/O Permission Bit Map" SDM 1 19.5.2. */
#define TSS_IO_BASE_AT	102u	/* 16 bits: where the I/O bitmap starts */
#define TSS_SIZE	104u
#define TSS_REDIRECTION	32u	/* bytes, right below the I/O bitmap */
#define TSS_IO_BITMAP	8192u
#define TSS_LIMIT	(TSS_SIZE + TSS_REDIRECTION + TSS_IO_BITMAP)	/* and the byte of ones */
#define TSS_FRAMES	3u
#define HIDDEN_FRAMES	(2u + TSS_FRAMES)

struct vmx_hidden {
	struct ptab	nested;		/* EPT with the hidden frames */
	hpa_t		frames;		/* HIDDEN_FRAMES in a row */
};

enum hv_err vmx_hidden_init(struct vmx_hidden *hidden, struct vm *vm) MUST_CHECK;
void vmx_hidden_fini(struct vmx_hidden *hidden, struct frame_pool *pool);

#endif

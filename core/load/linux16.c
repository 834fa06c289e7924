/*
 * Linux kernel images by their 16-bit entry: the real-mode set-up code is put where the
 * boot protocol wants it, with a heap, a stack, and what stands for a BIOS. Does not know
 * what the kernel makes of it. "The Linux/x86 Boot Protocol", "Running the Kernel".
 */
#include "core/load/bios.h"
#include "core/load/linux.h"

/* The segment: set-up code, then zeros for its bss, the heap and the stack. */
static enum hv_err place_setup(struct loading *l, const struct linux_image *k)
{
	if (k->setup_size > LINUX_HEAP_END - LINUX_HEAP_BELOW)
		return load_fail(l, HV_TOO_LARGE,
				 "setup_sects: 0x%lx bytes leave no room for heap and stack",
				 k->setup_size);
	return load_place(l, "setup_sects", LINUX_REAL, 0, k->setup_size,
			  LINUX_HEAP_END);
}

enum hv_err load_linux16(struct loading *l)
{
	struct linux_image k = {
		.cmdline = LINUX_CMDLINE, .cmdline_end = LOW_EBDA,
	};
	uint64_t written;
	enum hv_err err;

	err = linux_open(l, &k);
	if (err == HV_OK)
		err = place_setup(l, &k);
	if (err == HV_OK)
		err = linux_place(l, &k);
	if (err != HV_OK)
		return err;
	k.h.type_of_loader = LINUX_LOADER_UNDEFINED;
	k.h.loadflags |= LINUX_CAN_USE_HEAP;
	k.h.heap_end_ptr = LINUX_HEAP_END - LINUX_HEAP_BELOW;
	/* Nothing past cmd_line_ptr is a loader's; an old header may end there. */
	written = offsetof(struct linux_header, initrd_addr_max);
	load_write(l, LINUX_REAL + LINUX_HEADER_AT, &k.h, written);
	load_bios(l);
	l->out->cs = LINUX_SEGMENT + LINUX_ENTRY_SEGMENTS;
	l->out->ds = LINUX_SEGMENT;
	l->out->sp = LINUX_HEAP_END;
	return HV_OK;
}

/*
 * What the loaders of Linux kernels share, whichever entry they take. Private to core/load.
 */
#ifndef CORE_LOAD_LINUX_H
#define CORE_LOAD_LINUX_H

#include "core/load/image.h"
#include "core/load/linux_defs.h"

/* The header as it will lie in guest memory; fields newer than its version mean nothing. */
struct linux_image {
	struct linux_header	h;
	uint64_t		setup_size;	/* of the real-mode part, in the image */
	uint64_t		code_end;	/* of what the kernel takes, in memory */
	uint64_t		cmdline, cmdline_end;	/* where its command line may lie */
};

/* The header, checked against the image and RAM; ->cmdline.. are the caller's. */
enum hv_err linux_open(struct loading *l, struct linux_image *k) MUST_CHECK;

/* Protected-mode code to 1 MiB, the first module as high as may be, the command line. */
enum hv_err linux_place(struct loading *l, struct linux_image *k) MUST_CHECK;

/* The last two of them, for a kernel that is in place. */
enum hv_err linux_place_rest(struct loading *l, struct linux_image *k) MUST_CHECK;

/*
 * The zero page at LINUX_PARAMS with the first `header_size` bytes of the header from
 * `header`, then what k->h holds of what a loader fills in.
 */
void linux_put_params(struct loading *l, const struct linux_image *k,
		      const void *header, uint64_t header_size);

/* Start at `entry` with RSI at the zero page: flat 32-bit code. */
void linux_start32(struct loading *l, uint32_t entry);

/* The same in 64-bit code, on an identity map of 4 GiB. */
enum hv_err linux_start64(struct loading *l, uint64_t entry) MUST_CHECK;

#endif

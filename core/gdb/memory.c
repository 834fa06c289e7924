/*
 * The guest's memory as its user sees it: by linear address, past the guest's rights,
 * without a trace in its tables. Must not know the protocol.
 */
#include <string.h>

#include "core/assist.h"
#include "core/control.h"
#include "core/gdb/gdb.h"

/* Where a linear address leads by the guest's tables, whoever asks. */
static bool translate(const struct vm *vm, uint64_t linear, gpa_t *at)
{
	struct walk_mode mode = control_walk_mode(vm);
	struct walk w;

	if (!(mode.efer & EFER_LMA) && linear >> 32)
		return false;
	/* An open page is as good as a closed one here. */
	mode.cr4 &= ~(CR4_SMEP | CR4_SMAP | CR4_PKE | CR4_PKS);
	if (walk(&mode, &vm->mem, gva(linear), ACCESS_READ | ACCESS_NO_AD, &w) != WALK_OK)
		return false;
	*at = w.gpa;
	return true;
}

/* As many of `size` bytes as lie in the page of `linear`. */
static unsigned in_page(uint64_t linear, unsigned size)
{
	uint64_t left = PAGE_SIZE - (linear & PAGE_MASK);

	return size < left ? size : (unsigned)left;
}

unsigned gdb_memory_read(const struct vm *vm, uint64_t linear, uint8_t *bytes,
			 unsigned size)
{
	unsigned done = 0;

	while (done < size) {
		unsigned chunk = in_page(linear + done, size - done);
		const void *from;
		gpa_t at;

		if (!translate(vm, linear + done, &at))
			break;
		from = guest_mem_ptr(&vm->mem, at, chunk, false);
		if (!from)
			break;
		memcpy(bytes + done, from, chunk);
		done += chunk;
	}
	return done;
}

unsigned gdb_memory_write(struct vm *vm, uint64_t linear, const uint8_t *bytes,
			  unsigned size)
{
	unsigned done = 0;

	while (done < size) {
		unsigned chunk = in_page(linear + done, size - done);
		void *to;
		gpa_t at;

		if (!translate(vm, linear + done, &at))
			break;
		to = guest_mem_ptr(&vm->mem, at, chunk, true);
		if (!to)
			break;
		/* It may be one of the guest's tables that ours are made from. */
		assist_written(vm, at, chunk);
		memcpy(to, bytes + done, chunk);
		done += chunk;
	}
	return done;
}

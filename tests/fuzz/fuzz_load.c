/*
 * libFuzzer over load_guest(): the first byte chooses the kind and the modules,
 * the rest is the image. A crash or a sanitizer's report is the only failure.
 */
#include <sanitizer/asan_interface.h>
#include <stdlib.h>
#include <string.h>

#include "core/load/load.h"

#define RAM_SIZE	(UINT64_C(2) << 20)
#define MODULES_SHIFT	4

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t *ram;
	struct load_request request = { .command_line = "fuzz" };
	struct guest_mem mem = { .slots = 1 };
	struct load_result result;
	struct vcpu vcpu;
	uint8_t *image;

	if (!size)
		return 0;
	if (!ram)
		ram = aligned_alloc(PAGE_SIZE, RAM_SIZE);
	/* A block of its own, poisoned past the image: one byte too many is seen. */
	image = aligned_alloc(PAGE_SIZE, align_up(size, PAGE_SIZE));
	if (!ram || !image)
		abort();
	memcpy(image, data + 1, size - 1);
	ASAN_POISON_MEMORY_REGION(image + size - 1,
				  align_up(size, PAGE_SIZE) - (size - 1));
	mem.slot[0] = (struct guest_mem_slot){
		.size = RAM_SIZE, .host = hpa_of(ram),
	};
	request.image = (struct load_blob){ image, size - 1, NULL };
	request.kind = data[0] % GUEST_KINDS;
	request.modules = data[0] >> MODULES_SHIFT;
	for (unsigned i = 0; i < LOAD_MODULES; i++)
		request.module[i] = request.image;
	if (load_guest(&request, &mem, &result) == HV_OK)
		load_start(&result, 0, &vcpu);
	else if (!result.error[0])
		abort();
	free(image);
	return 0;
}

/*
 * Firmware images: a ROM that ends at 4 GiB, with its last part below 1 MiB as well,
 * entered at the reset vector. The image itself becomes guest memory.
 */
#include "core/load/image.h"

#include <string.h>

/* A ROM's size, and a jump where the CPU starts. SDM 3A "First Instruction Executed" 9.1.4. */
bool firmware_shaped(const struct load_blob *image)
{
	uint8_t opcode;

	if (!image->size || image->size % FIRMWARE_UNIT ||
	    image->size > FIRMWARE_MAX)
		return false;
	opcode = image->data[image->size - RESET_VECTOR_OFFSET];
	return opcode == OPCODE_JMP_REL16 || opcode == OPCODE_JMP_FAR ||
	       opcode == OPCODE_JMP_REL8;
}

static enum hv_err check_firmware(struct loading *l)
{
	const struct load_blob *image = &l->request->image;

	if (image->size % FIRMWARE_UNIT || image->size > FIRMWARE_MAX)
		return load_fail(l, HV_BAD_IMAGE,
				 "firmware: %lu bytes, must be a multiple of 64 KiB, at most 16 MiB",
				 image->size);
	if ((uintptr_t)image->data & PAGE_MASK)
		return load_fail(l, HV_BAD_ARGUMENT,
				 "firmware: not at a page boundary in host memory");
	if (l->ram > SIZE_4G - image->size)
		return load_fail(l, HV_TOO_LARGE,
				 "firmware: guest RAM of 0x%lx reaches into the ROM",
				 l->ram);
	return HV_OK;
}

/*
 * Below 1 MiB there is RAM with the ROM's content, as a chipset has it once firmware has
 * copied itself: firmware writes its variables there, with or without asking a bridge.
 */
enum hv_err load_firmware(struct loading *l)
{
	const struct load_blob *image = &l->request->image;
	uint8_t *ram = hpa_ptr(l->mem->slot[0].host);
	uint64_t shadow = image->size < FIRMWARE_SHADOW_MAX ? image->size :
							      FIRMWARE_SHADOW_MAX;
	enum hv_err err = check_firmware(l);

	if (err != HV_OK)
		return err;
	memcpy(ram + LOW_1M - shadow, image->data + image->size - shadow, shadow);
	l->mem->slot[l->mem->slots++] = (struct guest_mem_slot){
		.base = gpa(SIZE_4G - image->size), .size = image->size,
		.host = hpa_of(image->data), .rom = true,
	};
	l->out->reset_vector = true;
	l->out->cs = RESET_CS;
	l->out->ip = RESET_IP;
	return HV_OK;
}

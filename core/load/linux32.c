/*
 * Linux kernel images by their 32-bit and 64-bit entries: the set-up code stays away, its
 * header goes into the zero page. "The Linux/x86 Boot Protocol", "32-bit Boot
 * Protocol", "64-bit Boot Protocol".
 */
#include "core/load/linux.h"
#include "core/load/linux_params_defs.h"

static enum hv_err load_with_params(struct loading *l, struct linux_image *k)
{
	/* "The end of setup header can be calculated": the jump leads over it. */
	const uint64_t size = LINUX_JUMP_END + k->h.jump_by - LINUX_HEADER_AT;
	enum hv_err err;

	if (size > LINUX_HEADER_ROOM)
		return load_fail(l, HV_BAD_IMAGE,
				 "jump: the header ends at 0x%lx, past its room in the zero page",
				 LINUX_HEADER_AT + size);
	if (LINUX_HEADER_AT + size > l->request->image.size)
		return load_fail(l, HV_BAD_IMAGE,
				 "jump: the header ends past the image");
	k->cmdline = LINUX_PARAMS_CMDLINE;
	k->cmdline_end = LINUX_TABLES;
	err = linux_place(l, k);
	if (err == HV_OK)
		linux_put_params(l, k, l->request->image.data + LINUX_HEADER_AT,
				 size);
	return err;
}

enum hv_err load_linux32(struct loading *l)
{
	struct linux_image k = { .setup_size = 0 };
	enum hv_err err = linux_open(l, &k);

	if (err == HV_OK)
		err = load_with_params(l, &k);
	if (err == HV_OK)
		linux_start32(l, LINUX_CODE32);
	return err;
}

static enum hv_err check_entry64(struct loading *l, const struct linux_image *k)
{
	const uint64_t rest = l->request->image.size - k->setup_size;

	if (k->h.version < LINUX_XLOADFLAGS)
		return load_fail(l, HV_BAD_IMAGE,
				 "version: 0x%x, a 64-bit entry comes with 2.12",
				 k->h.version);
	if (!(k->h.xloadflags & LINUX_KERNEL_64))
		return load_fail(l, HV_BAD_IMAGE,
				 "xloadflags: 0x%x, this kernel has no 64-bit entry",
				 k->h.xloadflags);
	if (rest <= LINUX_ENTRY64)
		return load_fail(l, HV_BAD_IMAGE,
				 "syssize: 0x%lx bytes of code end before the 64-bit entry",
				 rest);
	return HV_OK;
}

enum hv_err load_linux64(struct loading *l)
{
	struct linux_image k = { .setup_size = 0 };
	enum hv_err err = linux_open(l, &k);

	if (err == HV_OK)
		err = check_entry64(l, &k);
	if (err == HV_OK)
		err = load_with_params(l, &k);
	return err == HV_OK ? linux_start64(l, LINUX_CODE32 + LINUX_ENTRY64) :
			      err;
}

/*
 * Linux kernels as ELF images, not packed: entered as their own unpacker enters them,
 * with a zero page whose header the loader makes up. Told from any other ELF kernel by
 * nothing. "The Linux/x86 Boot Protocol".
 */
#include "core/load/elf.h"
#include "core/load/linux.h"
#include "core/load/linux_params_defs.h"

static struct linux_image told(const struct loading *l)
{
	return (struct linux_image){
		.h = {
			.boot_flag = LINUX_BOOT_FLAG, .header = LINUX_MAGIC,
			.version = LINUX_VMLINUX_VERSION,
			.loadflags = LINUX_LOADED_HIGH,
			.initrd_addr_max = LINUX_VMLINUX_INITRD,
			.cmdline_size = LINUX_VMLINUX_CMDLINE,
		},
		.code_end = l->end,
		.cmdline = LINUX_PARAMS_CMDLINE, .cmdline_end = LINUX_TABLES,
	};
}

enum hv_err load_vmlinux(struct loading *l)
{
	struct linux_image k;
	struct elf elf = { 0 };
	uint32_t entry = 0;
	enum hv_err err = elf_open(l, &elf);

	if (err == HV_OK)
		err = elf_place(l, &elf, LOW_1M);
	if (err == HV_OK)
		err = elf_entry(l, &elf, &entry);
	if (err != HV_OK)
		return err;
	k = told(l);
	err = linux_place_rest(l, &k);
	if (err != HV_OK)
		return err;
	linux_put_params(l, &k, &k.h, sizeof(k.h));
	if (elf.wide)
		return linux_start64(l, entry);
	linux_start32(l, entry);
	return HV_OK;
}

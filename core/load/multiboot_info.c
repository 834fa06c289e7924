/*
 * What a multiboot 1 image is told: memory, command line, modules, memory map.
 * Knows nothing of the image. Multiboot Specification 0.6.96, "Boot
 * information format" 3.3.
 */
#include <string.h>

#include "core/load/image.h"
#include "core/load/multiboot_defs.h"

#define KIB_SHIFT	10
#define LOADER_NAME	"Diptych"

/* Low memory handed out upwards from LOADER_INFO to LOADER_END. */
struct low {
	struct loading	*l;
	uint64_t	next;
};

/* Zero when it does not fit. */
static uint32_t low_put(struct low *low, const void *data, uint64_t size)
{
	uint64_t at = align_up(low->next, sizeof(uint64_t));

	if (size > LOADER_END - at)
		return 0;
	load_write(low->l, at, data, size);
	low->next = at + size;
	return (uint32_t)at;
}

static enum hv_err put_string(struct low *low, const char *what,
			      const char *text, uint32_t *at)
{
	uint64_t size = 0;

	if (!text)
		text = "";
	/* Never looks further than what could fit. */
	while (size < LOADER_END && text[size])
		size++;
	*at = low_put(low, text, size + 1);
	if (!*at)
		return load_fail(low->l, HV_TOO_LARGE,
				 "%s: too long for the loader's memory", what);
	return HV_OK;
}

static struct multiboot_range range(uint64_t base, uint64_t end, uint32_t type)
{
	const uint64_t length = end - base;

	return (struct multiboot_range){
		.size = sizeof(struct multiboot_range) - sizeof(uint32_t),
		.base = { (uint32_t)base, (uint32_t)(base >> 32) },
		.length = { (uint32_t)length, (uint32_t)(length >> 32) },
		.type = type,
	};
}

static enum hv_err put_map(struct low *low, struct multiboot_info *info)
{
	const struct multiboot_range map[] = {
		range(0, LOW_EBDA, MULTIBOOT_USABLE),
		range(LOW_EBDA, LOW_RAM_END, MULTIBOOT_RESERVED),
		range(LOW_BIOS, LOW_1M, MULTIBOOT_RESERVED),
		range(LOW_1M, low->l->ram, MULTIBOOT_USABLE),
	};

	info->map_size = sizeof(map);
	info->map_at = low_put(low, map, sizeof(map));
	if (!info->map_at)
		return load_fail(low->l, HV_TOO_LARGE,
				 "memory map: no room in the loader's memory");
	return HV_OK;
}

/* One module at the next page above all that is loaded. */
static enum hv_err put_module(struct low *low, unsigned index,
			      struct multiboot_module *module)
{
	struct loading *l = low->l;
	const struct load_blob *blob = &l->request->module[index];
	uint64_t at;
	enum hv_err err = load_module(l, index, &at);

	if (err != HV_OK)
		return err;
	*module = (struct multiboot_module){
		.start = (uint32_t)at, .end = (uint32_t)l->end,
	};
	return put_string(low, "module's command line", blob->command_line,
			  &module->string);
}

static enum hv_err put_modules(struct low *low, struct multiboot_info *info)
{
	struct multiboot_module module[LOAD_MODULES];
	const unsigned modules = low->l->request->modules;

	if (!modules)
		return HV_OK;
	for (unsigned i = 0; i < modules; i++) {
		enum hv_err err = put_module(low, i, &module[i]);

		if (err != HV_OK)
			return err;
	}
	info->flags |= MBI_MODULES;
	info->modules = modules;
	info->modules_at = low_put(low, module, modules * sizeof(module[0]));
	if (!info->modules_at)
		return load_fail(low->l, HV_TOO_LARGE,
				 "modules: no room in the loader's memory");
	return HV_OK;
}

enum hv_err load_multiboot_info(struct loading *l, uint32_t *at)
{
	struct multiboot_info info = {
		.flags = MBI_MEMORY | MBI_COMMAND_LINE | MBI_MEMORY_MAP |
			 MBI_LOADER_NAME,
		.mem_lower = LOW_KIB,
		.mem_upper = (uint32_t)((l->ram - LOW_1M) >> KIB_SHIFT),
	};
	/* The information comes first, at a known place; it is written last. */
	struct low low = { l, LOADER_INFO + sizeof(info) };
	enum hv_err err;

	err = put_string(&low, "boot loader name", LOADER_NAME,
			 &info.loader_name);
	if (err == HV_OK)
		err = put_map(&low, &info);
	if (err == HV_OK)
		err = put_modules(&low, &info);
	if (err == HV_OK)
		err = put_string(&low, "command line", l->request->command_line,
				 &info.command_line);
	if (err != HV_OK)
		return err;
	load_write(l, LOADER_INFO, &info, sizeof(info));
	*at = LOADER_INFO;
	return HV_OK;
}

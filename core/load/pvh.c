/*
 * PVH kernels: an ELF image whose note tells a 32-bit entry, and the start information
 * that it finds by EBX. Knows no kernel. Xen "x86/HVM direct boot ABI".
 */
#include "core/load/pvh.h"

#include "core/load/pvh_defs.h"

/* All the kernel is told but for its strings, which follow it up to LOADER_END. */
struct told {
	struct pvh_start_info	info;
	struct pvh_range	map[LOAD_RANGES];
	struct pvh_module	module[LOAD_MODULES];
};

static enum hv_err put_string(struct loading *l, const char *what,
			      const char *text, uint64_t *next, uint64_t *at)
{
	const uint64_t room = LOADER_END - *next;
	uint64_t size = 0;

	if (!text)
		text = "";
	while (size < room && text[size])
		size++;
	if (size == room)
		return load_fail(l, HV_TOO_LARGE,
				 "%s: too long for the loader's memory", what);
	load_write(l, *next, text, size);
	load_write(l, *next + size, "", 1);
	*at = *next;
	*next += size + 1;
	return HV_OK;
}

static void tell_map(const struct loading *l, struct told *told)
{
	struct load_range map[LOAD_RANGES];

	load_memory_map(l, map);
	for (unsigned i = 0; i < LOAD_RANGES; i++)
		told->map[i] = (struct pvh_range){
			.base = map[i].base, .size = map[i].end - map[i].base,
			.type = map[i].usable ? PVH_RAM : PVH_RESERVED,
		};
	told->info.map_at = LOADER_INFO + offsetof(struct told, map);
	told->info.map_entries = LOAD_RANGES;
}

static enum hv_err tell_modules(struct loading *l, struct told *told,
				uint64_t *next)
{
	const struct load_request *request = l->request;
	enum hv_err err = HV_OK;

	for (unsigned i = 0; err == HV_OK && i < request->modules; i++) {
		struct pvh_module *module = &told->module[i];

		module->size = request->module[i].size;
		err = load_module(l, i, &module->at);
		if (err == HV_OK)
			err = put_string(l, "module's command line",
					 request->module[i].command_line, next,
					 &module->command_line);
	}
	told->info.modules = request->modules;
	if (request->modules)
		told->info.modules_at = LOADER_INFO +
					offsetof(struct told, module);
	return err;
}

static enum hv_err put_start_info(struct loading *l)
{
	struct told told = {
		.info = { .magic = PVH_MAGIC, .version = PVH_VERSION },
	};
	uint64_t next = LOADER_INFO + sizeof(told);
	enum hv_err err;

	tell_map(l, &told);
	err = tell_modules(l, &told, &next);
	if (err == HV_OK)
		err = put_string(l, "command line", l->request->command_line,
				 &next, &told.info.command_line);
	if (err == HV_OK)
		load_write(l, LOADER_INFO, &told, sizeof(told));
	return err;
}

enum hv_err load_pvh(struct loading *l)
{
	struct elf elf = { 0 };
	uint64_t entry = 0;
	uint32_t physical;
	enum hv_err err = elf_open(l, &elf);

	if (err == HV_OK)
		err = pvh_entry(l, &elf, &entry);
	if (err == HV_OK)
		err = elf_place(l, &elf, LOADER_END);
	if (err != HV_OK)
		return err;
	/* The note's address is physical: what a virtual one would lead to is no answer. */
	if (!elf_physical(l, &elf, entry, &physical) || physical != entry)
		return load_fail(l, HV_BAD_IMAGE,
				 "PHYS32_ENTRY: 0x%lx is in no loaded segment",
				 entry);
	err = put_start_info(l);
	if (err != HV_OK)
		return err;
	load_flat_start(l, physical);
	l->out->ebx = LOADER_INFO;
	return HV_OK;
}

/*
 * What a multiboot 2 image is told: a run of tags, each with its size. Knows nothing
 * of the image. Multiboot2 Specification 2.0, "Boot information format" 3.6.
 */
#include <string.h>

#include "core/load/image.h"
#include "core/load/multiboot2.h"

#define KIB_SHIFT	10
#define LOADER_NAME	"Diptych"

/* The information grows from LOADER_INFO towards LOADER_END. */
struct told {
	struct loading	*l;
	uint64_t	next;
};

/* One tag: head, fixed part, then a variable part; the next one is 8-aligned. */
static enum hv_err put_tag(struct told *told, uint32_t type, const char *what,
			   const void *fixed, uint64_t fixed_size,
			   const void *rest, uint64_t rest_size)
{
	const uint64_t at = align_up(told->next, MULTIBOOT2_ALIGN);
	const uint64_t size = sizeof(struct multiboot2_tag) + fixed_size +
			      rest_size;
	const struct multiboot2_tag tag = { type, (uint32_t)size };

	if (at > LOADER_END || size > LOADER_END - at)
		return load_fail(told->l, HV_TOO_LARGE,
				 "%s: too long for the loader's memory", what);
	load_write(told->l, at, &tag, sizeof(tag));
	if (fixed_size)
		load_write(told->l, at + sizeof(tag), fixed, fixed_size);
	if (rest_size)
		load_write(told->l, at + sizeof(tag) + fixed_size, rest,
			   rest_size);
	told->next = at + size;
	return HV_OK;
}

/* Its terminator included; never looks further than what could fit. */
static uint64_t string_size(const char *text)
{
	uint64_t size = 0;

	while (size < LOADER_END && text[size])
		size++;
	return size + 1;
}

static enum hv_err put_string(struct told *told, uint32_t type,
			      const char *what, const char *text)
{
	if (!text)
		text = "";
	return put_tag(told, type, what, NULL, 0, text, string_size(text));
}

static enum hv_err put_modules(struct told *told)
{
	struct loading *l = told->l;

	for (unsigned i = 0; i < l->request->modules; i++) {
		const char *text = l->request->module[i].command_line;
		struct multiboot2_module module;
		uint64_t at;
		enum hv_err err = load_module(l, i, &at);

		if (err != HV_OK)
			return err;
		if (!text)
			text = "";
		module.start = (uint32_t)at;
		module.end = (uint32_t)l->end;
		err = put_tag(told, MULTIBOOT2_MODULE, "module's command line",
			      &module, sizeof(module), text,
			      string_size(text));
		if (err != HV_OK)
			return err;
	}
	return HV_OK;
}

static enum hv_err put_memory(struct told *told)
{
	const struct multiboot2_basic_memory basic = {
		.lower = LOW_KIB,
		.upper = (uint32_t)((told->l->ram - LOW_1M) >> KIB_SHIFT),
	};
	struct multiboot2_range ranges[LOAD_RANGES] = { { .reserved = 0 } };
	struct load_range memory[LOAD_RANGES];
	const struct multiboot2_map map = { .entry_size = sizeof(ranges[0]) };
	enum hv_err err;

	load_memory_map(told->l, memory);
	for (unsigned i = 0; i < LOAD_RANGES; i++) {
		ranges[i].base = memory[i].base;
		ranges[i].length = memory[i].end - memory[i].base;
		ranges[i].type = memory[i].usable ? MULTIBOOT2_USABLE :
						    MULTIBOOT2_RESERVED;
	}
	err = put_tag(told, MULTIBOOT2_BASIC_MEMORY, "basic memory", &basic,
		      sizeof(basic), NULL, 0);
	if (err == HV_OK)
		err = put_tag(told, MULTIBOOT2_MEMORY_MAP, "memory map", &map,
			      sizeof(map), ranges, sizeof(ranges));
	return err;
}

enum hv_err load_multiboot2_info(struct loading *l, const uint32_t *load_base)
{
	struct multiboot2_info head = { .reserved = 0 };
	struct told told = { l, LOADER_INFO + sizeof(head) };
	enum hv_err err;

	err = put_string(&told, MULTIBOOT2_LOADER_NAME, "boot loader name",
			 LOADER_NAME);
	if (err == HV_OK)
		err = put_string(&told, MULTIBOOT2_COMMAND_LINE, "command line",
				 l->request->command_line);
	if (err == HV_OK)
		err = put_memory(&told);
	if (err == HV_OK && load_base)
		err = put_tag(&told, MULTIBOOT2_LOAD_BASE, "load base address",
			      load_base, sizeof(*load_base), NULL, 0);
	if (err == HV_OK)
		err = put_modules(&told);
	if (err == HV_OK)
		err = put_tag(&told, MULTIBOOT2_END, "end tag", NULL, 0, NULL, 0);
	if (err != HV_OK)
		return err;
	head.total_size = (uint32_t)(told.next - LOADER_INFO);
	load_write(l, LOADER_INFO, &head, sizeof(head));
	return HV_OK;
}

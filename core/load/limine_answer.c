/*
 * What a Limine kernel is told: the GDT and the responses, in memory it may reclaim.
 * "The Limine Boot Protocol", "Machine state at entry", "Feature List".
 */
#include <string.h>

#include "core/load/limine.h"
#include "core/text.h"

#define LOADER_NAME	"Diptych"
#define LOADER_VERSION	"1"
#define PATH_SIZE	16

/* The address by which the kernel sees it; 0 when it does not fit, which is kept in mind. */
static uint64_t put(struct limine *k, const void *data, uint64_t size)
{
	const uint64_t at = k->answers_next;

	if (size > k->end - at) {
		k->answers_next = k->end;
		k->full = true;
		return 0;
	}
	load_write(k->l, at, data, size);
	k->answers_next = align_up(at + size, LIMINE_ALIGN);
	return LIMINE_HHDM + at;
}

static uint64_t put_string(struct limine *k, const char *text)
{
	uint64_t size = 0;

	if (!text)
		text = "";
	/* Never looks further than what could fit. */
	while (size < LIMINE_ANSWERS && text[size])
		size++;
	return put(k, text, size + 1);
}

static uint64_t put_response(struct limine *k, uint64_t one, uint64_t two)
{
	const struct limine_response r = { .value = { one, two } };

	return put(k, &r, sizeof(r));
}

/* An array of pointers to `count` items of `size` bytes, one after the other at `items`. */
static uint64_t put_list(struct limine *k, uint64_t items, uint64_t size,
			 unsigned count)
{
	uint64_t list = LIMINE_HHDM + k->answers_next;

	for (unsigned i = 0; i < count; i++) {
		const uint64_t item = items + i * size;

		put(k, &item, sizeof(item));
	}
	return list;
}

/* Sorted, whole pages where memory is handed out, page 0 never. */
static uint64_t put_map(struct limine *k)
{
	const uint64_t low_end = align_down(LOW_EBDA, PAGE_SIZE);
	const uint64_t ends[] = {
		PAGE_SIZE, low_end, LOW_RAM_END, LOW_BIOS, LOW_1M,
		k->kernel_end, k->end, k->l->ram,
	};
	/* Below each end; -1: nothing at all. */
	static const int types[] = {
		LIMINE_RESERVED, LIMINE_USABLE, LIMINE_RESERVED, -1,
		LIMINE_RESERVED, LIMINE_KERNEL, LIMINE_RECLAIMABLE, LIMINE_USABLE,
	};
	struct limine_map_entry map[ARRAY_SIZE(ends)];
	uint64_t at = 0, entries;
	unsigned count = 0;

	_Static_assert(ARRAY_SIZE(types) == ARRAY_SIZE(ends), "one type for each");
	for (unsigned i = 0; i < ARRAY_SIZE(ends); i++) {
		if (types[i] >= 0 && ends[i] > at)
			map[count++] = (struct limine_map_entry){
				at, ends[i] - at, (uint64_t)types[i],
			};
		at = ends[i];
	}
	entries = put(k, map, count * sizeof(map[0]));
	return put_response(k, count, put_list(k, entries, sizeof(map[0]), count));
}

static uint64_t put_mp(struct limine *k)
{
	const struct limine_cpu cpu = { .processor = 0 };
	struct limine_mp mp = { .cpus = 1 };

	mp.list = put_list(k, put(k, &cpu, sizeof(cpu)), 0, 1);
	return put(k, &mp, sizeof(mp));
}

static struct limine_file file(struct limine *k, uint64_t at, uint64_t size,
			       const char *path, const char *command_line)
{
	return (struct limine_file){
		.address = LIMINE_HHDM + at, .size = size,
		.path = put_string(k, path),
		.command_line = put_string(k, command_line),
	};
}

static uint64_t put_image_file(struct limine *k)
{
	const struct load_request *r = k->l->request;
	const struct limine_file f = file(k, k->file, r->image.size, "/kernel",
					  r->command_line);

	return put_response(k, put(k, &f, sizeof(f)), 0);
}

static uint64_t put_modules(struct limine *k)
{
	const struct load_request *r = k->l->request;
	struct limine_file files[LOAD_MODULES];
	uint64_t items;

	if (!r->modules)
		return put_response(k, 0, 0);
	for (unsigned i = 0; i < r->modules; i++) {
		char path[PATH_SIZE];

		text_format(path, sizeof(path), "/module%u", i + 1);
		files[i] = file(k, k->module[i], r->module[i].size, path,
				r->module[i].command_line);
	}
	items = put(k, files, r->modules * sizeof(files[0]));
	return put_response(k, r->modules,
			    put_list(k, items, sizeof(files[0]), r->modules));
}

static uint64_t put_loader(struct limine *k)
{
	const uint64_t name = put_string(k, LOADER_NAME);

	return put_response(k, name, put_string(k, LOADER_VERSION));
}

static uint64_t put_feature(struct limine *k, enum limine_feature feature)
{
	switch (feature) {
	case FEATURE_BOOTLOADER:
		return put_loader(k);
	case FEATURE_FIRMWARE:
		return put_response(k, LIMINE_FIRMWARE_BIOS, 0);
	case FEATURE_HHDM:
		return put_response(k, LIMINE_HHDM, 0);
	case FEATURE_PAGING:
		return put_response(k, LIMINE_PAGING_4_LEVELS, 0);
	case FEATURE_MP:
		return put_mp(k);
	case FEATURE_MAP:
		return put_map(k);
	case FEATURE_FILE:
		return put_image_file(k);
	case FEATURE_MODULES:
		return put_modules(k);
	case FEATURE_ADDRESS:
		return put_response(k, k->physical, k->virtual);
	case FEATURE_COMMAND_LINE:
		return put_response(k, put_string(k, k->l->request->command_line),
				    0);
	default:	/* stack size, entry point: being answered is the answer */
		return put_response(k, 0, 0);
	}
}

static void put_gdt(struct limine *k)
{
	static const uint64_t gdt[] = {
		0, LIMINE_CODE16, LIMINE_DATA16, DESCRIPTOR_CODE32,
		DESCRIPTOR_DATA32, DESCRIPTOR_CODE64, DESCRIPTOR_DATA32,
	};

	k->l->out->gdt_base = put(k, gdt, sizeof(gdt));
	k->l->out->gdt_limit = sizeof(gdt) - 1;
	k->l->out->cs = LIMINE_CS;
	k->l->out->ds = LIMINE_DS;
}

enum hv_err limine_answer(struct limine *k)
{
	put_gdt(k);
	for (unsigned i = 0; i < LIMINE_FEATURES; i++) {
		uint64_t response;

		if (!k->request[i])
			continue;
		response = put_feature(k, i);
		load_write(k->l, k->request[i] +
				 offsetof(struct limine_request, response),
			   &response, sizeof(response));
	}
	if (k->full)
		return load_fail(k->l, HV_TOO_LARGE,
				 "responses: the command lines are longer than 0x%x bytes",
				 LIMINE_ANSWERS);
	return HV_OK;
}

/*
 * What the parts of the Limine loader share: one kernel under way. Private to
 * core/load; knows nothing of other kinds.
 */
#ifndef CORE_LOAD_LIMINE_H
#define CORE_LOAD_LIMINE_H

#include "core/load/elf.h"
#include "core/load/limine_defs.h"

enum limine_feature {
	FEATURE_BOOTLOADER, FEATURE_FIRMWARE, FEATURE_STACK, FEATURE_HHDM,
	FEATURE_PAGING, FEATURE_MP, FEATURE_MAP, FEATURE_ENTRY, FEATURE_FILE,
	FEATURE_MODULES, FEATURE_ADDRESS, FEATURE_COMMAND_LINE,
	LIMINE_FEATURES
};

struct limine {
	struct loading	*l;
	struct elf	elf;
	/* The image: `extent` whole pages from `virtual`, lying at `physical`. */
	uint64_t	virtual, physical, extent;
	unsigned	base_revision;
	/* Requests that are answered: where they are in memory; 0: not asked. */
	uint64_t	request[LIMINE_FEATURES];
	uint64_t	entry;		/* virtual */
	uint64_t	stack_size;
	/* Memory above the image, bottom to top; all page aligned. */
	uint64_t	file;		/* the copy of the image file */
	uint64_t	module[LOAD_MODULES];
	uint64_t	kernel_end;	/* of image, file and modules: reclaimable from here */
	uint64_t	stack, tables, answers, answers_next;
	uint64_t	end;		/* of what is reclaimable */
	bool		full;		/* the responses did not fit */
};

/* ELF segments into memory, contiguous as their virtual addresses are. */
enum hv_err limine_place(struct limine *k) MUST_CHECK;

/* Whether `address` is in a segment that may be executed. */
bool limine_executable(const struct limine *k, uint64_t address);

/* The segments' mappings, with their rights. */
enum hv_err limine_map_image(struct limine *k, struct load_tables *t) MUST_CHECK;

/* Markers, base revision tag and requests, in the placed image. */
enum hv_err limine_scan(struct limine *k) MUST_CHECK;

/* A copy of the request, as far as the image holds its own fields. */
struct limine_request limine_read(const struct limine *k,
				  enum limine_feature feature);

/* GDT and responses into k->answers; out's GDT. */
enum hv_err limine_answer(struct limine *k) MUST_CHECK;

#endif

/*
 * What a Limine kernel asks for: markers, base revision and requests, found by their
 * magic numbers. Does not know what is answered. "The Limine Boot Protocol",
 * "Features", "Requests Delimiters".
 */
#include <string.h>

#include "core/load/elf_defs.h"
#include "core/load/limine.h"

static const uint64_t request_magic[] = LIMINE_REQUEST_MAGIC;
static const uint64_t revision_magic[] = LIMINE_REVISION_MAGIC;
static const uint64_t start_marker[] = LIMINE_START_MARKER;
static const uint64_t end_marker[] = LIMINE_END_MARKER;

/* In the order of enum limine_feature. */
static const uint64_t ids[LIMINE_FEATURES][2] = {
	[FEATURE_BOOTLOADER]	= LIMINE_ID_BOOTLOADER,
	[FEATURE_FIRMWARE]	= LIMINE_ID_FIRMWARE,
	[FEATURE_STACK]		= LIMINE_ID_STACK,
	[FEATURE_HHDM]		= LIMINE_ID_HHDM,
	[FEATURE_PAGING]	= LIMINE_ID_PAGING,
	[FEATURE_MP]		= LIMINE_ID_MP,
	[FEATURE_MAP]		= LIMINE_ID_MAP,
	[FEATURE_ENTRY]		= LIMINE_ID_ENTRY,
	[FEATURE_FILE]		= LIMINE_ID_FILE,
	[FEATURE_MODULES]	= LIMINE_ID_MODULES,
	[FEATURE_ADDRESS]	= LIMINE_ID_ADDRESS,
	[FEATURE_COMMAND_LINE]	= LIMINE_ID_COMMAND_LINE,
};

/* Words that lie there, of `size` bytes up to `end`. */
struct words {
	const uint8_t	*data;
	uint64_t	end;
};

static bool is(const struct words *w, uint64_t at, const uint64_t *magic,
	       uint64_t size)
{
	return size <= w->end - at && !memcmp(w->data + at, magic, size);
}

bool limine_shaped(const struct load_blob *image)
{
	const struct words w = { image->data, image->size };

	if (!elf_shaped(image) || image->data[ELF_CLASS_AT] != ELF_CLASS64)
		return false;
	for (uint64_t at = 0; w.end - at >= LIMINE_ALIGN; at += LIMINE_ALIGN)
		if (is(&w, at, request_magic, sizeof(request_magic)) ||
		    is(&w, at, revision_magic, sizeof(revision_magic)))
			return true;
	return false;
}

/* From the last start marker to the first end marker; without one, to that side's end. */
static struct words delimit(const struct limine *k, uint64_t *from)
{
	struct words w = {
		guest_mem_ptr(k->l->mem, gpa(k->physical), k->extent, true),
		k->extent,
	};

	*from = 0;
	for (uint64_t at = 0; at < w.end; at += LIMINE_ALIGN) {
		if (is(&w, at, end_marker, sizeof(end_marker)))
			w.end = at;
		else if (is(&w, at, start_marker, sizeof(start_marker)))
			*from = at + sizeof(start_marker);
	}
	return w;
}

/*
 * The base revision tag. A revision that is not known yet is told by the tag left as
 * it is, and gets the newest that is.
 */
static enum hv_err read_revision(struct limine *k, const struct words *w,
				 uint64_t at)
{
	struct limine_revision_tag tag;

	if (sizeof(tag) > w->end - at)
		return load_fail(k->l, HV_BAD_IMAGE,
				 "base revision: cut short at 0x%lx",
				 k->virtual + at);
	memcpy(&tag, w->data + at, sizeof(tag));
	k->base_revision = LIMINE_BASE_REVISIONS - 1;
	if (tag.requested < LIMINE_BASE_REVISIONS) {
		k->base_revision = (unsigned)tag.requested;
		tag.requested = 0;
	}
	tag.loaded = k->base_revision;
	load_write(k->l, k->physical + at, &tag, sizeof(tag));
	return HV_OK;
}

static enum hv_err read_request(struct limine *k, const struct words *w,
				uint64_t at)
{
	const uint64_t id = at + sizeof(request_magic);

	for (unsigned i = 0; i < LIMINE_FEATURES; i++) {
		if (!is(w, id, ids[i], sizeof(ids[i])))
			continue;
		if (w->end - at < LIMINE_REQUEST_SIZE)
			return load_fail(k->l, HV_BAD_IMAGE,
					 "request: cut short at 0x%lx",
					 k->virtual + at);
		if (k->request[i])
			return load_fail(k->l, HV_BAD_IMAGE,
					 "request: the one at 0x%lx is there twice",
					 k->virtual + at);
		k->request[i] = k->physical + at;
	}
	return HV_OK;
}

enum hv_err limine_scan(struct limine *k)
{
	uint64_t from;
	const struct words w = delimit(k, &from);
	enum hv_err err = HV_OK;

	for (uint64_t at = from; err == HV_OK && at < w.end; at += LIMINE_ALIGN) {
		if (is(&w, at, request_magic, sizeof(request_magic)))
			err = read_request(k, &w, at);
		else if (is(&w, at, revision_magic, sizeof(revision_magic)))
			err = read_revision(k, &w, at);
	}
	return err;
}

struct limine_request limine_read(const struct limine *k,
				  enum limine_feature feature)
{
	const uint64_t at = k->request[feature];
	const uint64_t room = k->physical + k->extent - at;
	struct limine_request r = { .response = 0 };

	memcpy(&r, guest_mem_ptr(k->l->mem, gpa(at), LIMINE_REQUEST_SIZE, false),
	       room < sizeof(r) ? room : sizeof(r));
	return r;
}

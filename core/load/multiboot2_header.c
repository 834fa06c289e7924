/*
 * The multiboot 2 header: where it is, and what its tags ask for. Does not know how
 * that is done. Multiboot2 Specification 2.0, "OS image format" 3.1.
 */
#include <string.h>

#include "core/load/multiboot2.h"

bool multiboot2_find(const struct load_blob *image, uint64_t *offset)
{
	uint64_t size = image->size < MULTIBOOT2_SEARCH ? image->size :
							  MULTIBOOT2_SEARCH;
	struct multiboot2_header h;

	for (uint64_t at = 0; at + sizeof(h) <= size; at += MULTIBOOT2_ALIGN) {
		memcpy(&h, image->data + at, sizeof(h));
		if (h.magic == MULTIBOOT2_MAGIC &&
		    (uint32_t)(h.magic + h.architecture + h.header_length +
			       h.checksum) == 0) {
			*offset = at;
			return true;
		}
	}
	return false;
}

/* One tag of the header, and where it is. */
struct asked {
	struct multiboot2_header_tag	tag;
	const uint8_t			*data;	/* behind the head */
	uint64_t			size;	/* of that */
};

static bool optional(const struct asked *asked)
{
	return asked->tag.flags & MULTIBOOT2_OPTIONAL;
}

static enum hv_err refuse(struct loading *l, const struct asked *asked,
			  const char *what)
{
	if (optional(asked))
		return HV_OK;
	return load_fail(l, HV_BAD_IMAGE, "%s: required, but not to be had here",
			 what);
}

/* A tag's fixed part; longer ones come with later editions. */
static enum hv_err take(struct loading *l, const struct asked *asked,
			const char *what, void *to, uint64_t size)
{
	if (asked->size < size)
		return load_fail(l, HV_BAD_IMAGE, "%s: its size is 0x%x, not 0x%lx",
				 what, asked->tag.size,
				 size + sizeof(asked->tag));
	memcpy(to, asked->data, size);
	return HV_OK;
}

/*
 * A required request asks for support of a tag, not for its presence: what this
 * machine does not have is known, and never told. "Information request header tag" 3.1.4.
 */
static enum hv_err read_request(struct loading *l, const struct asked *asked)
{
	uint32_t type;

	if (asked->size % sizeof(type))
		return load_fail(l, HV_BAD_IMAGE,
				 "information request: its size 0x%x is no multiple of %zu",
				 asked->tag.size, sizeof(type));
	if (optional(asked))
		return HV_OK;
	for (uint64_t at = 0; at < asked->size; at += sizeof(type)) {
		memcpy(&type, asked->data + at, sizeof(type));
		if (type >= MULTIBOOT2_TAGS)
			return load_fail(l, HV_BAD_IMAGE,
					 "information request: type %u is not known",
					 type);
	}
	return HV_OK;
}

/* Nothing the information could tell of would be a console. */
static enum hv_err read_console(struct loading *l, const struct asked *asked)
{
	uint32_t flags = 0;
	enum hv_err err = take(l, asked, "console flags", &flags, sizeof(flags));

	if (err == HV_OK && flags & MULTIBOOT2_CONSOLE_REQUIRED)
		err = refuse(l, asked, "console flags");
	return err;
}

static enum hv_err read_tag(struct loading *l, const struct asked *asked,
			    struct multiboot2_wish *w)
{
	switch (asked->tag.type) {
	case MULTIBOOT2_INFORMATION_REQUEST:
		return read_request(l, asked);
	case MULTIBOOT2_ADDRESS:
		w->has_address = true;
		return take(l, asked, "address tag", &w->address,
			    sizeof(w->address));
	case MULTIBOOT2_ENTRY_ADDRESS:
		w->has_entry = true;
		return take(l, asked, "entry address tag", &w->entry,
			    sizeof(w->entry));
	case MULTIBOOT2_CONSOLE_FLAGS:
		return read_console(l, asked);
	case MULTIBOOT2_HEADER_FRAMEBUFFER:
		return refuse(l, asked, "framebuffer tag");
	case MULTIBOOT2_MODULE_ALIGNMENT:	/* always done */
	case MULTIBOOT2_EFI_32_ENTRY:		/* "Otherwise it is ignored" */
	case MULTIBOOT2_EFI_64_ENTRY:
		return HV_OK;
	case MULTIBOOT2_EFI_BOOT_SERVICES:
		return refuse(l, asked, "EFI boot services tag");
	case MULTIBOOT2_RELOCATABLE:
		w->has_relocatable = true;
		w->relocatable_optional = optional(asked);
		return take(l, asked, "relocatable header tag", &w->relocatable,
			    sizeof(w->relocatable));
	default:
		if (optional(asked))
			return HV_OK;
		return load_fail(l, HV_BAD_IMAGE,
				 "header tag: required type %u is not known",
				 asked->tag.type);
	}
}

/* `end`, the header's, lies inside the image. Every step is 8 bytes at least. */
static enum hv_err read_tags(struct loading *l, struct multiboot2_wish *wish,
			     uint64_t end)
{
	const uint8_t *data = l->request->image.data;
	uint64_t at = wish->offset + sizeof(struct multiboot2_header);

	while (at <= end && end - at >= sizeof(struct multiboot2_header_tag)) {
		struct asked asked;
		enum hv_err err;

		memcpy(&asked.tag, data + at, sizeof(asked.tag));
		if (asked.tag.size < sizeof(asked.tag) ||
		    asked.tag.size > end - at)
			return load_fail(l, HV_BAD_IMAGE,
					 "header tag: type %u has size 0x%x of 0x%lx bytes",
					 asked.tag.type, asked.tag.size, end - at);
		if (asked.tag.type == MULTIBOOT2_HEADER_END)
			return HV_OK;
		asked.data = data + at + sizeof(asked.tag);
		asked.size = asked.tag.size - sizeof(asked.tag);
		err = read_tag(l, &asked, wish);
		if (err != HV_OK)
			return err;
		at += align_up(asked.tag.size, MULTIBOOT2_ALIGN);
	}
	return load_fail(l, HV_BAD_IMAGE, "header_length: no end tag in it");
}

enum hv_err multiboot2_read_header(struct loading *l,
				   struct multiboot2_wish *wish)
{
	const struct load_blob *image = &l->request->image;
	struct multiboot2_header h;
	uint64_t size = image->size < MULTIBOOT2_SEARCH ? image->size :
							  MULTIBOOT2_SEARCH;

	if (!multiboot2_find(image, &wish->offset))
		return load_fail(l, HV_BAD_IMAGE,
				 "multiboot2: no valid header in the first %u bytes",
				 MULTIBOOT2_SEARCH);
	memcpy(&h, image->data + wish->offset, sizeof(h));
	if (h.architecture != MULTIBOOT2_I386)
		return load_fail(l, HV_BAD_IMAGE,
				 "architecture: %u is another CPU's",
				 h.architecture);
	if (h.header_length < sizeof(h) ||
	    h.header_length > size - wish->offset)
		return load_fail(l, HV_BAD_IMAGE,
				 "header_length: 0x%x is not between 0x%zx and 0x%lx",
				 h.header_length, sizeof(h), size - wish->offset);
	return read_tags(l, wish, wish->offset + h.header_length);
}

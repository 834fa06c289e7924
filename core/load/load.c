/* Loading a guest: which kind it is, and the steps all kinds share. */
#include "core/load/load.h"

#include <string.h>

#include "core/load/image.h"
#include "core/text.h"

enum hv_err load_fail(struct loading *l, enum hv_err err, const char *format, ...)
{
	va_list values;

	va_start(values, format);
	text_vformat(l->out->error, sizeof(l->out->error), format, values);
	va_end(values);
	return err;
}

enum hv_err load_place(struct loading *l, const char *field, uint64_t at,
		       uint64_t offset, uint64_t filesz, uint64_t memsz)
{
	const struct load_blob *image = &l->request->image;
	uint8_t *to;

	if (offset > image->size || filesz > image->size - offset)
		return load_fail(l, HV_BAD_IMAGE,
				 "%s: file bytes 0x%lx+0x%lx are past the image's end 0x%lx",
				 field, offset, filesz, image->size);
	if (memsz < filesz)
		return load_fail(l, HV_BAD_IMAGE,
				 "%s: memory size 0x%lx is below its file size 0x%lx",
				 field, memsz, filesz);
	if (!memsz)
		return HV_OK;
	/* A segment that wraps round is past the end too: no sum is formed. */
	to = guest_mem_ptr(l->mem, gpa(at), memsz, true);
	if (!to)
		return load_fail(l, HV_TOO_LARGE,
				 "%s: 0x%lx+0x%lx is outside guest RAM of 0x%lx",
				 field, at, memsz, l->ram);
	memcpy(to, image->data + offset, filesz);
	memset(to + filesz, 0, memsz - filesz);
	if (l->end < at + memsz)
		l->end = at + memsz;
	return HV_OK;
}

void load_write(struct loading *l, uint64_t at, const void *data, uint64_t size)
{
	memcpy(guest_mem_ptr(l->mem, gpa(at), size, true), data, size);
}

static void start_gdt(struct loading *l, uint64_t code)
{
	const uint64_t gdt[] = {
		[LOAD_CS / DESCRIPTOR_SIZE] = code,
		[LOAD_DS / DESCRIPTOR_SIZE] = DESCRIPTOR_DATA32,
	};

	_Static_assert(sizeof(gdt) == LOAD_GDT_LIMIT + 1, "GDT limit");
	load_write(l, LOADER_GDT, gdt, sizeof(gdt));
	l->out->gdt_base = LOADER_GDT;
	l->out->gdt_limit = LOAD_GDT_LIMIT;
	l->out->cs = LOAD_CS;
	l->out->ds = LOAD_DS;
}

void load_flat_start(struct loading *l, uint32_t entry)
{
	start_gdt(l, DESCRIPTOR_CODE32);
	l->out->mode = LOAD_PROTECTED;
	l->out->rip = entry;
}

void load_long_start(struct loading *l, uint64_t entry, uint64_t root)
{
	start_gdt(l, DESCRIPTOR_CODE64);
	l->out->mode = LOAD_LONG;
	l->out->rip = entry;
	l->out->cr0 = LONG_CR0;
	l->out->cr3 = root;
	l->out->cr4 = LONG_CR4;
	l->out->efer = LONG_EFER;
	l->out->pat = PAT_INIT;
}

/*
 * Real kernels read these two words although no BIOS ran; with zeros there a
 * trampoline is placed below address 0.
 */
static void write_bios_data(struct loading *l)
{
	const uint16_t ebda = LOW_EBDA >> 4;
	const uint16_t kib = LOW_KIB;

	load_write(l, BDA_EBDA_SEGMENT, &ebda, sizeof(ebda));
	load_write(l, BDA_MEMORY_KIB, &kib, sizeof(kib));
}

enum guest_kind load_detect(const struct load_blob *image)
{
	uint64_t offset;

	if (multiboot1_find(image, &offset))
		return GUEST_MULTIBOOT1;
	if (multiboot2_find(image, &offset))
		return GUEST_MULTIBOOT2;
	if (limine_shaped(image))
		return GUEST_LIMINE;
	if (pvh_shaped(image))
		return GUEST_PVH;
	/* Its first sector has a boot sector's signature too. */
	if (linux_shaped(image))
		return GUEST_LINUX16;
	if (elf_shaped(image))
		return GUEST_VMLINUX;
	if (boot_sector_signed(image) &&
	    image->size <= BOOT_SECTOR_END - BOOT_SECTOR_ADDRESS)
		return GUEST_BOOT_SECTOR;
	if (firmware_shaped(image))
		return GUEST_FIRMWARE;
	return GUEST_FLAT;
}

static enum hv_err check_request(struct loading *l)
{
	const struct guest_mem *mem = l->mem;

	if (!l->request->image.data || !l->request->image.size)
		return load_fail(l, HV_BAD_IMAGE, "guest image: empty");
	if (l->request->modules > LOAD_MODULES)
		return load_fail(l, HV_BAD_ARGUMENT,
				 "modules: %u given, at most %u are possible",
				 l->request->modules, LOAD_MODULES);
	if (mem->slots != 1 || mem->slot[0].base.v || mem->slot[0].rom ||
	    mem->slot[0].size <= LOW_1M || mem->slot[0].size >= SIZE_4G)
		return load_fail(l, HV_BAD_ARGUMENT,
				 "guest RAM: must be one slot from 0 to above 1 MiB and below 4 GiB");
	return HV_OK;
}

static enum hv_err load_kind(struct loading *l)
{
	switch (l->out->kind) {
	case GUEST_BOOT_SECTOR:
		return load_boot_sector(l);
	case GUEST_MULTIBOOT1:
		return load_multiboot1(l);
	case GUEST_FIRMWARE:
		return load_firmware(l);
	case GUEST_FLAT:
		return load_flat(l);
	case GUEST_LINUX16:
		return load_linux16(l);
	case GUEST_LINUX32:
		return load_linux32(l);
	case GUEST_LINUX64:
		return load_linux64(l);
	case GUEST_VMLINUX:
		return load_vmlinux(l);
	case GUEST_PVH:
		return load_pvh(l);
	case GUEST_MULTIBOOT2:
		return load_multiboot2(l);
	case GUEST_LIMINE:
		return load_limine(l);
	default:
		return load_fail(l, HV_BAD_ARGUMENT, "kind: %u is none",
				 (unsigned)l->out->kind);
	}
}

enum hv_err load_guest(const struct load_request *request, struct guest_mem *mem,
		       struct load_result *out)
{
	struct loading l = { .request = request, .mem = mem, .out = out };
	enum hv_err err;

	memset(out, 0, sizeof(*out));
	err = check_request(&l);
	if (err != HV_OK)
		return err;
	l.ram = mem->slot[0].size;
	out->kind = request->kind != GUEST_AUTO ? request->kind :
						  load_detect(&request->image);
	err = load_kind(&l);
	if (err == HV_OK && out->kind != GUEST_FIRMWARE)
		write_bios_data(&l);
	return err;
}

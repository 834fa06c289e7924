/*
 * The hypervisor's own address space: RAM one to one and never executable, the
 * image W^X, a hole under every stack and at address 0.
 */
#include "boot/paging.h"

#include "boot/cpuid_bits.h"
#include "boot/ioapic.h"
#include "boot/lapic.h"
#include "boot/layout.h"
#include "core/x86_insn.h"
#include "mmu/x86_defs.h"

#define LEVEL_2M	1
#define LEVEL_1G	2

static unsigned largest_level(void)
{
	bool page1g = x86_cpuid(CPUID_EXT_FEATURES, 0).edx &
		      CPUID_EXT_EDX_PAGE1G;

	return page1g ? LEVEL_1G : LEVEL_2M;
}

static enum hv_err map(struct ptab *pt, uint64_t base, uint64_t end,
		       unsigned prot)
{
	if (base >= end)
		return HV_OK;
	return ptab_map(pt, base, hpa(base), end - base, prot);
}

static enum hv_err map_device(struct ptab *pt, hpa_t page)
{
	return map(pt, page.v, page.v + PAGE_SIZE,
		   PROT_R | PROT_W | PROT_UNCACHED);
}

/* Where the screen cannot be mapped there is none: it is not worth stopping for. */
static void map_screen(struct ptab *pt, struct boot_info *info)
{
	uint64_t size = screen_bytes(&info->screen);
	uint64_t base = align_down(info->screen.address, PAGE_SIZE);
	uint64_t end = align_up(info->screen.address + size, PAGE_SIZE);

	if (!size || end < base || end > BIT(52) ||
	    map(pt, base, end, PROT_R | PROT_W | PROT_UNCACHED) != HV_OK)
		info->screen.width = 0;
}

/* All RAM but page 0 and the image; and the devices in memory that we use. */
static enum hv_err map_machine(struct ptab *pt, const struct boot_info *info)
{
	struct ranges ram = info->ram;
	hpa_t apic;
	enum hv_err err = HV_OK;

	ranges_remove(&ram, 0, PAGE_SIZE);
	ranges_remove(&ram, (uintptr_t)image_start, (uintptr_t)image_end);
	for (unsigned i = 0; i < ram.count && !err; i++)
		err = map(pt, ram.at[i].base, ram.at[i].end, PROT_R | PROT_W);
	if (!err && lapic_page(&apic))
		err = map_device(pt, apic);
	if (!err)
		err = map_device(pt, ioapic_page());
	return err;
}

static enum hv_err map_image(struct ptab *pt)
{
	/* Each stack's guard is the page below it. */
	const uint8_t *const guarded[] = {
		stack_main, stack_df, stack_nmi, stack_mc,
	};
	uint64_t text_end = (uintptr_t)image_text_end;
	uint64_t rodata_end = (uintptr_t)image_rodata_end;
	enum hv_err err;

	err = map(pt, (uintptr_t)image_text_start, text_end, PROT_R | PROT_X);
	if (!err)
		err = map(pt, text_end, rodata_end, PROT_R);
	if (!err)
		err = map(pt, rodata_end, (uintptr_t)image_end,
			  PROT_R | PROT_W);
	for (unsigned i = 0; i < ARRAY_SIZE(guarded) && !err; i++)
		err = ptab_protect(pt, (uintptr_t)guarded[i] - PAGE_SIZE,
				   PAGE_SIZE, 0);
	return err;
}

enum hv_err paging_init(struct ptab *pt, struct boot_info *info,
			struct frame_pool *pool)
{
	enum hv_err err;

	err = ptab_init(pt, &pt_format_4level, pool, LEVEL_2M, true);
	if (err)
		return err;
	/* The image first, in small pages: its parts need different rights. */
	pt->largest = 0;
	err = map_image(pt);
	pt->largest = largest_level();
	if (!err)
		err = map_machine(pt, info);
	if (err)
		return err;
	map_screen(pt, info);
	x86_write_cr3(pt->root.v);
	return HV_OK;
}

/*
 * Kernels of the Limine boot protocol: where everything goes, and the state at the
 * entry: 64-bit code, paging on, high addresses. "The Limine Boot Protocol".
 */
#include "core/load/elf_defs.h"
#include "core/load/limine.h"
#include "mmu/format.h"

/*
 * Pages of tables, whatever the image: root, identity (6), direct map (7), the image's
 * (one directory pointer table, 3 directories, 2 tables); and one each 2 MiB of image.
 */
#define TABLES		20u

/* What requests say before they are answered. */
static enum hv_err read_paging(struct limine *k)
{
	const struct limine_request r = limine_read(k, FEATURE_PAGING);

	if (r.revision && r.own[LIMINE_OWN_MIN_MODE] > LIMINE_PAGING_4_LEVELS)
		return load_fail(k->l, HV_BAD_IMAGE,
				 "min_mode: %lu, but there are 4 levels only",
				 r.own[LIMINE_OWN_MIN_MODE]);
	return HV_OK;
}

static enum hv_err read_stack(struct limine *k)
{
	const uint64_t size =
		limine_read(k, FEATURE_STACK).own[LIMINE_OWN_STACK_SIZE];

	if (size > k->l->ram)
		return load_fail(k->l, HV_TOO_LARGE,
				 "stack_size: 0x%lx is more than guest RAM of 0x%lx",
				 size, k->l->ram);
	if (size > k->stack_size)
		k->stack_size = align_up(size, PAGE_SIZE);
	return HV_OK;
}

static enum hv_err read_requests(struct limine *k)
{
	const char *field = "e_entry";
	enum hv_err err = HV_OK;

	k->entry = k->elf.entry;
	k->stack_size = LIMINE_STACK;
	if (k->request[FEATURE_ENTRY]) {
		k->entry = limine_read(k, FEATURE_ENTRY).own[LIMINE_OWN_ENTRY];
		field = "entry";
	}
	if (!limine_executable(k, k->entry))
		return load_fail(k->l, HV_BAD_IMAGE,
				 "%s: 0x%lx is in no executable segment", field,
				 k->entry);
	if (k->request[FEATURE_PAGING])
		err = read_paging(k);
	if (err == HV_OK && k->request[FEATURE_STACK])
		err = read_stack(k);
	return err;
}

static enum hv_err take(struct limine *k, const char *what, uint64_t size,
			uint64_t *at)
{
	if (k->end > k->l->ram || size > k->l->ram - k->end)
		return load_fail(k->l, HV_TOO_LARGE,
				 "%s: 0x%lx bytes do not fit into guest RAM above 0x%lx",
				 what, size, k->end);
	*at = k->end;
	k->end += size;
	return HV_OK;
}

/* The file, modules; then what can be reclaimed: stack, tables, responses. */
static enum hv_err lay_out(struct limine *k)
{
	struct loading *l = k->l;
	const uint64_t size = l->request->image.size;
	enum hv_err err = HV_OK;

	if (k->request[FEATURE_FILE]) {
		k->file = l->end;
		err = load_place(l, "kernel file", k->file, 0, size, size);
	}
	for (unsigned i = 0; err == HV_OK && i < l->request->modules; i++)
		err = load_module(l, i, &k->module[i]);
	if (err != HV_OK)
		return err;
	k->kernel_end = align_up(l->end, PAGE_SIZE);
	k->end = k->kernel_end;
	err = take(k, "stack", k->stack_size, &k->stack);
	if (err == HV_OK)
		err = take(k, "page tables",
			   (TABLES + k->extent / SIZE_2M) * PAGE_SIZE, &k->tables);
	if (err == HV_OK)
		err = take(k, "responses", LIMINE_ANSWERS, &k->answers);
	k->answers_next = k->answers;
	return err;
}

/* From revision 3 on only memory that the map hands out: "Entry memory layout". */
static enum hv_err map_direct(struct limine *k, struct load_tables *t)
{
	const uint64_t low_end = align_down(LOW_EBDA, PAGE_SIZE);
	enum hv_err err;

	if (k->base_revision < LIMINE_BASE_REVISIONS - 1)
		return load_tables_map(t, LIMINE_HHDM, 0, SIZE_4G, PTE_W);
	err = load_tables_map(t, LIMINE_HHDM + PAGE_SIZE, PAGE_SIZE,
			      low_end - PAGE_SIZE, PTE_W);
	if (err == HV_OK)
		err = load_tables_map(t, LIMINE_HHDM + LOW_1M, LOW_1M,
				      k->l->ram - LOW_1M, PTE_W);
	return err;
}

/*
 * The identity map is revision 0's; later ones leave the lower half open, and the
 * hand-over's last page needs it (load.h).
 */
static enum hv_err make_tables(struct limine *k, uint64_t *root)
{
	struct load_tables t;
	enum hv_err err = load_tables_init(&t, k->l, k->tables, k->answers);

	if (err == HV_OK)
		err = load_tables_map(&t, PAGE_SIZE, PAGE_SIZE,
				      SIZE_4G - PAGE_SIZE, PTE_W);
	if (err == HV_OK)
		err = map_direct(k, &t);
	if (err == HV_OK)
		err = limine_map_image(k, &t);
	*root = t.root;
	return err;
}

/* Entered as if called, from address 0. */
static void enter(struct limine *k, uint64_t root)
{
	static const uint64_t nowhere;
	const uint64_t sp = k->stack + k->stack_size - sizeof(nowhere);

	load_write(k->l, sp, &nowhere, sizeof(nowhere));
	load_long_start(k->l, k->entry, root);
	k->l->out->cr0 |= CR0_WP;
	k->l->out->efer |= EFER_NXE;
	k->l->out->pat = LIMINE_PAT;
	k->l->out->rsp = LIMINE_HHDM + sp;
}

enum hv_err load_limine(struct loading *l)
{
	struct limine k = { .l = l };
	uint64_t root = 0;
	enum hv_err err = elf_open(l, &k.elf);

	if (err == HV_OK && !k.elf.wide)
		err = load_fail(l, HV_BAD_IMAGE, "e_ident: class 32, not 64");
	if (err == HV_OK)
		err = limine_place(&k);
	if (err == HV_OK)
		err = limine_scan(&k);
	if (err == HV_OK)
		err = read_requests(&k);
	if (err == HV_OK)
		err = lay_out(&k);
	if (err == HV_OK)
		err = make_tables(&k, &root);
	if (err != HV_OK)
		return err;
	enter(&k, root);
	return limine_answer(&k);
}

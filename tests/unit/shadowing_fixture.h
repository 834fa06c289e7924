/*
 * A whole vm on a shadow rung around the fake backend, with tables of 4 KiB pages in
 * each paging mode. Knows no rule of the shadow's.
 *
 * As on both vendors the guest's control registers are software's own but for CR0.TS
 * and CR0.MP, and at no entry may the shadow still be asking for a flush.
 */
#ifndef TESTS_SHADOWING_FIXTURE_H
#define TESTS_SHADOWING_FIXTURE_H

#include "fake_world.h"

#include <sys/mman.h>

#include "core/assist.h"
#include "core/shadowing.h"
#include "mmu/shadow_page.h"

#define POOL_SIZE	0x400000ul

/* The first 2 or 4 MiB map themselves by TABLE_LOW; TEST_VA and on by TABLE_TEST. */
#define TABLE_LOW	0x4000u
#define TABLE_TEST	0x5000u
#define DATA		0x9000u
#define HANDLER		0x7800u
#define GDT		0xa000u
#define IDT		0xb000u
#define OUTSIDE		UINT64_C(0x8000000)	/* no memory there */
#define TEST_VA		0x400000u
#define TOUCHED		(PTE_P | PTE_W | PTE_U | PTE_A | PTE_D)
#define SECOND_TOP	0xc000u		/* a copy of the top table */

struct flushes { unsigned all, page; uint64_t last; };

struct rig {
	struct world		*w;
	struct frame_pool	pool;
	uint8_t			*pool_memory;
	struct flushes		flushes;
};

static inline struct rig *rig_of(const struct vcpu *v)
{
	return fake_of(v)->opaque;
}

/* What the hardware does not have it cannot give back: kept aside while it runs. */
static inline void rig_own(struct vcpu *to, const struct vcpu *from)
{
	to->cr0 = (from->cr0 & ~(CR0_TS | CR0_MP)) | (to->cr0 & (CR0_TS | CR0_MP));
	to->cr3 = from->cr3;
	to->cr4 = from->cr4;
	to->efer = from->efer;
	memcpy(to->pdpte, from->pdpte, sizeof(to->pdpte));
}

static inline void rig_vcpu_run(struct vcpu *v, struct exit *exit)
{
	const struct vcpu own = *v;

	assert_false(v->vm->shadow.flush);
	v->valid |= ST_ROOT;
	/* A CR3 loaded by the short road is in no group that is committed. */
	rig_own(&fake_of(v)->cpu, v);
	fake_run(v, exit);
	rig_own(v, &own);
}

static inline void rig_fetch(struct vcpu *v, uint32_t groups)
{
	rig_own(&fake_of(v)->cpu, v);
	fake_fetch(v, groups);
}

static inline void rig_flush(struct vcpu *v, const gva_t *page)
{
	struct rig *r = rig_of(v);

	fake_flush(v, page);
	if (page) {
		r->flushes.page++;
		r->flushes.last = page->v;
	} else {
		r->flushes.all++;
	}
}

static inline void rig_fninit(struct host_io *io)
{
	(void)io;
}

#define RIG_BACKEND(called) {						\
	.name = called, .nested_format = &pt_format_4level,		\
	.probe = fake_probe, .cpu_on = fake_cpu_on, .cpu_off = fake_cpu_off, \
	.vcpu_init = fake_init, .vcpu_fini = fake_fini,			\
	.vcpu_run = rig_vcpu_run, .state_fetch = rig_fetch,		\
	.tlb_flush = rig_flush, .entry_diagnose = fake_diagnose,	\
}

static const struct hv_backend rig_backend[] = {
	RIG_BACKEND("svm"), RIG_BACKEND("vmx"),
};

static inline void rig_caps(struct hv_caps *caps, bool vmx)
{
	*caps = (struct hv_caps){
		.tags = true, .pdptes = true, .nx = true, .masks = vmx,
		.next_rip = vmx, .paged_real = !vmx,
		.cr4_can = world_caps().cr4_can,
	};
	if (vmx) {
		caps->cr0_must = CR0_NE;
		caps->cr4_must = CR4_VMXE;
	}
}

static inline void rig_sync(struct rig *r, enum shadow_sync sync)
{
	struct vm *vm = &r->w->vm;

	if (vm->shadow.page)
		shadowing_fini(vm);
	assert_int_equal(r->pool.used, 0);
	frame_pool_init(&r->pool, hpa_of(r->pool_memory), POOL_SIZE);
	vm->options.sync = sync;
	assert_int_equal(shadowing_init(vm), HV_OK);
}

static inline struct rig *rig_make(bool vmx)
{
	struct rig *r = calloc(1, sizeof(*r));
	struct vm *vm;

	assert_non_null(r);
	r->w = world_make(world_seed);
	r->pool_memory = mmap(NULL, POOL_SIZE, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	assert_ptr_not_equal(r->pool_memory, MAP_FAILED);
	r->w->fake.opaque = r;
	r->w->cpu.pool = &r->pool;
	rig_caps(&r->w->cpu.caps, vmx);
	r->w->io.fninit = rig_fninit;
	vm = &r->w->vm;
	vm->rung = &rungs[vmx ? RUNG_VMX_SHADOW : RUNG_SVM_SHADOW];
	vm->backend = &rig_backend[vmx];
	rig_sync(r, SHADOW_UNSYNC);
	return r;
}

static inline void rig_free(struct rig *r)
{
	shadowing_fini(&r->w->vm);
	assert_int_equal(r->pool.used, 0);
	munmap(r->pool_memory, POOL_SIZE);
	world_free(r->w);
	free(r);
}

/* ---- the guest's tables ---- */

static inline bool wide(const struct rig *r)
{
	return r->w->vm.vcpu.cr4 & CR4_PAE;
}

static inline void put(struct rig *r, uint64_t at, uint64_t value, size_t size)
{
	memcpy(r->w->ram + at, &value, size);
}

static inline uint64_t get(const struct rig *r, uint64_t at, size_t size)
{
	uint64_t value = 0;

	memcpy(&value, r->w->ram + at, size);
	return value;
}

static inline unsigned entry_size(const struct rig *r)
{
	return wide(r) ? sizeof(uint64_t) : sizeof(uint32_t);
}

/* Where the entry of TEST_VA's n-th page lies. */
static inline uint64_t entry_at(const struct rig *r, unsigned n)
{
	return TABLE_TEST + n * entry_size(r);
}

/* As the guest does it: nobody is told. */
static inline void map(struct rig *r, unsigned n, uint64_t entry)
{
	put(r, entry_at(r, n), entry, entry_size(r));
}

static inline void put_leaves(struct rig *r)
{
	unsigned size = entry_size(r);

	for (unsigned i = 0; i < PAGE_SIZE / size; i++)
		put(r, TABLE_LOW + i * size, i * PAGE_SIZE | TOUCHED, size);
	map(r, 0, DATA | TOUCHED);
}

/* What both vendors' CPUs are entered with. */
static inline void rig_fits(struct rig *r)
{
	struct vcpu *v = &r->w->vm.vcpu;

	for (unsigned i = SEG_ES; i <= SEG_GS; i++)
		v->seg[i].sel = i == SEG_CS ? LOAD_CS : LOAD_DS;
	v->seg[SEG_TR] = (struct vcpu_seg){ 0, AR_TSS32_BUSY, 0x67, 0 };
}

static inline void rig_protected(struct rig *r)
{
	world_protected(r->w);
	r->w->vm.vcpu.cr4 = 0;
	r->w->vm.vcpu.efer = 0;
	rig_fits(r);
}

static inline void rig_32bit(struct rig *r)
{
	struct vcpu *v = &r->w->vm.vcpu;

	rig_protected(r);
	v->cr0 |= CR0_PG | CR0_WP;
	v->cr3 = WORLD_PML4;
	put(r, WORLD_PML4, TABLE_LOW | TOUCHED, 4);
	put(r, WORLD_PML4 + 4, TABLE_TEST | TOUCHED, 4);
	put_leaves(r);
	memcpy(r->w->ram + SECOND_TOP, r->w->ram + WORLD_PML4, PAGE_SIZE);
}

static inline void rig_pae(struct rig *r)
{
	struct vcpu *v = &r->w->vm.vcpu;

	rig_protected(r);
	v->cr0 |= CR0_PG | CR0_WP;
	v->cr4 = CR4_PAE;
	v->cr3 = WORLD_PDPT;
	put(r, WORLD_PDPT, WORLD_PD | PTE_P, 8);
	put(r, WORLD_PD, TABLE_LOW | TOUCHED, 8);
	put(r, WORLD_PD + 16, TABLE_TEST | TOUCHED, 8);
	put_leaves(r);
	v->pdpte[0] = WORLD_PD | PTE_P;
	memcpy(r->w->ram + SECOND_TOP, r->w->ram + WORLD_PDPT, PAGE_SIZE);
}

static inline void rig_long(struct rig *r)
{
	struct vcpu *v = &r->w->vm.vcpu;

	rig_pae(r);
	put(r, WORLD_PDPT, WORLD_PD | TOUCHED, 8);
	put(r, WORLD_PML4, WORLD_PDPT | TOUCHED, 8);
	v->cr3 = WORLD_PML4;
	v->efer = EFER_LME | EFER_LMA;
	world_segments(v, AR_L);
	rig_fits(r);
	memcpy(r->w->ram + SECOND_TOP, r->w->ram + WORLD_PML4, PAGE_SIZE);
}

/* Flat descriptors, and 32-bit interrupt gates for all 32 exceptions and vector 20h. */
static inline void rig_descriptors(struct rig *r)
{
	struct vcpu *v = &r->w->vm.vcpu;
	const uint64_t gate = UINT64_C(0x00008e0000000000) |
			      (uint64_t)LOAD_CS << 16 | HANDLER;

	put(r, GDT + LOAD_CS, UINT64_C(0x00cf9b000000ffff), 8);
	put(r, GDT + LOAD_DS, UINT64_C(0x00cf93000000ffff), 8);
	for (unsigned i = 0; i <= 0x20; i++)
		put(r, IDT + i * 8, gate, 8);
	v->gdtr = (struct vcpu_dtr){ GDT, 0x1f };
	v->idtr = (struct vcpu_dtr){ IDT, 0x7ff };
}

/* ---- the hardware's tables ---- */

/* The leaf that the CPU finds for an address under hw.cr3, or 0. */
static inline uint64_t leaf_of(const struct rig *r, uint64_t va)
{
	const struct vm *vm = &r->w->vm;
	unsigned level = vm->vcpu.efer & EFER_LMA ? 3 : 2;
	uint64_t table = vm->hw.cr3;

	for (;; level--) {
		const uint64_t *entries = hpa_ptr(hpa(table & PTE_ADDR));
		uint64_t entry = entries[va >> (12 + 9 * level) & 511];

		if (!(entry & PTE_P) || !level || (entry & PTE_PS))
			return entry & PTE_P ? entry : 0;
		table = entry;
	}
}

static inline uint64_t host_of(const struct rig *r, uint64_t gpa_at)
{
	return hpa_of(r->w->ram).v + gpa_at;
}

/* ---- exits ---- */

#define FAULT(va, code)	EXIT_EXCEPTION, .exception = {			\
	.kind = EVENT_EXCEPTION, .vector = VEC_PF, .has_error = true,	\
	.error = code, .cr2 = va }
#define ON_ITS_WAY(kind_, vector_, ...)	.vectoring = {			\
	.kind = kind_, .vector = vector_, __VA_ARGS__ }
/* Any instruction at all, carried out in software. */
#define EMULATED	EXIT_DR

/* One more exit of the same guest, at WORLD_CODE; what comes after is for the test to set. */
#define GOES_ON(r, ...) do {						\
	const struct fake_step step_ = STEP(__VA_ARGS__);		\
									\
	rig_goes_on(r, &step_);						\
} while (0)

static inline void rig_goes_on(struct rig *r, const struct fake_step *step)
{
	struct vcpu *v = &r->w->vm.vcpu;
	struct fake *f = &r->w->fake;

	f->entries = 0;
	r->flushes = (struct flushes){ 0 };
	r->w->vm.end = END_NOT;
	world_run(r->w, step, 1);
	/* The test edits what it likes. */
	vcpu_need(v, ST_ALL & ~ST_ROOT);
	vcpu_touch(v, ST_ALL & ~ST_ROOT);
	v->rip = WORLD_CODE;
}

static inline unsigned long count_of(const struct rig *r, enum exit_reason reason)
{
	return r->w->vm.tally.by_reason[reason];
}

/* The table of TEST_VA is in step, then written: the guest's own from there on. */
static inline void let_test_table_go(struct rig *r)
{
	GOES_ON(r, FAULT(TEST_VA, 0));
	GOES_ON(r, FAULT(TABLE_TEST, PFEC_W | PFEC_P));
	assert_int_not_equal(r->w->vm.shadow.unsynced, 0);
}

static inline int svm_setup(void **state)
{
	*state = rig_make(false);
	return 0;
}

static inline int vmx_setup(void **state)
{
	*state = rig_make(true);
	return 0;
}

static inline int rig_teardown(void **state)
{
	rig_free(*state);
	return 0;
}

#define SVM_TEST(name)	cmocka_unit_test_setup_teardown(name, svm_setup, rig_teardown)
#define VMX_TEST(name)	cmocka_unit_test_setup_teardown(name, vmx_setup, rig_teardown)
#define BOTH(name)	SVM_TEST(name), VMX_TEST(name)

#endif

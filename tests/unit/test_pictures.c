/*
 * Pictures of addresses in the record stream: asked for at the start or by the guest, how
 * many, and what is in one. Where they are made from is test_shadow_picture's.
 */
#include "hv_fixture.h"

#define PML4	0x10000u
#define PDPT	0x11000u
#define PD	0x12000u
#define PT	0x13000u
#define LINEAR	UINT64_C(0x8080604123)	/* entries 1, 2, 3, 4 */
#define RW	(PTE_P | PTE_W)

static uint8_t *guest_ram;

static void entry(uint64_t table, unsigned index, uint64_t value)
{
	memcpy(guest_ram + table + index * sizeof(value), &value, sizeof(value));
}

/* The guest builds tables and turns on 4-level paging; RBX, RAX for the hypercall. */
static void play_long(struct fake *fake)
{
	entry(PML4, 1, PDPT | RW);
	entry(PDPT, 2, PD | RW);
	entry(PD, 3, PT | RW);
	entry(PT, 4, SIZE_2M | PTE_P);
	fake->cpu.cr0 |= CR0_PE | CR0_PG;
	fake->cpu.cr3 = PML4;
	fake->cpu.cr4 |= CR4_PAE;
	fake->cpu.efer |= EFER_LME | EFER_LMA;
	fake->cpu.seg[SEG_CS].ar = AR_REAL_CODE | AR_L;
	fake->cpu.gpr[GPR_RAX] = 1;
	fake->cpu.gpr[GPR_RBX] = LINEAR;
}

/* 32-bit paging, one level deep, and upper halves that are nobody's business. */
static void play_narrow(struct fake *fake)
{
	uint32_t pde = SIZE_4M | RW | PTE_PS;

	memcpy(guest_ram + PD + 4 * 3, &pde, sizeof(pde));
	fake->cpu.cr0 |= CR0_PE | CR0_PG;
	fake->cpu.cr3 = PD;
	fake->cpu.cr4 |= CR4_PSE;
	fake->cpu.gpr[GPR_RAX] = UINT64_MAX << 32 | 1;
	fake->cpu.gpr[GPR_RBX] = UINT64_MAX << 32 | 3u << 22 | 0x345;
}

static void play_real(struct fake *fake)
{
	fake->cpu.gpr[GPR_RAX] = 1;
	fake->cpu.gpr[GPR_RBX] = 0x1234;
}

static void play_user(struct fake *fake)
{
	play_long(fake);
	fake->cpu.cpl = 3;
}

#define CALL(player)	{ .exit = { .reason = EXIT_HYPERCALL, .insn_len = 3 },	\
			  .play = player }

static void run(struct hv_bench *b, const struct fake_step *step, unsigned steps)
{
	guest_ram = hpa_ptr(b->start.guest_ram);
	b->fake.step = step;
	b->fake.steps = steps;
	assert_int_equal(hv_start(&b->start), HV_OK);
}

static void run_one(struct hv_bench *b, struct fake_step step)
{
	run(b, &step, 1);
}

static size_t pictures(const struct hv_bench *b)
{
	size_t at, count = 0;
	json_t *record;

	json_array_foreach(b->sink.records, at, record)
		count += !strcmp(text_of(record, "record"), "mmu");
	return count;
}

static const json_t *picture(const struct hv_bench *b, size_t n)
{
	size_t at;
	json_t *record;

	json_array_foreach(b->sink.records, at, record)
		if (!strcmp(text_of(record, "record"), "mmu") && !n--)
			return record;
	fail_msg("no such picture");
	return NULL;
}

static const json_t *member(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	assert_non_null(value);
	return value;
}

static void assert_entry(const json_t *levels, const char *name, uint64_t at,
			 uint64_t value)
{
	assert_int_equal(number_of(member(levels, name), "guest_at"), at);
	assert_int_equal(number_of(member(levels, name), "guest"), value);
}

/* ---- what is in it ---- */

static void the_guest_s_walk_in_long_mode(void **state)
{
	struct hv_bench *b = *state;
	const json_t *p, *levels, *nested;

	run_one(b, (struct fake_step)CALL(play_long));
	assert_int_equal(pictures(b), 1);
	p = picture(b, 0);
	assert_string_equal(text_of(p, "when"), "call");
	assert_string_equal(text_of(p, "mode"), "long");
	assert_string_equal(text_of(p, "ran_as"), "native");
	assert_string_equal(text_of(p, "outcome"), "maps");
	assert_int_equal(number_of(p, "address"), LINEAR);
	assert_int_equal(number_of(p, "guest_cr3"), PML4);
	assert_int_equal(number_of(p, "hardware_cr3"), PML4);
	assert_int_equal(number_of(p, "physical"), SIZE_2M + 0x123);
	levels = member(p, "levels");
	assert_int_equal(json_object_size(levels), 4);
	assert_entry(levels, "PML4", PML4 + 1 * 8, PDPT | RW);
	assert_entry(levels, "PDPT", PDPT + 2 * 8, PD | RW);
	assert_entry(levels, "PD", PD + 3 * 8, PT | RW);
	assert_entry(levels, "PT", PT + 4 * 8, SIZE_2M | PTE_P);
	/* Guest RAM begins at a multiple of 1 GiB, and there are 6 MiB of it. */
	nested = member(p, "nested");
	assert_int_equal(number_of(nested, "host"), b->start.guest_ram.v + SIZE_2M);
	assert_int_equal(number_of(nested, "size"), SIZE_2M);
	assert_string_equal(text_of(nested, "rights"), "RWXU");
}

/* Outside 64-bit code EAX and EBX count. */
static void the_guest_s_walk_in_32_bits(void **state)
{
	struct hv_bench *b = *state;
	const json_t *p, *levels;

	run_one(b, (struct fake_step)CALL(play_narrow));
	p = picture(b, 0);
	assert_string_equal(text_of(p, "mode"), "32bit");
	assert_int_equal(number_of(p, "address"), (3u << 22) + 0x345);
	assert_int_equal(number_of(p, "physical"), SIZE_4M + 0x345);
	levels = member(p, "levels");
	assert_int_equal(json_object_size(levels), 1);
	assert_entry(levels, "PD", PD + 4 * 3, SIZE_4M | RW | PTE_PS);
}

/* Where the walk ends, the picture does. */
static void what_is_not_mapped(void **state)
{
	struct hv_bench *b = *state;
	const json_t *p, *levels;

	b->cmdline.dump = (struct picture_list){ .count = 2, .address = {
		LINEAR + SIZE_1G, BIT(47) } };
	run_one(b, (struct fake_step)CALL(play_long));
	p = picture(b, 1);
	assert_string_equal(text_of(p, "when"), "end");
	assert_string_equal(text_of(p, "outcome"), "not-present");
	assert_null(json_object_get(p, "physical"));
	assert_null(json_object_get(p, "nested"));
	levels = member(p, "levels");
	assert_int_equal(json_object_size(levels), 2);
	assert_entry(levels, "PDPT", PDPT + 3 * 8, 0);
	p = picture(b, 2);
	assert_string_equal(text_of(p, "outcome"), "not-canonical");
	assert_int_equal(json_object_size(member(p, "levels")), 0);
}

/* With paging off linear addresses are physical ones. */
static void without_paging(void **state)
{
	struct hv_bench *b = *state;
	const json_t *p;

	run_one(b, (struct fake_step)CALL(play_real));
	p = picture(b, 0);
	assert_string_equal(text_of(p, "mode"), "real");
	assert_int_equal(json_object_size(member(p, "levels")), 0);
	assert_int_equal(number_of(p, "physical"), 0x1234);
	assert_int_equal(number_of(member(p, "nested"), "host"),
			 b->start.guest_ram.v + 0x1000);
}

/* Nothing is behind an address past the end of memory. */
static void nothing_nested(void **state)
{
	struct hv_bench *b = *state;

	b->cmdline.dump = (struct picture_list){ .count = 1, .address = { HV_MEMORY } };
	run_one(b, (struct fake_step)CALL(NULL));
	assert_null(json_object_get(member(picture(b, 0), "nested"), "host"));
}

/* On shadow tables each level has the hardware's entry and a reason. */
static void the_shadow_s_side(void **state)
{
	struct hv_bench *b = *state;
	void *low = mmap(NULL, HV_FRAMES * PAGE_SIZE, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	const json_t *p, *top;

	assert_ptr_not_equal(low, MAP_FAILED);
	frame_pool_init(&b->pool, hpa_of(low), HV_FRAMES * PAGE_SIZE);
	b->fake.caps.paged_real = true;
	b->cmdline.rung = &rungs[RUNG_SVM_SHADOW];
	run_one(b, (struct fake_step)CALL(play_real));
	p = picture(b, 0);
	assert_string_equal(text_of(p, "ran_as"), "paged-real");
	assert_null(json_object_get(p, "nested"));
	assert_int_equal(json_object_size(member(p, "levels")), 1);
	top = member(member(p, "levels"), "PDPT");
	assert_null(json_object_get(top, "guest"));
	assert_int_equal(number_of(top, "hardware"), 0);
	assert_int_equal(number_of(top, "hardware_at"), number_of(p, "hardware_cr3"));
	assert_in_range(number_of(top, "hardware_at"), hpa_of(low).v,
			hpa_of(low).v + HV_FRAMES * PAGE_SIZE - 1);
	assert_string_equal(text_of(top, "why"), shadow_why_text(SHADOW_WHY_ABSENT));
	munmap(low, HV_FRAMES * PAGE_SIZE);
}

/* ---- who may ask, and how often ---- */

static void ring_3_may_not_ask(void **state)
{
	struct hv_bench *b = *state;

	run_one(b, (struct fake_step)CALL(play_user));
	assert_int_equal(pictures(b), 0);
	assert_int_equal(b->fake.entry[1].event.kind, EVENT_EXCEPTION);
	assert_int_equal(b->fake.entry[1].event.vector, VEC_UD);
}

/* The answer is EAX = 0, nothing else of the guest's has changed. */
static void the_answer(void **state)
{
	struct hv_bench *b = *state;
	const struct vcpu *v = &b->fake.entry[1].cpu;

	run_one(b, (struct fake_step)CALL(play_long));
	assert_int_equal(v->gpr[GPR_RAX], 0);
	assert_int_equal(v->gpr[GPR_RBX], LINEAR);
	assert_int_equal(v->cr3, PML4);
	assert_int_equal(v->rip, WORLD_CODE + 3);
	assert_int_equal(b->fake.entry[1].event.kind, EVENT_NONE);
}

static uint64_t dropped(const struct hv_bench *b)
{
	return number_of(hv_last(b, "end"), "dropped_pictures");
}

static void a_quiet_run_has_none(void **state)
{
	struct hv_bench *b = *state;

	run(b, NULL, 0);
	assert_int_equal(pictures(b), 0);
	assert_int_equal(dropped(b), 0);
}

static struct vm *the_vm;

static void keep_vm(struct fake *fake, struct vm *vm)
{
	(void)fake;
	the_vm = vm;
}

/* The last of its share and one too many; those of the command line come all the same. */
static void play_last_of_share(struct fake *fake)
{
	play_real(fake);
	the_vm->pictures.calls = PICTURE_CALLS - 1;
}

static void the_guest_has_its_share(void **state)
{
	static const struct fake_step script[] = {
		CALL(play_last_of_share), CALL(play_real), CALL(play_real),
	};
	struct hv_bench *b = *state;

	b->fake.look = keep_vm;
	b->cmdline.dump = (struct picture_list){ .count = 2, .address = { 1, 2 } };
	run(b, script, ARRAY_SIZE(script));
	assert_int_equal(pictures(b), 3);
	assert_int_equal(dropped(b), 2);
	assert_int_equal(number_of(picture(b, 1), "address"), 1);
	assert_int_equal(number_of(picture(b, 2), "address"), 2);
	/* What is dropped is answered like the rest. */
	assert_int_equal(b->fake.entry[3].cpu.gpr[GPR_RAX], 0);
}

static const struct CMUnitTest tests[] = {
	HV_TEST(the_guest_s_walk_in_long_mode),
	HV_TEST(the_guest_s_walk_in_32_bits),
	HV_TEST(what_is_not_mapped),
	HV_TEST(without_paging),
	HV_TEST(nothing_nested),
	HV_TEST(the_shadow_s_side),
	HV_TEST(ring_3_may_not_ask),
	HV_TEST(the_answer),
	HV_TEST(a_quiet_run_has_none),
	HV_TEST(the_guest_has_its_share),
};

WORLD_MAIN(tests)

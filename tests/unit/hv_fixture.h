/*
 * One run from hv_start() to its last record: fake backends by both vendors'
 * names, a frame pool, guest RAM, and a boot sector. Knows no rule under test.
 */
#ifndef TESTS_HV_FIXTURE_H
#define TESTS_HV_FIXTURE_H

#include <sys/mman.h>

#include "fake_world.h"
#include "record_sink.h"

#include "core/hv.h"

#define HV_FRAMES	2048
#define HV_MEMORY	(UINT64_C(6) << 20)
#define HV_ROM		(UINT64_C(128) << 10)

static const struct hv_backend hv_svm = FAKE_BACKEND("svm", &pt_format_4level);
static const struct hv_backend hv_vmx = FAKE_BACKEND("vmx", &pt_format_ept);
static const struct hv_backend *const hv_backends[] = { &hv_svm, &hv_vmx };

struct hv_bench {
	struct fake		fake;
	struct sink		sink;
	struct frame_pool	pool;
	struct cmdline		cmdline;
	struct load_request	load;
	struct hv_start		start;
	uint8_t			*frames, *image, *reserve;
};

static inline int hv_setup(void **state)
{
	struct hv_bench *b = calloc(1, sizeof(*b));

	sink_init(&b->sink);
	b->fake.noise = world_seed;
	b->fake.tsc = FAKE_TSC;
	b->fake.caps = world_caps();
	b->fake.caps.listed[0] = (struct control){ "npt", 1 };
	b->fake.caps.count = 1;
	b->fake.caps.raw[0] = (struct control){ "feature_word", 99 };
	b->fake.caps.raw_count = 1;
	world_host(&b->fake.host);
	b->frames = aligned_alloc(PAGE_SIZE, HV_FRAMES * PAGE_SIZE);
	frame_pool_init(&b->pool, hpa_of(b->frames), HV_FRAMES * PAGE_SIZE);
	b->image = aligned_alloc(PAGE_SIZE, HV_ROM);
	memset(b->image, 0, HV_ROM);
	b->image[510] = 0x55;
	b->image[511] = 0xaa;
	/* Enough that 1 GiB of it lies at a multiple of 1 GiB, and something after it. */
	b->reserve = mmap(NULL, 3 * SIZE_1G, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (b->reserve == MAP_FAILED)
		return -1;
	b->cmdline.rung = &rungs[RUNG_SVM_NPT];
	b->cmdline.options = (struct rung_options){ .tags = true };
	b->cmdline.memory = HV_MEMORY;
	b->load.image = (struct load_blob){ b->image, 512, NULL };
	b->load.command_line = "one two";
	b->start = (struct hv_start){
		.backends = hv_backends, .backend_count = 2,
		.host = &b->fake.host, .build = "1a2b3c", .io = &b->sink.io, .pool = &b->pool,
		.guest_ram = hpa(align_up((uintptr_t)b->reserve, SIZE_1G)),
		.cmdline = &b->cmdline, .load = &b->load,
	};
	*state = b;
	return 0;
}

static inline int hv_teardown(void **state)
{
	struct hv_bench *b = *state;

	munmap(b->reserve, 3 * SIZE_1G);
	sink_fini(&b->sink);
	free(b->image);
	free(b->frames);
	free(b);
	return 0;
}

#define HV_TEST(name)	cmocka_unit_test_setup_teardown(name, hv_setup, hv_teardown)

/* docs/record.md: a complete stream ends with exactly one `end` or `error`. */
static inline const json_t *hv_last(const struct hv_bench *b, const char *kind)
{
	size_t count = json_array_size(b->sink.records);

	assert_true(count > 0);
	for (size_t i = 0; i + 1 < count; i++) {
		const char *name = text_of(json_array_get(b->sink.records, i),
					   "record");

		assert_string_not_equal(name, "end");
		assert_string_not_equal(name, "error");
	}
	/* Whatever came of it, virtualisation is off again. */
	assert_int_equal(b->fake.on, 0);
	assert_int_equal(b->fake.inits, 0);
	return record_of(&b->sink, count - 1, kind);
}

#endif

/*
 * What hv_start() and hv_missing() tell the one who calls them, beside the stream:
 * core/hv.h. And that a run leaves nothing behind that the next one with a new pool
 * over the same memory could notice.
 */
#include "hv_fixture.h"

static void the_result_says_what_the_stream_says(void **state)
{
	struct hv_bench *b = *state;
	struct hv_result result = { 0 };
	const json_t *end, *exits;

	b->start.result = &result;
	assert_int_equal(hv_start(&b->start), HV_OK);
	end = hv_last(b, "end");
	assert_string_equal(result.end, text_of(end, "end"));
	assert_int_equal(result.code, number_of(end, "code"));
	assert_string_equal(result.reason, text_of(end, "reason"));
	assert_int_equal(result.hypervisor,
			 number_of(json_object_get(end, "instructions"), "hypervisor"));
	for (size_t i = 0; i < json_array_size(b->sink.records); i++) {
		exits = json_array_get(b->sink.records, i);
		if (!strcmp(text_of(exits, "record"), "exits"))
			assert_int_equal(result.exits, number_of(exits, "total"));
	}
	assert_true(result.exits > 0);
}

static void an_error_is_in_the_result_too(void **state)
{
	struct hv_bench *b = *state;
	struct hv_result result = { 0 };

	b->start.result = &result;
	b->fake.on_result = HV_LOCKED;
	assert_int_equal(hv_start(&b->start), HV_LOCKED);
	assert_null(result.end);
	assert_string_equal(result.reason, text_of(hv_last(b, "error"), "reason"));
}

static void what_a_cpu_lacks_is_told_without_a_run(void **state)
{
	struct hv_bench *b = *state;

	assert_null(hv_missing(&b->start));
	b->fake.caps.nested = false;
	assert_string_equal(hv_missing(&b->start), "nested paging");
	b->cmdline.rung = &rungs[RUNG_SVM_SHADOW];
	assert_null(hv_missing(&b->start));
	b->fake.caps.missing = "SVM (AMD-V)";
	assert_string_equal(hv_missing(&b->start), "SVM (AMD-V)");
	b->start.backend_count = 0;
	assert_string_equal(hv_missing(&b->start), "not in this build");
	assert_int_equal(json_array_size(b->sink.records), 0);
	assert_int_equal(b->fake.on, 0);
}

/* The lines of two runs, from the fake's same script, are the same. */
static void a_second_run_with_a_new_pool_is_the_same(void **state)
{
	struct hv_bench *b = *state;
	size_t count;

	assert_int_equal(hv_start(&b->start), HV_OK);
	count = json_array_size(b->sink.records);
	assert_int_equal(b->fake.on, 0);
	assert_int_equal(b->fake.inits, 0);
	frame_pool_init(&b->pool, hpa_of(b->frames), HV_FRAMES * PAGE_SIZE);
	memset(hpa_ptr(b->start.guest_ram), 0, HV_MEMORY);
	/* The fake's own hardware, too, is as it was before. */
	b->fake.tsc = FAKE_TSC;
	b->fake.noise = world_seed;
	b->fake.entries = b->fake.flushes = 0;
	assert_int_equal(hv_start(&b->start), HV_OK);
	assert_int_equal(json_array_size(b->sink.records), 2 * count);
	for (size_t i = 0; i < count; i++)
		assert_true(json_equal(json_array_get(b->sink.records, i),
				       json_array_get(b->sink.records, count + i)));
}

static const struct CMUnitTest tests[] = {
	HV_TEST(the_result_says_what_the_stream_says),
	HV_TEST(an_error_is_in_the_result_too),
	HV_TEST(what_a_cpu_lacks_is_told_without_a_run),
	HV_TEST(a_second_run_with_a_new_pool_is_the_same),
};

WORLD_MAIN(tests)

/* The options in the first record: those that mean something on the rung, and what each is. */
#include "hv_fixture.h"

static const json_t *options_of(struct hv_bench *b, const char *command)
{
	const size_t at = json_array_size(b->sink.records);
	const json_t *record;

	if (!cmdline_parse(command, &b->cmdline))
		fail_msg("%s: %s", command, b->cmdline.error);
	hv_record_start(&b->start, &b->fake.caps, GUEST_BOOT_SECTOR);
	record = json_array_get(b->sink.records, at);
	assert_string_equal(text_of(record, "record"), "start");
	return json_object_get(record, "options");
}

static void expect(struct hv_bench *b, const char *command,
		   const char *const pairs[][2], size_t count)
{
	const json_t *options = options_of(b, command);

	for (size_t i = 0; i < count; i++)
		assert_string_equal(text_of(options, pairs[i][0]), pairs[i][1]);
	assert_int_equal(json_object_size(options), count);
}

/* What was not said is told too: a reader needs no table of defaults. */
static void each_rung_tells_the_options_it_has(void **state)
{
	static const char *const native[][2] = {
		{ "observe", "modes" }, { "tags", "on" },
	};
	static const char *const ept[][2] = {
		{ "observe", "modes" }, { "tags", "on" },
		{ "unpaged", "hidden" }, { "vm86", "exact" },
	};
	static const char *const svm_shadow[][2] = {
		{ "observe", "modes" }, { "tags", "on" },
		{ "sync", "unsync" }, { "unpaged", "hidden" },
	};
	static const char *const vmx_shadow[][2] = {
		{ "observe", "modes" }, { "tags", "on" },
		{ "sync", "unsync" }, { "unpaged", "hidden" },
		{ "vm86", "exact" },
	};

	expect(*state, "rung=svm-npt", native, ARRAY_SIZE(native));
	expect(*state, "rung=vmx-ug", native, ARRAY_SIZE(native));
	expect(*state, "rung=vmx-ept", ept, ARRAY_SIZE(ept));
	expect(*state, "rung=svm-shadow", svm_shadow, ARRAY_SIZE(svm_shadow));
	expect(*state, "rung=vmx-shadow", vmx_shadow, ARRAY_SIZE(vmx_shadow));
}

static void an_option_is_told_as_it_was_asked(void **state)
{
	static const char *const first[][2] = {
		{ "observe", "none" }, { "tags", "off" }, { "sync", "protect" },
		{ "unpaged", "emulate" },
	};
	static const char *const second[][2] = {
		{ "observe", "modes" }, { "tags", "on" }, { "sync", "flush" },
		{ "unpaged", "hidden" }, { "vm86", "fast" },
	};

	expect(*state, "rung=svm-shadow,observe=none,tags=off,sync=protect,"
	       "unpaged=emulate", first, ARRAY_SIZE(first));
	expect(*state, "rung=vmx-shadow,vm86=fast,sync=flush", second,
	       ARRAY_SIZE(second));
}

static const struct CMUnitTest tests[] = {
	HV_TEST(each_rung_tells_the_options_it_has),
	HV_TEST(an_option_is_told_as_it_was_asked),
};

WORLD_MAIN(tests)

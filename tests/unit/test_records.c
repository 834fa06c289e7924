/* Record streams, whole and damaged, as docs/record.md describes them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compare/records.h"

#define START \
	"{\"record\":\"start\",\"schema\":\"diptych-records/1\"," \
	"\"rung\":\"svm-npt\",\"options\":{\"observe\":\"modes\"}," \
	"\"unit\":\"instructions\",\"memory\":67108864," \
	"\"cpu\":{\"vendor\":\"AuthenticAMD\"},\"guest\":{}}\n"
#define SEGMENT \
	"{\"record\":\"segment\",\"at\":7,\"mode\":\"real\"," \
	"\"ran_as\":\"native\",\"exits\":3,\"instructions\":40}\n"
#define EXITS \
	"{\"record\":\"exits\",\"total\":9,\"observe\":2," \
	"\"by_reason\":{\"io\":6,\"cpuid\":1}}\n"
#define CONTROLS "{\"record\":\"controls\",\"fields\":{\"np_enable\":1}}\n"
#define END \
	"{\"record\":\"end\",\"end\":\"exit\",\"code\":0,\"reason\":\"\"," \
	"\"instructions\":{\"total\":100,\"guest\":40,\"hypervisor\":60}," \
	"\"dropped_segments\":0}\n"

/* Reads a stream; its run and reason stay until the next one. */
static struct run *run;
static char *why;

static enum stream reads(const char *text)
{
	run_free(run);
	free(why);
	run = run_new();
	return records_read(text, strlen(text), run, &why);
}

static int forget(void **state)
{
	(void)state;
	run_free(run);
	free(why);
	run = NULL;
	why = NULL;
	return 0;
}

static void a_whole_stream_fills_the_run(void **state)
{
	json_t *segment;

	(void)state;
	assert_int_equal(reads(START SEGMENT CONTROLS EXITS END), STREAM_END);
	assert_null(why);
	assert_string_equal(run->rung, "svm-npt");
	assert_string_equal(run->unit, "instructions");
	assert_string_equal(run->end, "exit");
	assert_int_equal(run->code, 0);
	assert_int_equal(run->exits, 9);
	assert_int_equal(run->observe, 2);
	assert_int_equal(run->instructions, 100);
	assert_int_equal(run->of_guest, 40);
	assert_int_equal(run->of_hypervisor, 60);
	assert_int_equal(json_integer_value(
		json_object_get(run->by_reason, "io")), 6);
	assert_int_equal(json_integer_value(
		json_object_get(run->controls, "np_enable")), 1);
	segment = json_array_get(run->timeline, 0);
	assert_int_equal(json_integer_value(
		json_object_get(segment, "at")), 7);
	assert_string_equal(json_string_value(
		json_object_get(segment, "ran_as")), "native");
}

static void handoff_completes_a_bare_stream(void **state)
{
	(void)state;
	assert_int_equal(reads(START "{\"record\":\"handoff\"}\n"),
			 STREAM_HANDOFF);
}

static void unknown_kinds_and_keys_are_ignored(void **state)
{
	(void)state;
	assert_int_equal(reads(START "{\"record\":\"weather\",\"rain\":1}\n"
			       "{\"record\":\"note\",\"text\":\"hi\"}\n" END),
			 STREAM_END);
}

static void an_error_gives_its_reason(void **state)
{
	(void)state;
	assert_int_equal(reads("{\"record\":\"error\",\"reason\":\"bad mem\"}\n"),
			 STREAM_ERROR);
	assert_string_equal(why, "bad mem");
}

static void a_missing_feature_is_told_from_an_error(void **state)
{
	(void)state;
	assert_int_equal(reads("{\"record\":\"error\",\"reason\":\"no EPT\","
			       "\"missing\":true}\n"), STREAM_MISSING);
	assert_string_equal(why, "no EPT");
}

/* However many bytes of it arrive, only the whole stream is complete. */
static void every_cut_of_a_stream_is_truncated(void **state)
{
	static const char whole[] = START SEGMENT EXITS END;

	(void)state;
	for (size_t size = 0; size + 1 < sizeof(whole); size++) {
		struct run *r = run_new();
		char *reason;

		assert_int_equal(records_read(whole, size, r, &reason),
				 STREAM_TRUNCATED);
		assert_non_null(reason);
		assert_false(records_finished(whole, size));
		free(reason);
		run_free(r);
	}
	assert_true(records_finished(whole, sizeof(whole) - 1));
}

static void what_is_no_record_names_its_line(void **state)
{
	(void)state;
	assert_int_equal(reads(START "ouch\n" END), STREAM_GARBLED);
	assert_string_equal(why, "record stream, line 2: not a record");
	assert_int_equal(reads(START "[1]\n"), STREAM_GARBLED);
	assert_int_equal(reads("\n"), STREAM_GARBLED);
}

static void a_nul_byte_is_no_record(void **state)
{
	static const char text[] = START "\0\n" END;
	struct run *r = run_new();
	char *reason;

	(void)state;
	assert_int_equal(records_read(text, sizeof(text) - 1, r, &reason),
			 STREAM_GARBLED);
	free(reason);
	run_free(r);
}

static void another_schema_is_refused(void **state)
{
	(void)state;
	assert_int_equal(reads("{\"record\":\"start\","
			       "\"schema\":\"diptych-records/2\"}\n"),
			 STREAM_GARBLED);
	assert_string_equal(why, "record stream, line 1: schema is not "
			    "diptych-records/1");
}

static void nothing_follows_the_last_record(void **state)
{
	(void)state;
	assert_int_equal(reads(START END END), STREAM_GARBLED);
	assert_int_equal(reads(START END "{\"rec"), STREAM_GARBLED);
}

static void a_stream_starts_once(void **state)
{
	(void)state;
	assert_int_equal(reads(START START END), STREAM_GARBLED);
	assert_int_equal(reads(END), STREAM_GARBLED);
}

static void a_count_is_a_number_that_is_not_negative(void **state)
{
	(void)state;
	assert_int_equal(reads(START "{\"record\":\"exits\",\"total\":-1,"
			       "\"observe\":0,\"by_reason\":{}}\n"),
			 STREAM_GARBLED);
	assert_int_equal(reads(START "{\"record\":\"exits\",\"total\":\"1\","
			       "\"observe\":0,\"by_reason\":{}}\n"),
			 STREAM_GARBLED);
	assert_int_equal(reads(START "{\"record\":\"exits\",\"total\":1,"
			       "\"observe\":0,\"by_reason\":{\"io\":\"x\"}}\n"),
			 STREAM_GARBLED);
}

/* A mask register may have bit 63 set; none of its bits may get lost. */
static void controls_keep_all_64_bits(void **state)
{
	(void)state;
	assert_int_equal(reads(START "{\"record\":\"controls\",\"fields\":{"
			       "\"a\":18446744073709223905,"
			       "\"b\":9223372036854775807,"
			       "\"c\":9223372036854775808}}\n" END), STREAM_END);
	assert_string_equal(json_string_value(
		json_object_get(run->controls, "a")), "0xfffffffffffaffe1");
	assert_true(json_integer_value(
		json_object_get(run->controls, "b")) == INT64_MAX);
	assert_string_equal(json_string_value(
		json_object_get(run->controls, "c")), "0x8000000000000000");
}

static void numbers_in_texts_stay(void **state)
{
	(void)state;
	assert_int_equal(reads("{\"record\":\"error\",\"reason\":"
			       "\"a \\\"18446744073709223905\"}\n"),
			 STREAM_ERROR);
	assert_string_equal(why, "a \"18446744073709223905");
}

static void a_number_of_more_than_64_bits_is_refused(void **state)
{
	(void)state;
	assert_int_equal(reads(START "{\"record\":\"controls\",\"fields\":{"
			       "\"a\":18446744073709551616}}\n" END),
			 STREAM_GARBLED);
}

static void a_line_is_no_longer_than_the_format_allows(void **state)
{
	static char text[RECORD_MAX + 64];
	int used;

	(void)state;
	memset(text, 0, sizeof(text));
	used = snprintf(text, sizeof(text), "{\"record\":\"note\",\"text\":\"");
	memset(text + used, 'x', (size_t)(RECORD_MAX - used - 2));
	strcpy(text + RECORD_MAX - 2, "\"}\n");
	assert_int_equal(reads(text), STREAM_TRUNCATED);
	strcpy(text + RECORD_MAX - 2, "x\"}\n");
	assert_int_equal(reads(text), STREAM_GARBLED);
}

#define RULE(f) cmocka_unit_test_teardown(f, forget)

int main(void)
{
	const struct CMUnitTest tests[] = {
		RULE(a_whole_stream_fills_the_run),
		RULE(handoff_completes_a_bare_stream),
		RULE(unknown_kinds_and_keys_are_ignored),
		RULE(an_error_gives_its_reason),
		RULE(a_missing_feature_is_told_from_an_error),
		RULE(every_cut_of_a_stream_is_truncated),
		RULE(what_is_no_record_names_its_line),
		RULE(a_nul_byte_is_no_record),
		RULE(another_schema_is_refused),
		RULE(nothing_follows_the_last_record),
		RULE(a_stream_starts_once),
		RULE(a_count_is_a_number_that_is_not_negative),
		RULE(controls_keep_all_64_bits),
		RULE(numbers_in_texts_stay),
		RULE(a_number_of_more_than_64_bits_is_refused),
		RULE(a_line_is_no_longer_than_the_format_allows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

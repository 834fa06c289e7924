/*
 * From a run to its trace file: what the hypervisor writes of its ring is read back, and
 * told as events that a reader of the format takes; instructions as text.
 */
#include "hv_fixture.h"

#include "compare/trace.h"
#include "compare/trace_entry.h"
#include "compare/trace_insn.h"
#include "core/trace.h"
#include "runs.h"

#define RECORDS_SIZE	65536

static void turn_to_protected(struct fake *fake)
{
	fake->cpu.gpr[GPR_RAX] = CR0_ET | CR0_PE;
}

static void load_efer_number(struct fake *fake)
{
	fake->cpu.gpr[GPR_RCX] = MSR_EFER;
	fake->cpu.gpr[GPR_RAX] = EFER_NXE;
	fake->cpu.gpr[GPR_RDX] = 0;
}

/* MOV CR0, EAX; WRMSR; IN AL, DX; CPUID; HLT: as the image has them. */
static const uint8_t code[] = { 0x0f, 0x22, 0xc0, 0x0f, 0x30, 0xec, 0x0f, 0xa2, 0xf4 };

static const struct fake_step steps[] = {
	{ .exit = { .reason = EXIT_CR, .insn_len = 3, .decoded = true, .raw = 0x65,
		    .cr = { .number = 0, .gpr = GPR_RAX, .kind = CR_WRITE } },
	  .play = turn_to_protected },
	{ .exit = { .reason = EXIT_MSR, .insn_len = 2, .msr = { .write = true } },
	  .play = load_efer_number },
	{ .exit = { .reason = EXIT_IO, .insn_len = 1,
		    .io = { .port = 0x71, .size = 1, .in = true } } },
	{ .exit = { .reason = EXIT_CPUID, .insn_len = 2 } },
};

static uint64_t clock_of(struct host_io *io)
{
	struct hv_bench *b = (struct hv_bench *)((uint8_t *)io - offsetof(struct hv_bench, sink));

	return b->fake.tsc;
}

static void run_traced(struct hv_bench *b, unsigned room, bool first)
{
	memcpy(b->image, code, sizeof(code));
	b->cmdline.trace = (struct trace_request){ room, first };
	b->fake.step = steps;
	b->fake.steps = ARRAY_SIZE(steps);
	b->sink.io.clock = clock_of;
	assert_int_equal(hv_start(&b->start), HV_OK);
	hv_last(b, "end");
}

static const json_t *record_named(const struct hv_bench *b, const char *kind)
{
	json_t *record;
	size_t i;

	json_array_foreach(b->sink.records, i, record)
		if (!strcmp(text_of(record, "record"), kind))
			return record;
	return NULL;
}

static void without_the_word_nothing_is_told(void **state)
{
	struct hv_bench *b = *state;

	run_traced(b, 0, false);
	assert_null(record_named(b, "tracing"));
	assert_null(record_named(b, "trace"));
}

struct seen { struct told_entry entry[16]; unsigned count; };

static void see(void *opaque, const struct told_entry *entry)
{
	struct seen *seen = opaque;

	assert_in_range(seen->count, 0, ARRAY_SIZE(seen->entry) - 1);
	seen->entry[seen->count++] = *entry;
}

static void what_is_written_can_be_read(void **state)
{
	struct hv_bench *b = *state;
	struct seen seen = { .count = 0 };
	const struct told_entry *e = seen.entry;

	run_traced(b, 16, false);
	trace_entries(record_named(b, "trace"), see, &seen);
	assert_int_equal(seen.count, 5);
	for (unsigned i = 0; i < 5; i++) {
		assert_int_equal(e[i].exit, i + 1);
		assert_int_equal(e[i].at, FAKE_GUEST + i * (FAKE_GUEST + FAKE_HOST));
		assert_int_equal(e[i].guest, (i + 1) * FAKE_GUEST);
		assert_int_equal(trace_field(&e[i], FIELD_BITS), 16);
	}
	assert_string_equal(e[0].field[FIELD_REASON], "cr-access");
	assert_string_equal(e[0].field[FIELD_MODE], "real");
	assert_string_equal(e[0].field[FIELD_CODE], "0f22c0");
	assert_int_equal(trace_field(&e[0], FIELD_RIP), 0x7c00);
	assert_int_equal(trace_field(&e[0], FIELD_RAW), 0x65);
	assert_int_equal(trace_field(&e[0], FIELD_TOOK), FAKE_HOST);
	assert_int_equal(trace_field(&e[0], FIELD_VALUE), CR0_ET | CR0_PE);
	assert_string_equal(e[1].field[FIELD_MODE], "unpaged");
	assert_int_equal(trace_field(&e[1], FIELD_NUMBER), MSR_EFER);
	assert_true(trace_is(&e[1], ENTRY_WRITE));
	assert_false(trace_is(&e[2], ENTRY_WRITE));
	assert_int_equal(trace_field(&e[2], FIELD_NUMBER), 0x71);
	assert_string_equal(e[4].field[FIELD_REASON], "hlt");
	assert_string_equal(e[4].field[FIELD_CODE], "f4");
}

static void what_is_dropped_is_counted(void **state)
{
	struct hv_bench *b = *state;
	struct seen seen = { .count = 0 };
	const json_t *tracing;

	run_traced(b, 2, false);
	tracing = record_named(b, "tracing");
	assert_int_equal(number_of(tracing, "room"), 2);
	assert_int_equal(number_of(tracing, "kept"), 2);
	assert_int_equal(number_of(tracing, "dropped_exits"), 3);
	assert_string_equal(text_of(tracing, "keeps"), "last");
	trace_entries(record_named(b, "trace"), see, &seen);
	assert_int_equal(seen.entry[0].exit, 4);
	assert_int_equal(seen.entry[1].exit, 5);
}

/* The file of what the run told; to be freed by json_decref(). */
static json_t *file_of(struct hv_bench *b, const char *guest)
{
	struct run *run = run_make(guest, "svm-npt", "qemu:EPYC", OUTCOME_PASS, 5);
	char *records = calloc(1, RECORDS_SIZE), *text = NULL;
	size_t used = 0, size = 0, i;
	FILE *to = open_memstream(&text, &size);
	json_t *record, *file;

	json_array_foreach(b->sink.records, i, record) {
		used += json_dumpb(record, records + used, RECORDS_SIZE - used, 0);
		assert_in_range(used, 1, RECORDS_SIZE - 2);
		records[used++] = '\n';
	}
	assert_true(trace_write(records, used, run, to));
	fclose(to);
	file = json_loadb(text, size, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(file);
	free(text);
	free(records);
	run_free(run);
	return file;
}

static const json_t *event_of(const json_t *file, char phase, unsigned track,
			      unsigned n)
{
	const json_t *event;
	size_t i;

	json_array_foreach(json_object_get(file, "traceEvents"), i, event) {
		if (*text_of(event, "ph") != phase || number_of(event, "tid") != track)
			continue;
		if (!n--)
			return event;
	}
	return NULL;
}

static void exits_and_modes_are_events(void **state)
{
	struct hv_bench *b = *state;
	const json_t *event, *args;
	json_t *file;

	run_traced(b, 16, false);
	file = file_of(b, "a \"guest\"\n\\\x80");
	event = event_of(file, 'M', 0, 0);
	assert_string_equal(text_of(json_object_get(event, "args"), "name"),
			    "a \"guest\"\n\\\xc2\x80 on svm-npt, qemu:EPYC");
	event = event_of(file, 'X', TRACK_EXITS, 1);
	args = json_object_get(event, "args");
	assert_string_equal(text_of(event, "name"), "msr");
	assert_int_equal(number_of(event, "ts"), 2 * FAKE_GUEST + FAKE_HOST);
	assert_int_equal(number_of(event, "dur"), FAKE_HOST);
	assert_string_equal(text_of(args, "instruction"), "wrmsr");
	assert_string_equal(text_of(args, "rip"), "0x7c03");
	assert_string_equal(text_of(args, "msr"), "0xc0000080");
	assert_string_equal(text_of(args, "value"), "0x800");
	assert_true(json_is_true(json_object_get(args, "write")));
	assert_null(event_of(file, 'X', TRACK_EXITS, 5));
	event = event_of(file, 'X', TRACK_MODES, 0);
	assert_string_equal(text_of(event, "name"), "real, native");
	assert_int_equal(number_of(event, "ts"), 0);
	assert_int_equal(number_of(event, "dur"), FAKE_GUEST + FAKE_HOST);
	event = event_of(file, 'X', TRACK_MODES, 1);
	assert_string_equal(text_of(event, "name"), "unpaged, native");
	assert_int_equal(number_of(event, "ts"), FAKE_GUEST + FAKE_HOST);
	assert_null(event_of(file, 'i', TRACK_MODES, 0));
	json_decref(file);
}

/* A stream may stop anywhere, or be none: a file of no events, and the caller is told. */
static void a_stream_without_a_trace_is_told(void **state)
{
	struct run *run = run_make("g", "svm-npt", "qemu:EPYC", OUTCOME_PASS, 5);
	static const char *const streams[] = {
		"", "\n\n", "{\"record\":\"trace\"", "{\"record\":\"tra\n",
		"{\"record\":\"tracing", "[\"trace\"]\n",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(streams); i++) {
		char *text = NULL;
		size_t size = 0;
		FILE *to = open_memstream(&text, &size);
		json_t *file;

		assert_false(trace_write(streams[i], strlen(streams[i]), run, to));
		fclose(to);
		file = json_loadb(text, size, 0, NULL);
		assert_non_null(file);
		assert_null(event_of(file, 'X', TRACK_EXITS, 0));
		json_decref(file);
		free(text);
	}
	run_free(run);
}

/* Fields too few, too many, too long: never past the entry. */
static void damaged_entries_are_contained(void **state)
{
	static const char *const entries[] = {
		";", ",", ";;;,,,;", "1,2", "x,y,z",
		",,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,",
		"1,1,a_reason_that_is_much_longer_than_any_that_there_is_in_all_the_program",
		"ffffffffffffffffffffffffffff,1,io,real,native,10,0,0,0,ee",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(entries); i++) {
		json_t *record = json_pack("{s:s}", "entries", entries[i]);
		struct seen seen = { .count = 0 };

		trace_entries(record, see, &seen);
		for (unsigned n = 0; n < seen.count; n++)
			for (unsigned f = 0; f < FIELDS; f++)
				assert_in_range(strlen(seen.entry[n].field[f]), 0,
						FIELD_SIZE - 1);
		json_decref(record);
	}
}

/* The same bytes are other instructions in other code. SDM 2 "Instruction Format" 2.1, 2.2.1 */
static void bytes_are_read_in_the_code_they_are_in(void **state)
{
	static const struct {
		const char *text;
		uint8_t bytes[INSN_BYTES];
		uint64_t rip;
		enum insn_mode mode;
		uint8_t bits, size, length;
	} known[] = {
		{ "mov ax, 0x1234", { 0xb8, 0x34, 0x12, 0, 0 }, 0, INSN_REAL, 16, 5, 3 },
		{ "mov eax, 0x1234", { 0xb8, 0x34, 0x12, 0, 0 }, 0, INSN_LEGACY, 32, 5, 5 },
		{ "inc dword ptr [0x00000650]", { 0xff, 0x05, 0x50, 0x06, 0, 0 }, 0,
		  INSN_LEGACY, 32, 6, 6 },
		{ "inc eax", { 0x40, 0x90 }, 0, INSN_LEGACY, 32, 2, 1 },
		{ "inc ax", { 0x40, 0x90 }, 0, INSN_LEGACY, 16, 2, 1 },
		{ "mov rax, cr3", { 0x0f, 0x20, 0xd8 }, 0, INSN_LONG, 64, 3, 3 },
		{ "mov eax, cr3", { 0x0f, 0x20, 0xd8 }, 0, INSN_LONG, 32, 3, 3 },
		{ "jmp 0x7c00", { 0xeb, 0xfe }, 0x7c00, INSN_REAL, 16, 2, 2 },
		{ "jmp 0xffffffff80000000", { 0xeb, 0xfe }, 0xffffffff80000000, INSN_LONG,
		  64, 2, 2 },
		{ "", { 0x0f }, 0, INSN_LONG, 64, 1, 0 },
		{ "", { 0x06 }, 0, INSN_LONG, 64, 1, 0 },
		{ "push es", { 0x06 }, 0, INSN_LEGACY, 32, 1, 1 },
		{ "", { 0 }, 0, INSN_REAL, 16, 0, 0 },
	};
	char text[INSN_TEXT];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		size_t length = insn_text(known[i].mode, known[i].bits, known[i].rip,
					  known[i].bytes, known[i].size, text);

		assert_string_equal(text, known[i].text);
		assert_int_equal(length, known[i].length);
	}
}

static const struct CMUnitTest tests[] = {
	HV_TEST(without_the_word_nothing_is_told),
	HV_TEST(what_is_written_can_be_read),
	HV_TEST(what_is_dropped_is_counted),
	HV_TEST(exits_and_modes_are_events),
	cmocka_unit_test(a_stream_without_a_trace_is_told),
	cmocka_unit_test(damaged_entries_are_contained),
	cmocka_unit_test(bytes_are_read_in_the_code_they_are_in),
};

WORLD_MAIN(tests)

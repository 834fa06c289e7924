/* Fingerprints: what the first record tells, what the host adds, whose CPU it is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "compare/fingerprint.h"
#include "compare/records.h"
#include "compare/util.h"
#include "compare/version.h"

#define START(unit, above) \
	"{\"record\":\"start\",\"schema\":\"diptych-records/1\"," \
	"\"build\":\"1a2b3c4\",\"rung\":\"svm-npt\",\"options\":{},\"unit\":\"" \
	unit "\",\"cpu\":{\"vendor\":\"AuthenticAMD\",\"family\":25,\"model\":1," \
	"\"stepping\":2,\"name\":\"a CPU\",\"hypervisor\":\"" above "\"," \
	"\"capabilities\":{\"npt\":1}},\"registers\":{\"low\":66," \
	"\"high\":18446744073709551615}}\n"

static const char *text_of(const struct run *run, const char *key)
{
	const char *text = json_string_value(json_object_get(run->fingerprint, key));

	return text ? text : "(none)";
}

static struct run *read_start(const char *stream)
{
	struct run *run = run_new();
	char *why;

	assert_int_equal(records_read(stream, strlen(stream), run, &why),
			 STREAM_TRUNCATED);
	free(why);
	return run;
}

static void the_first_record_tells_the_cpu_and_the_build(void **state)
{
	struct run *run = read_start(START("instructions", "TCGTCGTCGTCG"));

	(void)state;
	assert_string_equal(text_of(run, "vendor"), "AuthenticAMD");
	assert_int_equal(json_integer_value(json_object_get(
		run->fingerprint, "family")), 25);
	assert_int_equal(json_integer_value(json_object_get(
		run->fingerprint, "stepping")), 2);
	assert_string_equal(text_of(run, "hypervisor"), "TCGTCGTCGTCG");
	assert_string_equal(text_of(run, "build"), "1a2b3c4");
	assert_null(json_object_get(run->fingerprint, "name"));
	run_free(run);
}

/* JSON's readers have no 64 bits for a number: a register is 16 digits, whatever it holds. */
static void registers_are_hexadecimal(void **state)
{
	struct run *run = read_start(START("instructions", ""));
	json_t *registers = json_object_get(run->fingerprint, "registers");

	(void)state;
	assert_string_equal(json_string_value(json_object_get(registers, "low")),
			    "0x0000000000000042");
	assert_string_equal(json_string_value(json_object_get(registers, "high")),
			    "0xffffffffffffffff");
	run_free(run);
}

/* Only an emulator counts instructions; on metal nobody answers CPUID 4000_0000h. */
static void nesting_follows_from_the_record(void **state)
{
	static const char *const cases[][2] = {
		{ START("instructions", ""), "emulated" },
		{ START("cycles", "KVMKVMKVM"), "nested" },
		{ START("cycles", ""), "metal" },
	};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct run *run = read_start(cases[i][0]);

		assert_string_equal(text_of(run, "nesting"), cases[i][1]);
		run_free(run);
	}
}

static void each_part_is_told_where_it_is_known(void **state)
{
	struct run *run = read_start(START("cycles", "KVMKVMKVM"));
	json_t *none = json_object();
	char *cpu = fingerprint_cpu(run->fingerprint);
	char *nothing = fingerprint_cpu(none), *commit;

	(void)state;
	assert_string_equal(cpu, "AuthenticAMD 25/1/2, KVMKVMKVM");
	assert_string_equal(nothing, "");
	free(nothing);
	nothing = fingerprint_emulator(none);
	assert_string_equal(nothing, "");
	json_object_set_new(run->fingerprint, "diptych", json_string("1a2b3c4"));
	commit = fingerprint_commit(run->fingerprint);
	assert_string_equal(commit, "1a2b3c4");
	free(commit);
	json_object_set_new(run->fingerprint, "diptych", json_string("5d6e7f8"));
	commit = fingerprint_commit(run->fingerprint);
	assert_string_equal(commit, "5d6e7f8, hypervisor 1a2b3c4");
	free(commit);
	free(nothing);
	free(cpu);
	json_decref(none);
	run_free(run);
}

static void a_cpu_is_another_by_any_of_its_facts(void **state)
{
	static const char *const facts[] = {
		"vendor", "family", "model", "stepping", "hypervisor", "registers",
		"nesting",
	};
	struct run *a = read_start(START("instructions", ""));
	json_t *none = json_object();

	(void)state;
	for (size_t i = 0; i < sizeof(facts) / sizeof(*facts); i++) {
		struct run *b = read_start(START("instructions", ""));

		assert_true(fingerprint_same_cpu(a->fingerprint, b->fingerprint));
		json_object_set_new(b->fingerprint, facts[i], json_string("x"));
		assert_false(fingerprint_same_cpu(a->fingerprint, b->fingerprint));
		run_free(b);
	}
	/* Other builds and emulators are not the CPU's. */
	json_object_set_new(none, "emulator", json_string("bochs"));
	assert_true(fingerprint_same_cpu(a->fingerprint, none));
	json_decref(none);
	run_free(a);
}

static void versions_are_found_as_each_program_tells_them(void **state)
{
	static const char *const cases[][2] = {
		{ "QEMU emulator version 7.2.22 (Debian 1:7.2)\nCopyright (c)\n",
		  "7.2.22 (Debian 1:7.2)" },
		{ "=====\n    Bochs x86 Emulator 2.7  \n   Built from SVN\n", "2.7" },
		{ "the version of this\n  Emulator 3\n", "3" },
		{ "version 8\033[2J\n", "8" },
		{ "version ", NULL }, { "", NULL }, { "not found", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char *found = emulator_version_find(cases[i][0],
						    strlen(cases[i][0]));

		if (cases[i][1])
			assert_string_equal(found, cases[i][1]);
		else
			assert_null(found);
		free(found);
	}
}

/* A program on PATH that says how often it was asked. */
static void program_make(const char *dir, const char *name, const char *script)
{
	char *path = fmt("%s/%s", dir, name);

	assert_int_equal(file_write(path, script, strlen(script)), 0);
	assert_int_equal(chmod(path, 0755), 0);
	free(path);
}

static void a_program_is_asked_once_and_not_for_ever(void **state)
{
	char dir[] = "/tmp/diptych-version-XXXXXX";
	char *old = xdup(getenv("PATH")), *path, *script;
	time_t start = time(NULL);

	(void)state;
	assert_non_null(mkdtemp(dir));
	path = fmt("%s:%s", dir, old);
	script = fmt("#!/bin/sh\necho x >> %s/asked\n"
		     "echo version $(wc -l < %s/asked)\n", dir, dir);
	program_make(dir, "counts", script);
	program_make(dir, "hangs", "#!/bin/sh\nsleep 1000\n");
	program_make(dir, "floods", "#!/bin/sh\nyes\n");
	setenv("PATH", path, 1);
	assert_string_equal(emulator_version("counts", VERSION_MS), "1");
	assert_string_equal(emulator_version("counts", VERSION_MS), "1");
	assert_string_equal(emulator_version("floods", VERSION_MS), "");
	assert_string_equal(emulator_version("hangs", 200), "");
	setenv("PATH", dir, 1);
	assert_string_equal(emulator_version("absent", VERSION_MS), "");
	assert_true(time(NULL) - start < 30);
	setenv("PATH", old, 1);
	dir_remove(dir);
	free(script);
	free(path);
	free(old);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_record_tells_the_cpu_and_the_build),
		cmocka_unit_test(registers_are_hexadecimal),
		cmocka_unit_test(nesting_follows_from_the_record),
		cmocka_unit_test(each_part_is_told_where_it_is_known),
		cmocka_unit_test(a_cpu_is_another_by_any_of_its_facts),
		cmocka_unit_test(versions_are_found_as_each_program_tells_them),
		cmocka_unit_test(a_program_is_asked_once_and_not_for_ever),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * QEMU under KVM that misbehaves: as it runs the probe guest, and as it ends a bare run.
 */
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

#include "compare/evaluate.h"
#include "compare/kvm.h"
#include "compare/machines.h"
#include "compare/rungs.h"
#include "compare/util.h"

/* Puts a script in QEMU's place, runs the probe for a second at most, takes it away. */
static void with_qemu(const char *script, struct kvm_facts *f)
{
	char dir[] = "/tmp/test-kvm-XXXXXX";
	char *program, *path, *old = xdup(getenv("PATH"));

	assert_non_null(mkdtemp(dir));
	program = fmt("%s/qemu-system-x86_64", dir);
	path = fmt("%s:%s", dir, old);
	assert_int_equal(file_write(program, script, strlen(script)), 0);
	assert_int_equal(chmod(program, 0700), 0);
	setenv("PATH", path, 1);
	*f = (struct kvm_facts){ 0 };
	kvm_probe_run(f, program, 1);
	setenv("PATH", old, 1);
	dir_remove(dir);
	free(program);
	free(path);
	free(old);
}

static void what_qemu_complains_of_is_told(void **state)
{
	struct kvm_facts f;
	struct kvm_verdict v;

	(void)state;
	with_qemu("#!/bin/sh\necho 'qemu-system-x86_64: failed to set MSR 0x10a' >&2\n"
		  "kill -ABRT $$\n", &f);
	assert_int_equal(f.probe, PROBE_BROKE);
	v = kvm_judge(&f);
	assert_int_equal(v.link, KVM_NO_GUEST);
	assert_string_equal(v.what, "no guest runs under KVM: failed to set MSR 0x10a");
	kvm_verdict_free(&v);
	kvm_facts_free(&f);
}

static void silence_garbage_and_floods_are_no_report(void **state)
{
	static const char *const scripts[] = {
		"#!/bin/sh\nexit 0\n",
		"#!/bin/sh\nhead -c 5000 /dev/urandom\n",
		"#!/bin/sh\nexec yes\n",
		"#!/bin/sh\nexec yes >&2\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(scripts) / sizeof(*scripts); i++) {
		struct kvm_facts f;
		struct kvm_verdict v;

		with_qemu(scripts[i], &f);
		v = kvm_judge(&f);
		assert_int_equal(v.link, KVM_NO_GUEST);
		kvm_verdict_free(&v);
		kvm_facts_free(&f);
	}
}

static void a_probe_that_hangs_is_stopped(void **state)
{
	struct kvm_facts f;
	time_t start = time(NULL);

	(void)state;
	with_qemu("#!/bin/sh\necho cpuid\nsleep 60\n", &f);
	assert_int_equal(f.probe, PROBE_HUNG);
	assert_true(time(NULL) - start < 10);
	kvm_facts_free(&f);
}

static void a_report_counts_however_qemu_ends(void **state)
{
	struct kvm_facts f;
	struct kvm_verdict v;

	(void)state;
	with_qemu("#!/bin/sh\ncat tests/hosts/amd-nested-on/report\nkill -SEGV $$\n", &f);
	v = kvm_judge(&f);
	assert_int_equal(v.link, KVM_FOUND);
	kvm_verdict_free(&v);
	kvm_facts_free(&f);
}

/* A bare run of the guest `triple` under KVM that QEMU has ended, with this log. */
static struct run *bare_triple(const char *log)
{
	static const char records[] =
		"{\"record\":\"start\",\"schema\":\"diptych-records/1\",\"rung\":\"bare\","
		"\"options\":{},\"unit\":\"cycles\",\"memory\":67108864,\"cpu\":{},"
		"\"guest\":{}}\n{\"record\":\"handoff\"}\n";
	struct job job = {
		.guest = guest_find("triple", NULL), .machine = machine_find("kvm:host"),
		.choice = { .rung = rung_named("bare") }, .cause = CAUSE_EXITED,
		.run = run_new(),
	};

	text_set(&job.run->rung, xdup("bare"));
	buf_fmt(&job.records, "%s", records);
	buf_fmt(&job.output, "%s", "");
	buf_fmt(&job.emulator_log, "CPU Reset (CPU 0)\n%s", log);
	evaluate_bare(&job);
	buf_free(&job.records);
	buf_free(&job.output);
	buf_free(&job.emulator_log);
	return job.run;
}

/* Linux's KVM_EXIT_SHUTDOWN is 8; QEMU ends with status 0 then, as it does at a reset. */
static void a_triple_fault_under_kvm_is_known_by_its_exit(void **state)
{
	struct run *run = bare_triple("kvm_run_exit cpu_index 0, reason 2\n"
				      "kvm_run_exit cpu_index 0, reason 8\n");

	(void)state;
	assert_string_equal(run->end, "triple-fault");
	assert_int_equal(run->outcome, OUTCOME_PASS);
	run_free(run);
	run = bare_triple("kvm_run_exit cpu_index 0, reason 2\n");
	assert_int_equal(run->outcome, OUTCOME_FAIL);
	run_free(run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_qemu_complains_of_is_told),
		cmocka_unit_test(silence_garbage_and_floods_are_no_report),
		cmocka_unit_test(a_probe_that_hangs_is_stopped),
		cmocka_unit_test(a_report_counts_however_qemu_ends),
		cmocka_unit_test(a_triple_fault_under_kvm_is_known_by_its_exit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

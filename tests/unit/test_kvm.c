/*
 * What becomes of machine kvm:host: every sort of host that tests/hosts has, each link
 * of the chain missing once.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compare/kvm.h"
#include "compare/machines.h"
#include "compare/rungs.h"
#include "compare/util.h"

static void facts_of(const char *host, struct kvm_facts *f)
{
	char *root = fmt("tests/hosts/%s", host), *path = fmt("%s/report", root);
	struct buf report = { 0 };

	kvm_facts_read(root, f);
	if (!f->device && !file_read(path, &report)) {
		f->probe = PROBE_DONE;
		f->report = report.text;
	}
	free(path);
	free(root);
}

struct row {
	const char	*host;
	enum kvm_link	link;
	unsigned	caps;
	const char	*says, *mends;	/* parts of the two lines */
};

static void judged(const struct row *row)
{
	struct kvm_facts f;
	struct kvm_verdict v;

	facts_of(row->host, &f);
	v = kvm_judge(&f);
	if (v.link != row->link || v.caps != row->caps || !strstr(v.what, row->says) ||
	    !strstr(v.mend, row->mends))
		fail_msg("%s: link %d, caps %x, \"%s\", \"%s\"", row->host, v.link,
			 v.caps, v.what, v.mend);
	assert_int_equal(v.link == KVM_FOUND, v.caps != 0);
	assert_null(strchr(v.what, '\n'));
	kvm_verdict_free(&v);
	kvm_facts_free(&f);
}

static void each_judged(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		judged(&rows[i]);
}

/* Whatever the parameter says, and however: what the probe guest sees decides. */
static void found_is_what_the_probe_guest_sees(void **state)
{
	static const struct row rows[] = {
		{ "amd-nested-on", KVM_FOUND, CAP_SVM | CAP_NPT,
		  "SVM, NPT, next RIP, flush by ASID; nested below KVM", "" },
		{ "amd-no-npt", KVM_FOUND, CAP_SVM, "SVM; nested below KVM", "" },
		{ "intel-nested-on", KVM_FOUND, CAP_VMX | CAP_EPT | CAP_UG,
		  "VT-x, EPT, VPID, unrestricted guest; nested below KVM", "" },
		{ "intel-no-unrestricted", KVM_FOUND, CAP_VMX | CAP_EPT,
		  "VT-x, EPT, VPID; nested below KVM", "" },
		{ "intel-old-on", KVM_FOUND, CAP_VMX, "VT-x; nested below KVM", "" },
		{ "cloud-nested", KVM_FOUND, CAP_VMX | CAP_EPT | CAP_UG,
		  "nested below KVM, itself below Hyper-V (Microsoft Corporation Virtual "
		  "Machine)", "" },
	};

	(void)state;
	each_judged(rows, sizeof(rows) / sizeof(*rows));
}

static void nesting_that_is_off_is_told_with_the_line_that_turns_it_on(void **state)
{
	static const struct row rows[] = {
		{ "intel-nested-off", KVM_NESTING_OFF, 0, "kvm_intel has nested=N",
		  "modprobe kvm_intel nested=1" },
		{ "intel-old-off", KVM_NESTING_OFF, 0, "kvm_intel has nested=0",
		  "modprobe kvm_intel nested=1" },
		{ "amd-nested-off", KVM_NESTING_OFF, 0, "kvm_amd has nested=0",
		  "modprobe kvm_amd nested=1" },
	};

	(void)state;
	each_judged(rows, sizeof(rows) / sizeof(*rows));
}

static void without_a_device_the_reason_is_looked_for(void **state)
{
	static const struct row rows[] = {
		{ "not-loaded", KVM_NOT_LOADED, 0, "kvm_amd is not loaded",
		  "modprobe kvm_amd" },
		{ "container", KVM_NO_DEVICE, 0, "although kvm_intel is loaded",
		  "--device /dev/kvm" },
		{ "no-cpu", KVM_NO_CPU, 0, "this CPU shows neither SVM nor VT-x",
		  "firmware" },
		{ "cloud-vm", KVM_BELOW, 0, "a guest of KVM (Amazon EC2 m5.large)",
		  "nested virtualisation" },
		{ "vmware-vm", KVM_BELOW, 0,
		  "a guest of VMware (VMware, Inc. VMware Virtual Platform)",
		  "nested virtualisation" },
		{ "unnamed-vm", KVM_BELOW, 0, "a guest of a hypervisor without a name",
		  "nested virtualisation" },
	};

	(void)state;
	each_judged(rows, sizeof(rows) / sizeof(*rows));
}

static void a_kvm_may_offer_neither_or_offer_it_locked(void **state)
{
	static const struct row rows[] = {
		{ "kvm-pvm", KVM_OFFERS_NEITHER, 0, "sees neither SVM nor VT-x: this is "
		  "kvm_pvm", "a guest of KVM" },
		{ "amd-unseen", KVM_OFFERS_NEITHER, 0,
		  "sees neither SVM nor VT-x, although nested=Y", "dmesg" },
		{ "intel-locked", KVM_FIRMWARE, 0, "locked off", "" },
		{ "amd-locked", KVM_FIRMWARE, 0, "locked off", "" },
	};

	(void)state;
	each_judged(rows, sizeof(rows) / sizeof(*rows));
}

/* The host itself knows the lock: /dev/cpu/0/msr. Then modprobe is no help. */
static void a_lock_of_the_firmware_comes_before_the_module(void **state)
{
	struct kvm_facts f;
	struct kvm_verdict v;

	(void)state;
	facts_of("not-loaded", &f);
	f.locked = true;
	v = kvm_judge(&f);
	assert_int_equal(v.link, KVM_FIRMWARE);
	assert_string_equal(v.what, "no /dev/kvm: the firmware has locked SVM off");
	kvm_verdict_free(&v);
	kvm_facts_free(&f);
}

static void a_device_that_is_not_ours_is_not_asked(void **state)
{
	static const struct {
		int error;
		enum kvm_link link;
		const char *what, *mend;
	} rows[] = {
		{ EACCES, KVM_NO_PERMISSION, "not for this user", "usermod -aG kvm" },
		{ EPERM, KVM_NO_PERMISSION, "not allowed here", "--device /dev/kvm" },
		{ ENOMEM, KVM_NO_DEVICE, "cannot be opened", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct kvm_facts f;
		struct kvm_verdict v;

		facts_of("intel-nested-on", &f);
		f.device = rows[i].error;
		v = kvm_judge(&f);
		assert_int_equal(v.link, rows[i].link);
		assert_non_null(strstr(v.what, rows[i].what));
		assert_non_null(strstr(v.mend, rows[i].mend));
		assert_false(v.runs);
		kvm_verdict_free(&v);
		kvm_facts_free(&f);
	}
}

/* The bare run needs no more than a KVM that runs guests. */
static void a_kvm_that_runs_guests_runs_the_bare_one(void **state)
{
	static const struct { const char *host; bool runs; } rows[] = {
		{ "amd-nested-on", true }, { "amd-nested-off", true },
		{ "kvm-pvm", true }, { "cloud-vm", false }, { "container", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct kvm_facts f;
		struct kvm_verdict v;

		facts_of(rows[i].host, &f);
		v = kvm_judge(&f);
		assert_int_equal(v.runs, rows[i].runs);
		kvm_verdict_free(&v);
		kvm_facts_free(&f);
	}
}

/* A report is believed whole or not at all. */
static void a_report_that_was_cut_finds_nothing(void **state)
{
	struct kvm_facts f;

	(void)state;
	facts_of("intel-nested-on", &f);
	for (size_t cut = strlen(f.report); cut--;) {
		struct kvm_verdict v;

		f.report[cut] = '\0';
		v = kvm_judge(&f);
		assert_int_equal(v.link, KVM_NO_GUEST);
		assert_int_equal(v.caps, 0);
		kvm_verdict_free(&v);
	}
	kvm_facts_free(&f);
}

/* A rung that needs a control that KVM does not hand on is not found for it. */
static void vtx_without_a_control_that_all_rungs_use_is_not_found(void **state)
{
	/* IA32_VMX_PROCBASED_CTLS's high half without bit 2, interrupt-window exiting */
	static const char was[] = "msr 00000482 f7f9fffe", is[] = "msr 00000482 f7f9fffa";
	struct kvm_facts f;
	struct kvm_verdict v;

	(void)state;
	facts_of("intel-nested-on", &f);
	for (char *at = strstr(f.report, was), *from = (char *)is; *from; )
		*at++ = *from++;
	v = kvm_judge(&f);
	assert_int_equal(v.link, KVM_OFFERS_NEITHER);
	kvm_verdict_free(&v);
	kvm_facts_free(&f);
}

static void a_probe_guest_that_is_not_built_is_told(void **state)
{
	struct kvm_facts f = { 0 };
	struct kvm_verdict v;

	(void)state;
	f.probe = PROBE_NO_IMAGE;
	v = kvm_judge(&f);
	assert_int_equal(v.link, KVM_NO_PROBE);
	assert_string_equal(v.mend, "make");
	kvm_verdict_free(&v);
	f.probe = PROBE_NO_QEMU;
	v = kvm_judge(&f);
	assert_int_equal(v.link, KVM_NO_PROBE);
	assert_non_null(strstr(v.mend, "qemu-system-x86"));
	kvm_verdict_free(&v);
}

/*
 * The probe guest's report judged as for KVM says the same of an emulated CPU as the
 * table of machines, whose rungs are run there.
 */
static void the_same_cpu_is_judged_as_the_table_of_machines_has_it(void **state)
{
	static const struct { const char *host, *machine; } rows[] = {
		{ "intel-nested-on", "bochs:corei7_skylake_x" },
		{ "intel-no-unrestricted", "bochs:corei5_lynnfield_750" },
		{ "intel-old-on", "bochs:core2_penryn_t9600" },
		{ "intel-old-off", "bochs:p4_prescott_celeron_336" },
		{ "amd-nested-on", "bochs:ryzen" },
		{ "amd-no-npt", "bochs:turion64_tyler" },
		{ "amd-nested-off", "bochs:athlon64_venice" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct kvm_facts f;
		unsigned caps;
		bool locked;
		char *words;

		facts_of(rows[i].host, &f);
		assert_true(kvm_report_read(f.report, &caps, &locked, &words));
		assert_int_equal(caps, machine_find(rows[i].machine)->caps);
		free(words);
		kvm_facts_free(&f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(found_is_what_the_probe_guest_sees),
		cmocka_unit_test(nesting_that_is_off_is_told_with_the_line_that_turns_it_on),
		cmocka_unit_test(without_a_device_the_reason_is_looked_for),
		cmocka_unit_test(a_kvm_may_offer_neither_or_offer_it_locked),
		cmocka_unit_test(a_lock_of_the_firmware_comes_before_the_module),
		cmocka_unit_test(a_device_that_is_not_ours_is_not_asked),
		cmocka_unit_test(a_kvm_that_runs_guests_runs_the_bare_one),
		cmocka_unit_test(a_report_that_was_cut_finds_nothing),
		cmocka_unit_test(vtx_without_a_control_that_all_rungs_use_is_not_found),
		cmocka_unit_test(a_probe_guest_that_is_not_built_is_told),
		cmocka_unit_test(the_same_cpu_is_judged_as_the_table_of_machines_has_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

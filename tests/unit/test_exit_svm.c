/*
 * The table of SVM exit codes against svm/exit.c itself, compiled over a VMCB in memory:
 * for every code what the decoder answers is what the table says. Knows no code by heart.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* The real wrappers of instructions stay out. */
#define CORE_X86_INSN_H
#include "mmu/bits.h"
#include "mmu/x86_defs.h"

static inline uint64_t x86_read_dr6(void)
{
	return DR6_BS;
}

#include "svm/exit.c" /* NOLINT(bugprone-suspicious-include) */

#include "compare/exit_find.h"

enum { PAST_ALL = 0x10000 };

static struct vmcb block;
static struct svm_cpu svm_cpu;
static struct svm_vcpu svm = { .vmcb = &block, .cpu = &svm_cpu };
static struct hv_cpu cpu;
static struct vm vm = { .cpu = &cpu };

void svm_code_fetch(struct vcpu *v, struct vmcb *vmcb)
{
	(void)v;
	(void)vmcb;
}

void svm_event_decode(struct vcpu *v, struct event *event)
{
	(void)v;
	event->kind = EVENT_NONE;
}

static struct exit decoded_exit(uint64_t code)
{
	struct exit exit;

	vm.vcpu = (struct vcpu){ .vm = &vm, .backend = &svm, .valid = ~0u };
	block.control.exitcode = code;
	svm_exit_decode(&vm.vcpu, &exit);
	return exit;
}

static const char *decoded(uint64_t code)
{
	return exit_reason_name(decoded_exit(code).reason);
}

static const struct exit_code *row_of(uint64_t code)
{
	const struct exit_code *row;

	for (size_t n = 0; (row = exit_row(EXIT_SVM, n)); n++)
		if (row->first <= code && code <= row->last)
			return row;
	return NULL;
}

/* The decoder's answer is the first of a row's reasons: `shadow` is found out later. */
static void rows_say_what_the_decoder_answers(void **state)
{
	const struct exit_code *row;

	(void)state;
	for (size_t n = 0; (row = exit_row(EXIT_SVM, n)); n++) {
		for (uint64_t code = row->first; ; code++) {
			const char *name = decoded(code);

			if (strncmp(row->cause, name, strlen(name)))
				fail_msg("%s: the decoder says %s, the table %s", row->name, name,
					 row->cause);
			if (code == row->last)
				break;
		}
	}
}

/* What is not in the table is unknown to the decoder, too. */
static void no_code_is_decoded_that_has_no_row(void **state)
{
	(void)state;
	for (uint64_t code = 0; code < PAST_ALL; code++)
		if (!row_of(code))
			assert_string_equal(decoded(code), "other");
	assert_string_equal(decoded(SVM_EXIT_LOW), "entry-failed");
}

/* Each enumerator of svm/vmcb_exit.h: one left out does not compile (-Wswitch). */
static const char *name_of(enum svm_exit code)
{
#define NAME(name) case SVM_EXIT_##name: return #name
	switch (code) {
	NAME(CR0_READ); NAME(CR2_READ); NAME(CR3_READ); NAME(CR4_READ); NAME(CR8_READ);
	NAME(CR15_READ); NAME(CR0_WRITE); NAME(CR2_WRITE); NAME(CR3_WRITE); NAME(CR4_WRITE);
	NAME(CR8_WRITE); NAME(CR15_WRITE); NAME(DR0_READ); NAME(DR15_READ); NAME(DR0_WRITE);
	NAME(DR15_WRITE); NAME(EXCP0); NAME(EXCP31); NAME(INTR); NAME(NMI); NAME(SMI);
	NAME(INIT); NAME(VINTR); NAME(CR0_SEL_WRITE); NAME(IDTR_READ); NAME(GDTR_READ);
	NAME(LDTR_READ); NAME(TR_READ); NAME(IDTR_WRITE); NAME(GDTR_WRITE); NAME(LDTR_WRITE);
	NAME(TR_WRITE); NAME(RDTSC); NAME(RDPMC); NAME(PUSHF); NAME(POPF); NAME(CPUID);
	NAME(RSM); NAME(IRET); NAME(SWINT); NAME(INVD); NAME(PAUSE); NAME(HLT); NAME(INVLPG);
	NAME(INVLPGA); NAME(IOIO); NAME(MSR); NAME(TASK_SWITCH); NAME(FERR_FREEZE);
	NAME(SHUTDOWN); NAME(VMRUN); NAME(VMMCALL); NAME(VMLOAD); NAME(VMSAVE); NAME(STGI);
	NAME(CLGI); NAME(SKINIT); NAME(RDTSCP); NAME(ICEBP); NAME(WBINVD); NAME(MONITOR);
	NAME(MWAIT); NAME(MWAIT_CONDITIONAL); NAME(XSETBV); NAME(RDPRU);
	NAME(EFER_WRITE_TRAP); NAME(CR0_WRITE_TRAP); NAME(CR15_WRITE_TRAP); NAME(INVLPGB);
	NAME(INVLPGB_ILLEGAL); NAME(INVPCID); NAME(MCOMMIT); NAME(TLBSYNC); NAME(BUSLOCK);
	NAME(IDLE_HLT); NAME(NPF); NAME(AVIC_INCOMPLETE_IPI); NAME(AVIC_NOACCEL);
	NAME(VMGEXIT);
	}
#undef NAME
	return NULL;
}

static void every_code_of_the_backend_is_found_by_its_name(void **state)
{
	unsigned seen = 0;

	(void)state;
	for (uint64_t code = 0; code < PAST_ALL; code++) {
		const char *name = name_of((enum svm_exit)code);
		struct exit_hit hits[EXIT_HITS];
		size_t count, found = 0;

		if (!name)
			continue;
		seen++;
		count = exit_find(name, hits);
		for (size_t i = 0; i < count; i++)
			found += hits[i].vendor == EXIT_SVM && hits[i].code == code;
		if (found != 1)
			fail_msg("SVM_EXIT_%s: found %zu times", name, found);
	}
	assert_true(seen > 60);
	assert_string_equal(row_of(SVM_EXIT_INVALID)->name, "INVALID");
	assert_string_equal(row_of(SVM_EXIT_BUSY)->name, "BUSY");
}

/* APM vol. 2 "Task Switch Intercept" 15.14.1: EXITINFO1; of LTR it tells nothing. */
static void a_task_switch_tells_its_selector(void **state)
{
	struct exit exit;

	(void)state;
	block.control.exitinfo1 = 0x1238;
	exit = decoded_exit(SVM_EXIT_TASK_SWITCH);
	assert_true(exit.decoded);
	assert_int_equal(exit.task.selector, 0x1238);
	assert_false(decoded_exit(SVM_EXIT_TR_WRITE).decoded);
	block.control.exitinfo1 = 0;
}

/*
 * APM vol. 2 "IOIO Intercept" 15.10.2: EXITINFO1; what DR7 enables stands in the VMCB, and
 * the CPU has matched none of it.
 */
static void a_port_is_told_with_what_dr7_enables(void **state)
{
	struct exit exit;

	(void)state;
	block.save.dr7 = DR7_INIT | DR7_GD;
	block.control.exitinfo1 = UINT64_C(0x01f00045);	/* INS, 4 bytes */
	exit = decoded_exit(SVM_EXIT_IOIO);
	assert_int_equal(exit.io.port, 0x1f0);
	assert_int_equal(exit.io.size, 4);
	assert_true(exit.io.in);
	assert_int_equal(exit.io.rare, IO_STRING);
	block.save.dr7 |= BIT(7) | BIT(0) | DR7_EXACT;
	block.control.exitinfo1 = UINT64_C(0x03f80010);	/* OUT, 1 byte */
	exit = decoded_exit(SVM_EXIT_IOIO);
	assert_int_equal(exit.io.port, 0x3f8);
	assert_int_equal(exit.io.size, 1);
	assert_false(exit.io.in);
	assert_int_equal(exit.io.rare, BIT(7) | BIT(0));
	block.save.dr7 = 0;
	block.control.exitinfo1 = 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_port_is_told_with_what_dr7_enables),
		cmocka_unit_test(a_task_switch_tells_its_selector),
		cmocka_unit_test(rows_say_what_the_decoder_answers),
		cmocka_unit_test(no_code_is_decoded_that_has_no_row),
		cmocka_unit_test(every_code_of_the_backend_is_found_by_its_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

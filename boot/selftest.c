/*
 * Faults made on purpose, in builds with -DSELFTEST_FAULT=n only: they prove that
 * every kind of host fault ends with a dump and an error record.
 */
#include "boot/selftest.h"

#ifdef SELFTEST_FAULT

#include "boot/layout.h"
#include "boot/machine.h"
#include "boot/timer.h"
#include "mmu/panic.h"
#include "core/x86_insn.h"

#define RET	0xc3	/* SDM 2B "RET" */
#define TICKS_WAITED	(1u << 22)
#define DEADLINE	20000	/* of the TSC; the heartbeat is far slower */

static uint8_t code[16] = { RET };

/* Through a volatile pointer: the compiler must not see where it leads. */
static void write_to(volatile uint8_t *volatile at)
{
	*at = RET;
}

static void call_to(uint8_t *at)
{
	void (*volatile function)(void) = (void (*)(void))(uintptr_t)at;

	function();
}

/* Through a pointer: a compiler that sees endless recursion refuses it. */
static unsigned overflow(volatile unsigned *outer);
static unsigned (*volatile overflow_again)(volatile unsigned *) = overflow;

static unsigned overflow(volatile unsigned *outer)
{
	volatile unsigned local[64];

	local[0] = *outer + 1;
	return overflow_again(local) + local[0];
}

static void wild_stack(void)
{
	__asm__ volatile("mov %0, %%rsp; push %%rax" : : "r"(WILD_STACK)
			 : "memory");
}

static void timer(void)
{
	host_timer_start(machine_tsc_counts());
	for (unsigned i = 0; i < TICKS_WAITED; i++)
		x86_interrupt_window();
	x86_sti();
	x86_hlt();	/* only a tick gets us out of here */
	x86_cli();
	panic("selftest: the timer ticks");
}

/* Until the timer goes off, from the TSC's `ticks` from now: how long it took. */
static uint64_t deadline(int64_t ticks)
{
	uint64_t start = x86_rdtsc();

	host_timer_arm(start + (uint64_t)ticks);
	__asm__ volatile("sti; hlt; cli" : : : "memory");
	return x86_rdtsc() - start;
}

static void deadlines(void)
{
	static const int64_t asked[] = { DEADLINE, -DEADLINE, 0, 10 * DEADLINE };

	host_timer_start(machine_tsc_counts());
	for (unsigned i = 0; i < ARRAY_SIZE(asked); i++) {
		uint64_t least = asked[i] > 0 ? (uint64_t)asked[i] : 0;
		uint64_t took = deadline(asked[i]);

		if (took < least || took > 2 * least + DEADLINE)
			panic("selftest: a deadline of %lu met in %lu", least, took);
	}
	panic("selftest: the deadlines are met");
}

void selftest_run(void)
{
	unsigned depth = 0;

	switch (SELFTEST_FAULT) {
	case SELFTEST_NULL_WRITE:
	case SELFTEST_STOP_FAULT:
		write_to(NULL);
		break;
	case SELFTEST_TEXT_WRITE:
		write_to(image_text_start);
		break;
	case SELFTEST_RODATA_WRITE:
		write_to(image_rodata_end - 1);
		break;
	case SELFTEST_DATA_EXECUTE:
		call_to(code);
		break;
	case SELFTEST_STACK_OVERFLOW:
		overflow(&depth);
		break;
	case SELFTEST_WILD_STACK:
		wild_stack();
		break;
	case SELFTEST_NULL_CALL:
		call_to(NULL);
		break;
	case SELFTEST_TIMER:
		timer();
		break;
	case SELFTEST_DEADLINE:
		deadlines();
		break;
	default:
		panic("selftest: %s", "asked for");
	}
	panic("selftest: the fault did not happen");
}

void selftest_stopping(void)
{
	if (SELFTEST_FAULT == SELFTEST_STOP_FAULT)
		write_to(NULL);
}

#endif

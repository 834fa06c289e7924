/*
 * The ends of a run that are not the guest's: an error of the person who starts
 * it, or a bug of ours. Each leaves exactly one `error` record and ends the machine.
 */
#include "boot/stop.h"

#include "boot/console.h"
#include "boot/dump.h"
#include "boot/end.h"
#include "boot/selftest.h"
#include "core/record.h"
#include "core/x86_insn.h"

#define REASON_SIZE	256

/* A stop can meet an exception itself; then it must do less each time. */
static unsigned stops;

/* Not on the stack: the exception stacks are small. */
static struct record record;

static void say(const char *reason)
{
	console_text("diptych: ");
	console_text(reason);
	console_text("\n");
}

static _Noreturn void finish(const char *reason, bool missing)
{
	record_begin(&record, console_io(), "error");
	record_string(&record, "reason", reason);
	if (missing)
		record_bool(&record, "missing", true);
	record_end(&record);
	console_drain();
	machine_end();
}

/* The second stop: the record alone, by the shortest way. Later ones: the end. */
static void stop_enter(void)
{
	static const char again[] =
		"\n{\"record\":\"error\",\"reason\":\"host exception while "
		"stopping for an earlier one\"}\n";

	x86_cli();
	stops++;
	if (stops == 2) {
		console_io()->record_line(console_io(), again,
					  sizeof(again) - 1);
		console_drain();
	}
	if (stops > 1)
		machine_end();
	selftest_stopping();
}

_Noreturn void stop_error(bool missing, const char *format, ...)
{
	char reason[REASON_SIZE];
	va_list values;

	stop_enter();
	va_start(values, format);
	text_vformat(reason, sizeof(reason), format, values);
	va_end(values);
	say(reason);
	finish(reason, missing);
}

_Noreturn void panic(const char *format, ...)
{
	char reason[REASON_SIZE];
	unsigned at = text_format(reason, sizeof(reason), "host panic: ");
	va_list values;

	stop_enter();
	va_start(values, format);
	text_vformat(reason + at, sizeof(reason) - at, format, values);
	va_end(values);
	console_text("\n");
	say(reason);
	dump_stack((uintptr_t)__builtin_frame_address(0));
	finish(reason, false);
}

_Noreturn void stop_exception(const struct trap_frame *frame)
{
	char reason[REASON_SIZE];

	stop_enter();
	text_format(reason, sizeof(reason),
		    "host exception %s (vector %lu) at rip 0x%lx, error 0x%lx, "
		    "cr2 0x%lx", trap_name(frame->vector), frame->vector,
		    frame->rip, frame->error, x86_read_cr2());
	console_text("\n");
	say(reason);
	dump_registers(frame);
	dump_stack(frame->rsp);
	finish(reason, false);
}

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

/* Not on the stack: the exception stacks are small. The first stop's, for good. */
static char reason[REASON_SIZE];
static struct record record;

static void say(void)
{
	console_text("diptych: ");
	console_text(reason);
	console_text("\n");
}

static _Noreturn void finish(bool again, bool missing)
{
	record_begin(&record, console_io(), "error");
	record_string(&record, "reason", reason);
	if (again)
		record_bool(&record, "exception_while_stopping", true);
	if (missing)
		record_bool(&record, "missing", true);
	record_end(&record);
	console_drain();
	machine_end();
}

/* The second stop leaves out the dump, the third the first one's reason too. */
static void stop_enter(void)
{
	static const char third[] =
		"{\"record\":\"error\",\"reason\":\"host exceptions while "
		"stopping for an earlier one\"}\n";

	x86_cli();
	stops++;
	if (stops == 2)
		finish(true, false);
	if (stops == 3) {
		console_io()->record_line(console_io(), third,
					  sizeof(third) - 1);
		console_drain();
	}
	if (stops > 1)
		machine_end();
}

_Noreturn void stop_error(bool missing, const char *format, ...)
{
	va_list values;

	stop_enter();
	va_start(values, format);
	text_vformat(reason, sizeof(reason), format, values);
	va_end(values);
	say();
	finish(false, missing);
}

_Noreturn void panic(const char *format, ...)
{
	va_list values;
	unsigned used;

	stop_enter();
	used = text_format(reason, sizeof(reason), "host panic: ");
	va_start(values, format);
	text_vformat(reason + used, sizeof(reason) - used, format, values);
	va_end(values);
	console_text("\n");
	say();
	dump_stack((uintptr_t)__builtin_frame_address(0));
	finish(false, false);
}

_Noreturn void stop_exception(const struct trap_frame *frame)
{
	uint64_t cr2 = x86_read_cr2();

	stop_enter();
	text_format(reason, sizeof(reason),
		    "host exception %s (vector %lu) at rip 0x%lx, error 0x%lx, "
		    "cr2 0x%lx%s", trap_name(frame->vector), frame->vector,
		    frame->rip, frame->error, cr2,
		    dump_in_guard(cr2) ? ": stack overflow" : "");
	selftest_stopping();
	console_text("\n");
	say();
	dump_registers(frame);
	dump_stack(frame->rsp);
	finish(false, false);
}

/* Made-up runs for the host program's tests. */
#ifndef TESTS_UNIT_RUNS_H
#define TESTS_UNIT_RUNS_H

#include "compare/run.h"
#include "compare/util.h"

/* Hashes of images: all that is asked of them is to be told apart. */
#define DIGITS_62	"01234567890123456789012345678901234567890123456789012345678901"
#define IMAGE_A		"0a" DIGITS_62
#define IMAGE_B		"0b" DIGITS_62

static inline struct run *run_make(const char *guest, const char *rung,
				   const char *machine, enum outcome outcome,
				   uint64_t exits)
{
	struct run *run = run_new();

	text_set(&run->guest, xdup(guest));
	text_set(&run->guest_sha256, xdup(IMAGE_A));
	text_set(&run->rung, xdup(rung));
	text_set(&run->machine, xdup(machine));
	text_set(&run->end, xdup("exit"));
	text_set(&run->unit, xdup("instructions"));
	json_object_set_new(run->options, "observe", json_string("modes"));
	run->outcome = outcome;
	run->exits = exits;
	run->of_hypervisor = 1000 * exits;
	return run;
}

#endif

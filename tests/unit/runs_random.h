/*
 * Runs with every part that a report can have, made up at random from few values, so that
 * keys and contents meet often. Knows no rule under test.
 */
#ifndef TESTS_UNIT_RUNS_RANDOM_H
#define TESTS_UNIT_RUNS_RANDOM_H

#include "tests/unit/runs.h"

#define RANDOM_FACTOR	6364136223846793005u
#define RANDOM_STEP	1442695040888963407u

/* Knuth's MMIX generator: the same numbers on every host. */
static inline unsigned pick(uint64_t *seed, unsigned below)
{
	*seed = *seed * RANDOM_FACTOR + RANDOM_STEP;
	return (unsigned)(*seed >> 33) % below;
}

static inline void put(json_t *to, const char *key, json_t *value)
{
	json_object_set_new(to, key, value);
}

static inline json_t *random_fingerprint(uint64_t *seed)
{
	static const char *const commits[] = { "1111111", "2222222-dirty" };

	return json_pack("{s:s, s:i, s:i, s:i, s:s, s:s, s:s, s:s, s:s, s:s, s:{s:s}}",
			 "vendor", "AuthenticAMD", "family", 23, "model", 1,
			 "stepping", (int)pick(seed, 2),
			 "hypervisor", "TCGTCGTCGTCG", "nesting", "emulated",
			 "emulator", "qemu", "emulator_version", "7.2.22 (Debian)",
			 "diptych", commits[pick(seed, 2)], "build", "1111111",
			 "registers", "cpuid_8000000a_edx", "0x0000000000000001");
}

static inline json_t *random_timeline(uint64_t *seed)
{
	static const char *const modes[] = { "real", "unpaged", "long" };
	json_t *out = json_array();

	for (unsigned i = pick(seed, 3); i; i--)
		json_array_append_new(out, json_pack(
			"{s:i, s:s, s:s, s:i, s:i}", "at", (int)i, "mode",
			modes[pick(seed, 3)], "ran_as", "native", "exits",
			(int)pick(seed, 2), "instructions", 7));
	return out;
}

static inline struct run *random_run(uint64_t *seed)
{
	static const char *const guests[] = { "modes", "tables", "d\303\251j\303\240" };
	static const char *const rungs[] = { "svm-npt", "svm-shadow" };
	static const char *const machines[] = { "qemu:EPYC", "kvm:host" };
	static const char *const units[] = { "instructions", "cycles" };
	struct run *run = run_make(guests[pick(seed, 3)], rungs[pick(seed, 2)],
				   machines[pick(seed, 2)],
				   (enum outcome)pick(seed, OUTCOMES),
				   pick(seed, 3));

	if (pick(seed, 2))
		put(run->options, "tags", json_string("off"));
	if (run->outcome != OUTCOME_PASS)
		text_set(&run->reason, xdup("line 3: bare \"a\", here \"b\""));
	text_set(&run->unit, xdup(units[pick(seed, 2)]));
	text_set(&run->output_sha256, xdup(pick(seed, 2) ? IMAGE_A : IMAGE_B));
	json_decref(run->fingerprint);
	run->fingerprint = random_fingerprint(seed);
	json_decref(run->timeline);
	run->timeline = random_timeline(seed);
	put(run->cpu, "capabilities", json_pack("{s:i, s:b}", "npt", 1, "nrip", 0));
	put(run->by_reason, "io", json_integer(pick(seed, 2)));
	put(run->controls, "vmcs.cr0_mask", json_string("0xfffffffffffaffe1"));
	if (pick(seed, 2))
		put(run->shadow, "sync", json_string("unsync"));
	if (!pick(seed, 4))
		put(run->more, "later", json_pack("[{s:n}, f]", "a", 1.5));
	if (!pick(seed, 4))
		put(run->more, "exits", json_pack("{s:i}", "slow", 3));
	run->code = (int)pick(seed, 3) - 1;
	run->of_guest = INT64_MAX;
	return run;
}

#endif

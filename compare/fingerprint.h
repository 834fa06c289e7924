/*
 * A run's fingerprint: the CPU, the emulator and the builds that it was made by
 * (docs/report.md). Knows nothing of what came of the run.
 */
#ifndef COMPARE_FINGERPRINT_H
#define COMPARE_FINGERPRINT_H

#include <stdbool.h>

#include <jansson.h>

#include "compare/machines.h"

/* What the `start` record tells of it: a new object. */
json_t *fingerprint_read(const json_t *start);

/* Adds what the host alone knows: this program's commit, the emulator and its version. */
void fingerprint_complete(json_t *fingerprint, enum emulator emulator);

/*
 * Whether two stand for the same CPU, nested in the same way: a name such as
 * kvm:host or metal is that of many. One that tells no CPU may be any.
 */
bool fingerprint_same_cpu(const json_t *a, const json_t *b);

/* "AuthenticAMD 23/1/2, TCGTCGTCGTCG"; "qemu 7.2.22"; "1a2b3c": "" where not told. */
char *fingerprint_cpu(const json_t *fingerprint);
char *fingerprint_emulator(const json_t *fingerprint);
char *fingerprint_commit(const json_t *fingerprint);

#endif

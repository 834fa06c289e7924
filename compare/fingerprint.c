/*
 * Making and reading fingerprints. Must not know what came of a run, or how an
 * emulator is started for one.
 */
#include <inttypes.h>
#include <string.h>

#include "compare/fingerprint.h"
#include "compare/util.h"
#include "compare/version.h"

#ifndef DIPTYCH_COMMIT
#define DIPTYCH_COMMIT	"unknown"
#endif

/* Members of `cpu` that say which CPU it is. */
static const char *const identity[] = {
	"vendor", "family", "model", "stepping", "hypervisor",
};
enum { IDENTITIES = sizeof(identity) / sizeof(*identity) };

static void text_put(json_t *to, const char *key, const char *text)
{
	json_object_set_new(to, key, json_string(text));
}

static const char *text_of(const json_t *from, const char *key)
{
	const char *text = json_string_value(json_object_get(from, key));

	return text ? text : "";
}

/* Every register as 16 digits: those of 2^63 and more have come as text already. */
static json_t *registers_read(const json_t *from)
{
	json_t *out = json_object(), *value;
	const char *key;

	json_object_foreach((json_t *)from, key, value) {
		char digits[24];

		snprintf(digits, sizeof(digits), "0x%016" PRIx64,
			 (uint64_t)json_integer_value(value));
		text_put(out, key, json_is_string(value) ?
			 json_string_value(value) : digits);
	}
	return out;
}

json_t *fingerprint_read(const json_t *start)
{
	const json_t *cpu = json_object_get(start, "cpu");
	json_t *out = json_object();
	bool counted = !strcmp(text_of(start, "unit"), "instructions");

	for (size_t i = 0; i < IDENTITIES; i++)
		json_object_set(out, identity[i],
				json_object_get(cpu, identity[i]));
	json_object_set_new(out, "registers",
			    registers_read(json_object_get(start, "registers")));
	text_put(out, "nesting", counted ? "emulated" :
		 *text_of(cpu, "hypervisor") ? "nested" : "metal");
	text_put(out, "build", text_of(start, "build"));
	text_put(out, "diptych", DIPTYCH_COMMIT);
	text_put(out, "emulator", "");
	text_put(out, "emulator_version", "");
	return out;
}

void fingerprint_complete(json_t *fingerprint, enum emulator emulator)
{
	static const struct {
		const char *nesting, *name, *program;
	} known[] = {
		[EMULATOR_QEMU] = { "emulated", "qemu", "qemu-system-x86_64" },
		[EMULATOR_BOCHS] = { "emulated", "bochs", "bochs" },
		[EMULATOR_KVM] = { "nested", "qemu", "qemu-system-x86_64" },
	};

	text_put(fingerprint, "diptych", DIPTYCH_COMMIT);
	if (emulator == EMULATOR_NONE)
		return;
	text_put(fingerprint, "nesting", known[emulator].nesting);
	text_put(fingerprint, "emulator", known[emulator].name);
	text_put(fingerprint, "emulator_version",
		 emulator_version(known[emulator].program, VERSION_MS));
}

bool fingerprint_same_cpu(const json_t *a, const json_t *b)
{
	static const char *const also[] = { "registers", "nesting" };

	if (!json_object_get(a, "vendor") || !json_object_get(b, "vendor"))
		return true;
	for (size_t i = 0; i < IDENTITIES; i++)
		if (!json_equal(json_object_get(a, identity[i]),
				json_object_get(b, identity[i])))
			return false;
	for (size_t i = 0; i < sizeof(also) / sizeof(*also); i++)
		if (!json_equal(json_object_get(a, also[i]),
				json_object_get(b, also[i])))
			return false;
	return true;
}

static long long number_of(const json_t *from, const char *key)
{
	return json_integer_value(json_object_get(from, key));
}

char *fingerprint_cpu(const json_t *f)
{
	const char *above = text_of(f, "hypervisor");

	if (!json_object_get(f, "vendor"))
		return xdup("");
	return fmt("%s %lld/%lld/%lld%s%s", text_of(f, "vendor"),
		   number_of(f, "family"), number_of(f, "model"),
		   number_of(f, "stepping"), *above ? ", " : "", above);
}

char *fingerprint_emulator(const json_t *f)
{
	const char *version = text_of(f, "emulator_version");

	return fmt("%s%s%s", text_of(f, "emulator"), *version ? " " : "", version);
}

char *fingerprint_commit(const json_t *f)
{
	const char *host = text_of(f, "diptych"), *image = text_of(f, "build");

	/* The program and the hypervisor need not be of one build. */
	if (!*image || !strcmp(host, image))
		return xdup(host);
	return fmt("%s, hypervisor %s", host, image);
}

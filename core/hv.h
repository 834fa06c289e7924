/*
 * The hypervisor's one entry: everything boot/ found, one guest to run.
 */
#ifndef CORE_HV_H
#define CORE_HV_H

#include "core/backend.h"
#include "core/cmdline.h"
#include "core/load/load.h"

/* How a run ended, for who started it: the stream says the same and more. */
struct hv_result {
	const char	*end;		/* as the record's; NULL: `error`, and reason says why */
	uint32_t	code;
	uint64_t	exits, hypervisor;	/* the record's counts */
	char		reason[256];
};

struct hv_start {
	const struct hv_backend	*const *backends;
	unsigned		backend_count;
	const struct host_cpu	*host;
	const char		*build;		/* the commit this hypervisor was built from */
	struct host_io		*io;
	struct frame_pool	*pool;
	const void		*idt_flat;	/* see struct hv_cpu */
	hpa_t			guest_ram;	/* cmdline->memory bytes, zeroed, 2 MiB aligned */
	const struct cmdline	*cmdline;
	const struct load_request *load;
	struct { uint8_t *data; uint64_t size; } disk;	/* the guest's, or size 0 */
	struct hv_result	*result;	/* filled in; may be NULL */
};

/*
 * Load, run and report one guest. Every outcome is in the record stream; the
 * return value says whether the stream ended with `end` (HV_OK) or `error`.
 * Virtualisation is off again afterwards, but what was taken from the pool is not given
 * back: another run starts with a new pool over the same memory.
 */
enum hv_err hv_start(const struct hv_start *start) MUST_CHECK;

/* What this CPU lacks for the rung, or NULL. Runs nothing, records nothing. */
const char *hv_missing(const struct hv_start *start) MUST_CHECK;

/* The record's first line, for every rung, bare too. */
void hv_record_start(const struct hv_start *start, const struct hv_caps *caps,
		     enum guest_kind kind);

/* The record's last line when the harness or the host is at fault. */
void hv_record_error(struct host_io *io, bool missing, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif

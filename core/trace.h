/*
 * The trace of a run: its exits one by one, in a ring of fixed size, for the record. Knows
 * no vendor. Off, it costs an exit nothing: on, it stands before the backend.
 *
 * What tracing takes of the time is hidden as if it had not passed: from the guest's
 * TSC and its devices, from the budget and from what is counted.
 */
#ifndef CORE_TRACE_H
#define CORE_TRACE_H

#include "core/backend.h"
#include "core/emulate/decode.h"

#define TRACE_MAX	16384	/* entries at most: 2 MiB of the host's memory */

#define TRACE_TEXT	3600	/* bytes of a line's entries */

struct vm;

/* What the command line asks for. */
struct trace_request {
	unsigned	room;		/* entries; 0: no trace */
	bool		first;		/* keep the first ones, else the last */
};

/* Bits of trace_entry.is. */
#define TRACE_OBSERVED	BIT(0)	/* only observing made this exit */
#define TRACE_WRITE	BIT(1)
#define TRACE_FETCH	BIT(2)
#define TRACE_STRING	BIT(3)
#define TRACE_KNOWN	BIT(4)	/* number and value are filled in where they may not be */
#define TRACE_ERROR	BIT(5)	/* `more` is an error code */

/* One exit, or one stretch of code that was emulated without the guest being entered. */
struct trace_entry {
	uint64_t	exit;		/* its number, from 1; 0: a stretch */
	uint64_t	at;		/* the clock since the first entry */
	uint64_t	guest;		/* instructions of the guest before it, emulated ones too */
	uint64_t	took;		/* until the guest went on */
	uint64_t	rip, linear;	/* the guest's, when this began */
	uint64_t	raw;		/* the vendor's code */
	uint64_t	value;		/* of an access, or its address; a stretch's length */
	uint32_t	number;		/* port, MSR, CR, vector, leaf, ..., by reason */
	uint32_t	more;		/* port's size, subleaf, error code, by reason */
	uint32_t	pages;		/* shadow pages in use afterwards */
	uint16_t	cs;
	uint8_t		reason, mode, ran_as;
	uint8_t		is;		/* TRACE_* */
	uint8_t		bits;		/* of the code: 16, 32 or 64 */
	uint8_t		size;		/* bytes of code that could be read */
	uint8_t		code[INSN_MAX];	/* at CS:RIP */
};

struct trace {
	struct hv_backend	backend;	/* the real one, but for its vcpu_run */
	const struct hv_backend	*real;
	struct trace_entry	*entry;		/* the ring */
	struct trace_request	request;
	unsigned		kept, next;	/* entries in it; where the next one goes */
	uint64_t		exits;		/* all that were seen */
	uint64_t		dropped_exits, dropped_stretches;

	struct trace_entry	now;		/* under way while `open` */
	bool			open;
	const struct exit	*exit;		/* the one under way, as handled so far */
	uint64_t		rax, rcx, rdx;	/* of the guest, at the exit */
	uint64_t		began;		/* the clock when it began */
	uint64_t		emulated;	/* instructions by then */
	/* What it took the last time to set the host's timer, move the clock, close an entry. */
	uint64_t		arming, moving, closing;
	uint64_t		outside;	/* of each exit, around what is measured */
	bool			measured;	/* ... but once, by itself */
	struct trace_entry	*last;		/* just closed, or NULL: it was dropped */
	char			text[TRACE_TEXT];	/* a line of the record */
};

/* When the vm is made and before it runs: a trace, if one is asked for. */
enum hv_err trace_make(struct vm *vm, const struct trace_request *request,
		       struct frame_pool *pool) MUST_CHECK;

/*
 * Called by the run loop of a vm that has one: emulation begins or goes on, and the run
 * is over, while its last exit is still there.
 */
void trace_emulating(struct vm *vm);
void trace_end(struct vm *vm);

/* What the exit was about, once it has been handled: number, more, value and is. */
void trace_detail(const struct vm *vm, const struct trace *trace,
		  struct trace_entry *entry);

/* The whole ring into the record; nothing where there is no trace. */
void trace_report(struct vm *vm);

#endif

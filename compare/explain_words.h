/*
 * Bits and reasons of the strategy in words. Private to compare/explain_strategy.c,
 * whose view of the hypervisor's headers it shares.
 */
#ifndef COMPARE_EXPLAIN_WORDS_H
#define COMPARE_EXPLAIN_WORDS_H

#include "core/strategy.h"

#define WHY_SVM \
	"VMRUN takes any CR0; nested paging translates below whatever the guest has."
#define WHY_UNRESTRICTED \
	"unrestricted guest lets VM entry have PE or PG clear; EPT translates below."
#define WHY_PAGED \
	"the guest has PE and PG set, as VM entry demands: its own tables, EPT below."
#define WHY_HIDDEN \
	"VM entry demands PG, the guest has none: it runs on tables it cannot see, " \
	"and whatever would show them exits."
#define WHY_VM86_EXACT \
	"VM entry demands PE and PG: real mode runs as virtual-8086 mode at IOPL 0, " \
	"where whatever touches IF or IOPL exits."
#define WHY_VM86_FAST \
	"as virtual-8086 mode at IOPL 3 with CR4.VME: PUSHF, POPF, CLI, STI, IRET and INT n " \
	"run without an exit; the guest's own IOPL being 3, none shows."
#define WHY_UNFIT \
	"VM entry would refuse these segments: interpreted until they fit again."
#define WHY_UNFIT_UNPAGED \
	"VM entry demands PE and PG, and would refuse these segments: interpreted until they fit."
#define WHY_EMULATE_OPTION \
	"unpaged=emulate: with paging off every instruction is interpreted, none enters."
#define WHY_SHADOW_UNPAGED \
	"without PG its addresses would be the machine's own: it runs on tables it cannot " \
	"see, and whatever would show them exits."
#define WHY_PAGED_REAL \
	"VMRUN takes PG without PE: real mode with any segments, on tables it cannot see."
#define WHY_SHADOW \
	"the hardware walks tables made from the guest's, filled in when it faults; whatever " \
	"changes what they mean exits."

struct bit_name {
	uint64_t	bits;
	const char	*name;		/* NULL ends */
};

extern const struct bit_name words_cr0[], words_cr4[], words_efer[];
extern const struct bit_name words_intercepts[], words_vectors[];

/* Names of the bits, separated by blanks; others are "reserved". To be freed. */
char *words_bits(const struct bit_name *names, uint64_t bits);

/* What exits only to be seen, by name; to be freed. */
char *words_observing(const struct hw_view *hw);

/* Whose tables the hardware walks for such a guest. */
const char *words_root(enum root root, const struct guest_view *guest);

/* What a policy of keeping shadow tables in step does. */
const char *words_sync(enum shadow_sync sync);

#endif

/*
 * Shadow page tables: what the hardware walks where it cannot walk the guest's own.
 * They are kept in step with the guest's tables by one of three policies. Knows no
 * vendor, no vcpu and no instruction; the guest's tables are hostile data.
 *
 * The hardware's format is PAE for a guest without paging, with 32-bit or with PAE
 * paging, and the guest's own for 4 and 5 levels. Upper entries are open; the last
 * one carries the AND of the guest's rights along the walk. SDM 3C "Emulating
 * the Guest's Page Tables" 32.3; APM vol. 2 "Shadow Page Tables" 15.24.6.
 */
#ifndef MMU_SHADOW_H
#define MMU_SHADOW_H

#include "mmu/err.h"
#include "mmu/frame.h"
#include "mmu/walk.h"

/* How the shadow follows the guest's tables. */
enum shadow_sync {
	SHADOW_UNSYNC,	/* as protect, but lowest tables may be written until the next flush */
	SHADOW_PROTECT,	/* a table in use is read-only for the guest: each write is emulated */
	SHADOW_FLUSH,	/* no protection: filled on faults, dropped on flushes, as a TLB */
};

struct shadow_config {
	enum shadow_sync	sync;
	bool			nx;		/* the hardware honours NX */
	unsigned		pages_max;	/* shadow pages at most; 0: by the guest's memory */
	hpa_t			fixed;		/* directory of a `fixed` root's fourth GiB */
};

/* What happened so far, for the record and the tests. */
struct shadow_counts {
	uint64_t	pages, pages_most;	/* shadow pages in use now, and at most */
	uint64_t	made, reclaimed;	/* taken into use; taken back for others */
	uint64_t	fills;			/* leaf entries made for a fault */
	uint64_t	written;		/* emulated writes to tables */
	uint64_t	floods;			/* tables given up for being written too often */
	uint64_t	unsynced, resynced;	/* tables let go out of step; brought back */
	uint64_t	compared;		/* entries looked at to bring them back */
};

enum shadow_answer {
	SHADOW_DONE,	/* none of the guest's business: let it try again */
	SHADOW_GUEST,	/* the fault is the guest's own, with this error code */
	SHADOW_EMULATE,	/* no entry can do it (no RAM, ROM written, a table written): by software */
};

#define SHADOW_NO_FRAME	UINT32_MAX
#define SHADOW_BOTH_SIDES (SHADOW_NO_FRAME - 1)	/* the user's and the supervisor's in turn */

struct shadow_page;
struct shadow_chunk;

#define SHADOW_RECENT	16	/* a power of two */

struct shadow {
	const struct guest_mem	*mem;
	struct frame_pool	*pool;
	struct shadow_config	config;
	struct shadow_page	*page;		/* [pages_max + 1]; number 0 stands for none */
	struct shadow_chunk	*chunk;		/* for each 2 MiB of guest memory below 4 GiB */
	hpa_t			array_frames;
	unsigned		array_count;
	unsigned		fresh;		/* the first page never used */
	unsigned		free, spare;	/* list of pages at hand; how many */
	unsigned		active, hand;	/* list of pages in use; its other end */
	unsigned		unsynced;	/* list of pages out of step, */
	unsigned		unsynced_upper;	/* ... and how many are not lowest tables */
	unsigned		root;		/* given to the hardware, never reclaimed */
	unsigned		nowhere;	/* the root of tables in no memory: stays empty */
	bool			fixed;		/* with paging off: has the configured directory */
	uint32_t		base;		/* role bits that the guest's mode decides */
	uint16_t		recent[SHADOW_RECENT];	/* roots, by the guest's CR3 */
	unsigned		top;		/* level index of the root */
	uint64_t		reserved;	/* address bits that no guest entry may have */
	uint64_t		near_tag;	/* the lowest table used last: address and root, */
	unsigned		near;		/* ... and which page it is; 0: none */
	uint64_t		address;	/* of the last fault */
	uint32_t		written;	/* ... the table's frame, or one of the two above */
	uint32_t		turned;		/* CR0.WP: the entry last taken from the user, */
	unsigned		turns;		/* ... and how often in a row */
	bool			doubted;	/* ... was it the guest's own? A flush will tell */
	uint64_t		generation;	/* grows when a table or watched leaf goes */
	uint64_t		watched;	/* bit n: leaves whose index is n, modulo 64 */
	bool			flush;		/* set: drop the hardware's translations */
	bool			guarded;	/* by shadow_guard(): the page of this address */
	bool			guard_due;	/* another entry may be the guarded one now */
	uint64_t		guard;
	struct shadow_counts	counts;
};

/*
 * All guest memory must lie below 4 GiB (HV_UNSUPPORTED), and the pool where a PAE
 * CR3 can name it. HV_NO_MEMORY when not even the smallest shadow fits.
 */
enum hv_err shadow_init(struct shadow *s, const struct guest_mem *mem,
			struct frame_pool *pool,
			const struct shadow_config *config) MUST_CHECK;
void shadow_fini(struct shadow *s);

/*
 * The guest's CR0, CR3, CR4, EFER or PDPTEs have changed: choose the root for them, made
 * when there is none yet. What the hardware's CR3 must hold. `fixed`: with the
 * configured directory (a guest without paging only). Does not flush.
 */
hpa_t shadow_root(struct shadow *s, const struct walk_mode *mode, bool fixed);

/* Is the root there is the one for paging off? */
bool shadow_root_unpaged(const struct shadow *s, bool fixed);

/*
 * The same when nothing but CR3 and the PDPTEs has changed since. The guest's
 * flush has been made already (shadow_sync_all).
 */
hpa_t shadow_root_switch(struct shadow *s, const struct walk_mode *mode);

/*
 * The hardware faulted at `address` under the current root, with `access`
 * (ACCESS_*) and error code `hardware`. *error: the guest's own error code.
 */
enum shadow_answer shadow_fault(struct shadow *s, const struct walk_mode *mode,
				gva_t address, unsigned access,
				uint32_t hardware, uint32_t *error);

/* Guest memory is about to be written by the hypervisor, inside one page. */
void shadow_write(struct shadow *s, gpa_t at, unsigned size);

/*
 * A table was to be written by an instruction that cannot be emulated: give up its
 * shadows, so that the guest can do it itself.
 */
void shadow_give_up(struct shadow *s, gpa_t at);

/*
 * The same, but the shadows stay, out of step: the guest may write the table, whatever
 * its level and the policy, until the next flush or INVLPG.
 */
void shadow_let_write(struct shadow *s, gpa_t at);

/*
 * The page of the host's that the hardware's own entries lead to for this address, or
 * NULL: they lead nowhere now.
 */
const uint8_t *shadow_leads(const struct shadow *s, gva_t address);

/* INVLPG of the guest. True: the hardware must drop its translation of `address`, too. */
bool shadow_invlpg(struct shadow *s, gva_t address);

/* The guest did what drops all translations: bring back what is out of step, or drop it. */
void shadow_sync_all(struct shadow *s);

/* Would shadow_sync_all() find nothing to do? */
static inline bool shadow_in_step(const struct shadow *s)
{
	return s->config.sync != SHADOW_FLUSH && !s->unsynced;
}

/*
 * From now on the guest cannot write the page of this linear address (SHADOW_EMULATE):
 * for hardware that writes there before it does what must not happen. Of its other
 * addresses only those are touched that share the very entry. It holds while the guest
 * is entered with guard_due clear, which shadow_guard_check() sees to.
 */
void shadow_guard(struct shadow *s, gva_t address);
void shadow_unguard(struct shadow *s);
void shadow_guard_check(struct shadow *s);

/* One level of the picture of an address: the guest's entry beside the hardware's. */
enum shadow_why {
	SHADOW_WHY_SAME,	/* nothing differs but the frame */
	SHADOW_WHY_ABSENT,	/* the guest's is there, ours not yet made or dropped */
	SHADOW_WHY_GUEST_ABSENT,/* the guest's is not present */
	SHADOW_WHY_RESERVED,	/* the guest's has a reserved bit set */
	SHADOW_WHY_OPEN,	/* an upper entry: rights are kept in the last one */
	SHADOW_WHY_TABLE,	/* read-only: the page holds a table of the guest's */
	SHADOW_WHY_CLEAN,	/* read-only: the guest's dirty bit is clear */
	SHADOW_WHY_ROM,		/* read-only memory */
	SHADOW_WHY_GUARDED,	/* read-only: shadow_guard() */
	SHADOW_WHY_LATE,	/* read-only: for a reason that is gone */
	SHADOW_WHY_NO_RAM,	/* nothing behind the address: each access is emulated */
	SHADOW_WHY_NO_TABLE,	/* nothing behind the address of a table: the same */
	SHADOW_WHY_SPLIT,	/* a large page of the guest's in smaller ones */
	SHADOW_WHY_FORMAT,	/* a level that only the hardware's format has */
	SHADOW_WHY_WP,		/* rights turned round: the guest's CR0.WP is clear */
	SHADOW_WHY_STALE,	/* out of step until the next flush */
	SHADOW_WHYS
};

struct shadow_line {
	uint8_t		level;		/* level index */
	bool		has_guest, has_shadow;
	gpa_t		guest_at;
	uint64_t	guest;		/* the guest's entry */
	hpa_t		shadow_at;
	uint64_t	shadow;		/* the hardware's */
	enum shadow_why	why;
};

/*
 * From the root down, as far as the guest's entries or the hardware's go: the count, 0
 * when the address is not canonical. `mode` is what the root was chosen for. Changes
 * nothing, accessed bits neither.
 */
#define SHADOW_LINES	PT_LEVELS_MAX
unsigned shadow_picture(const struct shadow *s, const struct walk_mode *mode,
			gva_t address, struct shadow_line lines[SHADOW_LINES]);
const char *shadow_why_text(enum shadow_why why);

#endif

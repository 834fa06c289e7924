/*
 * The guest under its user's control: stopped before its first instruction, at
 * breakpoints, after one instruction, or when asked. Knows no vendor, and of the user
 * only three callbacks. Off, it costs an exit nothing: on, it stands before the backend.
 *
 * A step is carried out by the emulator, so that neither RFLAGS.TF nor a shadow after
 * MOV SS or STI tells the guest. Breakpoints are DR0 to DR3 of the hardware, merged with the
 * guest's own, which are software's from then on; emulated code honours both alike.
 * While the guest stands still, so does its clock.
 */
#ifndef CORE_DEBUG_H
#define CORE_DEBUG_H

#include "core/backend.h"
#include "core/breakpoint.h"

struct vm;

enum debug_why { DEBUG_START, DEBUG_BREAK, DEBUG_WATCH, DEBUG_STEP, DEBUG_ASKED };

struct debug_stop {
	enum debug_why	why;
	uint64_t	address;	/* DEBUG_WATCH: what is watched */
};

/* One of ours. */
struct debug_point {
	uint64_t	at;		/* linear */
	uint8_t		kind;		/* BREAK_CODE, BREAK_WRITE or BREAK_ACCESS; 0: none */
	uint8_t		size;		/* bytes: 1, 2, 4 or 8 */
};

/* Who controls the guest. */
struct debug_user {
	/* It stands still, all of its state valid. On return it goes on, or has been ended. */
	void (*stopped)(struct vm *vm, const struct debug_stop *stop);
	/* Asked now and then while it runs: shall it stop? */
	bool (*calls)(struct vm *vm);
	/* It has ended: vm->end says how. */
	void (*ended)(struct vm *vm);
};

struct debug {
	struct hv_backend	backend;	/* the real one, but for its vcpu_run */
	const struct hv_backend	*real;
	const struct debug_user	*user;
	struct debug_point	point[DR_COUNT];
	int8_t			held[DR_COUNT];	/* merged: which point each register has; -1 */
	uint64_t		dr[DR_COUNT], dr6, dr7;	/* the guest's own, while it runs */
	struct debug_stop	stop;
	bool			stopping;	/* before the next instruction */
	bool			step;		/* after the next instruction */
	bool			past;		/* the one at RIP has been stopped at already */
	bool			merged;		/* v->dr and v->dr7 hold ours and the guest's */
	bool			by_cpu;		/* the emulator has not got the one at RIP */
};

/* From now on `user` controls this vm, which has a backend and has not run. */
void debug_begin(struct vm *vm, struct debug *debug, const struct debug_user *user);

/*
 * In stopped(): a breakpoint more, or one less. False: all four are taken, the size is
 * none, the hardware here cannot do it; or there is none such.
 */
bool debug_point_add(struct vm *vm, const struct debug_point *point) MUST_CHECK;
bool debug_point_remove(struct vm *vm, const struct debug_point *point) MUST_CHECK;
void debug_points_clear(struct vm *vm);

/* The run loop's, in place of assist_run(), and when the guest has ended. */
void debug_emulated(struct vm *vm);
void debug_end(struct vm *vm);

#endif

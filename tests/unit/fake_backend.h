/*
 * A backend without hardware for the core's tests: plays a script of exits, keeps
 * what each entry committed, and holds the core to its contract. Knows no rule
 * under test.
 *
 * After each exit every state group that is not in `valid` is overwritten with
 * noise, and which groups come for free varies from exit to exit: a handler that
 * forgets vcpu_need() works on noise. At each entry a group that was edited without
 * being marked dirty, or marked without having been valid, fails the test.
 */
#ifndef TESTS_FAKE_BACKEND_H
#define TESTS_FAKE_BACKEND_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/backend.h"
#include "core/text.h"

#define FAKE_ENTRIES	48
#define FAKE_GUEST	100	/* TSC units in the guest, unless a step says otherwise */
#define FAKE_HOST	10	/* and between an exit and the next entry */
#define FAKE_TSC	1000	/* at the first entry */
#define FAKE_BROKEN	"the fake rule of entry is broken"

struct fake;

struct fake_step {
	struct exit	exit;
	uint64_t	guest, host;		/* TSC units; 0: the usual */
	void		(*play)(struct fake *fake);	/* what the guest did before the exit */
};

struct fake_entry {
	struct event	event;		/* injected */
	uint32_t	dirty;		/* committed */
	unsigned	flushes;	/* asked for since the entry before */
	struct vcpu	cpu;		/* the guest's whole state as it was entered */
};

struct fake {
	struct host_cpu		host;		/* finds the rest: see fake_of() */
	struct hv_caps		caps;
	enum hv_err		on_result, init_result;
	const struct fake_step	*step;		/* past the last, HLT */
	unsigned		steps;
	/* Once, before entry. */
	void			(*look)(struct fake *fake, struct vm *vm);
	void			*opaque;	/* look's */

	struct vcpu		cpu;		/* what the hardware holds */
	struct fake_entry	entry[FAKE_ENTRIES];
	unsigned		entries, flushes, on, inits;
	uint32_t		noise;		/* not 0 */
	uint64_t		tsc;
};

/* Where every field of struct vcpu belongs. */
struct fake_field { uint32_t group; size_t at, size; };

#define FAKE_FIELD(group, name)						\
	{ group, offsetof(struct vcpu, name), sizeof(((struct vcpu *)0)->name) }
#define FAKE_SEG(group, n)						\
	FAKE_FIELD(group, seg[n].sel), FAKE_FIELD(group, seg[n].ar),	\
	FAKE_FIELD(group, seg[n].limit), FAKE_FIELD(group, seg[n].base)

static const struct fake_field fake_fields[] = {
	FAKE_FIELD(ST_RIP, rip), FAKE_FIELD(ST_RIP, rflags),
	FAKE_FIELD(ST_RSP, gpr[GPR_RSP]),
	FAKE_FIELD(ST_CR, cr0), FAKE_FIELD(ST_CR, cr3), FAKE_FIELD(ST_CR, cr4),
	FAKE_FIELD(ST_CR, cr8), FAKE_FIELD(ST_CR, efer),
	FAKE_FIELD(ST_CR, pdpte), FAKE_FIELD(ST_CR2, cr2),
	FAKE_SEG(ST_CS, SEG_CS), FAKE_SEG(ST_SS, SEG_SS),
	FAKE_FIELD(ST_CPL, cpl),
	FAKE_SEG(ST_SEG, SEG_ES), FAKE_SEG(ST_SEG, SEG_DS),
	FAKE_SEG(ST_SEG, SEG_FS), FAKE_SEG(ST_SEG, SEG_GS),
	FAKE_SEG(ST_SEG, SEG_LDTR), FAKE_SEG(ST_SEG, SEG_TR),
	FAKE_FIELD(ST_DTR, gdtr.base), FAKE_FIELD(ST_DTR, gdtr.limit),
	FAKE_FIELD(ST_DTR, idtr.base), FAKE_FIELD(ST_DTR, idtr.limit),
	FAKE_FIELD(ST_DR, dr), FAKE_FIELD(ST_DR, dr6), FAKE_FIELD(ST_DR, dr7),
	FAKE_FIELD(ST_MSR, sysenter_cs), FAKE_FIELD(ST_MSR, sysenter_esp),
	FAKE_FIELD(ST_MSR, sysenter_eip), FAKE_FIELD(ST_MSR, star),
	FAKE_FIELD(ST_MSR, lstar), FAKE_FIELD(ST_MSR, cstar),
	FAKE_FIELD(ST_MSR, sfmask), FAKE_FIELD(ST_MSR, kernel_gs_base),
	FAKE_FIELD(ST_PAT, pat), FAKE_FIELD(ST_SHADOW, shadow),
	FAKE_FIELD(ST_SHADOW, held_hits),
};

static inline struct fake *fake_of(const struct vcpu *v)
{
	return v->backend;
}

/* xorshift32: G. Marsaglia, "Xorshift RNGs". */
static inline uint32_t fake_noise(struct fake *f)
{
	f->noise ^= f->noise << 13;
	f->noise ^= f->noise >> 17;
	f->noise ^= f->noise << 5;
	return f->noise;
}

static inline void fake_copy(struct vcpu *to, const struct vcpu *from,
			     uint32_t groups)
{
	for (size_t i = 0; i < ARRAY_SIZE(fake_fields); i++) {
		const struct fake_field *f = &fake_fields[i];

		if (f->group & groups)
			memcpy((uint8_t *)to + f->at,
			       (const uint8_t *)from + f->at, f->size);
	}
}

static inline void fake_gprs(struct vcpu *to, const struct vcpu *from)
{
	for (unsigned i = 0; i < GPR_COUNT; i++)
		if (i != GPR_RSP)
			to->gpr[i] = from->gpr[i];
}

static inline void fake_poison(struct fake *fake, struct vcpu *v,
			       uint32_t groups)
{
	for (size_t i = 0; i < ARRAY_SIZE(fake_fields); i++) {
		const struct fake_field *f = &fake_fields[i];

		for (size_t n = 0; f->group & groups && n < f->size; n++)
			((uint8_t *)v)[f->at + n] = (uint8_t)fake_noise(fake);
	}
}

/* The core kept its side of the contract: see the head of this file. */
static inline void fake_check(const struct fake *fake, const struct vcpu *v)
{
	uint32_t unfetched = v->dirty & ~(v->valid | ST_ROOT);

	/* Of the root there is nothing to fetch. */
	if (unfetched)
		fail_msg("groups %#x are dirty but not valid", unfetched);
	for (size_t i = 0; i < ARRAY_SIZE(fake_fields); i++) {
		const struct fake_field *f = &fake_fields[i];

		if (v->valid & ~v->dirty & f->group &&
		    memcmp((const uint8_t *)v + f->at,
			   (const uint8_t *)&fake->cpu + f->at, f->size))
			fail_msg("group %#x was edited but is not dirty",
				 f->group);
	}
}

static inline void fake_commit(struct fake *fake, struct vcpu *v)
{
	struct fake_entry *entry = &fake->entry[fake->entries++];

	assert_true(fake->entries < FAKE_ENTRIES);
	fake_check(fake, v);
	fake_copy(&fake->cpu, v, v->dirty);
	fake_gprs(&fake->cpu, v);
	*entry = (struct fake_entry){
		.event = v->pending, .dirty = v->dirty,
		.flushes = fake->flushes, .cpu = fake->cpu,
	};
	fake->flushes = 0;
	v->pending.kind = EVENT_NONE;
	/* Delivery starts its handler outside the interrupted code's shadow. */
	if (entry->event.kind)
		fake->cpu.shadow &= ~(SHADOW_STI | SHADOW_MOV_SS);
}

/* Nothing, the common choice, or any: each a backend's right. */
static inline uint32_t fake_free_groups(struct fake *fake)
{
	switch (fake_noise(fake) % 3) {
	case 0:
		return 0;
	case 1:
		return ST_RIP | ST_SHADOW | ST_CPL;
	default:
		return fake_noise(fake) & ST_ALL;
	}
}

static inline void fake_run(struct vcpu *v, struct exit *exit)
{
	static const struct fake_step over = { .exit = { .reason = EXIT_HLT, .insn_len = 1 } };
	struct fake *fake = fake_of(v);
	unsigned at = fake->entries;
	const struct fake_step *s = at < fake->steps ? &fake->step[at] : &over;

	fake_commit(fake, v);
	v->tsc.entry = fake->tsc;
	if (s->play)
		s->play(fake);
	fake->tsc += s->guest ? s->guest : FAKE_GUEST;
	v->tsc.exit = fake->tsc;
	fake->tsc += s->host ? s->host : FAKE_HOST;

	*exit = s->exit;
	v->dirty = 0;
	v->valid = fake_free_groups(fake);
	fake_poison(fake, v, ST_ALL & ~v->valid);
	fake_copy(v, &fake->cpu, v->valid);
	fake_gprs(v, &fake->cpu);
}

static inline void fake_fetch(struct vcpu *v, uint32_t groups)
{
	struct fake *fake = fake_of(v);

	if (groups & v->dirty)
		fail_msg("fetch of dirty groups %#x", groups & v->dirty);
	if (groups & ST_CONTROLS) {
		v->control[0] = (struct control){ "entries", fake->entries };
		v->control[1] = (struct control){ "inits", fake->inits };
		v->controls = 2;
	}
	fake_copy(v, &fake->cpu, groups);
	v->valid |= groups;
}

static inline void fake_flush(struct vcpu *v, const gva_t *page)
{
	(void)page;
	fake_of(v)->flushes++;
}

static inline void fake_diagnose(struct vcpu *v, char *text, unsigned size)
{
	(void)v;
	text_format(text, size, "%s", FAKE_BROKEN);
}

/* struct fake begins with the host's snapshot, which the core hands round. */
static inline struct fake *fake_of_host(const struct host_cpu *host)
{
	return (struct fake *)(uintptr_t)host;
}

static inline void fake_probe(const struct host_cpu *host, struct hv_caps *caps)
{
	*caps = fake_of_host(host)->caps;
}

static inline enum hv_err fake_cpu_on(struct hv_cpu *cpu)
{
	struct fake *fake = fake_of_host(cpu->host);

	if (fake->on_result == HV_OK)
		fake->on++;
	return fake->on_result;
}

static inline void fake_cpu_off(struct hv_cpu *cpu)
{
	fake_of_host(cpu->host)->on--;
}

static inline enum hv_err fake_init(struct vcpu *v, struct hv_cpu *cpu)
{
	struct fake *fake = fake_of_host(cpu->host);

	v->backend = fake;
	if (fake->look)
		fake->look(fake, v->vm);
	if (fake->init_result == HV_OK)
		fake->inits++;
	return fake->init_result;
}

static inline void fake_fini(struct vcpu *v)
{
	fake_of(v)->inits--;
}

#define FAKE_BACKEND(called, format) {					\
	.name = called, .nested_format = format, .probe = fake_probe,	\
	.cpu_on = fake_cpu_on, .cpu_off = fake_cpu_off,			\
	.vcpu_init = fake_init, .vcpu_fini = fake_fini,			\
	.vcpu_run = fake_run, .state_fetch = fake_fetch,		\
	.tlb_flush = fake_flush, .entry_diagnose = fake_diagnose,	\
}

#endif

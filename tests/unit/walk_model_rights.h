/*
 * The second model's other half: what a translation allows, the error code, accessed
 * and dirty flags, canonical addresses. Must not know how mmu/ does it.
 * SDM 3A "Access Rights" 4.6, "Page-Fault Exceptions" 4.7, "Accessed and Dirty Flags" 4.8.
 */
#ifndef TESTS_WALK_MODEL_RIGHTS_H
#define TESTS_WALK_MODEL_RIGHTS_H

#include "walk_model.h"

/* ---- what the entries that control the translation say together ---- */

static inline bool model_writable(const struct model *m)
{
	for (unsigned i = m->level; i < m->levels; i++)
		if (m->controls[i] && !model_bit(m->entry[i], 1))
			return false;
	return true;
}

static inline bool model_user_address(const struct model *m)
{
	for (unsigned i = m->level; i < m->levels; i++)
		if (m->controls[i] && !model_bit(m->entry[i], 2))
			return false;
	return true;
}

/* Bit 63 is XD with NXE only (without, it is reserved); 32-bit entries have none. */
static inline bool model_no_execute(const struct model *m)
{
	for (unsigned i = m->level; i < m->levels; i++)
		if (m->controls[i] && model_bit(m->entry[i], 63))
			return true;
	return false;
}

static inline bool model_global(const struct model *m)
{
	return m->mode->cr4 & CR4_PGE && model_bit(m->entry[m->level], 8);
}

/* ---- 4.6 ---- */

/* 4.6.1: accesses to system structures are supervisor-mode whatever the CPL. */
static inline bool model_user_access(const struct model *m)
{
	return m->access & ACCESS_USER && !(m->access & ACCESS_IMPLICIT);
}

static inline bool model_is_data(const struct model *m)
{
	return !(m->access & ACCESS_FETCH);
}

/* 4.6.2: data accesses to user-mode addresses, in 4-level and 5-level paging. */
static inline bool model_key_denies(const struct model *m)
{
	const struct walk_mode *mode = m->mode;
	unsigned key = (unsigned)model_bits(m->entry[m->level], 62, 59);
	bool ad = model_bit(mode->pkru, 2 * key), wd = model_bit(mode->pkru, 2 * key + 1);

	if (!(mode->efer & EFER_LMA) || !(mode->cr4 & CR4_PKE))
		return false;
	if (!model_is_data(m) || !model_user_address(m))
		return false;
	if (ad)
		return true;
	return wd && m->access & ACCESS_WRITE &&
	       (model_user_access(m) || mode->cr0 & CR0_WP);
}

/* 4.6.1, "For supervisor-mode accesses". */
static inline bool model_supervisor_may(const struct model *m)
{
	const struct walk_mode *mode = m->mode;
	bool user_address = model_user_address(m);

	if (m->access & ACCESS_FETCH) {
		if (user_address && mode->cr4 & CR4_SMEP)
			return false;
		return !model_no_execute(m);
	}
	if (user_address && mode->cr4 & CR4_SMAP) {
		if (m->access & ACCESS_IMPLICIT)
			return false;
		if (!mode->rflags_ac)
			return false;
	}
	if (m->access & ACCESS_WRITE && mode->cr0 & CR0_WP)
		return model_writable(m);
	return true;
}

/* 4.6.1, "For user-mode accesses". */
static inline bool model_user_may(const struct model *m)
{
	if (!model_user_address(m))
		return false;
	if (m->access & ACCESS_FETCH)
		return !model_no_execute(m);
	if (m->access & ACCESS_WRITE)
		return model_writable(m);
	return true;
}

static inline bool model_may(const struct model *m)
{
	if (model_key_denies(m))
		return false;
	return model_user_access(m) ? model_user_may(m) : model_supervisor_may(m);
}

/* ---- 4.7: each flag by its own sentence ---- */

static inline uint32_t model_error_code(const struct model *m)
{
	const struct walk_mode *mode = m->mode;
	uint32_t error = 0;

	if (m->found != MODEL_NOT_PRESENT)
		error |= UINT32_C(1) << 0;
	if (m->access & ACCESS_WRITE)
		error |= UINT32_C(1) << 1;
	if (model_user_access(m))
		error |= UINT32_C(1) << 2;
	if (m->found == MODEL_RESERVED)
		error |= UINT32_C(1) << 3;
	if (m->access & ACCESS_FETCH &&
	    (mode->cr4 & CR4_SMEP || (mode->cr4 & CR4_PAE && model_nxe(mode))))
		error |= UINT32_C(1) << 4;
	/* Without a translation there is no key. */
	if (m->found == MODEL_TRANSLATED && model_key_denies(m))
		error |= UINT32_C(1) << 5;
	return error;
}

/* ---- 4.8 ---- */

static inline void model_mark(struct model *m)
{
	for (unsigned i = m->level; i < m->levels; i++) {
		uint64_t value = 0, flags = UINT64_C(1) << 5;
		bool rom;
		uint8_t *to;

		if (!m->controls[i])
			continue;
		if (i == m->level && m->access & ACCESS_WRITE)
			flags |= UINT64_C(1) << 6;
		to = model_at(m->mem, m->entry_at[i], &rom);
		if (!to || rom)
			continue;
		m->entry[i] |= flags;
		memcpy(&value, to, m->entry_size);
		value |= flags;
		memcpy(to, &value, m->entry_size);
	}
}

/* ---- the whole ---- */

/* SDM 1 "Canonical Addressing" 3.3.7.1: the bits above the highest one used equal it. */
static inline bool model_canonical(uint64_t address, unsigned width)
{
	uint64_t above = address >> (width - 1);

	return above == 0 || above == UINT64_MAX >> (width - 1);
}

static inline enum walk_result model_walk(struct model *m)
{
	const struct walk_mode *mode = m->mode;

	/* 4.1.1: which mode. */
	if (!(mode->cr0 & CR0_PG)) {
		m->physical = m->address;
		m->page_size = UINT64_C(4) << 30;
		return WALK_OK;
	}
	if (!(mode->cr4 & CR4_PAE)) {
		model_32bit(m);
	} else if (!(mode->efer & EFER_LMA)) {
		model_pae(m);
	} else if (!(mode->cr4 & CR4_LA57)) {
		m->levels = 4;
		if (!model_canonical(m->address, 48))
			return WALK_NOT_CANONICAL;
		model_4level(m);
	} else {
		m->levels = 5;
		if (!model_canonical(m->address, 57))
			return WALK_NOT_CANONICAL;
		model_5level(m);
	}
	if (m->found != MODEL_TRANSLATED || !model_may(m)) {
		m->error = model_error_code(m);
		return WALK_FAULT;
	}
	if (!(m->access & ACCESS_NO_AD))
		model_mark(m);
	return WALK_OK;
}

#endif

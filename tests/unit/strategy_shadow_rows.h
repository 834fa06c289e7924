/*
 * The modes of a guest, and what the hardware is to run with where it walks shadow
 * tables: SVM without nested paging, VT-x without EPT. From the manuals, not from the code.
 */
#ifndef TESTS_STRATEGY_SHADOW_ROWS_H
#define TESTS_STRATEGY_SHADOW_ROWS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/strategy.h"
#include "mmu/x86_defs.h"

#define GUEST_CR4	(CR4_VME | CR4_PSE | CR4_PAE | CR4_PGE | CR4_OSFXSR | \
			 CR4_LA57 | CR4_PCIDE | CR4_SMEP | CR4_SMAP | CR4_PKE | \
			 CR4_PKS)
#define IC_CR_READ	(IC_CR0_READ | IC_CR4_READ)
#define IC_ALWAYS	(IC_CR0_WRITE | IC_CR4_WRITE | IC_CR3 | IC_INVLPG | \
			 IC_TASK_SWITCH | IC_EFER_READ | IC_EFER_WRITE)

/* APM vol. 2 "Canonicalization and Consistency Checks" 15.5.1: EFER.SVME must be 1. */
static const struct hv_caps svm = {
	.paged_real = true, .nx = true, .pdptes = true, .df_deliver = true,
	.efer_hidden = true, .efer_must = EFER_SVME,
	.cr4_can = GUEST_CR4 | CR4_MCE | CR4_OSXSAVE,
};

/* SDM 3D "VMX-Fixed Bits in CR0" A.7, "in CR4" A.8; PE and PG are the strategy's. */
static const struct hv_caps vmx = {
	.masks = true, .nx = true, .pdptes = true,
	.cr0_must = CR0_NE, .cr4_must = CR4_VMXE,
	.cr4_can = GUEST_CR4 | CR4_VMXE | CR4_OSXSAVE,
};

/* The hardware's values but for what each vendor demands: SVME; NE and VMXE. */
struct expected {
	uint64_t	cr0, cr4;
	enum ran_as	ran_as;
	enum root	root;
};

static const struct row {
	const char	*name;
	uint64_t	cr0, cr4, efer;		/* the guest's; CR0.ET is added */
	struct expected	svm, vmx;
	uint64_t	hw_efer;
	uint32_t	reads;			/* without read shadows */
} rows[] = {
	{ "real mode as at reset", CR0_CD | CR0_NW, 0, 0,
	  { CR0_PG | CR0_WP, CR4_PAE, RAN_PAGED_REAL, ROOT_SHADOW },
	  { CR0_PE | CR0_PG | CR0_WP, CR4_PAE, RAN_VM86, ROOT_SHADOW_VM86 },
	  EFER_NXE, IC_CR_READ },
	{ "real mode, all of paging set beforehand", CR0_WP | CR0_AM | CR0_MP,
	  CR4_PSE | CR4_PAE | CR4_PGE | CR4_OSFXSR | CR4_LA57 | CR4_SMEP |
	  CR4_SMAP | CR4_PKE | CR4_PKS, EFER_LME | EFER_SCE,
	  /* PKE means nothing to a PAE walk, but RDPKRU asks for it. SDM 3A 4.6.2 */
	  { CR0_PG | CR0_WP | CR0_AM | CR0_MP,
	    CR4_PSE | CR4_PAE | CR4_OSFXSR | CR4_PKE, RAN_PAGED_REAL, ROOT_SHADOW },
	  { CR0_PE | CR0_PG | CR0_WP | CR0_MP,
	    CR4_PSE | CR4_PAE | CR4_OSFXSR | CR4_PKE, RAN_VM86, ROOT_SHADOW_VM86 },
	  EFER_NXE | EFER_SCE, IC_CR_READ },
	{ "real mode with VME", CR0_TS, CR4_VME | CR4_PAE, 0,
	  { CR0_PG | CR0_WP | CR0_TS, CR4_VME | CR4_PAE, RAN_PAGED_REAL,
	    ROOT_SHADOW },
	  { CR0_PE | CR0_PG | CR0_WP | CR0_TS, CR4_PAE, RAN_VM86,
	    ROOT_SHADOW_VM86 },
	  EFER_NXE, IC_CR0_READ },
	{ "unpaged", CR0_PE | CR0_AM, CR4_PGE | CR4_SMEP | CR4_VME, EFER_NXE,
	  { CR0_PE | CR0_PG | CR0_WP | CR0_AM, CR4_PAE | CR4_VME, RAN_HIDDEN,
	    ROOT_SHADOW },
	  { CR0_PE | CR0_PG | CR0_WP | CR0_AM, CR4_PAE | CR4_VME, RAN_HIDDEN,
	    ROOT_SHADOW },
	  EFER_NXE, IC_CR_READ },
	{ "unpaged, LME before LMA", CR0_PE | CR0_WP, CR4_PAE | CR4_LA57,
	  EFER_LME | EFER_NXE | EFER_SCE,
	  { CR0_PE | CR0_PG | CR0_WP, CR4_PAE, RAN_HIDDEN, ROOT_SHADOW },
	  { CR0_PE | CR0_PG | CR0_WP, CR4_PAE, RAN_HIDDEN, ROOT_SHADOW },
	  EFER_NXE | EFER_SCE, IC_CR_READ },
	{ "32-bit paging, WP clear", CR0_PE | CR0_PG, CR4_PSE | CR4_PGE, 0,
	  { CR0_PE | CR0_PG | CR0_WP, CR4_PSE | CR4_PAE, RAN_SHADOW,
	    ROOT_SHADOW },
	  { CR0_PE | CR0_PG | CR0_WP, CR4_PSE | CR4_PAE, RAN_SHADOW,
	    ROOT_SHADOW },
	  EFER_NXE, IC_CR_READ },
	{ "32-bit paging, WP set", CR0_PE | CR0_PG | CR0_WP | CR0_TS,
	  CR4_SMEP | CR4_SMAP, EFER_NXE,
	  { CR0_PE | CR0_PG | CR0_WP | CR0_TS, CR4_PAE | CR4_SMEP | CR4_SMAP,
	    RAN_SHADOW, ROOT_SHADOW },
	  { CR0_PE | CR0_PG | CR0_WP | CR0_TS, CR4_PAE | CR4_SMEP | CR4_SMAP,
	    RAN_SHADOW, ROOT_SHADOW },
	  EFER_NXE, IC_CR4_READ },
	{ "PAE, as the hardware has it", CR0_PE | CR0_PG | CR0_WP, CR4_PAE, 0,
	  { CR0_PE | CR0_PG | CR0_WP, CR4_PAE, RAN_SHADOW, ROOT_SHADOW },
	  { CR0_PE | CR0_PG | CR0_WP, CR4_PAE, RAN_SHADOW, ROOT_SHADOW },
	  EFER_NXE, 0 },
	{ "PAE with global pages", CR0_PE | CR0_PG | CR0_WP | CR0_AM,
	  CR4_PAE | CR4_PGE | CR4_OSFXSR | CR4_SMAP, EFER_SCE,
	  { CR0_PE | CR0_PG | CR0_WP | CR0_AM, CR4_PAE | CR4_OSFXSR | CR4_SMAP,
	    RAN_SHADOW, ROOT_SHADOW },
	  { CR0_PE | CR0_PG | CR0_WP | CR0_AM, CR4_PAE | CR4_OSFXSR | CR4_SMAP,
	    RAN_SHADOW, ROOT_SHADOW },
	  EFER_NXE | EFER_SCE, IC_CR4_READ },
	{ "PAE, cache off", CR0_PE | CR0_PG | CR0_WP | CR0_CD, CR4_PAE, 0,
	  { CR0_PE | CR0_PG | CR0_WP, CR4_PAE, RAN_SHADOW, ROOT_SHADOW },
	  { CR0_PE | CR0_PG | CR0_WP, CR4_PAE, RAN_SHADOW, ROOT_SHADOW },
	  EFER_NXE, IC_CR0_READ },
	{ "long mode", CR0_PE | CR0_PG, CR4_PAE | CR4_PCIDE | CR4_PKE | CR4_SMEP,
	  EFER_LME | EFER_LMA | EFER_SCE,
	  { CR0_PE | CR0_PG | CR0_WP, CR4_PAE | CR4_PKE | CR4_SMEP, RAN_SHADOW,
	    ROOT_SHADOW },
	  { CR0_PE | CR0_PG | CR0_WP, CR4_PAE | CR4_PKE | CR4_SMEP, RAN_SHADOW,
	    ROOT_SHADOW },
	  EFER_LME | EFER_LMA | EFER_SCE | EFER_NXE, IC_CR_READ },
	{ "long mode, five levels", CR0_PE | CR0_PG | CR0_WP, CR4_PAE | CR4_LA57,
	  EFER_LME | EFER_LMA | EFER_NXE,
	  { CR0_PE | CR0_PG | CR0_WP, CR4_PAE | CR4_LA57, RAN_SHADOW,
	    ROOT_SHADOW },
	  { CR0_PE | CR0_PG | CR0_WP, CR4_PAE | CR4_LA57, RAN_SHADOW,
	    ROOT_SHADOW },
	  EFER_LME | EFER_LMA | EFER_NXE, 0 },
};

static inline struct guest_view view_of(const struct row *row)
{
	return (struct guest_view){
		.cr0 = row->cr0 | CR0_ET, .cr3 = 0x5018, .cr4 = row->cr4,
		.efer = row->efer, .rflags = RFLAGS_ONE, .fits = true,
	};
}

static inline struct hw_view ask_with(const struct guest_view *guest,
				      const struct hv_caps *caps,
				      const struct rung_options *options)
{
	const struct rung *rung = &rungs[caps->masks ? RUNG_VMX_SHADOW :
					 RUNG_SVM_SHADOW];
	struct hw_view out;

	strategy(guest, caps, rung, options, GUEST_CR4, &out);
	return out;
}

static inline struct hw_view ask(const struct guest_view *guest,
				 const struct hv_caps *caps)
{
	const struct rung_options options = { .observe = OBSERVE_NONE };

	return ask_with(guest, caps, &options);
}

static inline struct hw_view ask_row(const struct row *row,
				     const struct hv_caps *caps)
{
	const struct guest_view guest = view_of(row);

	return ask(&guest, caps);
}

/* `what` is said only when it fails. */
static inline void same(uint64_t got, uint64_t expected, const char *what,
			const struct row *row)
{
	if (got != expected)
		fail_msg("%s: %s is %#llx, not %#llx", row->name, what,
			 (unsigned long long)got, (unsigned long long)expected);
}

#endif

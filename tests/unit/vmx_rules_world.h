/*
 * The VMCS that tests of the entry rules start from: an array in place of the
 * hardware, filled as one of six valid guests on a CPU that can do everything (one of
 * them on a CPU of the first generation).
 */
#ifndef TESTS_VMX_RULES_WORLD_H
#define TESTS_VMX_RULES_WORLD_H

#include <string.h>

#include "vmx/rules.h"
#include "vmx/vmcs.h"
#include "vmx/vmx_defs.h"

#define FIELD_SPACE	(VMCS_HOST_SSP_TABLE + 1)

enum base {
	BASE_LONG,	/* 64-bit code, EPT */
	BASE_PM32,	/* 32-bit code under 32-bit paging */
	BASE_PAE,	/* 32-bit code under PAE paging, EPT */
	BASE_VM86,	/* virtual-8086 mode */
	BASE_REAL,	/* real mode with unrestricted guest */
	BASE_SHADOW,	/* 32-bit code, PAE tables; no secondary controls, none for EFER */
	BASE_COUNT
};

struct world {
	uint64_t		field[FIELD_SPACE];
	struct vmx_rule_input	in;
};

#define TEST_CODE64	(AR_REAL_CODE | AR_L | AR_G)
#define TEST_CODE32	(AR_REAL_CODE | AR_DB | AR_G)
#define TEST_DATA32	(AR_REAL_DATA | AR_DB | AR_G)
#define TEST_VM86	0xf3
#define FLAT		0xffffffff

/* Nothing must be one but the default-one bits of a first-generation CPU. */
static const struct vmx_rule_caps able = {
	.misc = VMX_MISC_ACTIVITY_HLT | VMX_MISC_ACTIVITY_SHUTDOWN |
		VMX_MISC_ACTIVITY_WAIT_SIPI | FIELD_PUT(VMX_MISC_CR3_TARGETS, UINT64_C(4)),
	.ept_vpid = VMX_EPT_WALK_4 | VMX_EPT_TYPE_UC | VMX_EPT_TYPE_WB,
	.pin = 0xffffffff00000016,
	.proc = 0xffffffff04006172,
	.proc2 = 0xffffffff00000000,
	.exit = 0xffffffff00036dfb,
	.entry = 0xffffffff000011fb,
	.cr0_fixed0 = CR0_PE | CR0_NE | CR0_PG,
	.cr0_fixed1 = 0xffffffff,
	.cr4_fixed0 = CR4_VMXE,
	.cr4_fixed1 = CR4_VME | CR4_DE | CR4_PSE | CR4_PAE | CR4_PGE | CR4_OSFXSR |
		      CR4_VMXE | CR4_PCIDE | CR4_SMEP | CR4_CET,
	.efer_supported = EFER_SCE | EFER_LME | EFER_LMA | EFER_NXE,
	.debugctl_supported = 0x1fc3,
	.phys_bits = 40,
	.linear_bits = 48,
	.long_mode = true,
};

static void fill_controls(uint64_t *v)
{
	v[VMCS_CTL_PIN] = 0x16 | VMX_PIN_EXT_INTR | VMX_PIN_NMI;
	v[VMCS_CTL_PROC] = 0x04006172 | VMX_PROC_SECONDARY | VMX_PROC_IO_BITMAPS |
			   VMX_PROC_MSR_BITMAPS;
	v[VMCS_CTL_PROC2] = VMX_PROC2_EPT | VMX_PROC2_VPID;
	v[VMCS_CTL_EXIT] = 0x00036dfb | VMX_EXIT_HOST_64 | VMX_EXIT_LOAD_EFER |
			   VMX_EXIT_LOAD_PAT;
	v[VMCS_CTL_ENTRY] = 0x000011fb | VMX_ENTRY_LOAD_EFER | VMX_ENTRY_LOAD_PAT |
			    VMX_ENTRY_LOAD_DEBUG;
	v[VMCS_IO_BITMAP_A] = 0x1000;
	v[VMCS_IO_BITMAP_B] = 0x2000;
	v[VMCS_MSR_BITMAP] = 0x3000;
	v[VMCS_VPID] = 1;
	v[VMCS_EPTP] = 0x4000 | VMX_EPTP_WB | FIELD_PUT(VMX_EPTP_WALK, (uint64_t)VMX_EPTP_WALK_4);
	v[VMCS_TSC_MULTIPLIER] = 1;
}

static void fill_host(uint64_t *v)
{
	v[VMCS_HOST_CR0] = CR0_PE | CR0_NE | CR0_PG | CR0_WP;
	v[VMCS_HOST_CR3] = 0x5000;
	v[VMCS_HOST_CR4] = CR4_PAE | CR4_VMXE;
	v[VMCS_HOST_EFER] = EFER_LME | EFER_LMA;
	v[VMCS_HOST_PAT] = PAT_INIT;
	v[VMCS_HOST_CS_SELECTOR] = 0x08;
	v[VMCS_HOST_SS_SELECTOR] = 0x10;
	v[VMCS_HOST_TR_SELECTOR] = 0x18;
	v[VMCS_HOST_RIP] = 0xffff800000001000;
}

static void fill_segment(uint64_t *v, unsigned n, uint64_t ar, uint64_t limit)
{
	v[VMCS_GUEST_ES_AR + 2 * n] = ar;
	v[VMCS_GUEST_ES_LIMIT + 2 * n] = limit;
}

static void fill_segments(uint64_t *v, uint64_t code, uint64_t data, uint64_t limit)
{
	for (unsigned n = SEG_ES; n <= SEG_GS; n++)
		fill_segment(v, n, n == SEG_CS ? code : data, limit);
	fill_segment(v, SEG_LDTR, AR_LDT, 0xffff);
	fill_segment(v, SEG_TR, AR_TSS32_BUSY, 0x67);
	v[VMCS_GUEST_TR_SELECTOR] = 0x18;
}

static void fill_guest(uint64_t *v)
{
	v[VMCS_GUEST_CR0] = CR0_PE | CR0_NE | CR0_PG | CR0_ET;
	v[VMCS_GUEST_CR3] = 0x6000;
	v[VMCS_GUEST_CR4] = CR4_VMXE;
	v[VMCS_GUEST_DR7] = DR7_INIT;
	v[VMCS_GUEST_PAT] = PAT_INIT;
	v[VMCS_GUEST_RIP] = 0x7c00;
	v[VMCS_GUEST_RFLAGS] = RFLAGS_ONE;
	v[VMCS_GUEST_GDTR_LIMIT] = 0xffff;
	v[VMCS_GUEST_IDTR_LIMIT] = 0xffff;
	v[VMCS_LINK_POINTER] = VMX_LINK_NONE;
	fill_segments(v, TEST_CODE32, TEST_DATA32, FLAT);
}

static void fill_pae(uint64_t *v)
{
	v[VMCS_GUEST_CR4] |= CR4_PAE;
	for (unsigned n = 0; n < 4; n++)
		v[VMCS_GUEST_PDPTE0 + 2 * n] = (0x8000 + n * PAGE_SIZE) | BIT(0);
}

static void fill_long(uint64_t *v)
{
	v[VMCS_CTL_ENTRY] |= VMX_ENTRY_IA32E;
	v[VMCS_GUEST_CR4] |= CR4_PAE;
	v[VMCS_GUEST_EFER] = EFER_LME | EFER_LMA;
	v[VMCS_GUEST_RIP] = 0xffff800000007c00;
	fill_segments(v, TEST_CODE64, TEST_DATA32, FLAT);
}

static void fill_vm86(uint64_t *v)
{
	v[VMCS_GUEST_RFLAGS] |= RFLAGS_VM;
	fill_segments(v, TEST_VM86, TEST_VM86, 0xffff);
	for (unsigned n = SEG_ES; n <= SEG_GS; n++) {
		v[VMCS_GUEST_ES_SELECTOR + 2 * n] = 0x1000 + n;
		v[VMCS_GUEST_ES_BASE + 2 * n] = 0x10000 + 16 * n;
	}
}

static void fill_real(uint64_t *v)
{
	v[VMCS_CTL_PROC2] |= VMX_PROC2_UNRESTRICTED;
	v[VMCS_GUEST_CR0] &= ~(CR0_PE | CR0_PG);
	fill_segments(v, AR_REAL_CODE, AR_REAL_DATA, 0xffff);
	v[VMCS_GUEST_CS_SELECTOR] = 0x07c3;	/* RPL bits are only address bits here */
	v[VMCS_GUEST_CS_BASE] = 0x7c30;
}

/* SDM 3D A.3 to A.5: a control that the high half does not have cannot be one. */
static uint64_t without(uint64_t capability, uint64_t controls)
{
	return capability & ~FIELD_PUT(VMX_CTRL_ALLOWED1, controls);
}

static void fill_shadow(struct world *w)
{
	const uint64_t cr3 = VMX_PROC_CR3_LOAD | VMX_PROC_CR3_STORE;
	uint64_t *v = w->field;
	struct vmx_rule_caps *caps = &w->in.caps;

	/* A.3.2: CR3 exits are among the default-one controls. */
	caps->proc = without(caps->proc, VMX_PROC_SECONDARY) | cr3;
	caps->proc2 = 0;
	caps->ept_vpid = 0;
	caps->entry = without(caps->entry, VMX_ENTRY_LOAD_EFER | VMX_ENTRY_LOAD_PAT);
	caps->exit = without(caps->exit, VMX_EXIT_LOAD_EFER | VMX_EXIT_SAVE_EFER |
			     VMX_EXIT_LOAD_PAT | VMX_EXIT_SAVE_PAT);
	v[VMCS_CTL_PROC] &= ~VMX_PROC_SECONDARY;
	v[VMCS_CTL_PROC2] = 0;
	v[VMCS_CTL_PROC] |= cr3 | VMX_PROC_INVLPG;
	v[VMCS_CTL_ENTRY] &= ~(VMX_ENTRY_LOAD_EFER | VMX_ENTRY_LOAD_PAT);
	v[VMCS_CTL_EXIT] &= ~(VMX_EXIT_LOAD_EFER | VMX_EXIT_LOAD_PAT);
	v[VMCS_VPID] = 0;
	v[VMCS_EPTP] = 0;
	v[VMCS_HOST_EFER] = 0;
	v[VMCS_HOST_PAT] = 0;
	v[VMCS_GUEST_PAT] = 0;
	v[VMCS_GUEST_CR4] |= CR4_PAE;
	for (unsigned n = 0; n < 4; n++)
		w->in.pdpte[n] = (0x8000 + n * PAGE_SIZE) | BIT(0);
}

/* Fill `w` with a guest that breaks no rule; world_read() then takes the snapshot. */
static void world_valid(struct world *w, enum base base)
{
	memset(w, 0, sizeof(*w));
	w->in.caps = able;
	fill_controls(w->field);
	fill_host(w->field);
	fill_guest(w->field);
	switch (base) {
	case BASE_LONG:
		fill_long(w->field);
		break;
	case BASE_PAE:
		fill_pae(w->field);
		break;
	case BASE_VM86:
		fill_vm86(w->field);
		break;
	case BASE_REAL:
		fill_real(w->field);
		break;
	case BASE_SHADOW:
		fill_shadow(w);
		break;
	default:
		break;
	}
}

static uint64_t read_field(void *context, uint32_t encoding)
{
	return ((const struct world *)context)->field[encoding];
}

static void world_read(struct world *w)
{
	vmx_fields_read(&w->in.f, read_field, w);
}

#endif

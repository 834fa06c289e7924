/*
 * A small machine for the emulator's known-answer tests: 1 MiB of RAM, a vcpu
 * in a chosen mode, descriptor tables, and ops that record what was asked.
 */
#ifndef TESTS_EMULATE_MACHINE_H
#define TESTS_EMULATE_MACHINE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "core/emulate/emulate.h"

#define RAM_SIZE	0x100000u
#define MMIO_BASE	0x200000u
#define CODE_AT		0x1000u
#define STACK_TOP	0x8000u		/* ring 0 */
#define STACK3_TOP	0x9000u
#define GDT_AT		0x2000u
#define IDT_AT		0x3000u
#define TSS_AT		0x4000u
#define TSS2_AT		0x4800u
#define HANDLER_AT	0x5000u

/* Selectors of the machine's GDT. */
#define SEL_CODE0	0x08u
#define SEL_DATA0	0x10u
#define SEL_CODE3	0x1bu
#define SEL_DATA3	0x23u
#define SEL_TSS		0x28u
#define SEL_TSS2	0x38u	/* 0x30: upper half of a long-mode TSS */
#define SEL_GATE	0x40u	/* free for a gate; 0x48 too */
#define SEL_CODE16	0x50u
#define SEL_CONFORM	0x58u
#define SEL_FREE	0x60u
#define GDT_LIMIT	0x7fu

struct machine {
	struct vcpu	v;
	struct emu	emu;
	struct guest_mem mem;
	uint8_t		*ram;
	/* What ops saw. */
	uint64_t	mmio_at, mmio_value, port_value, msr_value;
	unsigned	mmio_size, mmio_count, port_count, port_number;
	bool		mmio_write, port_write;
};

static struct machine m;

static void ops_mmio(struct emu *emu, gpa_t at, void *data, unsigned size, bool write)
{
	(void)emu;
	m.mmio_at = at.v;
	m.mmio_size = size;
	m.mmio_write = write;
	m.mmio_count++;
	if (write)
		memcpy(&m.mmio_value, data, size);
	else
		memcpy(data, &m.mmio_value, size);
}

static bool ops_port(struct emu *emu, uint16_t port, uint32_t *value, unsigned size, bool write)
{
	(void)emu, (void)size;
	m.port_number = port;
	m.port_write = write;
	m.port_count++;
	if (write)
		m.port_value = *value;
	else
		*value = (uint32_t)m.port_value;
	return true;
}

static void ops_cpuid(struct emu *emu, uint32_t leaf, uint32_t subleaf, uint32_t out[4])
{
	(void)emu;
	out[0] = leaf + 1;
	out[1] = subleaf + 2;
	out[2] = 3;
	out[3] = 4;
}

/* MSR 0 does not exist. */
static bool ops_msr(struct emu *emu, uint32_t number, uint64_t *value, bool write)
{
	if (number == 0) {
		emu->fault = (struct event){ .kind = EVENT_EXCEPTION, .vector = VEC_GP,
					     .has_error = true };
		return false;
	}
	if (write)
		m.msr_value = *value;
	else
		*value = m.msr_value;
	return true;
}

static bool ops_write_cr(struct emu *emu, unsigned number, uint64_t value)
{
	uint64_t *cr[] = { &emu->vcpu->cr0, NULL, NULL, &emu->vcpu->cr3, &emu->vcpu->cr4 };

	*cr[number] = value;
	return true;
}

static uint64_t ops_read_tsc(struct emu *emu)
{
	(void)emu;
	return UINT64_C(0x1122334455667788);
}

static void ops_invlpg(struct emu *emu, gva_t address)
{
	(void)emu;
	m.mmio_at = address.v;
}

static const struct emu_ops machine_ops = {
	.mmio = ops_mmio, .port = ops_port, .cpuid = ops_cpuid, .msr = ops_msr,
	.write_cr = ops_write_cr, .read_tsc = ops_read_tsc, .invlpg = ops_invlpg,
};

static inline void put(uint64_t at, uint64_t value, unsigned size)
{
	assert_true(at + size <= RAM_SIZE);
	memcpy(m.ram + at, &value, size);
}

static inline uint64_t get(uint64_t at, unsigned size)
{
	uint64_t value = 0;

	assert_true(at + size <= RAM_SIZE);
	memcpy(&value, m.ram + at, size);
	return value;
}

/* A descriptor from base, limit (20 bits) and access rights in AR_* layout. */
static inline uint64_t descriptor(uint64_t base, uint64_t limit, uint64_t ar)
{
	return (limit & 0xffff) | (base & 0xffffff) << 16 | (ar & 0xff) << 40 |
	       (limit >> 16 & 0xf) << 48 | (ar >> 12 & 0xf) << 52 | (base >> 24 & 0xff) << 56;
}

static inline uint64_t gate(uint16_t sel, uint64_t offset, unsigned type, unsigned dpl,
			    unsigned count)
{
	return (offset & 0xffff) | (uint64_t)sel << 16 | (uint64_t)count << 32 |
	       (uint64_t)(0x80 | dpl << 5 | type) << 40 | (offset >> 16 & 0xffff) << 48;
}

static inline void machine_seg(unsigned seg, uint16_t sel, uint64_t base, uint32_t limit,
			       uint32_t ar)
{
	m.v.seg[seg] = (struct vcpu_seg){ .sel = sel, .base = base, .limit = limit, .ar = ar };
}

static inline void machine_reset(void)
{
	static uint8_t ram[RAM_SIZE] __attribute__((aligned(4096)));

	memset(&m, 0, sizeof(m));
	memset(ram, 0, sizeof(ram));
	m.ram = ram;
	m.mem.slots = 1;
	m.mem.slot[0] = (struct guest_mem_slot){ .size = RAM_SIZE, .host = hpa_of(ram) };
	m.emu = (struct emu){ .vcpu = &m.v, .mem = &m.mem, .ops = &machine_ops,
			      .maxphyaddr = 36, .page1g = true, .nx = true };
	m.v.rflags = RFLAGS_ONE;
	m.v.dr6 = DR6_INIT;
	m.v.dr7 = DR7_INIT;
}

/* Real mode: CS 0100, data segments 0, SP 8000. */
static inline void machine_real(void)
{
	machine_reset();
	for (unsigned i = 0; i <= SEG_GS; i++)
		machine_seg(i, 0, 0, 0xffff, i == SEG_CS ? AR_REAL_CODE : AR_REAL_DATA);
	m.v.seg[SEG_CS].sel = CODE_AT >> 4;
	m.v.seg[SEG_CS].base = CODE_AT;
	m.v.gpr[GPR_RSP] = STACK_TOP;
	m.v.idtr.limit = 0x3ff;
}

#define AR_CODE(dpl)	(0x9bu | (dpl) << 5)
#define AR_DATA(dpl)	(0x93u | (dpl) << 5)
#define AR_FLAT		((uint32_t)(AR_G | AR_DB))

static inline void machine_gdt(void)
{
	put(GDT_AT + 0x08, descriptor(0, 0xfffff, AR_CODE(0) | AR_FLAT), 8);
	put(GDT_AT + 0x10, descriptor(0, 0xfffff, AR_DATA(0) | AR_FLAT), 8);
	put(GDT_AT + 0x18, descriptor(0, 0xfffff, AR_CODE(3) | AR_FLAT), 8);
	put(GDT_AT + 0x20, descriptor(0, 0xfffff, AR_DATA(3) | AR_FLAT), 8);
	put(GDT_AT + SEL_TSS, descriptor(TSS_AT, 0x2ff, 0x8b), 8);
	put(GDT_AT + SEL_TSS2, descriptor(TSS2_AT, 0x67, 0x89), 8);
	put(GDT_AT + SEL_CODE16, descriptor(0, 0xffff, AR_CODE(0)), 8);
	put(GDT_AT + SEL_CONFORM, descriptor(0, 0xfffff, (AR_CODE(0) | AR_FLAT) | 4), 8);
	m.v.gdtr = (struct vcpu_dtr){ .base = GDT_AT, .limit = GDT_LIMIT };
	m.v.idtr = (struct vcpu_dtr){ .base = IDT_AT, .limit = 0x7ff };
	machine_seg(SEG_TR, SEL_TSS, TSS_AT, 0x2ff, AR_TSS32_BUSY);
	machine_seg(SEG_LDTR, 0, 0, 0, (uint32_t)AR_UNUSABLE);
	put(TSS_AT + 4, STACK_TOP, 4);
	put(TSS_AT + 8, SEL_DATA0, 4);
	put(TSS_AT + 102, 0x300, 2);	/* no I/O map */
}

/* 32-bit protected mode without paging, flat, at this CPL. */
static inline void machine_protected(unsigned cpl)
{
	machine_reset();
	machine_gdt();
	m.v.cr0 = CR0_PE | CR0_ET;
	m.v.cpl = (uint8_t)cpl;
	for (unsigned i = 0; i <= SEG_GS; i++)
		machine_seg(i, cpl ? SEL_DATA3 : SEL_DATA0, 0, UINT32_MAX,
			    AR_DATA(cpl) | AR_FLAT);
	machine_seg(SEG_CS, cpl ? SEL_CODE3 : SEL_CODE0, 0, UINT32_MAX, AR_CODE(cpl) | AR_FLAT);
	m.v.rip = CODE_AT;
	m.v.gpr[GPR_RSP] = cpl ? STACK3_TOP : STACK_TOP;
}

/* 64-bit mode; addresses are linear = physical, for the walk is off in these tests. */
static inline void machine_long(unsigned cpl)
{
	machine_protected(cpl);
	m.v.efer = EFER_LMA | EFER_LME | EFER_SCE;
	put(GDT_AT + 0x08, descriptor(0, 0xfffff, AR_CODE(0) | (uint32_t)(AR_G | AR_L)), 8);
	put(GDT_AT + 0x18, descriptor(0, 0xfffff, AR_CODE(3) | (uint32_t)(AR_G | AR_L)), 8);
	put(GDT_AT + 0x30, 0, 8);
	m.v.seg[SEG_CS].ar = AR_CODE(cpl) | (uint32_t)(AR_G | AR_L);
	put(TSS_AT + 4, STACK_TOP, 8);
}

/* A virtual-8086 task: CS 0100, IOPL 0. */
static inline void machine_vm86(unsigned iopl)
{
	machine_protected(0);
	m.v.rflags |= RFLAGS_VM | FIELD_PUT(RFLAGS_IOPL, (uint64_t)iopl);
	m.v.cpl = 3;
	for (unsigned i = 0; i <= SEG_GS; i++)
		machine_seg(i, 0, 0, 0xffff, AR_DATA(3));
	m.v.seg[SEG_CS].sel = CODE_AT >> 4;
	m.v.seg[SEG_CS].base = CODE_AT;
	m.v.rip = 0;
	m.v.gpr[GPR_RSP] = STACK3_TOP;
}

static inline enum emu_status step_bytes(const uint8_t *bytes, unsigned size)
{
	memcpy(m.ram + m.v.seg[SEG_CS].base + m.v.rip, bytes, size);
	return emu_step(&m.emu);
}

#define STEP(...) \
	step_bytes((const uint8_t[]){ __VA_ARGS__ }, sizeof((const uint8_t[]){ __VA_ARGS__ }))

#define assert_fault(status, vec, err) do { \
	assert_int_equal(status, EMU_FAULT); \
	assert_int_equal(m.emu.fault.vector, vec); \
	assert_int_equal(m.emu.fault.error, err); \
} while (0)

#endif

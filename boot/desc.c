/*
 * The hypervisor's own descriptor tables: GDT, TSS and two IDTs. Knows where
 * the vectors enter, not what they do.
 */
#include "boot/desc.h"

#include "boot/layout.h"
#include "boot/trap.h"
#include "mmu/x86_defs.h"

/* Null, code, data, and the two halves of the TSS descriptor. entry.asm loads it. */
uint64_t desc_gdt[5] = { 0, DESC_CODE64, DESC_DATA, 0, 0 };

static struct tss64 tss;
static struct idt_gate idt[IDT_VECTORS] __attribute__((aligned(16)));
static struct idt_gate idt_no_ist[IDT_VECTORS] __attribute__((aligned(16)));

struct x86_dtr desc_idtr = { sizeof(idt) - 1, 0 };
struct x86_dtr desc_idtr_no_ist = { sizeof(idt_no_ist) - 1, 0 };

static void gate_set(struct idt_gate *gate, uintptr_t entry, unsigned ist)
{
	*gate = (struct idt_gate){
		.offset_low = (uint16_t)entry,
		.selector = SEL_CODE64,
		.attributes = (uint16_t)(GATE_INTERRUPT | ist),
		.offset_middle = (uint16_t)(entry >> 16),
		.offset_high = (uint32_t)(entry >> 32),
	};
}

static unsigned ist_of(unsigned vector)
{
	switch (vector) {
	case VEC_DF:
		return IST_DF;
	case VEC_NMI:
		return IST_NMI;
	case VEC_MC:
		return IST_MC;
	default:
		return IST_NONE;
	}
}

static void tss_init(void)
{
	uint64_t base = (uintptr_t)&tss;

	tss.ist[IST_DF - 1] = (uintptr_t)stack_df_top;
	tss.ist[IST_NMI - 1] = (uintptr_t)stack_nmi_top;
	tss.ist[IST_MC - 1] = (uintptr_t)stack_mc_top;
	tss.io_map = sizeof(tss);

	/* SDM 3A "TSS Descriptor in 64-bit mode" 7.2.3: the base in four pieces. */
	desc_gdt[SEL_TSS / 8] = DESC_TSS_TYPE | (sizeof(tss) - 1) |
				(base & BITS(23, 0)) << 16 |
				(base & BITS(31, 24)) << 32;
	desc_gdt[SEL_TSS / 8 + 1] = base >> 32;
}

void desc_init(void)
{
	struct x86_dtr gdtr = { sizeof(desc_gdt) - 1, (uintptr_t)desc_gdt };

	for (unsigned v = 0; v < IDT_VECTORS; v++) {
		uintptr_t entry = (uintptr_t)trap_stubs + v * TRAP_STUB_SIZE;

		gate_set(&idt[v], entry, ist_of(v));
		gate_set(&idt_no_ist[v], entry, IST_NONE);
	}
	tss_init();
	desc_idtr.base = (uintptr_t)idt;
	desc_idtr_no_ist.base = (uintptr_t)idt_no_ist;
	/* CS, SS, DS and ES hold these very descriptors since entry.asm. */
	x86_lgdt(&gdtr);
	x86_lldt(0);
	x86_ltr(SEL_TSS);
	x86_lidt(&desc_idtr);
}

void desc_reload(void)
{
	struct x86_dtr gdtr = { sizeof(desc_gdt) - 1, (uintptr_t)desc_gdt };

	x86_lgdt(&gdtr);
	x86_lidt(&desc_idtr);
}

/*
 * libFuzzer target: decoder and emulator on hostile machine states. The input is
 * a header of control state, then the start of RAM. Nothing may crash, hang, or
 * touch memory outside the guest (AddressSanitizer watches the RAM's edges).
 *
 *   clang -fsanitize=fuzzer,address,undefined ... && ./fuzz_emulate -max_len=4096
 */
#include <stdlib.h>
#include <string.h>

#include "core/emulate/emulate.h"

#define RAM_SIZE	0x10000u
#define STEPS		8

struct header {
	uint8_t mode, cpl, deliver, vector;
	uint64_t gpr[8], rflags, rip, cr3, cr4, gdt, idt, tss;
	uint16_t sel[SEG_COUNT], gdt_limit, idt_limit;
	uint32_t limit[SEG_COUNT], ar[SEG_COUNT];
};

static void ops_mmio(struct emu *emu, gpa_t at, void *data, unsigned size, bool write)
{
	(void)emu, (void)at;
	if (size == 0 || size > 8)
		abort();
	if (!write)
		memset(data, 0xff, size);
}

static bool ops_port(struct emu *emu, uint16_t port, uint32_t *value, unsigned size, bool write)
{
	(void)emu, (void)port, (void)write;
	if (size != 1 && size != 2 && size != 4)
		abort();
	*value = 0xff;
	return true;
}

static void ops_cpuid(struct emu *emu, uint32_t leaf, uint32_t subleaf, uint32_t out[4])
{
	(void)emu, (void)leaf, (void)subleaf;
	memset(out, 0, 16);
}

static bool ops_msr(struct emu *emu, uint32_t number, uint64_t *value, bool write)
{
	(void)number, (void)write;
	*value = 0;
	emu->fault = (struct event){ .kind = EVENT_EXCEPTION, .vector = VEC_GP };
	return number & 1;
}

static bool ops_write_cr(struct emu *emu, unsigned number, uint64_t value)
{
	if (number == 0)
		emu->vcpu->cr0 = value & CR0_DEFINED;
	else if (number == 3)
		emu->vcpu->cr3 = value;
	else if (number != 4 && number != 8)
		abort();
	return true;
}

static uint64_t ops_read_tsc(struct emu *emu)
{
	(void)emu;
	return 0;
}

static void ops_invlpg(struct emu *emu, gva_t address)
{
	(void)emu, (void)address;
}

static const struct emu_ops ops = {
	.mmio = ops_mmio, .port = ops_port, .cpuid = ops_cpuid, .msr = ops_msr,
	.write_cr = ops_write_cr, .read_tsc = ops_read_tsc, .invlpg = ops_invlpg,
};

static void set_up(struct vcpu *v, const struct header *h)
{
	bool is_long = h->mode & 2;

	memset(v, 0, sizeof(*v));
	memcpy(v->gpr, h->gpr, sizeof(h->gpr));
	v->rip = h->rip;
	v->rflags = (h->rflags & BITS(21, 0)) | RFLAGS_ONE;
	v->cr0 = (h->mode & 1 || is_long ? CR0_PE : 0) |
		 (is_long || (h->mode & 5) == 5 ? CR0_PG : 0);
	v->cr3 = h->cr3 & (RAM_SIZE - 1);
	v->cr4 = h->cr4 & BITS(22, 0);
	if (is_long) {
		v->efer = EFER_LMA | EFER_LME | EFER_NXE | EFER_SCE;
		v->cr4 |= CR4_PAE;
		v->rflags &= ~RFLAGS_VM;
	}
	if (!(v->cr0 & CR0_PE))
		v->rflags &= ~RFLAGS_VM;
	v->cpl = v->rflags & RFLAGS_VM ? 3 : v->cr0 & CR0_PE ? h->cpl & 3 : 0;
	for (unsigned i = 0; i < SEG_COUNT; i++)
		v->seg[i] = (struct vcpu_seg){ .sel = h->sel[i], .limit = h->limit[i],
					       .ar = h->ar[i] & (uint32_t)BITS(16, 0),
					       .base = h->ar[i] & AR_UNUSABLE ? 0 : h->sel[i] };
	v->seg[SEG_TR].base = h->tss & (RAM_SIZE - 1);
	v->gdtr = (struct vcpu_dtr){ h->gdt & (RAM_SIZE - 1), h->gdt_limit };
	v->idtr = (struct vcpu_dtr){ h->idt & (RAM_SIZE - 1), h->idt_limit };
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct vcpu v;
	struct guest_mem mem = { .slots = 1 };
	struct emu emu = { .vcpu = &v, .mem = &mem, .ops = &ops, .maxphyaddr = 40,
			   .pse36 = true, .page1g = true, .nx = true };
	struct header h;
	uint8_t *ram;

	if (size < sizeof(h))
		return 0;
	memcpy(&h, data, sizeof(h));
	size -= sizeof(h);
	ram = calloc(1, RAM_SIZE);	/* from the heap: its edges are watched */
	memcpy(ram, data + sizeof(h), size < RAM_SIZE ? size : RAM_SIZE);
	mem.slot[0] = (struct guest_mem_slot){ .size = RAM_SIZE, .host = hpa_of(ram) };
	set_up(&v, &h);
	emu.amd = h.mode & 8;
	if (h.deliver & 1) {
		const struct event e = { .kind = EVENT_EXCEPTION, .vector = h.vector,
					 .has_error = h.deliver & 2, .error = h.deliver };

		(void)emu_deliver(&emu, &e);
	}
	for (unsigned i = 0; i < STEPS && emu_step(&emu) == EMU_OK; i++)
		;
	free(ram);
	return 0;
}

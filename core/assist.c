/* Joins the emulator to a vm: its callbacks, and what its answers mean. */
#include "core/assist_stretch.h"

#include <string.h>

#include "core/control.h"
#include "core/shadowing.h"

static bool raise_gp(struct emu *emu)
{
	emu->fault = (struct event){
		.kind = EVENT_EXCEPTION, .vector = VEC_GP, .has_error = true,
	};
	return false;
}

/* Out of line: nearly nothing is a device, and what is not needs none of its registers. */
static __attribute__((noinline)) void mmio_device_access(struct vm *vm, gpa_t at, void *data,
							 unsigned size, bool write)
{
	struct board *board = &vm->board;

	board_clock(board, &vm->vcpu, vm->io->clock(vm->io));
	mmio_access(&board->pc.mmio, at.v, data, size, write);
	vm->emu.leave |= board->pc.clock.attention;
}

/* An empty bus reads all ones. */
static void assist_mmio(struct emu *emu, gpa_t at, void *data, unsigned size,
			bool write)
{
	const uint32_t ones = UINT32_MAX;
	struct vm *vm = assist_vm(emu);

	if (mmio_near(&vm->board.pc.mmio, at.v, size))
		mmio_device_access(vm, at, data, size, write);
	else if (write)
		return;
	else if (size == sizeof(ones))
		__builtin_memcpy(data, &ones, sizeof(ones));
	else
		memset(data, UINT8_MAX, size);
}

static bool assist_port(struct emu *emu, uint16_t port, uint32_t *value,
			unsigned size, bool write)
{
	struct vm *vm = assist_vm(emu);
	struct board *board = &vm->board;

	board_clock(board, &vm->vcpu, vm->io->clock(vm->io));
	if (write)
		bus_out(&board->pc.bus, port, size, *value);
	else
		*value = bus_in(&board->pc.bus, port, size);
	/* Also when the port has ended the guest. */
	emu->leave |= board->pc.clock.attention;
	return true;
}

static void assist_cpuid(struct emu *emu, uint32_t leaf, uint32_t subleaf,
			 uint32_t out[4])
{
	const struct cpuid_regs *r = policy_cpuid(&assist_vm(emu)->policy, leaf,
						  subleaf);

	out[0] = r->eax;
	out[1] = r->ebx;
	out[2] = r->ecx;
	out[3] = r->edx;
}

/* The strategy has been asked, or need not be: what is dirty after this is news to it. */
static inline void answered(struct vm *vm)
{
	uint32_t known = vm->touched | (vm->vcpu.dirty & RUN_BY);

	if (!known)
		return;
	vm->answered |= known;
	vm->vcpu.dirty &= ~RUN_BY;
	vm->touched = 0;
}

/* All that is dirty again; what of it the strategy does not know. */
static inline uint32_t unanswered(struct vm *vm)
{
	uint32_t news = vm->touched | (vm->vcpu.dirty & RUN_BY);

	if (vm->answered | vm->touched) {
		vm->vcpu.dirty |= vm->answered | vm->touched;
		vm->answered = vm->touched = 0;
	}
	return news;
}

static bool assist_msr(struct emu *emu, uint32_t number, uint64_t *value,
		       bool write)
{
	struct vm *vm = assist_vm(emu);
	bool done = write ? msr_write(vm, number, *value) :
			    msr_read(vm, number, value);

	emu->leave |= write;
	return done || raise_gp(emu);
}

static bool assist_write_cr(struct emu *emu, unsigned number, uint64_t value)
{
	struct vm *vm = assist_vm(emu);

	if (!control_write_cr(vm, number, value))
		return raise_gp(emu);
	/* CR3 comes with a new task, of which there is more to come. */
	if (number != 3)
		answered(vm);
	emu->leave = true;
	return true;
}

static uint64_t assist_read_tsc(struct emu *emu)
{
	struct host_io *io = assist_vm(emu)->io;

	return io->clock(io) + emu->vcpu->tsc_offset;
}

static void assist_invlpg(struct emu *emu, gva_t address)
{
	struct vm *vm = assist_vm(emu);

	if (vm->rung->shadow)
		shadowing_invlpg(vm, address);
	else
		vm->backend->tlb_flush(emu->vcpu, NULL);
}

static void assist_fninit(struct emu *emu)
{
	struct host_io *io = assist_vm(emu)->io;

	io->fninit(io);
}

static uint16_t assist_x87_word(struct emu *emu, enum emu_x87_word which)
{
	struct host_io *io = assist_vm(emu)->io;

	return which == EMU_X87_CONTROL ? io->fnstcw(io) : io->fnstsw(io);
}

static bool assist_fxsave(struct emu *emu, struct fx_image *image, bool wide)
{
	struct host_io *io = assist_vm(emu)->io;

	if (io->fxsave)
		io->fxsave(io, image, wide);
	return io->fxsave;
}

static bool assist_fxrstor(struct emu *emu, const struct fx_image *image, bool wide)
{
	struct host_io *io = assist_vm(emu)->io;

	if (io->fxrstor)
		io->fxrstor(io, image, wide);
	return io->fxrstor;
}

static uint32_t assist_rdpkru(struct emu *emu)
{
	struct host_io *io = assist_vm(emu)->io;

	return io->rdpkru(io);
}

static void assist_wrpkru(struct emu *emu, uint32_t value)
{
	struct host_io *io = assist_vm(emu)->io;

	io->wrpkru(io, value);
}

static bool assist_hypercall(struct emu *emu)
{
	return hypercall(assist_vm(emu));
}

static void assist_before_write(struct emu *emu, gpa_t at, unsigned size)
{
	shadowing_written(assist_vm(emu), at, size);
}

static void assist_need(struct emu *emu, uint32_t groups)
{
	vcpu_need(emu->vcpu, groups);
}

/* With shadow tables what the emulator writes may be one of the guest's own. */
#define ASSIST_OPS \
	.mmio = assist_mmio, .port = assist_port, .cpuid = assist_cpuid, \
	.msr = assist_msr, .write_cr = assist_write_cr, \
	.read_tsc = assist_read_tsc, .invlpg = assist_invlpg, \
	.fninit = assist_fninit, .x87_word = assist_x87_word, \
	.fxsave = assist_fxsave, .fxrstor = assist_fxrstor, \
	.hypercall = assist_hypercall, \
	.rdpkru = assist_rdpkru, .wrpkru = assist_wrpkru, \
	.need = assist_need

static const struct emu_ops assist_ops = { ASSIST_OPS };
static const struct emu_ops assist_shadow_ops = {
	ASSIST_OPS, .before_write = assist_before_write,
};

/* Once: nothing of this changes in the vm's life. */
static void emu_init(struct vm *vm)
{
	vm->emu = (struct emu){
		.vcpu = &vm->vcpu, .mem = &vm->mem,
		.ops = vm->rung->shadow ? &assist_shadow_ops : &assist_ops,
		.opaque = vm, .cache = &vm->decoded,
		.maxphyaddr = vm->policy.maxphyaddr,
		.linear_bits = vm->cpu->host->linear_bits,
		.pse36 = vm->policy.pse36, .page1g = vm->policy.page1g,
		.nx = vm->policy.nx, .amd = vm->cpu->host->amd,
	};
}

struct emu *assist_begin(struct vm *vm, bool resumed)
{
	if (!vm->emu.vcpu)
		emu_init(vm);
	vcpu_need(&vm->vcpu, ST_ALL & ~ST_MSR & ~(resumed ? EMU_LATE : 0));
	if (!vm->cpu->caps.pdptes)
		control_pdptes(vm);
	answered(vm);
	vm->emu.resumed = resumed;
	vm->emu.partial = resumed;
	return &vm->emu;
}

/* Can how the guest is run stay as it is, when no more than these groups have changed? */
static bool runs_on(const struct vm *vm, uint32_t changed)
{
	if (vm->hw.ran_as == RAN_VM86)
		return !changed && vm->hw.vm86_fast == assist_has_flags(vm);
	return !(changed & ~ST_DTR);
}

/* Loads of SS in a row, of which only the first is sure to hold a trap off. */
#define HELD_STEPS	8

/*
 * A load of SS has hit a breakpoint, which is told after the instruction behind it: so that
 * one is carried out here, too. What the emulator has not got is left to the hardware.
 * SDM 3A "Masking Exceptions and Interrupts When Switching Stacks" 6.8.3
 */
static __attribute__((noinline)) enum emu_status assist_held(struct vm *vm)
{
	struct emu *emu = assist_begin(vm, false);
	struct vcpu *v = &vm->vcpu;
	enum emu_status status = EMU_OK;

	for (unsigned n = 0; n < HELD_STEPS && status == EMU_OK && vcpu_held_hits(v); n++)
		status = emu_step(emu);
	unanswered(vm);
	v->dirty |= ST_RIP | ST_RSP | ST_SHADOW | ST_CPL;
	control_apply(vm);
	if (status == EMU_OK && vcpu_held_hits(v))
		event_raise_debug(vm, v->held_hits);
	return status == EMU_STOP ? EMU_OK : status;
}

enum action assist_end(struct vm *vm, const struct emu *emu, enum emu_status status)
{
	uint32_t changed = unanswered(vm);
	const uint8_t *b;

	/* What nearly every instruction moves; for the rest the emulator says so. */
	vm->vcpu.dirty |= ST_RIP | ST_RSP | ST_SHADOW | ST_CPL;
	if (!runs_on(vm, changed)) {
		control_apply(vm);
		if (status == EMU_OK && vcpu_held_hits(&vm->vcpu) &&
		    vm->hw.ran_as != RAN_EMULATED)
			status = assist_held(vm);
	}
	switch (status) {
	case EMU_OK:
		break;
	case EMU_HALT:
		return handle_hlt(vm, NULL);
	case EMU_FAULT:
		event_raise_event(vm, &emu->fault);
		break;
	case EMU_STOP:
		b = emu->insn->bytes;
		vm_finish(vm, END_STOPPED, 0,
			  "cannot emulate: %s (rip %lx, bytes %02x %02x %02x %02x)",
			  emu->why, vm->vcpu.rip, b[0], b[1], b[2], b[3]);
		break;
	}
	return vm->end ? ACT_STOP : ACT_RESUME;
}

enum action assist_emulate(struct vm *vm)
{
	struct emu *emu = assist_begin(vm, true);
	enum emu_status status = emu_step(emu);

	if (status == EMU_OK && vm->hw.ran_as == RAN_VM86)
		status = assist_go_on(vm, emu);
	return assist_end(vm, emu, status);
}

enum action assist_or_leave(struct vm *vm, bool (*leave)(struct vm *vm))
{
	struct emu *emu = assist_begin(vm, true);
	enum emu_status status = emu_step(emu);

	if (status == EMU_STOP && leave(vm)) {
		unanswered(vm);
		return ACT_RESUME;
	}
	return assist_end(vm, emu, status);
}

void assist_written(struct vm *vm, gpa_t at, unsigned size)
{
	if (!vm->emu.vcpu)
		emu_init(vm);
	if (vm->emu.ops->before_write)
		vm->emu.ops->before_write(&vm->emu, at, size);
}

enum action assist_deliver(struct vm *vm)
{
	struct emu *emu = assist_begin(vm, false);
	struct event event = vm->vcpu.pending;
	enum emu_status status;

	/* A #PF on its way in has loaded CR2 already; it is not told again. */
	event.cr2 = vm->vcpu.cr2;
	vm->vcpu.pending.kind = EVENT_NONE;
	status = emu_deliver(emu, &event);
	/* A fault of the delivery tops the event; else it has arrived, maybe with a trap. */
	if (status != EMU_OK)
		vm->vcpu.pending = event;
	return assist_end(vm, emu, status);
}

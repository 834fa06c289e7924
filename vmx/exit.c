/* VT-x exit reasons to neutral exits. SDM 3D appendix C "VMX Basic Exit Reasons". */
#include "core/x86_insn.h"
#include "vmx/rip.h"

/* An instruction's own exit: it will be stepped over, so get what that needs at once. */
static void insn(struct vcpu *v, struct exit *exit, enum exit_reason reason)
{
	uint64_t blocking = vmx_read(VMCS_GUEST_INTERRUPTIBILITY);

	exit->reason = reason;
	exit->insn_len = vmx_read(VMCS_EXIT_INSN_LEN);
	vmx_rip_fetch(v);
	v->valid = ST_RIP;
	if (!blocking) {
		v->shadow = 0;
		v->valid = ST_RIP | ST_SHADOW;
	}
}

static void refused(struct exit *exit, uint8_t vector)
{
	exit->reason = EXIT_REFUSED_INSN;
	exit->refused.vector = vector;
}

/* SDM 3C tables 24-18 and 24-19: one layout for both kinds of information. */
static void event_decode(uint64_t info, enum vmcs_field error,
			 struct event *event)
{
	static const uint8_t kinds[] = {
		[VMX_EVENT_EXT_INTR] = EVENT_INTERRUPT,
		[VMX_EVENT_NMI] = EVENT_NMI,
		[VMX_EVENT_EXCEPTION] = EVENT_EXCEPTION,
		[VMX_EVENT_SOFT_INT] = EVENT_SOFT_INT,
		[VMX_EVENT_PRIV_SOFT] = EVENT_PRIV_SOFT_EXCEPTION,
		[VMX_EVENT_SOFT_EXC] = EVENT_SOFT_EXCEPTION,
		[VMX_EVENT_OTHER] = EVENT_NONE,
	};

	*event = (struct event){
		.kind = kinds[FIELD_GET(VMX_EVENT_TYPE, info)],
		.vector = FIELD_GET(VMX_EVENT_VECTOR, info),
		.has_error = info & VMX_EVENT_ERROR_VALID,
	};
	if (event->has_error)
		event->error = vmx_read(error);
}

static void decode_vectoring(struct exit *exit)
{
	uint64_t info = vmx_read(VMCS_IDT_VECTORING_INFO);

	if (!(info & VMX_EVENT_VALID))
		return;
	event_decode(info, VMCS_IDT_VECTORING_ERROR, &exit->vectoring);
	/* A software event is restarted, not reinjected: RIP is still at it. */
	if (exit->vectoring.kind >= EVENT_SOFT_INT)
		exit->vectoring.kind = EVENT_NONE;
}

/* DR6 and DR7 are not updated yet. SDM 3C "Architectural State Before a VM Exit" 27.1. */
static void debug_state(struct vcpu *v)
{
	uint64_t qual = vmx_read(VMCS_EXIT_QUALIFICATION);

	vcpu_need(v, ST_DR);
	v->dr6 = (v->dr6 & ~VMX_QUAL_DB_B) |
		 (qual & (VMX_QUAL_DB_B | VMX_QUAL_DB_BD | VMX_QUAL_DB_BS));
	if (qual & VMX_QUAL_DB_BD)
		v->dr7 &= ~DR7_GD;
	vcpu_touch(v, ST_DR);
}

/*
 * The NMI was the host's: to its handler, whose IRET ends the blocking. The guest
 * never took it, so it must not be entered with NMIs blocked, as Bochs saves it.
 */
static void host_nmi(void)
{
	uint64_t blocking = vmx_read(VMCS_GUEST_INTERRUPTIBILITY);

	vmx_write(VMCS_GUEST_INTERRUPTIBILITY, blocking & ~VMX_INTR_NMI);
	__asm__ volatile("int $2");
	/* What Bochs has kept back for want of the guest's IF has its turn now. */
	x86_interrupt_window();
}

/*
 * Outside 64-bit mode EIP wraps at 4 GiB. Bochs 2.7 counts on and saves what no entry
 * takes back; only between two instructions, for the next one's fetch wraps it.
 */
static void rip_wrap(void)
{
	uint64_t rip = vmx_read(VMCS_GUEST_RIP);

	if (rip >> 32 && !(vmx_read(VMCS_GUEST_CS_AR) & AR_L))
		vmx_write(VMCS_GUEST_RIP, (uint32_t)rip);
}

static void decode_exception(struct vcpu *v, struct exit *exit)
{
	uint64_t info = vmx_read(VMCS_EXIT_INTR_INFO);

	decode_vectoring(exit);
	if (FIELD_GET(VMX_EVENT_TYPE, info) == VMX_EVENT_NMI) {
		exit->reason = EXIT_HOST_INTERRUPT;
		rip_wrap();
		host_nmi();
		return;
	}
	exit->reason = EXIT_EXCEPTION;
	event_decode(info, VMCS_EXIT_INTR_ERROR, &exit->exception);
	if (exit->exception.kind == EVENT_PRIV_SOFT_EXCEPTION ||
	    exit->exception.kind == EVENT_SOFT_EXCEPTION)
		exit->exception.insn_len = vmx_read(VMCS_EXIT_INSN_LEN);
	if (exit->exception.vector == VEC_DB) {
		rip_wrap();
		debug_state(v);
	}
	/* The CPU leaves CR2 as the guest has it. SDM 3C 27.1 */
	if (exit->exception.vector == VEC_PF)
		exit->exception.cr2 = vmx_read(VMCS_EXIT_QUALIFICATION);
}

static void decode_cr(struct vcpu *v, struct exit *exit)
{
	uint64_t qual = vmx_read(VMCS_EXIT_QUALIFICATION);
	static const uint8_t kinds[] = {
		[VMX_CR_MOV_TO] = CR_WRITE, [VMX_CR_MOV_FROM] = CR_READ,
		[VMX_CR_CLTS] = CR_CLTS, [VMX_CR_LMSW] = CR_LMSW,
	};

	insn(v, exit, EXIT_CR);
	exit->decoded = true;
	exit->cr.number = FIELD_GET(VMX_QUAL_CR_NUMBER, qual);
	exit->cr.kind = kinds[FIELD_GET(VMX_QUAL_CR_TYPE, qual)];
	exit->cr.gpr = FIELD_GET(VMX_QUAL_CR_GPR, qual);
	exit->cr.lmsw = FIELD_GET(VMX_QUAL_CR_LMSW_SOURCE, qual);
}

/*
 * The guest has used its debug registers since the last I/O: they exit again from now on if
 * it has left nothing enabled.
 */
static __attribute__((noinline))
void breakpoints_enabled(const struct vcpu *v, struct exit *exit)
{
	uint64_t enables = vmx_read(VMCS_GUEST_DR7) & DR7_ENABLES;

	exit->io.rare |= enables;
	if (!enables)
		vmx_dr_give(v, false);
}

static void decode_io(struct vcpu *v, struct exit *exit)
{
	uint64_t qual = vmx_read(VMCS_EXIT_QUALIFICATION);

	insn(v, exit, EXIT_IO);
	exit->io.port = FIELD_GET(VMX_QUAL_IO_PORT, qual);
	exit->io.size = FIELD_GET(VMX_QUAL_IO_SIZE, qual) + 1;
	exit->io.in = qual & VMX_QUAL_IO_IN;
	exit->io.rare = (qual & VMX_QUAL_IO_STRING ? IO_STRING : 0);
	if (vmx_of(v)->dr_given)
		breakpoints_enabled(v, exit);
}

/* Out of line: no other exit shall pay for it. */
static __attribute__((noinline)) void decode_dr(const struct vcpu *v, struct exit *exit)
{
	exit->reason = EXIT_DR;
	vmx_dr_give(v, true);
}

static void decode_invlpg(struct vcpu *v, struct exit *exit)
{
	insn(v, exit, EXIT_INVLPG);
	exit->decoded = true;
	exit->address = gva(vmx_read(VMCS_EXIT_QUALIFICATION));
}

static void decode_memory(struct exit *exit)
{
	uint64_t qual = vmx_read(VMCS_EXIT_QUALIFICATION);

	decode_vectoring(exit);
	exit->reason = EXIT_MEMORY;
	exit->memory.gpa = gpa(vmx_read(VMCS_GUEST_PHYSICAL));
	exit->memory.write = qual & VMX_QUAL_EPT_WRITE;
	exit->memory.fetch = qual & VMX_QUAL_EPT_FETCH;
}

static void decode_task_switch(struct exit *exit)
{
	decode_vectoring(exit);
	exit->reason = EXIT_TASK_SWITCH;
	exit->decoded = true;
	exit->task.selector = FIELD_GET(VMX_QUAL_TASK_SELECTOR,
					vmx_read(VMCS_EXIT_QUALIFICATION));
}

/* Instructions that this virtual CPU does not have; the rest is unknown. */
static void decode_refused(struct exit *exit)
{
	switch (FIELD_GET(VMX_REASON_BASIC, exit->raw)) {
	case VMX_REASON_RDPMC:
		/* A CPU without such a counter. SDM 2B "RDPMC" */
		refused(exit, VEC_GP);
		break;
	case VMX_REASON_GETSEC:
	case VMX_REASON_VMCLEAR ... VMX_REASON_VMXON:
	case VMX_REASON_MWAIT:
	case VMX_REASON_MONITOR:
	case VMX_REASON_INVEPT:
	case VMX_REASON_INVVPID:
	case VMX_REASON_RDTSCP:
	case VMX_REASON_INVPCID:
	case VMX_REASON_VMFUNC:
	case VMX_REASON_XSETBV:
	case VMX_REASON_ENCLS:
	/* CPUs that have these exit whatever the controls are. */
	case VMX_REASON_SEAMCALL:
	case VMX_REASON_TDCALL:
	case VMX_REASON_RDMSR_IMM:
	case VMX_REASON_WRMSRNS_IMM:
		refused(exit, VEC_UD);
		break;
	default:
		exit->reason = EXIT_OTHER;
	}
}

static void decode_reason(struct vcpu *v, struct exit *exit)
{
	switch (FIELD_GET(VMX_REASON_BASIC, exit->raw)) {
	case VMX_REASON_CPUID:
		insn(v, exit, EXIT_CPUID);
		break;
	case VMX_REASON_RDMSR:
	case VMX_REASON_WRMSR:
		insn(v, exit, EXIT_MSR);
		exit->msr.write = exit->raw == VMX_REASON_WRMSR;
		break;
	case VMX_REASON_IO:
		decode_io(v, exit);
		break;
	case VMX_REASON_VMCALL:
		insn(v, exit, EXIT_HYPERCALL);
		vmx_cpl_fetch(v);
		v->valid |= ST_CPL;
		break;
	case VMX_REASON_CR_ACCESS:
		decode_cr(v, exit);
		break;
	case VMX_REASON_DR_ACCESS:
		decode_dr(v, exit);
		break;
	case VMX_REASON_INVLPG:
		decode_invlpg(v, exit);
		break;
	case VMX_REASON_EPT_VIOLATION:
		decode_memory(exit);
		break;
	case VMX_REASON_EXCEPTION_NMI:
		decode_exception(v, exit);
		break;
	case VMX_REASON_EXT_INTR:
		exit->reason = EXIT_HOST_INTERRUPT;
		rip_wrap();
		x86_interrupt_window();
		break;
	case VMX_REASON_INTR_WINDOW:
		exit->reason = EXIT_WINDOW;
		rip_wrap();
		break;
	case VMX_REASON_TRIPLE_FAULT:
		exit->reason = EXIT_TRIPLE_FAULT;
		break;
	case VMX_REASON_HLT:
		insn(v, exit, EXIT_HLT);
		break;
	case VMX_REASON_INVD:
	case VMX_REASON_WBINVD:
		insn(v, exit, EXIT_CACHE);
		break;
	case VMX_REASON_TASK_SWITCH:
		decode_task_switch(exit);
		break;
	default:
		decode_refused(exit);
	}
}

void vmx_exit_decode(struct vcpu *v, struct exit *exit)
{
	/* Not the whole struct: most of it is read for few reasons only. */
	exit->raw = vmx_read(VMCS_EXIT_REASON);
	exit->insn_len = 0;
	exit->observed = false;
	exit->decoded = false;
	exit->vectoring.kind = EVENT_NONE;
	if (exit->raw & VMX_REASON_ENTRY_FAILED)
		exit->reason = EXIT_ENTRY_FAILED;
	else
		decode_reason(v, exit);
}

/* AMD-V exit codes to neutral exits. APM vol. 2 appendix C "SVM Intercept Exit Codes". */
#include "core/breakpoint.h"
#include "core/emulate/decode_defs.h"
#include "core/event.h"
#include "core/insn.h"
#include "core/x86_insn.h"
#include "svm/svm.h"

/* Length of the instruction that exited, or 0 where this CPU does not tell: core will read it. */
static uint8_t insn_len(struct vcpu *v, struct vmcb *vmcb)
{
	if (v->vm->cpu->caps.next_rip)
		return vmcb->control.nrip - vmcb->save.rip;
	svm_code_fetch(v, vmcb);
	return 0;
}

static void decode_io(const struct vmcb *vmcb, struct exit *exit)
{
	uint64_t info = vmcb->control.exitinfo1;

	exit->reason = EXIT_IO;
	exit->insn_len = vmcb->control.exitinfo2 - vmcb->save.rip;
	exit->io.port = FIELD_GET(SVM_IOIO_PORT, info);
	exit->io.size = FIELD_GET(SVM_IOIO_SIZE, info);
	exit->io.in = info & SVM_IOIO_IN;
	exit->io.rare = (info & SVM_IOIO_STR ? IO_STRING : 0) |
			(vmcb->save.dr7 & DR7_ENABLES);
}

/*
 * An intercepted write changes nothing, but Bochs 2.7 has switched EFER.LMA by
 * then. LMA follows from PG and LME at all times (APM vol. 2 "Activating Long
 * Mode" 14.6.1), so put right what was saved.
 */
static void lma_restore(struct vmcb_save *save)
{
	if ((save->cr0 & CR0_PG) && (save->efer & EFER_LME))
		save->efer |= EFER_LMA;
	else
		save->efer &= ~EFER_LMA;
}

/*
 * Does the CPU tell the operands? Where it does not, core reads the instruction: have
 * at once what that takes.
 */
static bool operands_told(struct vcpu *v, struct vmcb *vmcb, const struct exit *exit)
{
	if ((svm_of(v)->cpu->features & SVM_FEATURE_DECODE_ASSISTS) && exit->insn_len)
		return true;
	if (exit->insn_len)	/* else insn_len() has done it */
		svm_code_fetch(v, vmcb);
	return false;
}

static void decode_cr(struct vcpu *v, struct vmcb *vmcb,
		      struct exit *exit)
{
	uint64_t info = vmcb->control.exitinfo1;

	exit->reason = EXIT_CR;
	exit->insn_len = insn_len(v, vmcb);
	if (!operands_told(v, vmcb, exit))
		return;
	exit->cr.number = exit->raw == SVM_EXIT_CR0_SEL_WRITE ? 0 :
			  exit->raw & SVM_EXIT_CR_NUMBER;
	exit->cr.kind = exit->raw < SVM_EXIT_CR0_WRITE ? CR_READ : CR_WRITE;
	exit->cr.gpr = FIELD_GET(SVM_CR_INFO_GPR, info);
	exit->decoded = info & SVM_CR_INFO_MOV;
}

static void decode_invlpg(struct vcpu *v, struct vmcb *vmcb,
			  struct exit *exit)
{
	exit->reason = EXIT_INVLPG;
	exit->insn_len = insn_len(v, vmcb);
	exit->address = gva(vmcb->control.exitinfo1);
	exit->decoded = operands_told(v, vmcb, exit);
}

/* MOV to or from a debug register while DR7.GD guards them: it has not been carried out. */
static bool guarded_mov(struct vcpu *v)
{
	struct insn insn;

	return (v->dr7 & DR7_GD) && insn_at_rip(v->vm, &insn) && insn.map == MAP_0F &&
	       (insn.opcode == OP_0F_MOV_DR_FROM || insn.opcode == OP_0F_MOV_DR_TO);
}

/*
 * Bochs 2.7 intercepts #DB before it writes DR6 and clears DR7.GD, and drops what it
 * would have written: the reason has to be found from what the guest has set up.
 */
static uint64_t debug_reason(struct vcpu *v)
{
	vcpu_need(v, ST_ALL);
	if (!guarded_mov(v))
		return breakpoint_reason(v);
	v->dr7 &= ~DR7_GD;
	return DR6_BD;
}

/*
 * DR6 tells why. The VMCB's has it by now, and so has the CPU's own, which exits
 * leave alone, or neither. APM vol. 2 "Exception Intercepts" 15.12
 */
static void debug_state(struct vcpu *v)
{
	const uint64_t reasons = DR6_B | DR6_BD | DR6_BS | DR6_BT;
	uint64_t why = x86_read_dr6() & reasons;

	vcpu_need(v, ST_DR);
	if (!why && !(v->dr6 & reasons))
		why = debug_reason(v);
	if (!why)
		return;
	v->dr6 = (v->dr6 & ~DR6_B) | why;
	vcpu_touch(v, ST_DR);
}

static void decode_exception(struct vcpu *v, const struct vmcb *vmcb,
			     struct exit *exit)
{
	uint8_t vector = vmcb->control.exitcode - SVM_EXIT_EXCP0;

	exit->reason = EXIT_EXCEPTION;
	exit->exception = (struct event){
		.kind = EVENT_EXCEPTION, .vector = vector,
		.has_error = vector_has_error(vector),
		.error = vmcb->control.exitinfo1,
		.cr2 = vmcb->control.exitinfo2,
	};
	if (!(vmcb->save.cr0 & CR0_PE))
		exit->exception.has_error = false;
	if (vector == VEC_DB)
		debug_state(v);
}

static void decode_memory(const struct vmcb *vmcb, struct exit *exit)
{
	exit->reason = EXIT_MEMORY;
	exit->memory.gpa = gpa(vmcb->control.exitinfo2);
	exit->memory.write = vmcb->control.exitinfo1 & PFEC_W;
	exit->memory.fetch = vmcb->control.exitinfo1 & PFEC_I;
}

/* Of LTR, which counts as one, the CPU tells nothing. */
static void decode_task_switch(const struct vmcb *vmcb, struct exit *exit)
{
	exit->reason = EXIT_TASK_SWITCH;
	exit->decoded = exit->raw == SVM_EXIT_TASK_SWITCH;
	exit->task.selector = FIELD_GET(SVM_TASK_INFO1_SELECTOR, vmcb->control.exitinfo1);
}

static void decode_insn(struct vcpu *v, struct vmcb *vmcb,
			struct exit *exit, enum exit_reason reason)
{
	exit->reason = reason;
	exit->insn_len = insn_len(v, vmcb);
}

/* These exit only where the guest is under its user's control. */
static bool is_dr(uint64_t code)
{
	return code >= SVM_EXIT_DR0_READ && code <= SVM_EXIT_DR15_WRITE;
}

/* Instructions that this virtual CPU does not have; debug registers; the rest is unknown. */
static void decode_refused(struct exit *exit)
{
	switch (exit->raw) {
	case SVM_EXIT_RDPMC:
		/* A CPU without such a counter. APM vol. 3 "RDPMC" */
		exit->reason = EXIT_REFUSED_INSN;
		exit->refused.vector = VEC_GP;
		break;
	case SVM_EXIT_INVLPGA:
	case SVM_EXIT_INVPCID:
	case SVM_EXIT_VMRUN:
	case SVM_EXIT_VMLOAD:
	case SVM_EXIT_VMSAVE:
	case SVM_EXIT_STGI:
	case SVM_EXIT_CLGI:
	case SVM_EXIT_SKINIT:
	case SVM_EXIT_RDTSCP:
	case SVM_EXIT_MONITOR:
	case SVM_EXIT_MWAIT:
	case SVM_EXIT_MWAIT_CONDITIONAL:
	case SVM_EXIT_XSETBV:
	case SVM_EXIT_RDPRU:
		exit->reason = EXIT_REFUSED_INSN;
		exit->refused.vector = VEC_UD;
		break;
	default:
		exit->reason = is_dr(exit->raw) ? EXIT_DR : EXIT_OTHER;
	}
}

static void decode_code(struct vcpu *v, struct vmcb *vmcb,
			struct exit *exit)
{
	switch (exit->raw) {
	case SVM_EXIT_CPUID:
		decode_insn(v, vmcb, exit, EXIT_CPUID);
		break;
	case SVM_EXIT_MSR:
		decode_insn(v, vmcb, exit, EXIT_MSR);
		exit->msr.write = vmcb->control.exitinfo1 & SVM_MSR_INFO_WRITE;
		break;
	case SVM_EXIT_IOIO:
		decode_io(vmcb, exit);
		break;
	case SVM_EXIT_VMMCALL:
		decode_insn(v, vmcb, exit, EXIT_HYPERCALL);
		break;
	case SVM_EXIT_NPF:
		decode_memory(vmcb, exit);
		break;
	case SVM_EXIT_CR0_SEL_WRITE:
	case SVM_EXIT_CR0_WRITE:
		lma_restore(&vmcb->save);
		/* fall through */
	case SVM_EXIT_CR0_READ:
	case SVM_EXIT_CR3_READ:
	case SVM_EXIT_CR4_READ:
	case SVM_EXIT_CR3_WRITE:
	case SVM_EXIT_CR4_WRITE:
		decode_cr(v, vmcb, exit);
		break;
	case SVM_EXIT_INVLPG:
		decode_invlpg(v, vmcb, exit);
		break;
	case SVM_EXIT_TASK_SWITCH:
	case SVM_EXIT_TR_WRITE:		/* LTR: see svm/task_guard.c */
		decode_task_switch(vmcb, exit);
		break;
	case SVM_EXIT_HLT:
		decode_insn(v, vmcb, exit, EXIT_HLT);
		break;
	case SVM_EXIT_INVD:
		decode_insn(v, vmcb, exit, EXIT_CACHE);
		break;
	case SVM_EXIT_INTR:
	case SVM_EXIT_NMI:
		exit->reason = EXIT_HOST_INTERRUPT;
		break;
	case SVM_EXIT_VINTR:
		exit->reason = EXIT_WINDOW;
		break;
	case SVM_EXIT_SHUTDOWN:
		exit->reason = EXIT_TRIPLE_FAULT;
		break;
	case SVM_EXIT_EXCP0 ... SVM_EXIT_EXCP31:
		decode_exception(v, vmcb, exit);
		break;
	default:
		decode_refused(exit);
	}
}

void svm_exit_decode(struct vcpu *v, struct exit *exit)
{
	struct vmcb *vmcb = svm_of(v)->vmcb;

	/* Not the whole struct: most of it is read for few reasons only. */
	exit->raw = vmcb->control.exitcode;
	exit->insn_len = 0;
	exit->observed = false;
	exit->decoded = false;
	exit->vectoring.kind = EVENT_NONE;
	/* QEMU's TCG writes only the low half of the negative codes. */
	if ((exit->raw & SVM_EXIT_LOW) == (SVM_EXIT_INVALID & SVM_EXIT_LOW)) {
		exit->reason = EXIT_ENTRY_FAILED;
		return;
	}
	if (vmcb->control.exitintinfo & VMCB_EVENT_V)
		svm_event_decode(v, &exit->vectoring);
	decode_code(v, vmcb, exit);
}

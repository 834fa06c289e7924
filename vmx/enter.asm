; The VT-x world switch: registers in, VMLAUNCH or VMRESUME, registers out. No decisions here.
;
; bool vmx_enter(uint64_t gpr[16], struct vcpu_tsc *tsc, struct vmx_vcpu *vmx)
;
; gpr[] is in encoding order (core/vcpu.h); RSP travels in the VMCS. Called with
; the VMCS current and IF clear; returns so. True when the guest ran, false on VMfail.
; SDM 3C "VM Entries" 26, "Loading Host State" 27.5.

bits 64
default rel
section .text

%define GPR(n)		(n * 8)
%define LAUNCHED	0		; VMX_VCPU_LAUNCHED
%define HOST_RSP	8		; VMX_VCPU_HOST_RSP
%define VMCS_HOST_RSP	0x6c14

global vmx_enter
global vmx_exit_point
vmx_enter:
	push	rbx			; the ABI's callee-saved registers
	push	rbp
	push	r12
	push	r13
	push	r14
	push	r15
	push	rsi			; tsc
	push	rdi			; gpr[]
	mov	r8, rdx
	cmp	rsp, [r8 + HOST_RSP]
	je	.rsp_known
	mov	[r8 + HOST_RSP], rsp
	mov	eax, VMCS_HOST_RSP
	vmwrite	rax, rsp
.rsp_known:
	rdtsc
	shl	rdx, 32
	or	rax, rdx
	mov	[rsi], rax		; tsc->entry: from here on it is guest time
	cmp	qword [r8 + LAUNCHED], 0	; MOV leaves the flags alone
	mov	rax, [rdi + GPR(0)]
	mov	rcx, [rdi + GPR(1)]
	mov	rdx, [rdi + GPR(2)]
	mov	rbx, [rdi + GPR(3)]
	mov	rbp, [rdi + GPR(5)]
	mov	rsi, [rdi + GPR(6)]
	mov	r8, [rdi + GPR(8)]
	mov	r9, [rdi + GPR(9)]
	mov	r10, [rdi + GPR(10)]
	mov	r11, [rdi + GPR(11)]
	mov	r12, [rdi + GPR(12)]
	mov	r13, [rdi + GPR(13)]
	mov	r14, [rdi + GPR(14)]
	mov	r15, [rdi + GPR(15)]
	mov	rdi, [rdi + GPR(7)]
	je	.launch
	vmresume
	jmp	.failed
.launch:
	vmlaunch
.failed:				; VMfail: nothing was loaded, gpr[] is as it was
	pop	rdi
	pop	rsi
	xor	eax, eax
	jmp	vmx_enter_return

vmx_exit_point:
	xchg	rdi, [rsp]		; RDI = gpr[], the guest's RDI on the stack
	mov	[rdi + GPR(0)], rax
	mov	[rdi + GPR(2)], rdx
	rdtsc
	shl	rdx, 32
	or	rax, rdx
	mov	[rdi + GPR(6)], rsi
	mov	rsi, [rsp + 8]
	mov	[rsi + 8], rax		; tsc->exit
	mov	[rdi + GPR(1)], rcx
	mov	[rdi + GPR(3)], rbx
	mov	[rdi + GPR(5)], rbp
	mov	[rdi + GPR(8)], r8
	mov	[rdi + GPR(9)], r9
	mov	[rdi + GPR(10)], r10
	mov	[rdi + GPR(11)], r11
	mov	[rdi + GPR(12)], r12
	mov	[rdi + GPR(13)], r13
	mov	[rdi + GPR(14)], r14
	mov	[rdi + GPR(15)], r15
	pop	rax
	mov	[rdi + GPR(7)], rax	; the guest's RDI
	pop	rsi
	mov	eax, 1
vmx_enter_return:
	pop	r15
	pop	r14
	pop	r13
	pop	r12
	pop	rbp
	pop	rbx
	ret

section .note.GNU-stack noalloc noexec nowrite progbits

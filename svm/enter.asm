; The AMD-V world switch: registers in, VMRUN, registers out. No decisions here.
;
; void svm_enter(uint64_t vmcb_pa, uint64_t gpr[16], struct vcpu_tsc *tsc)
;
; gpr[] is in encoding order (core/vcpu.h); RAX and RSP travel in the VMCB.
; Called with GIF clear and IF clear; returns so. APM vol. 2 "VMRUN" 15.5.1.

bits 64
default rel
section .text

%define GPR(n)	(n * 8)

global svm_enter
svm_enter:
	push	rbx			; the ABI's callee-saved registers
	push	rbp
	push	r12
	push	r13
	push	r14
	push	r15
	push	rdx			; tsc
	push	rsi			; gpr[]
	mov	rcx, rdx
	rdtsc
	shl	rdx, 32
	or	rax, rdx
	mov	[rcx], rax		; tsc->entry: from here on it is guest time
	sti				; GIF holds interrupts off; under V_INTR_MASKING the host's
					;   IF lets INTR exit. Early: its shadow is not the guest's
	mov	rax, rdi
	mov	rcx, [rsi + GPR(1)]
	mov	rdx, [rsi + GPR(2)]
	mov	rbx, [rsi + GPR(3)]
	mov	rbp, [rsi + GPR(5)]
	mov	rdi, [rsi + GPR(7)]
	mov	r8, [rsi + GPR(8)]
	mov	r9, [rsi + GPR(9)]
	mov	r10, [rsi + GPR(10)]
	mov	r11, [rsi + GPR(11)]
	mov	r12, [rsi + GPR(12)]
	mov	r13, [rsi + GPR(13)]
	mov	r14, [rsi + GPR(14)]
	mov	r15, [rsi + GPR(15)]
	mov	rsi, [rsi + GPR(6)]
	vmrun
	cli
	xchg	rsi, [rsp]		; RSI = gpr[], the guest's RSI on the stack
	mov	[rsi + GPR(1)], rcx
	mov	[rsi + GPR(2)], rdx
	rdtsc
	shl	rdx, 32
	or	rax, rdx
	mov	rcx, [rsp + 8]
	mov	[rcx + 8], rax		; tsc->exit
	mov	[rsi + GPR(3)], rbx
	mov	[rsi + GPR(5)], rbp
	mov	[rsi + GPR(7)], rdi
	mov	[rsi + GPR(8)], r8
	mov	[rsi + GPR(9)], r9
	mov	[rsi + GPR(10)], r10
	mov	[rsi + GPR(11)], r11
	mov	[rsi + GPR(12)], r12
	mov	[rsi + GPR(13)], r13
	mov	[rsi + GPR(14)], r14
	mov	[rsi + GPR(15)], r15
	pop	rax
	mov	[rsi + GPR(6)], rax	; the guest's RSI
	pop	rdx
	pop	r15
	pop	r14
	pop	r13
	pop	r12
	pop	rbp
	pop	rbx
	ret

section .note.GNU-stack noalloc noexec nowrite progbits

; One entry point per interrupt vector, all leading to trap_dispatch() in C.
; Knows the frame (struct trap_frame in boot/trap.h), not what vectors mean.

	global trap_stubs
	extern trap_dispatch

TRAP_STUB_SIZE	equ 16			; as in boot/trap.h

; Vectors that push an error code: #DF #TS #NP #SS #GP #PF #AC #CP #VC #SX.
; SDM 3A "Error Code" 6.13; APM vol. 2 "Exceptions" 8.2.
%define HAS_ERROR(v) ((v) == 8 || ((v) >= 10 && (v) <= 14) || (v) == 17 || \
	(v) == 21 || (v) == 29 || (v) == 30)

bits 64
section .text
	align TRAP_STUB_SIZE
trap_stubs:
%assign vector 0
%rep 256
	align	TRAP_STUB_SIZE
  %if !HAS_ERROR(vector)
	push	0			; in the place of an error code
  %endif
	push	vector
	jmp	near trap_common
%assign vector vector + 1
%endrep

trap_common:
	push	rax			; in the order of the ISA, last is lowest
	push	rcx
	push	rdx
	push	rbx
	push	rbp
	push	rsi
	push	rdi
	push	r8
	push	r9
	push	r10
	push	r11
	push	r12
	push	r13
	push	r14
	push	r15
	mov	rdi, rsp		; the CPU aligned RSP; 22 words keep it so
	cld
	call	trap_dispatch
	pop	r15
	pop	r14
	pop	r13
	pop	r12
	pop	r11
	pop	r10
	pop	r9
	pop	r8
	pop	rdi
	pop	rsi
	pop	rbp
	pop	rbx
	pop	rdx
	pop	rcx
	pop	rax
	add	rsp, 16			; vector and error code
	iretq

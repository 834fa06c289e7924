; probe: a firmware image that says what this CPU's CPUID and virtualisation MSRs
; read as, and ends. It is no test: the host program runs it under KVM to learn what
; a guest there has, so it must not judge, and it does as little as it can.
;
; Lines: "cpuid LEAF EAX EBX ECX EDX", "msr INDEX HIGH LOW" or "msr INDEX gp", all
; numbers 8 hexadecimal digits; "done" is the last.

%include "x86.inc"
%include "console.inc"

	org	0

CPUID_HYPERVISOR equ 1 << 31	; leaf 1, ECX
CPUID_VMX	equ 1 << 5	; leaf 1, ECX
CPUID_SVM	equ 1 << 2	; leaf 80000001h, ECX
LEAF_HYPERVISOR	equ 0x40000000
LEAF_EXTENDED	equ 0x80000000
LEAF_SVM	equ 0x8000000a
MSR_VM_CR	equ 0xc0010114
MSR_FEATURES	equ 0x3a	; IA32_FEATURE_CONTROL
MSR_VMX_FIRST	equ 0x480	; IA32_VMX_BASIC
MSR_VMX_LAST	equ 0x48c	; IA32_VMX_EPT_VPID_CAP
VECTOR_GP	equ 13
RDMSR_SIZE	equ 2
FLAGS_CF	equ 1

CODE 16
start:
	cli
	xor	ax, ax
	mov	ss, ax
	mov	esp, 0x7c00
	mov	ds, ax
	mov	word [VECTOR_GP * 4], fault
	mov	[VECTOR_GP * 4 + 2], cs
	cld
	LCALL	uart_init16

	xor	eax, eax
	call	leaf
	mov	eax, 1
	call	leaf
	mov	ebp, ecx
	test	ebp, CPUID_HYPERVISOR
	jz	.extended
	mov	eax, LEAF_HYPERVISOR
	call	leaf
.extended:
	mov	eax, LEAF_EXTENDED
	call	leaf
	mov	edi, eax		; the highest
	cmp	edi, LEAF_EXTENDED + 1
	jb	.intel
	mov	eax, LEAF_EXTENDED + 1
	call	leaf
	test	ecx, CPUID_SVM
	jz	.intel
	mov	ecx, MSR_VM_CR
	call	msr
	cmp	edi, LEAF_SVM
	jb	.intel
	mov	eax, LEAF_SVM
	call	leaf
.intel:
	test	ebp, CPUID_VMX
	jz	.done
	mov	ecx, MSR_FEATURES
	call	msr
	mov	ecx, MSR_VMX_FIRST
.next:
	call	msr
	inc	ecx
	cmp	ecx, MSR_VMX_LAST
	jbe	.next
.done:
	SAY	"done", 10
	END	0

; eax = the leaf; returns what CPUID returns.
leaf:
	SAYHEX	"cpuid ", eax, 8
	xor	ecx, ecx
	cpuid
	SAYHEX	" ", eax, 8
	SAYHEX	" ", ebx, 8
	SAYHEX	" ", ecx, 8
	SAYHEX	" ", edx, 8
	NEWLINE
	ret

; ecx = the MSR, kept; an MSR that is not there is said to be so.
msr:
	SAYHEX	"msr ", ecx, 8
	clc
	rdmsr
	jc	.absent
	SAYHEX	" ", edx, 8
	SAYHEX	" ", eax, 8
	NEWLINE
	ret
.absent:
	SAY	" gp", 10
	ret

; #GP can only come from RDMSR: go on behind it, with CF set.
fault:
	push	bp
	mov	bp, sp
	add	word [bp + 2], RDMSR_SIZE
	or	word [bp + 6], FLAGS_CF
	pop	bp
	iret

CONSOLE_LIB 16

	times 0xfff0 - ($ - $$) db 0xff
CODE 16
	jmp	near start
	times 0x10000 - ($ - $$) db 0xff

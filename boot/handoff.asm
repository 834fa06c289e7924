; The bare hand-over's last steps: leave long mode, copy the guest to physical 0, and
; enter the guest as if the machine had just started it, in long mode again if it asks.
; Runs from a copy of itself in a page above guest memory, so everything here is
; position independent. Must not know what the guest is.

%include "boot/asm_defs.inc"

	global handoff_blob, handoff_blob_end, handoff_entry_offset

; The head of the blob: struct handoff in boot/handoff.h.
struc handoff
.staging	resd 1
.size		resd 1
.mode		resd 1
.ip		resw 1			; with .cs: a far pointer
.cs		resw 1
.eax		resd 1
.ebx		resd 1
.edx		resd 1
.cr0		resd 1
.cr3		resd 1
.cr4		resd 1
.efer		resd 1
.ds		resw 1			; all but CS
.gdt_limit	resw 1			; with .gdt: what LGDT takes
.gdt		resq 1
.rip		resq 1
.rsp		resq 1
.rsi		resq 1
.rdi		resq 1
.pat		resq 1
.end:
endstruc

HOLE_START	equ 0xa0000		; adapters and firmware: not memory
HOLE_END	equ 0x100000
PAGE		equ 4096
H_CODE32	equ 0x08		; selectors of this file's own GDT
H_DATA32	equ 0x10
H_CODE16	equ 0x18
H_DATA16	equ 0x20
H_TSS		equ 0x28
H_CODE64	equ 0x30
MODE_PROTECTED	equ 1			; enum load_mode
MODE_LONG	equ 2
CR0_RESET_REAL	equ CR0_ET
CR0_RESET_PROT	equ CR0_ET | CR0_PE

section .rodata
	align	16
handoff_blob:
	times handoff.end db 0

	align	8
gdt:	dq 0
	dq 0x00cf9b000000ffff		; 32-bit code, flat
	dq 0x00cf93000000ffff		; 32-bit data, flat
gdt16:	dq 0x00009b000000ffff		; 16-bit code, 64 KiB; its base is this page
	dq 0x000093000000ffff		; 16-bit data, 64 KiB from 0
	dq 0x000089000000ffff		; 32-bit TSS: with a 16-bit one Bochs bars long mode
	dq 0x00af9b000000ffff		; 64-bit code
gdt_end:

dtr_reset:	dw 0xffff		; as after reset
		dd 0
idtr_real:	dw 0x3ff		; 256 real-mode vectors
		dd 0

%define AT(x)	ebx + (x) - handoff_blob
%define H(f)	ebx + handoff. %+ f
%define OFF(x)	((x) - handoff_blob)

; rdi: where this blob's copy starts. Interrupts are off.
bits 64
entry:	mov	ebx, edi
	lea	rax, [rel gdt]
	sub	rsp, 16
	mov	word [rsp], gdt_end - gdt - 1
	mov	[rsp + 2], rax
	lgdt	[rsp]
	lea	rax, [rel compat]
	push	H_CODE32
	push	rax
	retfq

; Compatibility mode until paging is off: SDM 3A "Switching Out of IA-32e Mode
; Operation" 9.8.5.4.
bits 32
compat:	mov	eax, CR0_RESET_PROT
	mov	cr0, eax
	jmp	short .flat
.flat:	mov	eax, H_DATA32
	mov	ds, eax
	mov	es, eax
	mov	fs, eax
	mov	gs, eax
	mov	ss, eax
	lea	esp, [ebx + PAGE]
	xor	eax, eax
	mov	cr3, eax
	mov	cr4, eax
	xor	edx, edx
	mov	ecx, MSR_EFER
	wrmsr
	lldt	ax
	mov	eax, H_TSS
	ltr	ax

	mov	esi, [H(staging)]
	xor	edi, edi
	mov	ecx, HOLE_START / 4
	rep	movsd
	add	esi, HOLE_END - HOLE_START
	mov	edi, HOLE_END
	mov	ecx, [H(size)]
	sub	ecx, HOLE_END
	shr	ecx, 2
	rep	movsd
	xor	ecx, ecx
	xor	edi, edi
	xor	ebp, ebp
	cmp	dword [H(mode)], MODE_PROTECTED
	jb	real
	lidt	[AT(dtr_reset)]
	ja	to_long

	push	RFLAGS_ONE		; from here on nothing changes the flags
	popfd
	lgdt	[H(gdt_limit)]
	mov	ax, [H(cs)]
	mov	[AT(jump) + 5], ax	; the jump takes no register from the guest
	mov	eax, [H(rip)]
	mov	[AT(jump) + 1], eax
	mov	ax, [H(ds)]
	mov	ds, eax
	mov	es, eax
	mov	fs, eax
	mov	gs, eax
	mov	ss, eax
	mov	eax, [H(eax)]
	mov	edx, [H(edx)]
	mov	esi, [H(rsi)]
	mov	edi, [H(rdi)]
	mov	esp, [H(rsp)]
	mov	ebx, [H(ebx)]
jump:	jmp	0:0			; patched

; The guest's tables map this page where it lies: load.h. SDM 3A "Initializing IA-32e
; Mode" 9.8.5.
to_long:mov	eax, [H(cr4)]
	mov	cr4, eax
	mov	eax, [H(cr3)]
	mov	cr3, eax
	mov	eax, [H(efer)]
	xor	edx, edx
	mov	ecx, MSR_EFER
	wrmsr
	mov	eax, [H(pat)]
	mov	edx, [H(pat) + 4]
	mov	ecx, MSR_PAT
	wrmsr
	mov	eax, [H(cr0)]
	mov	cr0, eax
	lea	eax, [AT(long64)]
	push	H_CODE64
	push	eax
	retf
bits 64
%define P(f)	rel handoff_blob + handoff. %+ f
long64:	lgdt	[P(gdt_limit)]
	mov	ax, [P(ds)]
	mov	ds, eax
	mov	es, eax
	mov	fs, eax
	mov	gs, eax
	mov	ss, eax
	movzx	eax, word [P(cs)]
	lea	rdx, [rel .guest]
	push	rax
	push	rdx
	retfq
	; What a mode switch leaves in the upper halves is undefined.
.guest:	xor	ecx, ecx
	xor	ebp, ebp
	xor	r8d, r8d
	xor	r9d, r9d
	xor	r10d, r10d
	xor	r11d, r11d
	xor	r12d, r12d
	xor	r13d, r13d
	xor	r14d, r14d
	xor	r15d, r15d
	push	RFLAGS_ONE		; from here on nothing changes the flags
	popfq
	mov	eax, [P(eax)]
	mov	ebx, [P(ebx)]
	mov	edx, [P(edx)]
	mov	rsi, [P(rsi)]
	mov	rdi, [P(rdi)]
	mov	rsp, [P(rsp)]
	jmp	[P(rip)]
bits 32

; Through 16-bit segments, whose limits and sizes real mode keeps: SDM 3A
; "Switching Back to Real-Address Mode" 9.9.2.
real:	mov	eax, ebx
	mov	[AT(gdt16) + 2], ax
	shr	eax, 16
	mov	[AT(gdt16) + 4], al
	mov	[AT(gdt16) + 7], ah
	push	RFLAGS_ONE		; from here on nothing changes the flags
	popfd
	jmp	H_CODE16:OFF(code16)
bits 16
code16:	mov	ax, H_DATA16
	mov	ds, ax
	mov	es, ax
	mov	fs, ax
	mov	gs, ax
	mov	ss, ax
	mov	eax, CR0_RESET_REAL
	mov	cr0, eax
	; CS keeps its base, this page, until the far jump that starts the guest.
	mov	ax, [cs:handoff.ds]
	mov	ds, ax
	mov	es, ax
	mov	fs, ax
	mov	gs, ax
	mov	ss, ax
	o32 lidt [cs:OFF(idtr_real)]
	o32 lgdt [cs:OFF(dtr_reset)]
	mov	eax, [cs:handoff.eax]
	mov	ebx, [cs:handoff.ebx]
	mov	edx, [cs:handoff.edx]
	mov	esi, [cs:handoff.rsi]
	mov	edi, [cs:handoff.rdi]
	mov	esp, [cs:handoff.rsp]
	jmp	far [cs:handoff.ip]
handoff_blob_end:

handoff_entry_offset:	dd entry - handoff_blob

; A guest of random bytes in one of the states that guests start in, by START: 16 a boot
; sector, 32 flat and unpaged, 64 the 64-bit entry of a Linux kernel. With CATCH every
; exception and interrupt goes on at another random place of them, in another ring at
; times, so that one fault is not the end; PAGED has 32-bit paging on first, by a page
; directory of random bytes but for the lowest 4 MiB. Must not know what the bytes are.
;
; nasm -DSTART=n -DBYTES='"file"' -DSEED=n [-DCATCH] [-DPAGED]

%define SIZE		0x4000		; of the bytes, a power of two
STACK		equ 0x7000
TABLES		equ 0x300000		; 32 bits and up: IDT, GDT, TSS, page directory
IDT		equ TABLES
GDT		equ TABLES + 0x1000
TSS		equ TABLES + 0x2000
DIRECTORY	equ TABLES + 0x3000
HIGH_STACK	equ TABLES - 0x1000
USER_STACK	equ TABLES - 0x8000
CODE0		equ 0x10
DATA0		equ 0x18
CODE3		equ 0x20 | 3
DATA3		equ 0x28 | 3
TASK		equ 0x30
%if START == 32
STACK_SEGMENT	equ DATA0		; SS0
%else
STACK_SEGMENT	equ 0			; RSP0's high half
%endif

%if START == 16
	org	0x7c00
bits 16
image:	jmp	start
	times	510 - ($ - image) db 0
	db	0x55, 0xaa
%elif START == 64
; Linux boot protocol 2.15, "The Real-Mode Kernel Header".
SETUP		equ 1024
	org	0x100000 - SETUP
image:	times	0x1f1 - ($ - image) db 0
	db	SETUP / 512 - 1
	dw	0
	dd	(end - image - SETUP) / 16
	dw	0, 0xffff, 0
	dw	0xaa55
	db	0xeb, 0x66
	db	"HdrS"
	dw	0x20f
	times	0x211 - ($ - image) db 0
	db	1			; loaded high
	dw	0
	dd	0x100000
	times	0x22c - ($ - image) db 0
	dd	0x7fffffff, 0x100000
	db	1, 20
	dw	1			; has a 64-bit entry
	dd	2047
	times	0x258 - ($ - image) db 0
	dq	0x100000
	dd	0x300000		; room to the tables' end and on
	times	SETUP + 0x200 - ($ - image) db 0
%endif
%if START != 16
%if START == 32
	org	0x100000
%endif
bits START
%endif

start:
%ifndef CATCH
	jmp	bytes
%elif START == 16
	cli
	xor	ax, ax
	mov	ds, ax
	mov	es, ax
	xor	di, di
	mov	cx, 256
.vector:
	mov	ax, again
	stosw
	xor	ax, ax
	stosw
	loop	.vector

; Somewhere else in the bytes, with a stack; IF as chance has it.
again:	cli
	xor	ax, ax
	mov	ss, ax
	mov	sp, STACK
	mov	eax, [cs:state]
	imul	eax, eax, 1664525
	add	eax, 1013904223
	mov	[cs:state], eax
	shr	eax, 12
	test	ah, 0x80
	jz	.closed
	sti
.closed:
	and	ax, SIZE - 1
	add	ax, bytes
	mov	bp, ax
	jmp	bp
%else
; Every gate of the IDT: present, interrupt gate, DPL 3.
	cld
	mov	edi, IDT
	mov	ecx, 256
.gate:
	mov	eax, again
	and	eax, 0xffff
	or	eax, CODE0 << 16
	stosd
	mov	eax, again
	and	eax, 0xffff0000
	or	eax, 0xee00
	stosd
%if START == 64
	xor	eax, eax
	stosd
	stosd
%endif
	dec	ecx
	jnz	.gate
	mov	esi, gdt
	mov	edi, GDT
	mov	ecx, (gdt_end - gdt) / 4
	rep movsd
	mov	edi, TSS
	xor	eax, eax
	mov	ecx, 0x68 / 4
	rep stosd
	mov	dword [TSS + 4], HIGH_STACK	; ESP0; of 64 bits, RSP0's low half
	mov	dword [TSS + 8], STACK_SEGMENT
%ifdef PAGED
	mov	esi, bytes
	mov	edi, DIRECTORY
	mov	ecx, 1024
	rep movsd
	mov	dword [DIRECTORY], 0x87		; 4 MiB, for everyone
	mov	eax, DIRECTORY
	mov	cr3, eax
	mov	eax, cr4
	or	al, 0x10			; PSE
	mov	cr4, eax
	mov	eax, cr0
	or	eax, 1 << 31
	mov	cr0, eax
%endif
	lgdt	[gdtr]
	lidt	[idtr]
	mov	ax, TASK
	ltr	ax

; Somewhere else in the bytes, by IRET: ring 3 one time in four, IF as chance has it.
again:	mov	eax, DATA0
	mov	ds, eax
	mov	es, eax
	mov	ss, eax
	mov	esp, HIGH_STACK
	mov	eax, [state]
	imul	eax, eax, 1664525
	add	eax, 1013904223
	mov	[state], eax
	shr	eax, 12
	mov	edx, eax
	shr	edx, 15
%if START == 64
	mov	rcx, cr0
	or	cl, 4
	mov	cr0, rcx
%else
	mov	ecx, cr0
	or	cl, 4			; EM: floating point would end most of them
	mov	cr0, ecx
%endif
	mov	ecx, edx
	and	ecx, 0x3200			; IF, IOPL
	and	eax, SIZE - 1
	add	eax, bytes
	test	edx, 3
	mov	ebx, CODE0
	mov	ebp, DATA0
	jnz	.ring
	mov	ebx, CODE3
	mov	ebp, DATA3
.ring:
%if START == 64
	push	rbp
	push	USER_STACK
	push	rcx
	push	rbx
	push	rax
	iretq
%else
	jnz	.same
	push	ebp
	push	USER_STACK
.same:	push	ecx
	push	ebx
	push	eax
	iretd
%endif

; Base 0; code of the start's size for both rings, data that ends with 64 MiB of RAM, for
; few random addresses lie in there, and a task's state.
%if START == 64
%define SIZE_BIT	0x00200000
%else
%define SIZE_BIT	0x00400000
%endif
	align	8
gdt:	dq	0, 0
	dd	0x0000ffff, 0x008f9b00 | SIZE_BIT
	dd	0x00003fff, 0x00c09300
	dd	0x0000ffff, 0x008ffb00 | SIZE_BIT
	dd	0x00003fff, 0x00c0f300
	dd	(TSS & 0xffff) << 16 | 0x67, TSS & 0xff000000 | 0x8900 | TSS >> 16 & 0xff
	dq	0
gdt_end:
gdtr:	dw	gdt_end - gdt - 1
%if START == 64
	dq	GDT
idtr:	dw	256 * 16 - 1
	dq	IDT
%else
	dd	GDT
idtr:	dw	256 * 8 - 1
	dd	IDT
%endif
%endif

	align	4
state:	dd	SEED
	align	16
bytes:	incbin	BYTES
	align	16
end:

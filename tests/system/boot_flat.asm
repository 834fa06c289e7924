; A multiboot 1 guest (a.out-kludge header) that prints the state it was started
; in, one value a line, in the order of the list in test_boot.sh. Knows no hypervisor.

bits 32
LOAD	equ 0x200000
org LOAD

MAGIC	equ 0x1badb002
FLAGS	equ 1 << 16
EFER	equ 0xc0000080

header:	dd MAGIC, FLAGS, -(MAGIC + FLAGS)
	dd header, LOAD, load_end, bss_end, start

start:	mov	[values], eax
	mov	esp, stack
	pushfd
	pop	dword [values + 4]
	xor	eax, eax
	mov	ax, cs
	mov	[values + 8], eax
	mov	ax, ds
	mov	[values + 12], eax
	mov	ax, ss
	mov	[values + 16], eax
	mov	ax, cs
	lsl	eax, eax
	mov	[values + 20], eax
	mov	eax, cr0
	mov	[values + 24], eax
	mov	eax, cr3
	mov	[values + 28], eax
	mov	eax, cr4
	mov	[values + 32], eax
	mov	ecx, EFER
	rdmsr
	mov	[values + 36], eax
	mov	dx, LCR
	mov	al, LCR_8N1
	out	dx, al
	mov	esi, values
	mov	ebp, (values_end - values) / 4
.next:	lodsd
	call	hex32
	dec	ebp
	jnz	.next
	jmp	finish

%include "boot_print.inc"

	align	4
values:	times 10 dd 0
values_end:
load_end:
section .bss nobits align=16
	resb	256
stack:
bss_end:

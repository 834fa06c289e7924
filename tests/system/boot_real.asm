; A boot sector that prints the state it was started in, one value a line, in the
; order of the list in test_boot.sh. Knows no hypervisor.

bits 16
org 0x7c00

VEC_GP	equ 13
EFER	equ 0xc0000080

start:	pushfd				; before anything changes it
	pop	dword [cs:flags]
	mov	[cs:first], eax
	mov	[cs:first + 4], ebx
	mov	[cs:first + 8], ecx
	mov	[cs:first + 12], edx
	mov	[cs:first + 16], esi
	mov	[cs:first + 20], edi
	mov	[cs:first + 24], ebp
	mov	[cs:first + 28], esp
	mov	[cs:segs], cs
	mov	[cs:segs + 4], ds
	mov	[cs:segs + 8], es
	mov	[cs:segs + 12], fs
	mov	[cs:segs + 16], gs
	mov	[cs:segs + 20], ss
	sgdt	[cs:tables]
	sidt	[cs:tables + 8]
	mov	eax, cr0
	mov	[cs:control], eax
	mov	eax, cr3
	mov	[cs:control + 4], eax
	mov	eax, cr4
	mov	[cs:control + 8], eax
	mov	ecx, EFER
	rdmsr
	mov	[cs:control + 12], eax

	; A byte past 64 KiB: #GP where the CPU checks limits.
	mov	word [VEC_GP * 4], beyond
	mov	word [VEC_GP * 4 + 2], 0
	mov	ebx, 0x10000
	mov	al, [ebx]
	jmp	print
beyond:	inc	byte [cs:limit]

print:	mov	dx, LCR
	mov	al, LCR_8N1
	out	dx, al
	mov	si, values
	mov	bp, (values_end - values) / 4
.next:	lodsd
	call	hex32
	dec	bp
	jnz	.next
	jmp	finish

%include "boot_print.inc"

	align	4
values:
first:	times 8 dd 0
flags:	dd 0
segs:	times 6 dd 0
tables:	times 4 dd 0
control: times 4 dd 0
limit:	dd 0
values_end:
	times	510 - ($ - $$) db 0
	dw	0xaa55

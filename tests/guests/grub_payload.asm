; What GRUB boots from the disk that we make: says how it was called, adds up the
; module that GRUB read from the disk for it, and ends. Must not know which firmware
; or disk controller there was.
;
; Entered in flat 32-bit code, paging off, EAX = the magic number, EBX = the boot
; information: "Multiboot Specification version 0.6.96", "Machine state".

	org	0x100000
%include "x86.inc"
CODE 32

MAGIC		equ 0x1badb002
FLAGS		equ 0x10003		; modules in pages, memory, addresses below
STACK_TOP	equ 0x200000
INFO_FLAGS	equ 0
INFO_CMDLINE	equ 16
INFO_MODS_COUNT	equ 20
INFO_MODS_ADDR	equ 24

header:
	dd	MAGIC, FLAGS, -(MAGIC + FLAGS)
	dd	header, header, file_end, file_end, start
%include "console.inc"
CONSOLE_LIB 32

start:
	mov	esp, STACK_TOP
	cld
	LCALL	uart_init32
	SAYHEX	"grub: magic ", eax, 8
	SAYHEX	", flags ", [ebx + INFO_FLAGS], 1
	NEWLINE
	SAY	"grub: command line "
	mov	esi, [ebx + INFO_CMDLINE]
	call	print
	NEWLINE
	cmp	dword [ebx + INFO_MODS_COUNT], 1
	jne	.none
	mov	edx, [ebx + INFO_MODS_ADDR]
	mov	esi, [edx]
	mov	ecx, [edx + 4]
	sub	ecx, esi
	SAYHEX	"grub: module of ", ecx, 8
	xor	edx, edx
.next:
	movzx	eax, byte [esi]
	rol	edx, 3
	add	edx, eax
	inc	esi
	dec	ecx
	jnz	.next
	SAYHEX	" bytes, sum ", edx, 8
	NEWLINE
	END	0
	; GRUB as firmware has no words for one.
.none:
	SAY	"grub: no module", 10
	END	0

; esi = a text that ends with a zero.
print:
	mov	al, [esi]
	inc	esi
	test	al, al
	jz	.end
	LCALL	putc32
	jmp	print
.end:
	ret
file_end:

; mb2: a multiboot 2 image with an address tag; prints the machine state it was
; started in and every tag that it was told, in the order told.
;
; Rules checked: EAX and EBX, CR0.PE without PG, interrupts off, flat segments
; (Multiboot2 Specification "I386 machine state"); the tags' sizes add up to the
; total and each begins on 8 bytes ("Boot information format"); a module's bytes
; are where its tag says.

%include "x86.inc"

LOAD		equ 0x100000
STACK		equ 0x180000
MAGIC		equ 0xe85250d6
BOOTED		equ 0x36d76289
OPTIONAL	equ 1
TAG_COMMAND	equ 1
TAG_NAME	equ 2
TAG_MODULE	equ 3
TAG_BASIC	equ 4
TAG_MAP		equ 6
TAG_BASE	equ 21

	org	LOAD
CODE 32

; TAG type, flags .. TAG_STOP: a header tag with its size, padded to 8 bytes.
%macro TAG 2
%push tag
%$tag:	dw	%1, %2
	dd	%$tag_end - %$tag
%endmacro
%macro TAG_STOP 0
%$tag_end:
	align	8, db 0
%pop
%endmacro

header:	dd	MAGIC, 0, header_end - header
	dd	-(MAGIC + header_end - header) & 0xffffffff
	TAG	1, 0			; required: all of these can be told
	dd	TAG_COMMAND, TAG_NAME, TAG_MODULE, TAG_BASIC, TAG_MAP
	TAG_STOP
	TAG	1, OPTIONAL		; framebuffer, ACPI, and one nobody knows
	dd	8, 15, 999
	TAG_STOP
	TAG	2, 0
	dd	header, LOAD, data_end, bss_end
	TAG_STOP
	TAG	3, 0
	dd	entry
	TAG_STOP
	TAG	5, OPTIONAL		; any video mode
	dd	0, 0, 0
	TAG_STOP
	TAG	6, 0
	TAG_STOP
	TAG	9, OPTIONAL		; EFI's entry, which is not this one
	dd	entry
	TAG_STOP
	TAG	10, 0			; from 1 MiB to 4 GiB, by pages
	dd	LOAD, 0xffffffff, 0x1000, 0
	TAG_STOP
	TAG	77, OPTIONAL		; nobody's
	TAG_STOP
	TAG	0, 0
	TAG_STOP
header_end:

%include "console.inc"
CONSOLE_LIB 32

entry:	mov	esp, STACK
	pushfd
	pop	edx
	LCALL	uart_init32
	SAYHEX	"mb2: eax ", eax, 8
	mov	eax, cr0
	and	eax, CR0_PE | CR0_PG
	SAYHEX	" cr0 ", eax, 8
	and	edx, 0x200
	SAYHEX	" if ", edx, 3
	mov	ax, cs
	lsl	ecx, eax
	SAYHEX	" cs limit ", ecx, 8
	mov	ax, ss
	lsl	ecx, eax
	SAYHEX	" ss limit ", ecx, 8
	NEWLINE
	mov	eax, [end_of_info]
	or	eax, [bss_end - 4]
	SAYHEX	"bss ", eax, 8
	test	ebx, 7
	SAY_IF	z, {" information aligned", 10}, {" information not aligned", 10}
	mov	ecx, [ebx]		; total size
	add	ecx, ebx
	mov	[end_of_info], ecx
	lea	esi, [ebx + 8]
next_tag:
	mov	eax, [esi]
	SAYHEX	"tag ", eax, 2
	cmp	eax, TAG_COMMAND
	je	text
	cmp	eax, TAG_NAME
	je	text
	cmp	eax, TAG_MODULE
	je	module
	cmp	eax, TAG_BASIC
	je	basic
	cmp	eax, TAG_MAP
	je	map
	cmp	eax, TAG_BASE
	je	base
	test	eax, eax
	jz	last
	SAY	" not looked into", 10
step:	mov	eax, [esi + 4]
	add	eax, 7
	and	eax, -8
	jz	broken
	add	esi, eax
	cmp	esi, [end_of_info]
	jb	next_tag
broken:	SAY	"no end tag", 10
	END	1

text:	SAY	" '"
	lea	edi, [esi + 8]
	call	print
	SAY	"'", 10
	jmp	step

basic:	SAYHEX	" lower ", [esi + 8], 8
	SAYHEX	" upper ", [esi + 12], 8
	NEWLINE
	jmp	step

base:	SAYHEX	" load base ", [esi + 8], 8
	NEWLINE
	jmp	step

module:	SAYHEX	" module ", [esi + 8], 8
	SAYHEX	"-", [esi + 12], 8
	xor	eax, eax
	xor	ecx, ecx
	mov	edi, [esi + 8]
.byte:	cmp	edi, [esi + 12]
	jae	.summed
	mov	cl, [edi]
	rol	eax, 1
	xor	eax, ecx
	inc	edi
	jmp	.byte
.summed:
	SAYHEX	" sum ", eax, 8
	SAY	" '"
	lea	edi, [esi + 16]
	call	print
	SAY	"'", 10
	jmp	step

map:	SAYHEX	" entry size ", [esi + 8], 4
	SAYHEX	" version ", [esi + 12], 1
	NEWLINE
	mov	edx, [esi + 4]		; the tag's end
	add	edx, esi
	lea	edi, [esi + 16]
.entry:	cmp	edi, edx
	jae	step
	SAYHEX	"  ", [edi + 4], 8
	HEX	[edi], 8
	SAYHEX	" + ", [edi + 12], 8
	HEX	[edi + 8], 8
	SAYHEX	" type ", [edi + 16], 1
	NEWLINE
	; What is usable can be written: its last word, whatever it holds.
	cmp	dword [edi + 16], 1
	jne	.listed
	mov	eax, [edi]
	add	eax, [edi + 8]
	not	dword [eax - 4]
	mov	ecx, [eax - 4]
	not	dword [eax - 4]
	not	ecx
	cmp	ecx, [eax - 4]
	SAY_IF	e, {"  its end is memory", 10}, {"  its end is none", 10}
.listed:
	add	edi, [esi + 8]
	jmp	.entry

last:	add	esi, [esi + 4]
	cmp	esi, [end_of_info]
	SAY_IF	e, {" the end, where the total size has it", 10}, \
		{" the end, but not by the total size", 10}
	SAY	"mb2: done", 10
	END	0

; edi: a terminated text.
print:	mov	al, [edi]
	test	al, al
	jz	.done
	LCALL	putc32
	inc	edi
	jmp	print
.done:	ret

	align	8, db 0
data_end:
bss		equ data_end
end_of_info	equ bss + 8
bss_end		equ bss + 0x1000

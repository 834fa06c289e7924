; The first program that GNU Mach starts, in ring 3: asks the kernel for memory,
; touches every page of it, gives half of it back, and prints what it counted. An
; ELF image of one segment; must not know how the kernel was loaded.
;
; Mach takes a trap's number, negative, in EAX, and its arguments as a C function
; would find them ("GNU Mach Reference Manual", and its i386 system call gate 7).

	bits	32
	org	0x08048000

PAGE		equ 4096
PAGES		equ 256
ROUNDS		equ 8

TRAP_TASK_SELF	equ -28
TRAP_PRINT	equ -30
TRAP_SWITCH	equ -61
TRAP_ALLOCATE	equ -65
TRAP_DEALLOCATE	equ -66
SWITCH_WAIT	equ 2		; until the time in ms is over

elf:
	db	0x7f, "ELF", 1, 1, 1	; 32 bits, low byte first, version 1
	times 16 - ($ - elf) db 0
	dw	2, 3			; executable, 80386
	dd	1, start, loaded - elf, 0, 0
	dw	loaded - elf, 32, 1, 0, 0, 0
loaded:
	dd	1, 0, elf, elf		; to be loaded, from the file's start
	dd	end - elf, end - elf, 7, PAGE

; TRAP number, arguments, the last first
%macro TRAP 1-*
%assign %%size 4
%rep %0 - 1
%rotate -1
	push	dword %1
%assign %%size %%size + 4
%endrep
%rotate -1
	push	eax			; where a return address would be
	mov	eax, %1
	call	7:0
	add	esp, %%size
%endmacro

%macro SAY 1+
	jmp	%%over
%%text:	db	%1, 10, 0
%%over:
	TRAP	TRAP_PRINT, %%text
%endmacro

start:
	cld
	SAY	"mach: a program in ring 3"
	TRAP	TRAP_TASK_SELF
	mov	[task], eax
	mov	ebp, ROUNDS
.round:
	TRAP	TRAP_ALLOCATE, [task], block, PAGE * PAGES, 1
	test	eax, eax
	jnz	failed
	call	fill
	call	count
	; The upper half goes: the next round finds other pages there.
	mov	eax, [block]
	add	eax, PAGE * PAGES / 2
	mov	[half], eax
	TRAP	TRAP_DEALLOCATE, [task], [half], PAGE * PAGES / 2
	test	eax, eax
	jnz	failed
	dec	ebp
	jnz	.round
	mov	eax, [sum]
	call	hex
	TRAP	TRAP_PRINT, said
	SAY	"mach: the program has ended"
	jmp	idle
failed:
	SAY	"mach: the kernel refuses"
idle:
	TRAP	TRAP_SWITCH, 0, SWITCH_WAIT, 1000
	jmp	idle

; A number of its own into each page, which must come as zeros.
fill:
	mov	edi, [block]
	mov	ecx, PAGES
.next:
	mov	eax, [edi + PAGE - 4]
	add	[sum], eax
	mov	eax, ecx
	imul	eax, ebp
	mov	[edi], eax
	add	edi, PAGE
	loop	.next
	ret

count:
	mov	esi, [block]
	mov	ecx, PAGES
.next:
	mov	eax, [esi]
	rol	dword [sum], 1
	add	[sum], eax
	add	esi, PAGE
	loop	.next
	ret

; eax in hexadecimal into the text.
hex:
	mov	edi, digits
	mov	ecx, 8
.next:
	rol	eax, 4
	mov	edx, eax
	and	edx, 15
	mov	dl, [hex_digits + edx]
	mov	[edi], dl
	inc	edi
	loop	.next
	ret

hex_digits:	db "0123456789abcdef"
said:		db "mach: the pages add up to "
digits:		db "00000000", 10, 0
	align	4
task:		dd 0
block:		dd 0
half:		dd 0
sum:		dd 0
end:

; smc: code that changes itself, in real mode, in real mode with 4 GiB limits
; and in unpaged protected mode; and what lies at the ends of 64 KiB and 1 MiB.
;
; Rules checked: a store into code that runs next, through the address it is
; fetched from, is seen (SDM 3A "Self-Modifying Code"); FFFF:0010 is address
; 100000h, another one than 0, since A20 is on; a 16-bit jump wraps at 64 KiB,
; while running on past it is #GP (raw: QEMU TCG does not check limits).

%include "boot.inc"
%include "switch.inc"
%include "traps.inc"

AREA		equ 0x5000	; code is made here, across the page at 6000h
PAGE_END	equ 0x6000
FAR_CODE	equ 0x2000	; a paragraph: code at the end of its 64 KiB
HIGH		equ 0x100000

; LINES: the same in each mode; the code is at its linear address.
%macro LINES 0
	; The immediate of the next instruction.
	xor	eax, eax
	mov	byte [%%next + 1], 0x5a
%%next:
	mov	al, 0x11
	SAYHEX	"next ", eax, 2
	mov	byte [%%next + 1], 0x11
	; Its opcode, many times: INC and DEC by turns.
	mov	ecx, 50
	mov	eax, 0x1000
%%turn:
	xor	byte [%%opcode], 8	; 40h INC, 48h DEC
%%opcode:
	db	0x40
	loop	%%turn
	and	eax, 0xffff
	SAYHEX	" turns ", eax, 4
	; Behind a jump and a call.
	mov	byte [%%target + 1], 0x22
	jmp	%%target
	nop
%%target:
	mov	bl, 0x33
	mov	byte [%%target + 1], 0x33
	SAYHEX	" jump ", ebx, 2
	mov	byte [%%routine + 1], 0x44
	call	%%routine
	SAYHEX	" call ", ebx, 2
	mov	byte [%%routine + 1], 0x66
	call	%%routine
	SAYHEX	" again ", ebx, 2
	jmp	%%loops
%%routine:
	mov	bl, 0x55
	ret
	; A loop whose body changes while it runs: ADD AL's immediate.
%%loops:
	mov	ecx, 20
	xor	eax, eax
%%sum:
	add	al, 0
	inc	byte [%%sum + 1]
	loop	%%sum
	mov	byte [%%sum + 1], 0
	SAYHEX	" sum ", eax, 2
	NEWLINE
	; REP STOSB lays NOPs over INCs that come next.
	mov	edi, %%over
	mov	ecx, 8
	mov	al, 0x42		; INC DX or EDX
	rep stosb
	mov	edi, %%over
	mov	ecx, 6
	mov	al, 0x90
	xor	edx, edx
	rep stosb
%%over:
	times 8 db 0x42
	SAYHEX	"stosb left ", edx, 2
	; REP MOVSB copies a routine over another one that has run.
	mov	esi, %%first
	mov	edi, AREA
	mov	ecx, %%second - %%first
	rep movsb
	mov	eax, AREA
	call	rAX_NEAR
	mov	edi, AREA
	mov	ecx, %%second_end - %%second
	rep movsb
	call	rAX_NEAR
	SAYHEX	" movsb ", edx, 8
	NEWLINE
	jmp	%%pages
%%first:
	add	edx, 0x100
	ret
%%second:
	add	edx, 0x10000
	ret
%%second_end:
	; An instruction across two pages, its half in the second one changed.
%%pages:
	mov	byte [PAGE_END - 3], 0xbb	; MOV BX or EBX, immediate
	mov	dword [PAGE_END - 2], 0x44332211
	mov	byte [PAGE_END + 2], 0xc3
	mov	byte [PAGE_END - 4], 0x66	; reached in 16-bit code only
	mov	eax, PAGE_END - 3 - (W == 16)
	call	rAX_NEAR
	mov	ecx, ebx
	mov	word [PAGE_END], 0x8877
	call	rAX_NEAR
	SAYHEX	"pages ", ecx, 8
	SAYHEX	" ", ebx, 8
	mov	byte [PAGE_END - 2], 0x99
	call	rAX_NEAR
	SAYHEX	" ", ebx, 8
	NEWLINE
%endmacro

; BIG or SMALL limits in DS and ES, in real mode.
%macro VISIT_PM 1
	mov	eax, cr0
	or	al, CR0_PE
	mov	cr0, eax
	mov	bx, %1
	mov	ds, bx
	mov	es, bx
	and	al, ~CR0_PE
	mov	cr0, eax
	jmp	0:%%real
%%real:
	xor	bx, bx
	mov	ds, bx
	mov	es, bx
%endmacro

CODE 16
main:
	call	dword ivt_init
	lidt	[ivtr]
	lgdt	[gdtr]
	SAY	"smc: real", 10
%define rAX_NEAR ax
	call	lines16
	SAY	"smc: real, 4 gib", 10
	VISIT_PM SEL_DATA
	call	lines16
	call	ends
	VISIT_PM SEL_DATA16
	SAY	"smc: unpaged", 10
	REAL_TO_PM
	call	idt_init32
%define rAX_NEAR eax
	LINES
	PM_TO_REAL
	SAY	"smc: real again", 10
	call	wraps
	SAY	"smc: done", 10
	END	0

CODE 16
%define rAX_NEAR ax
lines16:
	LINES
	ret

; The end of 1 MiB, with limits that reach beyond.
ends:
	mov	dword [dword HIGH], 0x11112222
	mov	dword [0x500], 0x33334444
	mov	ax, 0xffff
	mov	fs, ax
	mov	eax, [fs:0x10]
	SAYHEX	"ffff:0010 ", eax, 8
	mov	dword [fs:0x510], 0x55556666
	SAYHEX	" at 500 ", [0x500], 8
	mov	eax, [dword HIGH + 0x500]
	SAYHEX	" at 100500 ", eax, 8
	mov	dword [fs:0xfffc], 0x77778888
	mov	eax, [dword 0x10ffec]
	SAYHEX	" last ", eax, 8
	NEWLINE
	; Code there: MOV EAX, immediate; RETF, changed while it stands.
	mov	word [fs:0x20], 0xb866
	mov	dword [fs:0x22], 0x12345678
	mov	byte [fs:0x26], 0xcb
	call	0xffff:0x20
	mov	ebx, eax
	mov	dword [dword HIGH + 0x12], 0x9abcdef0
	call	0xffff:0x20
	SAYHEX	"code at ffff:0020 ", ebx, 8
	SAYHEX	" ", eax, 8
	NEWLINE
	xor	ax, ax
	mov	fs, ax
	ret

; The end of a 64 KiB code segment.
wraps:
	mov	ax, FAR_CODE
	mov	fs, ax
	mov	dword [fs:0xfff0], 0x90901eeb	; JMP SHORT +1Eh: to 0010h
	mov	byte [fs:0x10], 0xcb
	call	FAR_CODE:0xfff0
	SAY	"short jump wraps", 10
	mov	dword [fs:0xfff0], 0x90002de9	; JMP NEAR +2Dh: to 0020h
	mov	byte [fs:0x20], 0xcb
	call	FAR_CODE:0xfff0
	SAY	"near jump wraps", 10
	mov	word [fs:0x30], 0xbdeb		; and backwards: to ffefh
	mov	byte [fs:0xffef], 0xcb
	call	FAR_CODE:0x30
	SAY	"backwards too", 10
	; The last bytes of the segment, then the edge: a trap there, or what is
	; behind, INT 41h at both places.
	mov	word [fs:0xfffe], 0x9090
	mov	word [fs:0], 0x41cd
	mov	ax, FAR_CODE + 0x1000
	mov	gs, ax
	mov	word [gs:0], 0x41cd
	mov	byte [fs:0x100], 0xcb		; where the trap returns to
	TRAP_ARM 0x100
	call	FAR_CODE:0xfffe
	mov	dword [T_RESUME], 0
	SAY	"raw run past the end"
	call	dword report_short16
	; An instruction that does not fit.
	mov	word [fs:0xfffe], 0x00b8	; MOV AX, with one byte missing
	TRAP_ARM 0x100
	call	FAR_CODE:0xfffe
	mov	dword [T_RESUME], 0
	SAY	"raw straddles the end"
	call	dword report_short16
	xor	ax, ax
	mov	fs, ax
	mov	gs, ax
	ret

TRAPS_REAL
CONSOLE_LIB 32
CODE 32
TRAPS_PROTECTED
SHARED_GDT 0

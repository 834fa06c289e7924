; segments: runs on segment registers that no clean mode switch leaves behind.
;
; Rules checked: a descriptor loaded before PE changes stays as it is, base,
; limit and width, until its register is loaded again (SDM 3A "Switching to
; Protected Mode", "Switching Back to Real-Address Mode"); the RPL bits of a
; real-mode CS or SS mean nothing while it is stale; a 16-bit stack wraps at 64
; KiB; string instructions take 32-bit addresses and counts in real mode too.
; QEMU TCG does not check limits: the lines that need it are raw.

%include "boot.inc"
%include "switch.inc"
%include "traps.inc"

SEL_ODD		equ SEL_BEYOND		; 16-bit code, base not on a paragraph
SEL_ODD_DATA	equ SEL_BEYOND + 8	; data, likewise
SEL_WIDE	equ SEL_BEYOND + 16	; data, limit 1ffff
SEL_HIGH	equ SEL_BEYOND + 24	; data, base above 1 MiB
SEL_DOWN16	equ SEL_BEYOND + 32	; expand-down, B = 0, above ffff:7fff
SEL_ODD32	equ SEL_BEYOND + 40	; 32-bit code, base not on a paragraph
ODD_BASE	equ 0x1239
ODD_DATA	equ 0x23457
HIGH_BASE	equ 0x345678
%macro GDT_MORE 0
	DESC	ODD_BASE, 0xffff, 0x9b, 0x0
	DESC	ODD_DATA, 0xffff, 0x93, 0x0
	DESC	0, 0x1ffff, 0x93, 0x0
	DESC	HIGH_BASE, 0xffff, 0x93, 0x0
	DESC	0, 0x7fff, 0x97, 0x0
	DESC	ODD_BASE, 0xfffff, 0x9b, 0xc
%endmacro

NOTES		equ 0x3000	; what a part saw, printed after it
HIGH		equ 0x200000
HIGHER		equ 0x300000

%macro PE_ON 0
	mov	eax, cr0
	or	al, CR0_PE
	mov	cr0, eax
%endmacro
%macro PE_OFF 0
	mov	eax, cr0
	and	al, ~CR0_PE
	mov	cr0, eax
%endmacro
; VISIT segment register, selector: loaded in protected mode, nothing else.
%macro VISIT 2
	PE_ON
	mov	bx, %2
	mov	%1, bx
	PE_OFF
%endmacro
%macro NOTE 2
	mov	[cs:NOTES + %1 * 4], %2
%endmacro
; NOTED: the same where CS cannot be written, through DS.
%macro NOTED 2
	mov	[NOTES + %1 * 4], %2
%endmacro
; SHOW "text", note
%macro SHOW 2
	SAYHEX	%1, [NOTES + %2 * 4], 8
%endmacro

CODE 16
main:
	call	dword ivt_init
	lidt	[ivtr]
	lgdt	[gdtr]
	SAY	"segments: odd bases", 10
	call	odd_data
	call	odd_code
	SAY	"segments: stale on the way in", 10
	call	stale_in
	SAY	"segments: stale on the way out", 10
	call	stale_out
	call	limits
	SAY	"segments: 16-bit protected mode", 10
	call	protected16
	SAY	"segments: strings", 10
	VISIT	ds, SEL_DATA
	VISIT	es, SEL_DATA
	xor	ax, ax
	mov	ds, ax
	mov	es, ax
	call	strings
	VISIT	ds, SEL_DATA16
	VISIT	es, SEL_DATA16
	xor	ax, ax
	mov	ds, ax
	mov	es, ax
	SAY	"segments: clean again", 10
	TRY	"int 40", int 0x40
	TRY	"raw limit", mov eax, [dword HIGH]
	SAY	"segments: rpl bits", 10
	call	stale_rpl
	SAY	"segments: done", 10
	END	0

%include "segments_parts.inc"
%include "segments_limits.inc"

TRAPS_REAL
CONSOLE_LIB 32
CODE 32
TRAPS_PROTECTED
SHARED_GDT 0

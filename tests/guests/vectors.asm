; vectors: raises every exception that needs neither FPU nor paging, and INT n,
; through real-mode vector tables at several bases and limits and through the
; gates of unpaged protected mode.
;
; Rules checked: in real mode IDTR's base and limit are what LIDT loaded, and a
; vector beyond the limit is #GP without an error code (SDM 3A "Interrupt and
; Exception Handling in Real-Address Mode"); in protected mode each check of a
; gate has its vector and error code, and INT n needs DPL >= CPL (SDM 3A
; "Exception- or Interrupt-Handler Procedures"). #NM, #MF and #XM need an FPU,
; #DF more than one fault, #PF and #AC paging and AC: not here.

%include "boot.inc"
%include "switch.inc"
%include "traps.inc"
%include "ring3.inc"
%include "vectors_parts.inc"
%include "vectors_watch.inc"

CODE 16
main:
	call	dword ivt_init
	lidt	[ivtr]
	REAL_TO_PM
	call	idt_init32
	call	copy_tables
	PM_TO_REAL
	SAY	"vectors: real", 10
	VECTOR_LINES
	REAL_LINES
	WATCH_LINES
	STRAY_SS_LINE

	; The table elsewhere; the one at 0 has only a handler that complains.
	SAY	"vectors: table at 3333", 10
	call	dword spoil_ivt
	lidt	[ivtr_near]
	VECTOR_LINES
	TRY	"int 41 by another cs", int 0x41
	SAY	"vectors: table at 200003", 10
	o32 lidt [ivtr_far]
	VECTOR_LINES
	; LIDT with a 16-bit operand loads 24 bits of the base.
	o16 lidt [ivtr_wide]
	sidt	[idtr_now]
	SAYHEX	"24 bits ", [idtr_now + 2], 8
	SAYHEX	" limit ", [idtr_now], 4
	NEWLINE
	TRY	"int 40", int 0x40

	; A vector whose four bytes do not all lie within the limit.
	SAY	"vectors: short limits", 10
	SHORT	40, 0x103
	SHORT	40, 0x102
	SHORT	40, 0x101
	SHORT	40, 0x100
	SHORT	40, 0xff
	SHORT	41, 0x103
	SHORT	0e, 0x37
	SHORT	0d, 0x37
	SHORT	06, 0x37
	SHORT	ff, 0x3fe
	TRY	"ud2", ud2
	lidt	[ivtr]
	call	dword ivt_init

	SAY	"vectors: unpaged", 10
	REAL_TO_PM
	lidt	[idtr]
	call	tss_init32
	VECTOR_LINES
	WATCH_LINES
	call	load_lines
	call	gate_lines
	call	ring3_lines
	PM_TO_REAL
	SAY	"vectors: real again", 10
	VECTOR_LINES
	SAY	"vectors: done", 10
	END	0

; In place of the vectors at 0 one handler; the copies have been made.
spoil_ivt:
	xor	di, di
.next:
	mov	word [di], .wrong
	mov	word [di + 2], 0
	add	di, 4
	cmp	di, 0x400
	jb	.next
	LRET
.wrong:
	SAY	"vectors: the wrong table", 10
	END	1

align 4
ivtr_near:	dw VECTORS * 4 - 1
		dd TABLE_NEAR
ivtr_far:	dw VECTORS * 4 - 1
		dd TABLE_FAR
ivtr_wide:	dw VECTORS * 4 - 1
		dd TABLE_FAR | 0x5a000000
ivtr_short:	dw 0
		dd TABLE_NEAR
idtr_now:	dw 0
		dd 0
idtr:		dw 0x60 * 8 - 1
		dd IDT

PROTECTED_LINES
RING3_LIB
TSS_LIB
CONSOLE_LIB 32
TRAPS_REAL
CODE 32
TRAPS_PROTECTED
SHARED_GDT 0

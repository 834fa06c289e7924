; steps: single-steps stretches of code with TF and prints where each #DB came,
; in real mode, in protected mode and through switches between the two.
;
; Rules checked: one #DB after each instruction, none after a load of SS (SDM 3A
; "Single-Step Exception Condition", "Masking Exceptions and Interrupts When
; Switching Stacks"), one after each turn of a repeated string instruction; INT
; clears TF and IRET brings it back; a mode switch does not lose a step. There
; is no source of interrupts or NMI here, so the shadow of STI is only counted
; in steps.
;
; CS is 780h throughout: as a paragraph and as a selector its base is 7800h, and
; one table holds vector 1 as real mode and as protected mode reads it.

%include "boot.inc"
%include "switch.inc"
%include "traps.inc"

HOME		equ 0x780	; selector and paragraph
HOME_BASE	equ HOME << 4
GDT_HOME	equ 0x20000	; a GDT long enough for that selector
GDT_SIZE	equ HOME + 8
TABLE		equ 0x4000	; of vectors, for both modes
LIST		equ 0x5000	; noted IPs
FLAG_TF		equ 1 << 8
%define AT(label) (label - HOME_BASE)

; STEP "name", width of flags; then the code, then STEP_END. FS is flat.
%macro STEP 1
%push step
%define %$label %1
	mov	word [fs:end_ip], AT(%$end)
	mov	word [fs:start_ip], AT(%$start)
	mov	word [fs:count], 0
	push	word FLAG_TF | 2
	popfw
%$start:
%endmacro
%macro STEP_END 0
%$end:
	nop				; the handler clears TF at its address
	SAY	%$label
	call	dword show_list
%pop
%endmacro

CODE 16
main:
	mov	al, 0xff		; no interrupt comes while IF is set
	out	0x21, al
	out	0xa1, al
	call	dword ivt_init
	lidt	[ivtr]
	call	tables
	jmp	HOME:AT(.home)
.home:
	lgdt	[gdtr_home]
	SAY	"steps: real", 10
	call	lines
	call	real_lines
	SAY	"steps: through switches", 10
	lidt	[idtr_both]
	call	switches
	SAY	"steps: 16-bit protected mode", 10
	mov	eax, cr0
	or	al, CR0_PE
	mov	cr0, eax
	mov	ax, SEL_DATA16
	mov	ds, ax
	mov	es, ax
	mov	ss, ax
	call	lines_protected
	mov	eax, cr0
	and	al, ~CR0_PE
	mov	cr0, eax
	xor	ax, ax
	mov	ds, ax
	mov	es, ax
	mov	ss, ax
	lidt	[ivtr]
	SAY	"steps: real again", 10
	call	lines
	SAY	"steps: done", 10
	jmp	0:.end
.end:
	END	0

%include "steps_parts.inc"

TRAPS_REAL
SHARED_GDT 0

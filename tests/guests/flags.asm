; flags: shows EFLAGS as PUSHF, INT and IRET show them, in real mode and in
; rings 0 and 3 of unpaged protected mode.
;
; Rules checked: in real mode and in ring 0 POPF and IRET change IOPL, IF and
; NT; in ring 3 they leave IOPL alone and IF too where CPL > IOPL, without a
; fault, while CLI and STI fault there (SDM 2B "POPF", 2A "CLI"); an interrupt
; gate and the IVT push the flags as they were and clear IF (SDM 3A "Flag Usage
; By Exception- or Interrupt-Handler Procedure"). TF is left to `steps`.

%include "boot.inc"
%include "switch.inc"
%include "traps.inc"
%include "ring3.inc"

ALL		equ 0x247ed7	; ID AC NT IOPL OF DF IF SF ZF AF PF CF, bit 1
ALL_WORD	equ ALL & 0xffff
BASE		equ 2
FLAG_IF		equ 1 << 9
FLAG_NT		equ 1 << 14
VEC_LOOK	equ 0x60	; its handler notes the flags it runs with

; SHOW "text": the flags now, whole; leaves BASE behind.
%macro SHOW 1
	pushfd
	push	dword BASE
	popfd
	pop	ebx
	SAYHEX	%1, ebx, 8
	NEWLINE
%endmacro

; SETS: the values that POPF, POPFD, IRET and IRETD load, each shown.
%macro SETS 0
%assign iopl 0
%rep 4
	push	word (iopl << 12) | BASE
	popfw
	pushfw
	pop	ax
	SAYHEX	"iopl ", iopl, 1
	SAYHEX	" popf ", eax, 4
	SHOW	" "
	push	dword (iopl << 12) | BASE | FLAG_NT
	popfd
	SHOW	"popfd nt "
	push	word (iopl << 12) | BASE | FLAG_IF
	o16 push	cs
	push	word %%iret %+ iopl
	o16 iret
%%iret %+ iopl:
	SHOW	"iret if "
	push	dword (iopl << 12) | BASE
	push	dword SELF
	push	dword %%iretd %+ iopl
	o32 iret
%%iretd %+ iopl:
	SHOW	"iretd "
%assign iopl iopl + 1
%endrep
	xor	eax, eax
	push	dword ALL
	popfd
	SHOW	"popfd all "
	push	word ALL_WORD
	popfw
	SHOW	"popf all "
	push	dword ALL | RF
	popfd
	SHOW	"popfd rf "
	; A word leaves ID and AC as they are.
	push	dword ALL
	popfd
	push	word BASE
	popfw
	SHOW	"popf over all "
	sti
	SHOW	"sti "
	sti
	cli
	SHOW	"cli "
	push	dword ALL & ~FLAG_NT
	popfd
	cld
	cli
	SHOW	"cli of all "
	mov	ah, 0xd7
	sahf
	lahf
	SAYHEX	"lahf ", eax, 4
	NEWLINE
%endmacro

; LOOK "text", flags: INT with these flags: what is pushed, what the handler
; runs with, and what IRET brings back.
%macro LOOK 2
	push	dword %2
	popfd
	int	VEC_LOOK
	pushfd
	push	dword BASE
	popfd
	pop	ebx
	SAYHEX	%1, [pushed], 4
	SAYHEX	" within ", [within], 4
	SAYHEX	" after ", ebx, 8
	NEWLINE
%endmacro
%macro LOOKS 0
	LOOK	"int base ", BASE
	LOOK	"int if ", BASE | FLAG_IF
	LOOK	"int iopl 3 ", BASE | 0x3000
	LOOK	"int iopl 1 if ", BASE | 0x1000 | FLAG_IF
	LOOK	"int nt ", BASE | FLAG_NT
	LOOK	"int arithmetic ", 0xcd7
	cld
%endmacro

CODE 16
main:
	mov	al, 0xff		; no interrupt comes while IF is set
	out	0x21, al
	out	0xa1, al
	call	dword ivt_init
	lidt	[ivtr]
	mov	word [VEC_LOOK * 4], look16
	mov	word [VEC_LOOK * 4 + 2], 0
%define SELF 0
	SAY	"flags: real", 10
	SETS
	LOOKS

	SAY	"flags: unpaged ring 0", 10
	REAL_TO_PM
	call	idt_init32
	lidt	[idtr]
	mov	dword [IDT + VEC_LOOK * 8], look32
	mov	word [IDT + VEC_LOOK * 8 + 2], SEL_CODE32
	mov	dword [IDT + VEC_LOOK * 8 + 4], 0xee00
	call	tss_init32
%define SELF SEL_CODE32
	SETS
	LOOKS
	; A trap gate leaves IF alone.
	mov	dword [IDT + VEC_LOOK * 8 + 4], 0xef00
	LOOK	"trap gate if ", BASE | FLAG_IF
	LOOK	"trap gate ", BASE

	SAY	"flags: unpaged ring 3", 10
	xor	ebp, ebp
.iopl:
	mov	ebx, ebp
	shl	ebx, 12
	or	ebx, BASE
	SAYHEX	"iopl ", ebp, 1
	NEWLINE
	call	ring3_lines
	inc	ebp
	cmp	ebp, 4
	jb	.iopl

	PM_TO_REAL
%define SELF 0
	SAY	"flags: real again", 10
	LOOKS
	SAY	"flags: done", 10
	END	0

; ebx = flags to enter with.
CODE 32
ring3_lines:
	RING3	user_popfd, ebx
	call	show_both
	RING3	user_popf, ebx
	call	show_both
	mov	ecx, ebx
	or	ecx, FLAG_IF
	mov	eax, user_clear
	call	run_ring3
	call	show_both
	RING3	user_iretd, ebx
	call	show_both
	RING3	user_cli, ebx
	SAY	"cli"
	call	report32
	RING3	user_sti, ebx
	SAY	"sti"
	call	report32
	RING3	user_int, ebx
	SAYHEX	"look ", [pushed], 4
	SAYHEX	" within ", [within], 4
	SAYHEX	" after ", [after], 8
	SAYHEX	" trap ", [T_FLAGS], 8
	NEWLINE
	ret
show_both:
	SAYHEX	"before ", [before], 8
	SAYHEX	" after ", [after], 8
	SAYHEX	" trap ", [T_FLAGS], 8
	SAYHEX	" vec ", [T_VEC], 2
	NEWLINE
	ret

user_popfd:
	pushfd
	pop	dword [before]
	push	dword ALL
	popfd
	jmp	user_end
user_popf:
	pushfd
	pop	dword [before]
	push	word ALL_WORD & ~FLAG_NT
	popfw
	jmp	user_end
user_clear:
	pushfd
	pop	dword [before]
	push	dword BASE
	popfd
	jmp	user_end
user_iretd:
	pushfd
	pop	dword [before]
	push	dword ALL & ~FLAG_NT
	push	dword SEL_UCODE32
	push	dword user_end
	iretd
user_cli:
	cli
	int	0x41
user_sti:
	sti
	int	0x41
user_int:
	int	VEC_LOOK
user_end:
	pushfd
	pop	dword [after]
	int	0x41

look16:
CODE 16
	push	eax
	push	bp
	mov	bp, sp			; flags at +10
	mov	ax, [bp + 10]
	mov	[pushed], ax
	pushf
	pop	word [within]
	pop	bp
	pop	eax
	iret
look32:
CODE 32
	push	eax
	push	ds
	mov	ax, SEL_DATA
	mov	ds, ax
	mov	eax, [esp + 16]
	mov	[pushed], eax
	pushfd
	pop	dword [within]
	pop	ds
	pop	eax
	iretd

align 4
pushed:	dd 0
within:	dd 0
before:	dd 0
after:	dd 0
idtr:	dw 256 * 8 - 1
	dd IDT

RING3_LIB
TSS_LIB
CONSOLE_LIB 32
TRAPS_REAL
CODE 32
TRAPS_PROTECTED
SHARED_GDT 0

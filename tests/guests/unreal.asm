; unreal: real mode with 4 GiB segment limits, as boot loaders use it, and back
; to 64 KiB.
;
; Rule checked: loading a segment register in real mode sets its base only;
; limits and attributes loaded in protected mode stay until protected mode loads
; others (SDM 3A "Switching Back to Real-Address Mode"). The #GP lines at the
; start and end are raw: QEMU TCG does not check limits.

%include "boot.inc"
%include "switch.inc"
%include "traps.inc"

HIGH		equ 0x200000	; above 1 MiB
HIGHER		equ 0x300000
LOW		equ 0x20000

; VISIT_PM selector: into protected mode, DS ES FS GS loaded, and out by one
; write; CS is never reloaded, so all runs as 16-bit code.
%macro VISIT_PM 1
	mov	eax, cr0
	or	al, CR0_PE
	mov	cr0, eax
	mov	bx, %1
	mov	ds, bx
	mov	es, bx
	mov	fs, bx
	mov	gs, bx
	and	al, ~CR0_PE
	mov	cr0, eax
	jmp	0:%%real
%%real:
	xor	bx, bx
	mov	ds, bx
	mov	es, bx
	mov	fs, bx
	mov	gs, bx
%endmacro

; SUM: eax = sum of ecx dwords at ds:esi
%macro SUM 0
	xor	eax, eax
%%next:
	rol	eax, 1
	add	eax, [esi]
	add	esi, 4
	dec	ecx
	jnz	%%next
%endmacro

CODE 16
main:
	call	dword ivt_init
	lidt	[ivtr]
	lgdt	[gdtr]
	SAY	"unreal: 64 KiB", 10
	TRY	"raw before", mov eax, [dword HIGH]

	VISIT_PM SEL_DATA
	SAY	"unreal: 4 GiB", 10
	TRY	"read", mov eax, [dword HIGH]
	; Written by string instructions with 32-bit addresses, across 64 KiB
	; and more.
	mov	edi, HIGH
	mov	eax, 0x12345678
	mov	ecx, 0x8000
.fill:
	a32 stosd
	imul	eax, eax, 1664525
	inc	eax
	dec	ecx
	jnz	.fill
	mov	esi, HIGH
	mov	ecx, 0x8000
	SUM
	SAYHEX	"filled ", eax, 8
	SAYHEX	" edi ", edi, 8
	NEWLINE
	mov	esi, HIGH
	mov	edi, HIGHER
	mov	ecx, 0x8000
	a32 rep movsd
	SAYHEX	"copied up, ecx ", ecx, 8
	SAYHEX	" esi ", esi, 8
	SAYHEX	" edi ", edi, 8
	NEWLINE
	mov	esi, HIGHER + 0xfff0
	mov	edi, LOW
	mov	ecx, 16
	a32 rep movsd
	mov	esi, LOW
	mov	ecx, 16
	SUM
	SAYHEX	"copied down ", eax, 8
	NEWLINE

	; A segment register loaded in real mode changes its base and keeps its
	; limit.
	mov	ax, 0x1000
	mov	fs, ax
	mov	eax, [fs:dword HIGH - 0x10000]
	SAYHEX	"fs base 10000 ", eax, 8
	mov	ax, 0xffff
	mov	gs, ax
	mov	eax, [gs:dword HIGHER - 0xffff0]
	SAYHEX	" gs base ffff0 ", eax, 8
	mov	ax, 0x2000
	mov	es, ax
	mov	dword [es:dword HIGH + 0x40], 0x600df00d
	mov	eax, [dword HIGH + 0x20040]
	SAYHEX	" es base 20000 ", eax, 8
	NEWLINE

	; It outlives INT and IRET, and a handler that loads DS.
	TRY	"int 40", int 0x40
	TRY	"ud2", ud2
	mov	eax, [dword HIGHER + 0x10000]
	SAYHEX	"after int ", eax, 8
	NEWLINE
	push	ds
	pop	ds
	mov	eax, [dword HIGHER + 0x10004]
	SAYHEX	"after pop ds ", eax, 8
	NEWLINE
	lds	bx, [zero_pointer]
	mov	eax, [dword HIGHER + 0x10008]
	SAYHEX	"after lds ", eax, 8
	NEWLINE
	; LOOP with a 32-bit count, LEA, XLAT, BT and a far pointer beyond 64
	; KiB.
	mov	ebx, HIGHER
	mov	al, 0x10
	a32 xlatb
	movzx	eax, al
	SAYHEX	"xlat ", eax, 2
	bts	dword [dword HIGH + 8], 3
	mov	eax, [dword HIGH + 8]
	SAYHEX	" bts ", eax, 8
	mov	ebx, HIGHER + 0x20
	xadd	[ebx], eax
	SAYHEX	" xadd ", eax, 8
	mov	eax, [ebx]
	SAYHEX	" ", eax, 8
	NEWLINE
	; The last 16-bit address still wraps there: a 16-bit offset stays 16
	; bits.
	mov	bx, 0xfff0
	mov	byte [dword 0xffef + 1], 0x5a
	mov	al, [bx]
	SAYHEX	"16-bit offset ", eax, 2
	NEWLINE

	; The stack with a 4 GiB limit: B = 1 makes it use ESP whole, so PUSH
	; and CALL work above 1 MiB, in real mode.
	mov	eax, cr0
	or	al, CR0_PE
	mov	cr0, eax
	mov	bx, SEL_DATA
	mov	ss, bx
	and	al, ~CR0_PE
	mov	cr0, eax
	jmp	0:.bigstack
.bigstack:
	xor	bx, bx
	mov	ss, bx			; the base; B and the limit stay
	mov	esp, HIGHER + 0x80000
	push	dword 0xcafe1234
	call	.callee
	mov	ebx, esp
	pop	edx
	SAYHEX	"high stack esp ", ebx, 8
	SAYHEX	" popped ", edx, 8
	NEWLINE
	jmp	.smallstack
.callee:
	ret
.smallstack:
	; Back to a 64 KiB stack.
	mov	eax, cr0
	or	al, CR0_PE
	mov	cr0, eax
	mov	bx, SEL_DATA16
	mov	ss, bx
	and	al, ~CR0_PE
	mov	cr0, eax
	jmp	0:.oldstack
.oldstack:
	xor	bx, bx
	mov	ss, bx
	mov	esp, 0x7c00

	; 32-bit code with PE = 0: CS keeps D = 1 until protected mode loads
	; another, a far jump in real mode included.
	REAL_TO_PM
	mov	eax, cr0
	and	al, ~CR0_PE
	mov	cr0, eax
	jmp	0:.code32
.code32:
	mov	eax, 0x11223344		; another instruction in 16-bit code
	lea	ebx, [eax + eax + 1]
	mov	[T_CR2], ebx
	mov	eax, cr0
	or	al, CR0_PE
	mov	cr0, eax
	PM_TO_REAL
	mov	eax, [T_CR2]
	SAYHEX	"32-bit code, pe 0 ", eax, 8
	NEWLINE

	; 64 KiB again: the limit is back, and so is the #GP.
	VISIT_PM SEL_DATA16
	SAY	"unreal: 64 KiB again", 10
	TRY	"last byte", mov al, [0xfffe]
	TRY	"raw after", mov eax, [dword HIGH]
	TRY	"raw after fs", mov eax, [fs:dword HIGH]
	TRY	"raw after es", mov [es:dword HIGH], eax
	TRY	"int 40", int 0x40
	SAY	"unreal: done", 10
	END	0

zero_pointer:
	dd	0

TRAPS_REAL
CONSOLE_LIB 32
CODE 32
TRAPS_PROTECTED
SHARED_GDT 0

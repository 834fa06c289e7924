; A boot sector that puts the CPU, with paging off, into STATES random states of
; segments, CR0 and flags, executes one instruction in each, and prints a sum over
; what it saw every EVERY states. Knows no hypervisor.
;
; A state: random descriptors are loaded in protected mode; then PE may be cleared
; under them, some segment registers loaded as real mode does, and PE set again.
; The bytes that do so, and the instruction, are written anew for each state; they
; mean the same in 16-bit and in 32-bit code. INT 41h, or the fault that came
; before it, ends the state through the IVT or the IDT.

%ifndef SEED
%define SEED 1
%endif
%ifndef STATES
%define STATES 10000
%endif
%ifndef EVERY
%define EVERY 100
%endif

%include "boot.inc"

HOME_STACK	equ 0x7000
IDT		equ 0x1000
IVT_ALT		equ 0x1800	; the IVT again, where virtual-8086 mode does not look
STUB		equ 0x28000	; the bytes of a state
LOW		equ 0x30000	; memory that real-mode selectors reach
LOW_END		equ 0x90000
HIGH		equ 0x100000	; and that descriptors reach
HIGH_END	equ 0x330000
VECTORS		equ 0x42
VEC_END		equ 0x41
STUB_SIZE	equ 16

SEL_CODE32	equ 0x08
SEL_DATA	equ 0x10
SEL_TSS		equ 0x18
SEL_CS		equ 0x20	; the random ones
SEL_SS		equ 0x28
SEL_FIRST	equ 0x30	; ES, DS, FS, GS
TSS		equ 0x2000
TSS_LIMIT	equ 0x67

; Bits of a state's plan; the low ones come as they fall, PLAN_* after a choice.
BIT_CLEAN	equ 3 << 0	; both: 64 KiB segments throughout
BIT_PE_OFF	equ 3 << 2	; either
BIT_LOAD	equ 4		; DS, ES, FS, GS, SS, CS loaded in real mode: 6 bits
BIT_LOAD_ALL	equ 3 << 10	; both: all of them
BIT_PE_ON	equ 1 << 12
BIT_TIGHT	equ 7 << 13	; all: CS ends within the bytes
BIT_ALT		equ 1 << 16
BIT_CS_FLAGS	equ 17		; D and G: 2 bits
BIT_CS_TYPE	equ 19		; 3 bits
PLAN_CLEAN	equ 1
PLAN_PE_OFF	equ 4

FLAGS_RANDOM	equ 0x247cd5	; ID AC NT IOPL OF DF SF ZF AF PF CF
CR0_RANDOM	equ 0x50002	; AM WP MP
RF		equ 1 << 16

CODE 16
main:
	lgdt	[gdtr]
	lidt	[idtr]
	mov	eax, cr0
	or	al, CR0_PE
	mov	cr0, eax
	jmp	dword SEL_CODE32:home

; Real mode's interrupts. IVT entry n is HANDLER_SEG - n : 16 * n, so that CS tells
; the vector; CS may be 16-bit or 32-bit code: TEST takes the jump as its operand.
align 16
handler:
	db	0xa9, 0, 0, 0xeb, handler16 - handler32
CODE 32
handler32:
	pushfd
	pushad
	mov	edi, cs
	mov	eax, cr0
	or	al, CR0_PE
	mov	cr0, eax
	jmp	SEL_CODE32:trap_real
CODE 16
handler16:
	pushfd
	pushad
	mov	edi, cs
	mov	eax, cr0
	or	al, CR0_PE
	mov	cr0, eax
	jmp	dword SEL_CODE32:trap_real
HANDLER_SEG	equ (0x7c00 + handler - $$) >> 4

CONSOLE_LIB 32
CODE 32
; FOLD register: one more value into the sum in EBP.
%macro FOLD 1
	xor	ebp, %1
	imul	ebp, ebp, 0x01000193
	rol	ebp, 7
%endmacro
%macro FOLD_SEGMENTS 0
	mov	ebx, ds
	mov	ecx, es
	mov	edx, fs
	mov	esi, gs
	mov	ax, SEL_DATA
	mov	ds, ax
	cld
	mov	ebp, [sum]
	FOLD	ebx
	FOLD	ecx
	FOLD	edx
	FOLD	esi
	mov	eax, ss
	FOLD	eax
%endmacro
; FOLD_POPS n: values from the stack that the state left.
%macro FOLD_POPS 1
%rep %1
	pop	eax
	FOLD	eax
%endrep
%endmacro
%macro FOLD_POP16 0
	xor	eax, eax
	pop	ax
	FOLD	eax
%endmacro

; Came from real mode: IP, CS, FLAGS; then what the handler pushed. EDI: its CS.
trap_real:
	FOLD_SEGMENTS
	neg	edi
	add	edi, HANDLER_SEG
	FOLD	edi
	FOLD_POPS 8
	pop	eax			; the upper half: the lower is TEST's
	and	eax, 0xffff0000 & ~RF
	FOLD	eax
	FOLD_POP16
	FOLD_POP16
	FOLD_POP16
	mov	ebx, edi
	jmp	state_end

align 16
stubs:
%assign v 0
%rep VECTORS
%if ((0x60227d00 >> v) & (v < 32)) == 0
	push	byte 0
%endif
	push	byte v
	jmp	near trap
	times (STUB_SIZE - ($ - stubs) % STUB_SIZE) % STUB_SIZE nop
%assign v v + 1
%endrep
trap:
	pushad
	FOLD_SEGMENTS
	FOLD_POPS 8
	pop	ebx			; vector
	FOLD	ebx
	FOLD_POPS 3
	pop	eax
	and	eax, ~RF
	FOLD	eax

; EBX: the vector that ended the state.
state_end:
	mov	eax, esp
	FOLD	eax
	mov	eax, cr0
	FOLD	eax
	mov	[sum], ebp
	lidt	[idtr]
	mov	ax, SEL_DATA
	mov	es, ax
	mov	fs, ax
	mov	gs, ax
	mov	ss, ax
	mov	esp, HOME_STACK
	push	byte 2
	popfd
	cmp	ebx, VEC_END
	jne	.faulted
	inc	dword [completed]
.faulted:
	inc	dword [count]
%ifdef TRACE
	cmp	dword [count], TRACE
	jae	.tell
%endif
	dec	dword [until]
	jnz	state
.tell:
	mov	dword [until], EVERY
	SAYHEX	"states ", [count], 5
	SAYHEX	" completed ", [completed], 5
	SAYHEX	" sum ", [sum], 8
	NEWLINE
	cmp	dword [count], STATES
	jb	state
	mov	esi, LOW
	mov	ecx, (LOW_END - LOW) / 4
	call	fold_memory
	mov	esi, HIGH
	mov	ecx, (HIGH_END - HIGH) / 4
	call	fold_memory
	SAYHEX	"memory ", [sum], 8
	NEWLINE
	END	0

fold_memory:
	mov	ebp, [sum]
.next:
	lodsd
	FOLD	eax
	dec	ecx
	jnz	.next
	mov	[sum], ebp
	ret

home:
	mov	ax, SEL_DATA
	mov	ds, ax
	mov	es, ax
	mov	fs, ax
	mov	gs, ax
	mov	ss, ax
	mov	esp, HOME_STACK
	xor	eax, eax
	lldt	ax			; LAR and LSL look there: the same for all
	mov	ax, SEL_TSS
	ltr	ax
	mov	edi, LOW
	mov	ecx, (LOW_END - LOW) / 4
	call	fill
	mov	edi, HIGH
	mov	ecx, (HIGH_END - HIGH) / 4
	call	fill
	xor	ecx, ecx
.vector:
	mov	eax, ecx
	shl	eax, 4
	lea	edx, [eax + stubs]
	mov	[IDT + ecx * 8], dx
	mov	word [IDT + ecx * 8 + 2], SEL_CODE32
	mov	dword [IDT + ecx * 8 + 4], 0x8e00
	mov	edx, HANDLER_SEG
	sub	edx, ecx
	shl	edx, 16
	or	eax, edx
	mov	[ecx * 4], eax
	mov	[IVT_ALT + ecx * 4], eax
	inc	ecx
	cmp	ecx, VECTORS
	jb	.vector
	jmp	state

fill:
	call	random
	stosd
	dec	ecx
	jnz	fill
	ret

; EAX = 32 random bits: xorshift32, G. Marsaglia, "Xorshift RNGs".
random:
	push	edx
	mov	eax, [seed]
	mov	edx, eax
	shl	edx, 13
	xor	eax, edx
	mov	edx, eax
	shr	edx, 17
	xor	eax, edx
	mov	edx, eax
	shl	edx, 5
	xor	eax, edx
	mov	[seed], eax
	pop	edx
	ret

%include "states_make.inc"

align 8
gdt:	dq	0
	dq	0x00cf9b000000ffff
	dq	0x00cf93000000ffff
	dq	0x0000890000000000 | TSS << 16 | TSS_LIMIT
gdt_random:
	times 6 dq 0
gdt_end:
gdtr:	dw	gdt_end - gdt - 1
	dd	gdt
idtr:	dw	VECTORS * 8 - 1
	dd	IDT
ivtr:	dw	0x3ff
	dd	0
ivtr_alt: dw	VECTORS * 4 - 1
	dd	IVT_ALT
align 4
seed:	dd	SEED
sum:	dd	SEED
count:	dd	0
completed: dd	0
until:	dd	EVERY

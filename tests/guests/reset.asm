; reset: a firmware image, 64 KiB at the top of 4 GiB and again below 1 MiB, run
; from the reset vector.
;
; Rules checked: SDM 3A "Processor State After Reset" and "First Instruction
; Executed": registers, CR0, DR6, DR7, table registers, and the hidden CS base
; 0xffff0000, which only a far transfer ends.

%include "x86.inc"
%include "console.inc"
%include "switch.inc"
%include "traps.inc"

	org	0

; Low RAM
SAVED		equ 0x500	; the eight registers as the CPU came up
PD		equ 0x10000
PT		equ 0x11000
RAM_COPY	equ 0x20000	; 64 KiB that stand in for 0xf0000
ROM_LOW		equ 0xf0000
MARK_HIGH	equ 0x4849474e
MARK_LOW	equ 0x4c4f574e

; WHERE "text": which memory the CS base leads to. Linear 0xf0000 shows RAM_COPY
; while paging is on, so the two images differ then. CS itself is left as it is:
; PE = 1 without a far jump, 16-bit code.
%macro WHERE 1
	mov	eax, cr0
	or	eax, CR0_PE | CR0_PG
	mov	cr0, eax
	mov	ebx, [cs:marker]
	mov	eax, cr0
	and	eax, ~(CR0_PE | CR0_PG)
	mov	cr0, eax
	SAYHEX	%1, ebx, 8
	NEWLINE
%endmacro

CODE 16
start:
	mov	[SAVED], eax
	mov	[SAVED + 4], ebx
	mov	[SAVED + 8], ecx
	mov	[SAVED + 12], edx
	mov	[SAVED + 16], esi
	mov	[SAVED + 20], edi
	mov	[SAVED + 24], ebp
	mov	[SAVED + 28], esp
	mov	esp, 0x7c00
	pushfd
	pop	ebx
	cld
	LCALL	uart_init16
	SAYHEX	"reset: flags ", ebx, 8
	NEWLINE
	SAYHEX	"eax ", [SAVED], 8
	SAYHEX	" ebx ", [SAVED + 4], 8
	SAYHEX	" ecx ", [SAVED + 8], 8
	SAYHEX	" esi ", [SAVED + 16], 8
	SAYHEX	" edi ", [SAVED + 20], 8
	SAYHEX	" ebp ", [SAVED + 24], 8
	SAYHEX	" esp ", [SAVED + 28], 8
	NEWLINE
	; EDX holds the processor's signature, the one CPUID reports. Raw: Bochs
	; builds it from its configuration, not from the model.
	mov	eax, 1
	cpuid
	SAY	"raw edx is "
	cmp	eax, [SAVED + 12]
	SAY_IF	e, "the signature", "something else"
	NEWLINE
	mov	ax, cs
	SAYHEX	"cs ", eax, 4
	mov	ax, ds
	SAYHEX	" ds ", eax, 4
	mov	ax, es
	SAYHEX	" es ", eax, 4
	mov	ax, ss
	SAYHEX	" ss ", eax, 4
	mov	ax, fs
	SAYHEX	" fs ", eax, 4
	mov	ax, gs
	SAYHEX	" gs ", eax, 4
	NEWLINE
	mov	eax, cr0
	SAYHEX	"cr0 ", eax, 8
	mov	eax, cr2
	SAYHEX	" cr2 ", eax, 8
	mov	eax, cr3
	SAYHEX	" cr3 ", eax, 8
	mov	eax, cr4
	SAYHEX	" cr4 ", eax, 8
	mov	ecx, MSR_EFER
	rdmsr
	SAYHEX	" efer ", eax, 8
	NEWLINE
	mov	eax, dr6
	SAYHEX	"dr6 ", eax, 8
	mov	eax, dr7
	SAYHEX	" dr7 ", eax, 8
	mov	ecx, MSR_PAT
	rdmsr
	SAYHEX	" pat ", edx, 8
	SAYHEX	" ", eax, 8
	NEWLINE
	mov	dword [SAVED], 0
	sgdt	[SAVED]
	SAYHEX	"gdt limit ", [SAVED], 4
	SAYHEX	" base ", [SAVED + 2], 6
	mov	dword [SAVED], 0
	sidt	[SAVED]
	SAYHEX	" idt limit ", [SAVED], 4
	SAYHEX	" base ", [SAVED + 2], 6
	NEWLINE
	; CD and NW go as the guest says.
	mov	eax, CR0_ET
	mov	cr0, eax
	mov	eax, cr0
	SAYHEX	"caches on, cr0 ", eax, 8
	NEWLINE

	call	build
	mov	eax, [cs:marker]
	SAYHEX	"own bytes ", eax, 8
	NEWLINE
	WHERE	"paged, reset cs "
	WHERE	"and again "		; PE = 0 in between did not reload CS
	; A near jump keeps the base, a far one ends it.
	jmp	near .near
.near:
	WHERE	"after near jump "
	jmp	0xf000:.far
.far:
	WHERE	"after far jump "
	mov	eax, [cs:marker]
	SAYHEX	"own bytes ", eax, 8
	NEWLINE

	; Traps in real mode, through the IVT at 0 that reset has set.
	call	dword ivt_init
	TRY	"int 40", int 0x40
	TRY	"ud2", ud2

	; Protected mode and back.
	o32 lgdt [cs:gdtr]
	o32 lidt [cs:idtr32]
	mov	eax, cr0
	or	al, CR0_PE
	mov	cr0, eax
	jmp	dword SEL_CODE32:.protected
CODE 32
.protected:
	LOAD_SEGS SEL_DATA
	call	idt_init32
	mov	eax, cr0
	SAYHEX	"protected, cr0 ", eax, 8
	NEWLINE
	TRY	"int 40", int 0x40
	TRY	"ud2", ud2
	; Data segments reach the image at the top of memory.
	mov	eax, [0xffff0000 + marker]
	SAYHEX	"top of memory ", eax, 8
	mov	eax, [ROM_LOW + marker]
	SAYHEX	" below 1 mib ", eax, 8
	NEWLINE
	jmp	SEL_CODE16:.leave
CODE 16
.leave:
	LOAD_SEGS SEL_DATA16
	mov	eax, cr0
	and	al, ~CR0_PE
	mov	cr0, eax
	jmp	0xf000:.real
.real:
	LOAD_SEGS 0
	o32 lidt [cs:ivtr]
	mov	eax, cr0
	SAYHEX	"real, cr0 ", eax, 8
	NEWLINE
	TRY	"int 40", int 0x40
	; The top of memory is out of a 64 KiB segment's reach now; the image is
	; not.
	mov	eax, [cs:marker]
	SAYHEX	"own bytes ", eax, 8
	NEWLINE
	SAY	"reset: done", 10
	END	0

; 0..4 MiB identity except 0xf0000..0xfffff, which is RAM_COPY; the top 4 MiB
; identity.
build:
	mov	ax, PD >> 4
	mov	es, ax
	xor	edi, edi
	xor	eax, eax
	mov	cx, 1024
	rep stosd
	mov	dword [es:0], PT | PTE_P | PTE_W
	mov	dword [es:1023 * 4], 0xffc00000 | PTE_PS | PTE_P | PTE_W
	mov	eax, PTE_P | PTE_W
	mov	cx, 1024
.next:
	stosd
	add	eax, 0x1000
	loop	.next
	mov	eax, RAM_COPY | PTE_P | PTE_W
	mov	edi, PT - PD + 0xf0 * 4
	mov	cx, 16
.copy:
	stosd
	add	eax, 0x1000
	loop	.copy
	; The copy: the image with another marker, for it must run from either.
	mov	ax, RAM_COPY >> 4
	mov	es, ax
	xor	esi, esi
	xor	edi, edi
	mov	cx, 0x4000
.image:
	mov	eax, [cs:si]
	stosd
	add	si, 4
	loop	.image
	mov	dword [es:marker], MARK_LOW
	xor	ax, ax
	mov	es, ax
	mov	eax, CR4_PSE
	mov	cr4, eax
	mov	eax, PD
	mov	cr3, eax
	ret

align 4
marker:	dd MARK_HIGH

CONSOLE_LIB 16
CONSOLE_LIB 32
TRAPS_REAL
CODE 32
TRAPS_PROTECTED
SHARED_GDT ROM_LOW

	times 0xfff0 - ($ - $$) db 0xff
CODE 16
	jmp	near start
	times 0x10000 - ($ - $$) db 0xff

; Turns protection on, then paging, and measures each instruction of the way: how many
; the machine executed for it besides itself. The guest of docs/unpaged.md.
;
; The lines that it prints are the same on every rung and on the bare CPU; only what
; begins with "raw" may differ. A line marked ;| is shown in the page.

%include "boot.inc"
%include "switch.inc"

COST		equ 0x60000	; a dword for each step
DIRECTORY	equ 0x100000
TABLE_LOW	equ 0x101000	; identity, for this code
TABLE		equ 0x102000	; the page that is looked at
FRAME_A		equ 0x300000
FRAME_B		equ 0x301000
PAGE		equ 0x400000

%assign step 0
; Between BEFORE and AFTER stands one step; ESI is theirs.
%macro BEFORE 0
	rdtsc
	mov	esi, eax
%endmacro
%macro AFTER 0
	rdtsc
	sub	eax, esi
%if __BITS__ == 16
	mov	[fs:step * 4], eax
%else
	mov	[COST + step * 4], eax
%endif
%assign step step + 1
%endmacro

; SAW "name": what CR0 reads as here.
%macro SAW 1
	mov	eax, cr0
	SAYHEX	%1, eax, 8
	NEWLINE
%endmacro

CODE 16
main:
	mov	ax, COST >> 4
	mov	fs, ax
	xor	eax, eax
	mov	[fs:0], eax
	BEFORE				; nothing: what the measuring itself takes
	AFTER
	SAY	"turn_on: real mode", 10
	BEFORE
	mov	eax, cr0		;| real mode
	AFTER
	SAW	"cr0 "
	BEFORE
	lgdt	[gdtr]			;| real mode
	AFTER
	mov	ebx, cr0
	or	bl, CR0_PE
	BEFORE
	mov	cr0, ebx		;| PE on
	AFTER
	BEFORE
	jmp	dword SEL_CODE32:protected ;| into 32-bit code, and flat segments loaded
CODE 32
protected:
	mov	ax, SEL_DATA
	mov	ds, ax
	mov	es, ax
	mov	fs, ax
	mov	gs, ax
	mov	ss, ax
	AFTER
	SAY	"turn_on: protected mode, paging off", 10
	SAW	"cr0 "
	BEFORE
	mov	[FRAME_A], ebp		;| the first write to a page of memory
	AFTER
	BEFORE
	mov	[FRAME_A + 8], ebp	;| the next write to it
	AFTER
	mov	dword [FRAME_A], 0xaaaa000a
	mov	dword [FRAME_B], 0xbbbb000b

	; The tables: 4 MiB of identity, and one page that leads to FRAME_A.
	mov	edi, DIRECTORY
	xor	eax, eax
	mov	ecx, 3 * 1024
	rep	stosd
	mov	eax, PTE_P | PTE_W
	mov	edi, TABLE_LOW
	mov	ecx, 1024
.identity:
	mov	[edi], eax
	add	eax, 0x1000
	add	edi, 4
	loop	.identity
	mov	dword [DIRECTORY], TABLE_LOW | PTE_P | PTE_W
	mov	ebx, FRAME_A | PTE_P | PTE_W
	BEFORE
	mov	[TABLE], ebx		;| a page-table entry, paging off
	AFTER
	mov	dword [DIRECTORY + 4], TABLE | PTE_P | PTE_W
	mov	ebx, DIRECTORY
	BEFORE
	mov	cr3, ebx		;| the root of the tables
	AFTER
	mov	ebx, cr0
	or	ebx, CR0_PG
	BEFORE
	mov	cr0, ebx		;| PG on
	AFTER
	BEFORE
	jmp	.on			;| the next instruction is fetched through the tables
.on:
	AFTER
	SAY	"turn_on: paging", 10
	SAW	"cr0 "
	mov	eax, cr3
	SAYHEX	"cr3 ", eax, 8
	NEWLINE
	BEFORE
	mov	ebp, [PAGE]		;| the first read of the new page
	AFTER
	SAYHEX	"page ", ebp, 8
	NEWLINE
	BEFORE
	mov	ebp, [PAGE]		;| the next read of it
	AFTER
	BEFORE
	mov	[PAGE + 4], ebp		;| the first write to it
	AFTER
	mov	ebx, FRAME_B | PTE_P | PTE_W
	BEFORE
	mov	[TABLE], ebx		;| the entry is changed
	AFTER
	BEFORE
	invlpg	[PAGE]			;| ... and the old one forgotten
	AFTER
	BEFORE
	mov	ebp, [PAGE]		;| the page now shows another frame
	AFTER
	SAYHEX	"page ", ebp, 8
	NEWLINE
	mov	eax, [TABLE]
	SAYHEX	"entry ", eax, 8
	NEWLINE
	BEFORE
	mov	eax, cr0		;| paging on
	AFTER
	xor	eax, eax
	BEFORE
	cpuid				;| for comparison: this exits on every rung
	AFTER

	xor	ebx, ebx
.print:
	SAYHEX	"raw ", [COST + ebx * 4], 8
	NEWLINE
	inc	ebx
	cmp	ebx, step
	jb	.print
	SAY	"turn_on: done", 10
	END	0

CONSOLE_LIB 32
SHARED_GDT 0

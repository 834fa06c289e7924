; strange: page tables in strange places and at strange times: a table that maps
; itself, one frame as two levels or as table and data, tables of two modes in the
; same frames, tables written by every kind of instruction, changed between any
; two instructions, and what the CPU itself reads (IDT, GDT, TSS, stack) absent.
;
; Rules checked: SDM 3A "Paging", "Invalidation of TLBs and Paging-Structure
; Caches"; APM vol. 2 "Page Translation and Protection", "TLB Management". Only
; what is defined is shown: an entry made present needs no flush, all other changes
; are followed by INVLPG or MOV to CR3.

%include "boot.inc"
%include "switch.inc"
%include "traps.inc"
%include "tables_parts.inc"
%include "strange_parts.inc"

CODE 16
main:
	call	dword ivt_init
	lidt	[ivtr]
	SAY	"strange: unpaged", 10
	REAL_TO_PM
	call	idt_init32
	call	tss_init32
	call	user_init
	call	strange_init

	SAY	"strange: 32-bit", 10
	call	build_32
	call	strange_frames
	mov	eax, CR4_PSE
	mov	cr4, eax
	PAGING_ON ROOT, CR0_WP
	call	strange_32
	PAGING_OFF

	SAY	"strange: pae", 10
	call	build_pae
	call	strange_frames
	mov	eax, CR4_PAE
	mov	cr4, eax
	PAGING_ON PDPT, CR0_WP
	call	strange_pae
	PAGING_OFF

	SAY	"strange: 4-level", 10
	call	build_long
	call	strange_frames
	call	idt_init64
	call	tss_init64
	PM_TO_LONG PML4, 0
	mov	ax, SEL_TSS64
	ltr	ax
	mov	rax, cr0
	or	eax, CR0_WP
	mov	cr0, rax
	call	strange_long
	LONG_TO_COMPAT
	COMPAT_TO_PM

	SAY	"strange: three modes, the same tables", 10
	call	strange_modes
	PM_TO_REAL
	SAY	"strange: done", 10
	END	0

; What gates and real mode reach by 16 bits comes first.
BUILD_LIB
STRANGE_LIB
CONSOLE_LIB 32
CONSOLE_LIB 64
TRAPS_REAL
CODE 32
TRAPS_PROTECTED
CODE 64
TRAPS_LONG
TSS_LIB
SHARED_GDT 0
%include "strange_modes.inc"

%define KIND 32
%define ENTRY 4
%define GATE 8
%define PDE_SHIFT 22
CODE 32
%include "strange_body.inc"

%define KIND pae
%define ENTRY 8
%define PDE_SHIFT 21
CODE 32
%include "strange_body.inc"

%define KIND long
%define GATE 16
CODE 64
%include "strange_body.inc"

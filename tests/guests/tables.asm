; tables: builds page tables in its own memory and then changes them in every
; way an operating system does, under 32-bit, PAE and 4-level paging.
;
; Rules checked: SDM 3A "Paging" and APM vol. 2 "Page Translation and
; Protection": what a walk must honour, which error code and CR2 a fault shows,
; which bits the CPU sets, and after which flush a change must be seen. A stale
; translation is never expected, for none is promised.

%include "boot.inc"
%include "switch.inc"
%include "traps.inc"
%include "tables_parts.inc"

CODE 16
main:
	call	dword ivt_init
	lidt	[ivtr]
	SAY	"tables: unpaged", 10
	REAL_TO_PM
	call	idt_init32
	call	tss_init32
	call	user_init

	SAY	"tables: 32-bit", 10
	call	build_32
	mov	eax, CR4_PSE
	mov	cr4, eax
	PAGING_ON ROOT, CR0_WP
	call	tables_32
	PAGING_OFF

	SAY	"tables: pae", 10
	call	build_pae
	mov	eax, CR4_PAE
	mov	cr4, eax
	PAGING_ON PDPT, CR0_WP
	call	tables_pae
	PAGING_OFF

	SAY	"tables: 4-level", 10
	call	build_long
	call	idt_init64
	call	tss_init64
	PM_TO_LONG PML4, 0
	mov	ax, SEL_TSS64
	ltr	ax
	mov	rax, cr0
	or	eax, CR0_WP
	mov	cr0, rax
	call	tables_long
	LONG_TO_COMPAT
	COMPAT_TO_PM
	PM_TO_REAL
	SAY	"tables: done", 10
	END	0

; The same changes under each kind of paging.
%define KIND 32
%define ENTRY 4
%define LARGE_PDE (ROOT + (LARGE >> 22) * 4)
%define WINDOW_PDE (ROOT + (WINDOW >> 22) * 4)
%define LARGE_RESERVED (1 << 21)
CODE 32
%include "tables_body.inc"

%define KIND pae
%define ENTRY 8
%define LARGE_PDE (ROOT + (LARGE >> 21) * 8)
%define WINDOW_PDE (ROOT + (WINDOW >> 21) * 8)
%define LARGE_RESERVED (1 << 13)
%define FAR_ENTRY (PDPT + 8)
%define FAR_BITS PTE_P
%define EFER_KEEP 0
CODE 32
%include "tables_body.inc"

%define KIND long
%define FAR_ENTRY (PDPT_LONG + 8)
%define FAR_BITS RWU
%define EFER_KEEP (EFER_LME | EFER_LMA)
CODE 64
%include "tables_body.inc"

BUILD_LIB
CONSOLE_LIB 32
CONSOLE_LIB 64
TRAPS_REAL
CODE 32
TRAPS_PROTECTED
CODE 64
TRAPS_LONG
TSS_LIB
SHARED_GDT 0

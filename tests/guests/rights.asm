; rights: tries combinations of flag bits in page-table entries, of the controls
; that give them meaning, and of accesses, and sums up what each one did, under
; 32-bit paging without and with PSE, PAE and 4-level paging.
;
; Rules checked: SDM 3A "Access Rights", "Page-Fault Exceptions", "Accessed and
; Dirty Flags"; APM vol. 2 "Page-Protection Checks". Sixteen settings of the
; controls times COMBINATIONS per mode; with 32768 all core combinations come up.
; -DSEED=n: other random words. -DDETAIL=n prints every combination of line n
; (controls + 16 * mode).

%ifndef COMBINATIONS
%define COMBINATIONS 512
%endif

%ifndef SEED
%define SEED 0x2545f491
%endif

%include "boot.inc"
%include "switch.inc"
%include "traps.inc"
%include "rights_parts.inc"

CODE 16
main:
	call	dword ivt_init
	lidt	[ivtr]
	SAY	"rights: ", TITLE, 10
	REAL_TO_PM
	call	idt_init32
	call	tss_init32
	call	frames_init
	call	features

	SAY	"rights: 32-bit", 10
	mov	dword [v_base_cr4], CR4_PGE
	call	build_32
	mov	eax, CR4_PGE
	mov	cr4, eax
	PAGING_ON ROOT, 0
	call	rights_32
	PAGING_OFF

	SAY	"rights: 32-bit pse", 10
	mov	dword [v_base_cr4], CR4_PGE | CR4_PSE
	mov	dword [v_sizes], PTE_PS
	mov	eax, CR4_PGE | CR4_PSE
	mov	cr4, eax
	PAGING_ON ROOT, 0
	call	rights_32
	PAGING_OFF

	SAY	"rights: pae", 10
	mov	dword [v_base_cr4], CR4_PGE | CR4_PAE
	call	build_pae
	mov	eax, CR4_PGE | CR4_PAE
	mov	cr4, eax
	PAGING_ON PDPT, 0
	call	rights_pae
	PAGING_OFF

	SAY	"rights: 4-level", 10
	call	build_long
	call	idt_init64
	call	tss_init64
	PM_TO_LONG PML4, 0
	mov	ax, SEL_TSS64
	ltr	ax
	call	rights_long
	LONG_TO_COMPAT
	COMPAT_TO_PM
	PM_TO_REAL
	SAY	"rights: done", 10
	END	0

%define KIND 32
%define ENTRY 4
%define PDE(n) (ROOT + (FIRST_PDE32 + (n)) * 4)
%define PTE_SLOT (PT_TEST + 0x103 * 4)
%define LINEAR 0x10103000
%define APART 0x400000
%define EFER_KEEP 0
CODE 32
%include "rights_body.inc"

%define KIND pae
%define ENTRY 8
%define PDE(n) (PD_TEST + (2 + (n)) * 8)
%define PTE_SLOT (PT_TEST + 0x103 * 8)
%define LINEAR 0x40503000
%define APART 0x200000
CODE 32
%include "rights_body.inc"

%define KIND long
%define LINEAR 0x8040503000
%define EFER_KEEP (EFER_LME | EFER_LMA)
CODE 64
%include "rights_body.inc"

RIGHTS_LIB
CONSOLE_LIB 32
CONSOLE_LIB 64
TRAPS_REAL
CODE 32
TRAPS_PROTECTED
CODE 64
TRAPS_LONG
TSS_LIB
SHARED_GDT 0

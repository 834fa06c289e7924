; unpaged: control registers and MSRs written, read and rewritten while paging
; is off, and paging turned on and off with many tables.
;
; Rules checked: CR0, CR2, CR3, CR4 and EFER read as they were written, paged or
; not; SMEP and SMAP mean nothing unpaged; LME may be set long before PG; a PAE
; PDPTE takes effect when CR3 is loaded, and one with a reserved bit is refused
; there and at MOV CR0 (SDM 3A "PDPTE Registers"; raw: QEMU TCG does not look).
; The text is the same whether CPUID has SMEP and SMAP or not.

%include "boot.inc"
%include "switch.inc"
%include "traps.inc"
%include "ring3.inc"

SPACES		equ 64
DIRECTORIES	equ 0x200000	; one page each
PDPT		equ 0x240000
PD_PAE		equ 0x241000	; first GiB
PD_ONE		equ 0x242000	; second GiB, by turns
PD_TWO		equ 0x243000
PML4		equ 0x244000
PDPT_LONG	equ 0x245000
TABLES_END	equ 0x246000
WINDOW		equ 0x400000
RW		equ PTE_P | PTE_W
CR4_SMEP	equ 1 << 20
CR4_SMAP	equ 1 << 21
CR0_AM		equ 1 << 18

; REWRITE "text", register, values..: each is written and must read back.
%macro REWRITE 3-*
%define %%name %1
%define %%register %2
	xor	esi, esi
%rep %0 - 2
	mov	ebx, %3
	mov	%%register, ebx
	mov	ecx, %%register
	xor	ecx, ebx
	or	esi, ecx		; bits that ever differed
%rotate 1
%endrep
	SAYHEX	%%name, esi, 8
	NEWLINE
%endmacro

; REGISTERS: the lines for any mode without paging.
%macro REGISTERS 0
	REWRITE	"cr3 ", cr3, 0x12345000, 0xfffff000, 0x1018, 0x8, 0x10, \
		0xabcde018, 0x00000fe0, 0
	REWRITE	"cr2 ", cr2, 0x12345678, 0xffffffff, 0, 0xdeadbeef
	REWRITE	"cr4 ", cr4, CR4_PAE, CR4_PSE, CR4_PGE, CR4_PSE | CR4_PGE, \
		CR4_PAE | CR4_PGE, CR4_PAE | CR4_PSE | CR4_PGE, \
		CR4_PAE | CR4_PSE, 0, CR4_PGE | 4 | 8, 0
	REWRITE	"cr0 ", cr0, BASE_CR0 | CR0_WP, BASE_CR0 | CR0_AM, \
		BASE_CR0 | CR0_EM, BASE_CR0 | CR0_TS, BASE_CR0 | CR0_MP, \
		BASE_CR0 | CR0_NE, BASE_CR0 | CR0_CD, BASE_CR0 | CR0_CD | \
		CR0_NW, BASE_CR0 | CR0_WP | CR0_AM | CR0_EM | CR0_TS | \
		CR0_MP | CR0_NE, BASE_CR0
	REWRITE	"dr0 ", dr0, 0x12345678, 0xffffffff, 0
	REWRITE	"dr3 ", dr3, 0x87654321, 0xffffffff, 0
	; SMSW, LMSW, CLTS.
	mov	ax, CR0_TS | CR0_EM | CR0_MP | (BASE_CR0 & CR0_PE)
	lmsw	ax
	smsw	bx
	SAYHEX	"lmsw ", ebx, 4
	clts
	smsw	bx
	SAYHEX	" clts ", ebx, 4
	mov	ax, 0xffe0		; all but the low four bits is ignored
	lmsw	ax
	smsw	bx
	SAYHEX	" low ", ebx, 4
	mov	eax, cr0
	SAYHEX	" cr0 ", eax, 8
	NEWLINE
	; A write that CR0 and CR3 keep beside others.
	mov	eax, 0x00abc018
	mov	cr3, eax
	mov	eax, BASE_CR0 | CR0_WP | CR0_TS
	mov	cr0, eax
	mov	eax, CR4_PAE | CR4_PGE
	mov	cr4, eax
	clts
	mov	eax, cr3
	SAYHEX	"together cr3 ", eax, 8
	mov	eax, cr0
	SAYHEX	" cr0 ", eax, 8
	mov	eax, cr4
	SAYHEX	" cr4 ", eax, 8
	NEWLINE
	mov	eax, BASE_CR0
	mov	cr0, eax
	xor	eax, eax
	mov	cr4, eax
	mov	cr3, eax
%endmacro

; SUPERVISOR_BITS: SMEP and SMAP on where they are; they read back.
%macro SUPERVISOR_BITS 0
	mov	ebx, [protections]
	mov	cr4, ebx
	mov	ecx, cr4
	cmp	ebx, ecx
	SAY_IF	e, {"smep and smap read as written", 10}, \
		{"smep and smap read otherwise", 10}
%endmacro

%include "unpaged_parts.inc"

CODE 16
main:
	call	dword ivt_init
	lidt	[ivtr]
%define BASE_CR0 CR0_ET
	call	find_protections
	SAY	"unpaged: real", 10
	REGISTERS
	SUPERVISOR_BITS
	TRY	"int 40", int 0x40
	SAY	"unpaged: protected", 10
	REAL_TO_PM
	call	idt_init32
	call	tss_init32
	SUPERVISOR_BITS
	; Ring 3's memory is everybody's without paging.
	TRY	"int 40", int 0x40
	TRY3	"ring 3", int 0x40
	TRY3	"ring 3 ud2", ud2
	mov	ebx, smep_copy
	call	ebx
	SAYHEX	"ran ", eax, 8
	NEWLINE
	xor	eax, eax
	mov	cr4, eax
%define BASE_CR0 CR0_ET | CR0_PE
	REGISTERS
	call	build
	call	protected_paging
	call	spaces
	call	pae_lines
	call	long_early
	PM_TO_REAL
%define BASE_CR0 CR0_ET
	SAY	"unpaged: real again", 10
	REGISTERS
	SAY	"unpaged: done", 10
	END	0

UNPAGED_LIB
RING3_LIB
TSS_LIB
CONSOLE_LIB 32
TRAPS_REAL
CODE 32
TRAPS_PROTECTED
SHARED_GDT 0

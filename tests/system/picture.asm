; Asks the hypervisor for pictures of addresses, in every mode: pages of all rights, a
; page that holds a table, a large page, an absent one. On bare the asking raises #UD.
;
; What the records must show is in test_picture.sh. Shares the tables of the guest
; `tables`.

%include "boot.inc"
%include "switch.inc"
%include "traps.inc"
%include "tables_parts.inc"

; PICTURE address: of the linear address, by whichever instruction the CPU has.
%macro PICTURE 1
	TRAP_ARM %%after
	mov	ebx, %1
	mov	eax, 1
	cmp	dword [vendor], "cAMD"
	je	%%amd
	vmcall
	jmp	%%after
%%amd:
	vmmcall
%%after:
	mov	dword [T_RESUME], 0
%endmacro

; PAGES: the entries, an access each, and the pictures.
%macro PAGES 0
	SETF	1, FRAME_A | RWU
	SETF	2, FRAME_A | ROU
	SETF	3, FRAME_B | RW
	SETF	4, PT_WINDOW | RW
	SETF	5, 0
	mov	[PAGE(1)], eax
	mov	eax, [PAGE(2)]
	mov	eax, [PAGE(3)]
	mov	eax, [PAGE(4)]
	mov	[LARGE + 0x7000], eax
	PICTURE	PAGE(1) + 0x123
	PICTURE	PAGE(2)
	PICTURE	PAGE(3)
	PICTURE	PAGE(4)
	PICTURE	PAGE(5)
	PICTURE	LARGE + 0x7000
%if ENTRY == 8
	SET	6, FRAME_A | ROU
	SET_HIGH 6, PTE_NX_HIGH
	FLUSH
	mov	eax, [PAGE(6)]
	PICTURE	PAGE(6)
%endif
%endmacro

CODE 16
main:
	call	dword ivt_init
	lidt	[ivtr]
	xor	eax, eax
	cpuid
	mov	[vendor], ecx
	SAY	"picture: real", 10
	mov	eax, [0x1234]
	PICTURE	0x1234
	SAY	"picture: unpaged", 10
	REAL_TO_PM
	call	idt_init32
	call	user_init
	mov	eax, [FRAME_A]
	PICTURE	FRAME_A
%define ENTRY 4
	SAY	"picture: 32-bit", 10
	call	build_32
	mov	eax, CR4_PSE
	mov	cr4, eax
	PAGING_ON ROOT, CR0_WP
	PAGES
	PAGING_OFF
%define ENTRY 8
	SAY	"picture: pae", 10
	call	build_pae
	mov	eax, CR4_PAE
	mov	cr4, eax
	WRITE_EFER EFER_NXE
	PAGING_ON PDPT, CR0_WP
	PAGES
	PAGING_OFF
	SAY	"picture: 4-level", 10
	call	build_long
	call	idt_init64
	PM_TO_LONG PML4, EFER_NXE
	mov	rax, cr0
	or	eax, CR0_WP
	mov	cr0, rax
	PAGES
	LONG_TO_COMPAT
	COMPAT_TO_PM
	PM_TO_REAL
	SAY	"picture: done", 10
	END	0

align 4
vendor:	dd	0
BUILD_LIB
CONSOLE_LIB 32
CONSOLE_LIB 64
TRAPS_REAL
CODE 32
TRAPS_PROTECTED
CODE 64
TRAPS_LONG
SHARED_GDT 0

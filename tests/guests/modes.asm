; modes: goes through every mode of the CPU and back to real mode, and prints
; what each one shows of the control registers, its mappings and its traps.
;
; Rules checked, in every mode: a control register reads as it was written; two
; pages that map one frame show one memory; each vector is taken through the
; table the mode uses, with the frame the mode pushes (SDM 3A "Interrupt and
; Exception Handling").

%include "boot.inc"
%include "switch.inc"
%include "traps.inc"
%include "modes_parts.inc"

CODE 16
main:
	call	dword ivt_init
	lidt	[ivtr]

	; --- real mode ---
	SAY	"modes: real", 10
	STATE
	mov	eax, CR0_ET | CR0_NE	; NE is the guest's own, also where the
	mov	cr0, eax		; host needs it set
	STATE
	mov	eax, CR0_ET | CR0_MP
	mov	cr0, eax
	STATE
	mov	eax, CR0_ET
	mov	cr0, eax
	mov	eax, CR4_PSE | CR4_PGE	; CR4 is kept while paging is off
	mov	cr4, eax
	mov	eax, PD_A		; so is CR3
	mov	cr3, eax
	STATE
	; PG without PE, and NW without CD, are refused (SDM 3A "Control
	; Registers"). Raw: QEMU TCG takes both, so an identity map stands by.
	mov	dword [PD_SPARE], PTE_PS | RW
	mov	eax, PD_SPARE
	mov	cr3, eax
	mov	ebx, CR0_PG | CR0_ET
	TRY	"raw pg without pe", mov cr0, ebx
	mov	eax, CR0_ET
	mov	cr0, eax
	mov	ebx, CR0_NW | CR0_ET
	TRY	"raw nw without cd", mov cr0, ebx
	mov	eax, CR0_ET
	mov	cr0, eax
	STATE
	xor	eax, eax
	mov	cr4, eax
	mov	cr3, eax
	MODE_TRAPS
	TRY	"into", into
	; A word at ffff does not fit in 64 KiB: #GP, and #SS through SS.
	TRY	"raw limit ds", mov ax, [0xffff]
	TRY	"raw limit ds32", mov eax, [dword 0x10000]
	TRY	"raw limit ss", mov ax, [ss:0xffff]

	; --- LMSW: into protected mode, and not back ---
	mov	ax, CR0_TS | CR0_MP
	lmsw	ax
	STATE
	clts
	STATE
	lgdt	[gdtr]
	lidt	[idtr32]
	mov	ax, CR0_PE
	lmsw	ax
	jmp	SEL_CODE32:by_lmsw
CODE 32
by_lmsw:
	LOAD_SEGS SEL_DATA
	call	idt_init32
	SAY	"modes: unpaged by lmsw", 10
	xor	eax, eax
	lmsw	ax			; LMSW does not clear PE
	STATE
	PM_TO_REAL

	; --- unpaged protected mode ---
	SAY	"modes: unpaged", 10
	REAL_TO_PM
	mov	eax, CR4_PSE
	mov	cr4, eax
	STATE
	MODE_TRAPS
	TRY	"into", into
	call	segment_tests
	call	segment_traps
	mov	ax, SEL_DATA
	mov	es, ax
	; Cycles real <-> unpaged, counted on both sides.
	xor	ebx, ebx
	mov	ecx, 16
	REAL_TO_REAL_CYCLE
	SAYHEX	"real cycles ", ebx, 8
	NEWLINE

	; --- 32-bit paging ---
	SAY	"modes: 32-bit paging", 10
	call	build_32bit
	mov	eax, CR4_PSE
	mov	cr4, eax
	PAGING_ON PD_A, CR0_WP
	STATE
	ALIAS_SUM "alias 4k ", 0x400000, 0x401000
	ALIAS_SUM "alias 4m ", 0x400000, 0x800000 + FRAME_A
	MODE_TRAPS
	PAGE_TRAPS
	call	segment_tests
	; Another space: the same page shows another frame, and comes back.
	call	space_cycle32

	; Paging off: memory is physical again; on again with the other space.
	PAGING_OFF
	STATE
	mov	eax, [FRAME_B]
	SAYHEX	"off frame_b ", eax, 8
	NEWLINE
	PAGING_ON PD_B, 0
	STATE
	mov	eax, [0x400000]
	SAYHEX	"on again ", eax, 8
	NEWLINE
	xor	ebx, ebx
	mov	ecx, 16
paging_cycle:
	PAGING_OFF
	add	ebx, [FRAME_A]
	test	cl, 1
	jz	.even
	PAGING_ON PD_A, 0
	jmp	.look
.even:
	PAGING_ON PD_B, 0
.look:
	add	ebx, [0x400000]
	rol	ebx, 1
	dec	ecx
	jnz	paging_cycle
	SAYHEX	"paging cycles ", ebx, 8
	NEWLINE
	; Straight from paged to real mode: one write clears PG and PE.
	PM_TO_REAL
	SAY	"modes: real from paged", 10
	STATE
	MODE_TRAPS
	; and from real to paged by one write.
	lgdt	[gdtr]
	lidt	[idtr32]
	mov	eax, PD_A
	mov	cr3, eax
	mov	eax, cr0
	or	eax, CR0_PG | CR0_PE
	mov	cr0, eax
	jmp	SEL_CODE32:straight
CODE 32
straight:
	LOAD_SEGS SEL_DATA
	SAY	"modes: paged from real", 10
	STATE
	PAGING_OFF

	; --- PAE paging ---
	SAY	"modes: pae", 10
	call	build_pae
	mov	eax, CR4_PAE
	mov	cr4, eax
	PAGING_ON PDPT_PAE, CR0_WP
	STATE
	ALIAS_SUM "alias 4k ", 0x400000, 0x401000
	ALIAS_SUM "alias 2m ", 0x400000, 0x800000 + FRAME_A - 0x200000
	MODE_TRAPS
	PAGE_TRAPS
	; The PDPTEs are registers: CR3 must be written for a change to show.
	mov	eax, PDPT_PAE
	mov	cr3, eax
	mov	eax, [0x400000]
	SAYHEX	"cr3 again ", eax, 8
	NEWLINE
	PAGING_OFF
	WRITE_EFER EFER_NXE
	PAGING_ON PDPT_PAE, 0
	STATE
	PAGING_OFF
	WRITE_EFER 0
	xor	eax, eax
	mov	cr4, eax
	STATE

	; --- long mode ---
	SAY	"modes: long", 10
	call	build_long
	call	idt_init64
	; LME alone does not make LMA.
	mov	eax, CR4_PAE
	mov	cr4, eax
	WRITE_EFER EFER_LME
	STATE
	PM_TO_LONG PML4, EFER_NXE
	STATE
	ALIAS_SUM "alias 4k ", 0x400000, 0x401000
	ALIAS_SUM "alias 2m ", 0x400000, 0x800000 + FRAME_A - 0x200000
	ALIAS_SUM "alias high ", 0x400000, 0xffffff8000400000
	MODE_TRAPS
	PAGE_TRAPS
	; A non-canonical address is no page fault but #GP(0), through the stack
	; #SS(0).
	mov	rbx, 1 << 47
	TRY	"non-canonical", mov eax, [rbx]
	mov	rbp, 1 << 47
	TRY	"raw non-canonical ss", mov eax, [rbp]
	; Memory above 4 GiB of linear space, 64-bit registers kept.
	mov	rax, 0x0123456789abcdef
	mov	rbx, 0xffffff8000400000
	mov	[rbx], rax
	mov	rcx, [abs 0x400000]
	SAYHEX	"quad ", rcx, 16
	NEWLINE

	; --- compatibility mode ---
	LONG_TO_COMPAT
	SAY	"modes: compat", 10
	STATE
	ALIAS_SUM "alias 4k ", 0x400000, 0x401000
	MODE_TRAPS
	PAGE_TRAPS
	mov	eax, 0x89abcdef
	inc	eax
	db	0x40			; INC EAX here, REX in 64-bit code
	SAYHEX	"inc ", eax, 8
	NEWLINE
	; 16-bit code under long mode.
	jmp	SEL_CODE16:compat16
CODE 16
compat16:
	SAY	"modes: compat16", 10
	STATE
	TRY	"ud2", ud2
	TRY	"int 40", int 0x40
	jmp	dword SEL_CODE32:compat32
CODE 32
compat32:
	mov	ecx, 8			; to and fro
	xor	ebx, ebx
long_cycle:
	COMPAT_TO_LONG
	mov	rax, 0x100000001
	add	rbx, rax
	shr	rax, 32
	add	ebx, eax
	LONG_TO_COMPAT
	dec	ecx
	jnz	long_cycle
	SAYHEX	"compat cycles ", ebx, 8
	NEWLINE

	; --- all the way back ---
	COMPAT_TO_PM
	call	idt_init32
	SAY	"modes: unpaged from compat", 10
	STATE
	TRY	"int 40", int 0x40
	TRYV	"ud2", ud2
	; Once more into long mode and back, then 32-bit paging with the old
	; tables.
	call	idt_init64
	PM_TO_LONG PML4, 0
	STATE
	LONG_TO_COMPAT
	COMPAT_TO_PM
	call	idt_init32
	mov	eax, CR4_PSE
	mov	cr4, eax
	PAGING_ON PD_A, 0
	STATE
	mov	eax, [0x400000]
	SAYHEX	"old space ", eax, 8
	NEWLINE
	PAGING_OFF
	xor	eax, eax
	mov	cr3, eax
	mov	cr4, eax
	PM_TO_REAL
	SAY	"modes: real again", 10
	STATE
	mov	dword [T_COUNT], 0
	MODE_TRAPS
	SAYHEX	"traps ", [T_COUNT], 4	; each was taken once
	NEWLINE
	SAY	"modes: done", 10
	END	0

SEGMENT_LIB
CONSOLE_LIB 32
CONSOLE_LIB 64
STATE_LIB 16
STATE_LIB 32
STATE_LIB 64
ALIAS_LIB 32
ALIAS_LIB 64
TRAPS_REAL
CODE 32
TRAPS_PROTECTED
CODE 64
TRAPS_LONG
TABLES_LIB
SHARED_GDT 0

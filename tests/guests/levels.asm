; levels: five-level paging: every way into it and out of it, what each of its
; five levels says, tables that are hard to follow, and all that knows how wide a
; linear address is.
;
; Rules checked: SDM 3A "4-Level Paging and 5-Level Paging", "Control Registers"
; (LA57), SDM 1 "Canonical Addressing", APM vol. 2 "Long-Mode Page Translation".
; Where CPUID has no LA57, only the refusal of CR4.LA57 is shown. An entry made
; present needs no flush; all other changes are followed by INVLPG, MOV to CR3 or
; paging off.
;
; QEMU TCG takes a change of LA57 in compatibility mode, does not check MSRs,
; LGDT and far returns for canonical addresses, and raises #GP for stacks: not
; tried. With tables where there is no memory it ends itself. JMP and CALL m16:64
; exist on one vendor's CPUs only.

%include "boot.inc"
%include "switch.inc"
%include "traps.inc"
%include "levels_parts.inc"

; SYSCALL's own segments.
%define SEL_SYS64 SEL_BEYOND
%macro GDT_MORE 0
	DESC	0, 0xfffff, 0x9b, 0xa
	DESC	0, 0xfffff, 0x93, 0xc
%endmacro

CODE 16
main:
	call	dword ivt_init
	lidt	[ivtr]
	xor	eax, eax
	cpuid
	cmp	eax, 7
	jb	.without
	mov	eax, 7
	xor	ecx, ecx
	cpuid
	test	ecx, 1 << 16
	jnz	.with
	; Bare QEMU TCG takes a reserved bit of CR4 for a nested #VMEXIT and
	; loses the machine: it is left out where leaf 40000000h says TCG.
.without:
	SAY	"levels: no five-level paging", 10
	mov	eax, 0x40000000
	cpuid
	cmp	ebx, "TCGT"
	je	.end
	mov	eax, CR4_LA57
	TRY	"raw la57 refused", mov cr4, eax
.end:
	END	0
.with:
	SAY	"levels: real", 10
	LCALL	ways_real
	REAL_TO_PM
	call	idt_init32
	call	build
	SAY	"levels: unpaged, 32-bit, pae", 10
	call	ways_legacy
	SAY	"levels: long mode", 10
	call	idt_init64
	call	tss_init64
	call	ways_long
	call	ways_cycles
	call	ways_both
	call	ways_straight

	call	build
	mov	dword [pool], POOL
	mov	byte [gdt + SEL_TSS64 + 5], 0x89
	TO5	ROOT5
	mov	eax, SEL_TSS64
	ltr	ax
	mov	rax, cr0
	or	eax, CR0_WP
	mov	cr0, rax
	MAP	CODE_LOW, FRAME_CODE | ROU
	MAP	USTACK, FRAME_STACK | RWU
	SAY	"levels: translation", 10
	call	walk_names
	call	walk_canonical
	call	walk_levels
	call	walk_bits
	call	walk_large
	call	walk_rights
	SAY	"levels: tables", 10
	call	tables_root
	call	tables_self
	call	tables_spaces
	call	tables_four
	SAY	"levels: width", 10
	call	wide_code
	call	wide_exits
	call	wide_msrs
	call	wide_tables
	call	wide_strings
	call	wide_devices
	call	wide_compat
	TO_PM
	LA57_OFF
	PM_TO_REAL
	SAY	"levels: real again", 10
	STATE
	SAY	"levels: done", 10
	END	0

; What gates and real mode reach by 16 bits comes first.
CONSOLE_LIB 32
CONSOLE_LIB 64
TRAPS_REAL
CODE 32
TRAPS_PROTECTED
CODE 64
TRAPS_LONG
TSS_LIB
SHARED_GDT 0
STATE_LIB 16
STATE_LIB 32
STATE_LIB 64
LEVELS_LIB
%include "levels_ways.inc"
%include "levels_walk.inc"
%include "levels_rights.inc"
%include "levels_tables.inc"
%include "levels_wide.inc"
%include "levels_use.inc"

; keys: protection keys. RDPKRU and WRPKRU in every mode, what PKRU refuses and
; what it does not, in 4-level paging, by all kinds of accesses; in 32-bit and PAE
; paging nothing.
;
; Rules checked: SDM 3A "Protection Keys", "Determination of Access Rights",
; "Page-Fault Exceptions", SDM 2B "RDPKRU", SDM 2D "WRPKRU"; APM vol. 2 "Memory
; Protection Keys". A CPU without them ends the guest at once.
; -DCOMBINATIONS=n: of each line of the sweep; with 256 all core combinations come
; up. -DSTEPS=n: of a walk. -DSEED=n: other random words. -DDETAIL=n prints what
; line n of the sweep does (-1 to -4: the walks). -DFEWER: as where `strictness`
; finds less to try.

%ifndef COMBINATIONS
%define COMBINATIONS 512
%endif
%ifndef STEPS
%define STEPS 1024
%endif
%ifndef SEED
%define SEED 0x1d872b41
%endif

%include "boot.inc"
%include "switch.inc"
%include "traps.inc"
%include "ring3.inc"
%include "keys_parts.inc"
%include "keys_modes.inc"

CODE 16
main:
	call	dword ivt_init
	lidt	[ivtr]
	call	dword has_keys
	jc	.keys
	SAY	"keys: this CPU has none", 10
	END	0
.keys:
	SAY	"keys: real", 10
	call	dword insn16
	REAL_TO_PM
	call	idt_init32
	call	tss_init32
	SAY	"keys: unpaged", 10
	call	insn32
	call	ring3_32

	SAY	"keys: 32-bit", 10
	call	build_32
	SET_CR4	CR4_PSE
	PAGING_ON PD32, CR0_WP
	call	insn32
	call	ring3_32
	call	no_keys_32
	PAGING_OFF
	CLEAR_CR4 CR4_PSE

	SAY	"keys: pae", 10
	call	build_pae
	SET_CR4	CR4_PAE
	PAGING_ON PDPT_PAE, CR0_WP
	call	insn32
	call	no_keys_32
	PAGING_OFF

	SAY	"keys: 4-level", 10
	call	build_long
	call	idt_init64
	call	tss_init64
	mov	dword [TSS_AREA + 0x24], IST1_STACK
	mov	byte [IDT + 14 * 16 + 4], 1
	mov	byte [IDT + 0x41 * 16 + 4], 1
	PM_TO_LONG PML4, EFER_NXE
	mov	ax, SEL_TSS64
	ltr	ax
	SET_CR0	CR0_WP
	call	insn64
	call	strictness
	call	ring3_64
	LONG_TO_COMPAT
	SAY	"keys: compatibility mode", 10
	call	insn32
	COMPAT_TO_LONG
	call	ring3_compat

	SAY	"keys: pages", 10
	call	pages
	SAY	"keys: accesses", 10
	call	accesses
	SAY	"keys: the CPU's own", 10
	call	system
	SAY	"keys: walks", 10
	call	walks
	SAY	"keys: sweep", 10
	call	sweep

	SAY	"keys: back", 10
	SET_PKRU 0x0ddba115
	LONG_TO_COMPAT
	COMPAT_TO_PM
	call	show_pkru32
	PM_TO_REAL
	call	dword show_pkru16
	call	dword insn16
	SAY	"keys: done", 10
	END	0

CONSOLE_LIB 32
CONSOLE_LIB 64
TRAPS_REAL
CODE 32
TRAPS_PROTECTED
CODE 64
TRAPS_LONG
TSS_LIB
SHARED_GDT 0
INSN_LIB 16
INSN_LIB 32
INSN_LIB 64
RING3_LIB
%include "keys_build.inc"
CODE 64
%include "keys_access.inc"
%include "keys_pages.inc"
%include "keys_ops.inc"
%include "keys_use.inc"
%include "keys_system.inc"
%include "keys_sweep.inc"
%include "keys_walks.inc"

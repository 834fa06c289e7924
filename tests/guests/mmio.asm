; mmio: memory that is a device's: the event timers (HPET) at FED00000, through
; every kind of access and in every mode, and their interrupt by the legacy route.
;
; Rules checked: registers of IA-PC HPET Specification 1.0a, as far as they are
; the same on every machine; an access reaches the device whatever the mode and
; the instruction. Beside the device nobody answers: raw lines. What is no aligned
; dword (bytes, words, 8 and 16 bytes) the specification leaves open, and Bochs'
; timers panic at it: left out on the bare machine, and raw.

%include "boot.inc"
%include "switch.inc"
%include "traps.inc"
%include "mmio_parts.inc"

CODE 16
main:
	call	dword ivt_init
	lidt	[ivtr]
	REAL_TO_PM
	call	idt_init32
	call	find_host
	PM_TO_REAL

	; --- real mode with 4 GiB limits ---
	mov	eax, cr0
	or	al, CR0_PE
	mov	cr0, eax
	mov	bx, SEL_DATA
	mov	ds, bx
	mov	es, bx
	and	al, ~CR0_PE
	mov	cr0, eax
	jmp	0:.real
.real:
	xor	bx, bx
	mov	ds, bx
	mov	es, bx
	SAY	"mmio: real, 4 GiB", 10
	mov	ebx, HPET
	call	dword body16

	; --- unpaged protected mode ---
	REAL_TO_PM
	SAY	"mmio: unpaged", 10
	mov	ebx, HPET
	call	body32
	call	interrupts

	; --- 32-bit paging, a page of 4 KiB ---
	call	tables32
	mov	eax, CR4_PSE
	mov	cr4, eax
	PAGING_ON PD32, 0
	SAY	"mmio: 32-bit", 10
	mov	ebx, ALIAS
	call	body32
	call	crossing
	PAGING_OFF

	; --- PAE ---
	call	tables64
	mov	eax, CR4_PAE
	mov	cr4, eax
	PAGING_ON PDPT, 0
	SAY	"mmio: pae", 10
	mov	ebx, ALIAS
	call	body32
	call	crossing
	PAGING_OFF

	; --- long mode ---
	call	idt_init64
	PM_TO_LONG PML4, 0
	mov	rax, cr4
	or	eax, CR4_OSFXSR
	mov	cr4, rax
	SAY	"mmio: 64-bit", 10
	mov	ebx, ALIAS
	call	body64
	call	wide
	LONG_TO_COMPAT
	SAY	"mmio: compatibility", 10
	mov	ebx, ALIAS
	call	body32
	COMPAT_TO_PM
	PM_TO_REAL
	SAY	"mmio: done", 10
	END	0

BODY 16
BODY 32
BODY 64
CONSOLE_LIB 32
CONSOLE_LIB 64
MMIO_LIB
TRAPS_REAL
CODE 32
TRAPS_PROTECTED
TRAPS_LONG
SHARED_GDT 0

; The multiboot headers and the way from 32-bit entry to C in long mode.
; Must not know what the hypervisor does; decides only whether this CPU can run it.

%include "boot/asm_defs.inc"

	global entry32
	extern boot_main, desc_gdt

; Multiboot 0.6.96 "OS image format" 3.1: page-aligned modules, memory map.
MB1_MAGIC	equ 0x1badb002
MB1_FLAGS	equ 0x3
; Multiboot2 2.0 "OS image format" 3.1
MB2_MAGIC	equ 0xe85250d6
MB2_I386	equ 0
MB2_TAG_END	equ 0
MB2_TAG_MODULE_ALIGN equ 6

CPUID_EXT	equ 0x80000000
CPUID_EXT_FLAGS	equ 0x80000001
CPUID_EDX_LM	equ 1 << 29
CPUID_EDX_NX	equ 1 << 20
EFLAGS_ID	equ 1 << 21
MXCSR_DEFAULT	equ 0x1f80	; SDM 1 "MXCSR Control and Status Register" 10.2.3
PTE_TABLE	equ 0x03	; present, writable
PTE_LARGE	equ 0x83	; present, writable, 2 MiB

section .multiboot progbits alloc noexec nowrite align=8
mb1_header:
	dd MB1_MAGIC, MB1_FLAGS, -(MB1_MAGIC + MB1_FLAGS)
	align 8
mb2_header:
	dd MB2_MAGIC, MB2_I386, mb2_header_end - mb2_header
	dd (-(MB2_MAGIC + MB2_I386 + (mb2_header_end - mb2_header))) & 0xffffffff
	dw MB2_TAG_MODULE_ALIGN, 0
	dd 8
	dw MB2_TAG_END, 0
	dd 8
mb2_header_end:

section .text
bits 32
entry32:
	cli
	cld
	mov	esp, stack_main_top
	mov	ebp, eax		; the loader's magic, kept over CPUID
	push	ebx			; its information

	pushfd				; CPUID exists when ID can be toggled
	pop	eax
	mov	ecx, eax
	xor	eax, EFLAGS_ID
	push	eax
	popfd
	pushfd
	pop	eax
	xor	eax, ecx
	mov	esi, no_long_mode
	test	eax, EFLAGS_ID
	jz	refuse
	mov	eax, CPUID_EXT
	cpuid
	cmp	eax, CPUID_EXT_FLAGS
	jb	refuse
	mov	eax, CPUID_EXT_FLAGS
	cpuid
	test	edx, CPUID_EDX_LM
	jz	refuse
	mov	esi, no_nx
	test	edx, CPUID_EDX_NX
	jz	refuse

	mov	edi, boot_pd		; the first 4 GiB one to one, 2 MiB pages
	mov	eax, PTE_LARGE
	mov	ecx, 4 * 512
.large:	mov	[edi], eax		; the high halves are zero, as all of .bss
	add	eax, 1 << 21
	add	edi, 8
	loop	.large
	mov	eax, boot_pd + PTE_TABLE
	mov	edi, boot_pdpt
	mov	ecx, 4
.table:	mov	[edi], eax
	add	eax, 4096
	add	edi, 8
	loop	.table
	mov	dword [boot_pml4], boot_pdpt + PTE_TABLE

	pop	esi			; information
	mov	edi, ebp		; magic: both are boot_main's arguments
	mov	eax, boot_pml4
	mov	cr3, eax
	mov	eax, CR4_PAE | CR4_OSFXSR | CR4_OSXMMEXCPT
	mov	cr4, eax
	mov	ecx, MSR_EFER
	xor	edx, edx
	mov	eax, EFER_LME | EFER_NXE
	wrmsr
	mov	eax, CR0_PG | CR0_WP | CR0_NE | CR0_ET | CR0_MP | CR0_PE
	mov	cr0, eax
	fninit				; guests start from the reset-like FPU state
	ldmxcsr	[mxcsr_default]
	lgdt	[boot_gdtr]
	jmp	SEL_CODE64:entry64

; esi: what is missing. Said on both serial ports, as text and as a record.
refuse:
	mov	dx, COM1
	mov	edi, esi
	mov	esi, said_before
	call	say
	mov	esi, edi
	call	say
	mov	esi, said_after
	call	say
	mov	dx, COM2
	mov	esi, record_before
	call	say
	mov	esi, edi
	call	say
	mov	esi, record_after
	call	say
	mov	dx, PORT_QEMU_EXIT	; see boot/end.c
	xor	eax, eax
	out	dx, al
	mov	esi, shutdown
	mov	dx, PORT_BOCHS_SHUTDOWN
.byte:	lodsb
	test	al, al
	jz	.halt
	out	dx, al
	jmp	.byte
.halt:	cli
	hlt
	jmp	.halt

; Write the text at esi to the UART at dx and wait until it has left, within
; reason: a port that is not there must not hang the machine. The loader's line
; settings stand; they were good enough for its own output.
say:
	mov	ebx, edx
.next:	lodsb
	mov	ah, al
	mov	ecx, UART_PATIENCE
.wait:	lea	edx, [ebx + UART_LSR]
	in	al, dx
	test	al, UART_LSR_TEMT
	loopz	.wait
	mov	edx, ebx
	mov	al, ah
	test	al, al
	jz	.done
	out	dx, al
	jmp	.next
.done:	ret

bits 64
entry64:
	mov	eax, SEL_DATA
	mov	ds, eax
	mov	es, eax
	mov	ss, eax
	xor	eax, eax
	mov	fs, eax
	mov	gs, eax
	mov	rsp, stack_main_top
	mov	edi, edi		; upper halves are undefined after the switch
	mov	esi, esi
	call	boot_main
	ud2				; it does not return

section .rodata
mxcsr_default:	dd MXCSR_DEFAULT
boot_gdtr:	dw GDT_LIMIT
		dd desc_gdt
no_long_mode:	db "this CPU has no long mode (64-bit)", 0
no_nx:		db "this CPU has no execute-disable (NX)", 0
said_before:	db "diptych: ", 0
said_after:	db 10, 0
record_before:	db '{"record":"error","reason":"', 0
record_after:	db '","missing":true}', 10, 0
shutdown:	db "Shutdown", 0

section .tables nobits alloc noexec write align=4096
boot_pml4:	resb 4096
boot_pdpt:	resb 4096
boot_pd:	resb 4 * 4096

; Each stack has a page below it that boot/paging.c leaves unmapped.
%macro STACK 2
	global %1, %1_top
	resb 4096
%1:	resb %2
%1_top:
%endmacro

section .stacks nobits alloc noexec write align=4096
	STACK stack_main, 65536
	STACK stack_df, 16384
	STACK stack_nmi, 16384
	STACK stack_mc, 16384

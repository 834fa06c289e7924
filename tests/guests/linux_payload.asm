; Stands where a Linux kernel's 32-bit part would: says in what state the set-up
; code handed over, and ends. scripts/fetch-guests.sh puts it behind that code.
;
; Entered at 0x100000 in flat 32-bit code, paging off, interrupts off, ESI = the
; boot parameters: "The Linux/x86 Boot Protocol", "32-bit Boot Protocol".

	org	0x100000
%include "x86.inc"
CODE 32
	jmp	start
%include "console.inc"
CONSOLE_LIB 32

BOOT_PARAMS_SIZE equ 4096
STACK_TOP	equ 0x200000

start:
	mov	[entry_esp], esp
	mov	esp, STACK_TOP
	pushfd
	pop	dword [entry_flags]
	mov	[entry_eax], eax
	LCALL	uart_init32
	SAY	10, "linux-setup: entered", 10
	SAYHEX	"  eax ", [entry_eax], 8
	SAYHEX	" ebx ", ebx, 8
	SAYHEX	" ecx ", ecx, 8
	SAYHEX	" edx ", edx, 8
	NEWLINE
	SAYHEX	"  esi ", esi, 8
	SAYHEX	" edi ", edi, 8
	SAYHEX	" ebp ", ebp, 8
	SAYHEX	" esp ", [entry_esp], 8
	NEWLINE
	SAYHEX	"  flags ", [entry_flags], 8
	mov	eax, cr0
	SAYHEX	" cr0 ", eax, 8
	mov	eax, cr3
	SAYHEX	" cr3 ", eax, 8
	mov	eax, cr4
	SAYHEX	" cr4 ", eax, 8
	NEWLINE
	mov	eax, cs
	SAYHEX	"  cs ", eax, 4
	mov	eax, ds
	SAYHEX	" ds ", eax, 4
	mov	eax, es
	SAYHEX	" es ", eax, 4
	mov	eax, ss
	SAYHEX	" ss ", eax, 4
	mov	eax, fs
	SAYHEX	" fs ", eax, 4
	mov	eax, gs
	SAYHEX	" gs ", eax, 4
	str	eax
	SAYHEX	" tr ", eax, 4
	sldt	eax
	SAYHEX	" ldt ", eax, 4
	NEWLINE
	sgdt	[table]
	SAYHEX	"  gdt ", [table + 2], 8
	movzx	eax, word [table]
	SAYHEX	" limit ", eax, 4
	sidt	[table]
	SAYHEX	" idt ", [table + 2], 8
	movzx	eax, word [table]
	SAYHEX	" limit ", eax, 4
	NEWLINE
	call	params
	SAY	"linux-setup: done", 10
	END	0

; The boot parameters hold no time of day: all of them must be equal. Sixteen
; sums, so that a difference tells where it is.
params:
	mov	edi, esi
	xor	ebp, ebp
.part:
	test	ebp, 7
	jnz	.sum
	SAYHEX	"  boot_params +", ebp, 1
	SAY	":"
.sum:
	xor	eax, eax
	mov	ecx, BOOT_PARAMS_SIZE / 16
.byte:
	rol	eax, 5
	movzx	edx, byte [edi]
	xor	eax, edx
	inc	edi
	loop	.byte
	SAYHEX	" ", eax, 8
	inc	ebp
	test	ebp, 7
	jnz	.next
	NEWLINE
.next:
	cmp	ebp, 16
	jb	.part
	ret

	align	4
entry_eax:	dd 0
entry_esp:	dd 0
entry_flags:	dd 0
table:		dw 0
		dd 0

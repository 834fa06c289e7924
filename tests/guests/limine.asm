; limine: a kernel of the Limine boot protocol, an ELF64 image linked high; prints the
; state it was started in, every response, and how its pages may be used.
;
; Rules checked: 64-bit mode with CS 28h, PG, WP, PAE and NXE, interrupts off, a stack of
; 64 KiB with return address 0 ("Machine state at entry"); base revision 3 answered;
; a map in rising order of whole pages; physical memory at the HHDM's offset; segments
; mapped with their rights, so that writing to code and running data are page faults.

%include "x86.inc"

BASE		equ 0xffffffff80200000
PAGE		equ 4096
MAGIC0		equ 0xc7b1dd30df4c8b88
MAGIC1		equ 0x0a82e883a194f07b
VECTOR_PF	equ 14
CS_FLAT64	equ 0x28
GATE_INTERRUPT	equ 0x8e00
LOAD_SEGMENT	equ 1
RX		equ 5
RW		equ 6
R		equ 4

	org	BASE
CODE 64
default	rel

; SEGMENT flags, start, end, memory size: one program header.
%macro SEGMENT 4
	dd	LOAD_SEGMENT, %1
	dq	%2 - image, %2, 0, %3 - %2, %4, PAGE
%endmacro

image:	db	0x7f, "ELF", 2, 1, 1
	times	9 db 0
	dw	2, 62			; executable, x86-64
	dd	1
	dq	entry, headers - image, 0
	dd	0
	dw	64, 56, 3, 0, 0, 0
headers:
	SEGMENT	RX, image, code_end, code_end - image
	SEGMENT	RW, data, data_end, PAGE * 2
	SEGMENT	R, constants, constants_end, constants_end - constants

%include "console.inc"
CONSOLE_LIB 64

; FAULTING "text", instruction..: runs it and tells of the page fault that it makes, if so.
%macro FAULTING 2+
	SAY	%1
	mov	qword [error], -1
	lea	rax, [%%after]
	mov	[resume], rax
	mov	[resume_stack], rsp
	%2
%%after:
	call	tell_fault
%endmacro

; ANSWERED request, "name": its response in rbx, or on to the label behind it.
%macro ANSWERED 3
	mov	rbx, [%1 + 40]
	SAY	%2
	test	rbx, rbx
	SAY_IF	z, {": no response", 10}, ":"
	jz	%3
	SAYHEX	" revision ", [rbx], 1
%endmacro

entry:	mov	[first_stack], rsp
	pushfq
	pop	r12
	LCALL	uart_init64
	mov	r13d, cs
	SAYHEX	"limine: cs ", r13d, 4
	mov	r13d, ss
	SAYHEX	" ss ", r13d, 4
	mov	r13, cr0
	and	r13d, CR0_PG | CR0_WP | CR0_PE
	SAYHEX	" cr0 ", r13d, 8
	mov	r13, cr4
	and	r13d, CR4_PAE
	SAYHEX	" cr4 ", r13d, 4
	mov	ecx, MSR_EFER
	rdmsr
	and	eax, EFER_LME | EFER_LMA | EFER_NXE
	SAYHEX	" efer ", eax, 4
	mov	ecx, MSR_PAT
	rdmsr
	mov	r13d, edx
	movzx	r13d, r13w		; the last two are free
	SAYHEX	" pat ", r13d, 4
	HEX	eax, 8
	and	r12d, 0x600		; DF, IF
	SAYHEX	" flags ", r12d, 4
	NEWLINE
	mov	rax, [first_stack]
	SAYHEX	"stack ", rax, 16
	mov	rcx, [rax]
	SAYHEX	" returns to ", rcx, 16
	; The whole 64 KiB is there.
	mov	rcx, [rax - 0xfff0]
	NEWLINE
	sgdt	[table]
	mov	rax, [table + 2]
	SAYHEX	"gdt ", rax, 16
	mov	rcx, [rax + CS_FLAT64]
	SAYHEX	" code ", rcx, 16
	NEWLINE
	mov	rax, [revision + 8]
	SAYHEX	"base revision: loaded by ", eax, 1
	mov	rax, [revision + 16]
	SAYHEX	", left ", eax, 1
	NEWLINE
	call	idt_init
	call	responses
	call	memory_map
	call	rights
	SAY	"limine: done", 10
	END	0

responses:
	ANSWERED loader, "loader", .hhdm
	mov	rsi, [rbx + 8]
	call	print
	mov	rsi, [rbx + 16]
	call	print
	NEWLINE
.hhdm:	ANSWERED hhdm, "hhdm", .address
	mov	rax, [rbx + 8]
	mov	[offset], rax
	SAYHEX	" offset ", rax, 16
	NEWLINE
.address:
	ANSWERED address, "address", .firmware
	mov	rax, [rbx + 8]
	SAYHEX	" physical ", rax, 16
	add	rax, [offset]
	mov	rcx, [rbx + 16]
	SAYHEX	" virtual ", rcx, 16
	mov	rdx, [rax]
	cmp	rdx, [rcx]
	SAY_IF	e, {" same bytes", 10}, {" other bytes", 10}
.firmware:
	ANSWERED firmware, "firmware", .paging
	SAYHEX	" type ", [rbx + 8], 1
	NEWLINE
.paging:
	ANSWERED paging, "paging", .stack
	SAYHEX	" mode ", [rbx + 8], 1
	NEWLINE
.stack:	ANSWERED stack, "stack", .mp
	mov	rax, [first_stack]
	mov	rcx, [rax - 0x1fff0]
	NEWLINE
.mp:	ANSWERED mp, "mp", .file
	SAYHEX	" flags ", [rbx + 8], 8
	SAYHEX	" bsp ", [rbx + 12], 8
	SAYHEX	" cpus ", [rbx + 16], 4
	mov	rcx, [rbx + 24]
	mov	rcx, [rcx]
	SAYHEX	" go to ", [rcx + 16], 16
	NEWLINE
.file:	ANSWERED file, "file", .modules
	mov	rbx, [rbx + 8]
	call	print_file
	mov	rax, [rbx + 8]
	cmp	dword [rax], 0x464c457f
	SAY_IF	e, {"  an ELF image", 10}, {"  no ELF image", 10}
.modules:
	ANSWERED modules, "modules", .command
	mov	r12, [rbx + 8]
	mov	r13, [rbx + 16]
	SAYHEX	" count ", r12d, 2
	NEWLINE
.module:
	test	r12, r12
	jz	.command
	mov	rbx, [r13]
	call	print_file
	add	r13, 8
	dec	r12
	jmp	.module
.command:
	ANSWERED command, "command line", .none
	mov	rsi, [rbx + 8]
	call	print
	NEWLINE
.none:	ANSWERED framebuffer, "framebuffer", .rsdp
.rsdp:	ANSWERED rsdp, "rsdp", .end
.end:	ret

; rbx: a file.
print_file:
	SAYHEX	" at ", [rbx + 8], 16
	SAYHEX	" size ", [rbx + 16], 8
	mov	rsi, [rbx + 24]
	call	print
	mov	rsi, [rbx + 32]
	call	print
	NEWLINE
	ret

; rsi: a terminated text.
print:	SAY	" '"
.next:	mov	al, [rsi]
	test	al, al
	jz	.done
	LCALL	putc64
	inc	rsi
	jmp	.next
.done:	SAY	"'"
	ret

memory_map:
	ANSWERED map, "map", .end
	mov	r12, [rbx + 8]
	mov	r13, [rbx + 16]
	xor	r14d, r14d		; where the last entry ended
	NEWLINE
.entry:	test	r12, r12
	jz	.end
	mov	rbx, [r13]
	SAYHEX	"  ", [rbx], 16
	SAYHEX	" + ", [rbx + 8], 16
	SAYHEX	" type ", [rbx + 16], 1
	cmp	[rbx], r14
	SAY_IF	ae, "", " out of order"
	mov	r14, [rbx]
	add	r14, [rbx + 8]
	; Usable memory can be written by the direct map, here at its end.
	cmp	qword [rbx + 16], 0
	jne	.line
	mov	rax, r14
	add	rax, [offset]
	not	qword [rax - 8]
	mov	rcx, [rax - 8]
	not	qword [rax - 8]
	not	rcx
	cmp	rcx, [rax - 8]
	SAY_IF	e, " is memory", " is none"
.line:	NEWLINE
	add	r13, 8
	dec	r12
	jmp	.entry
.end:	ret

rights:
	FAULTING "read code", mov rax, [image]
	FAULTING "write code", mov byte [image], 0
	FAULTING "read constant", mov rax, [constants]
	FAULTING "write constant", mov byte [constants], 0
	FAULTING "run constant", call constants
	FAULTING "write data", mov byte [scratch], 0xc3
	FAULTING "run data", call scratch
	FAULTING "read past the data", mov rax, [data + PAGE * 2 - 8]
	FAULTING "read past the image", mov rax, [image + 0x200000]
	mov	rbx, [offset]
	FAULTING "read page 0 by the hhdm", mov rax, [rbx]
	FAULTING "write code by the hhdm", call write_physical
	ret

; The direct map writes to what the image may only read.
write_physical:
	mov	rax, [address + 40]
	mov	rax, [rax + 8]
	add	rax, rbx
	mov	cl, [rax]
	mov	[rax], cl
	ret

tell_fault:
	cmp	qword [error], -1
	je	.none
	SAYHEX	": page fault, error ", [error], 2
	SAYHEX	" at ", [fault_at], 16
	NEWLINE
	ret
.none:	SAY	": no fault", 10
	ret

idt_init:
	lea	rax, [page_fault]
	lea	rdi, [idt + VECTOR_PF * 16]
	mov	[rdi], ax
	mov	word [rdi + 2], CS_FLAT64
	mov	word [rdi + 4], GATE_INTERRUPT
	shr	rax, 16
	mov	[rdi + 6], ax
	shr	rax, 16
	mov	[rdi + 8], eax
	lea	rax, [idt]
	mov	word [table], 16 * 16 - 1
	mov	[table + 2], rax
	lidt	[table]
	ret

; Back to `resume`, on the stack that it had.
page_fault:
	pop	rax
	mov	[error], rax
	mov	rax, cr2
	mov	[fault_at], rax
	mov	rsp, [resume_stack]
	jmp	[resume]
code_end:

	align	PAGE, db 0
data:
; REQUEST label, id.., own words..
%macro REQUEST 3-*
	align	8, db 0
%1:	dq	MAGIC0, MAGIC1, %2, %3, 0, 0
%rep %0 - 3
%rotate 1
	dq	%3
%endrep
%endmacro

	; Before the start marker: not to be found.
	REQUEST	rsdp_early, 0xf55038d8e2a1202f, 0x279426fcf5f59740
	dq	0xf6b8f4b39de7d1ae, 0xfab91a6940fcb9cf
	dq	0x785c6ed015d3e316, 0x181e920a7852b9d9
revision:
	dq	0xf9562b2d5c95a6c8, 0x6a7b384944536bdc, 3
	REQUEST	loader, 0xf55038d8e2a1202f, 0x279426fcf5f59740
	REQUEST	firmware, 0x8c2f75d90bef28a8, 0x7045a4688eac00c3
	REQUEST	stack, 0x224ef0460a8e8926, 0xe1cb0fc25f46ea3d, 0x20000
	REQUEST	hhdm, 0x48dcf1cb8ad2b852, 0x63984e959a98244b
	REQUEST	framebuffer, 0x9d5827dcd881dd75, 0xa3148604f6fab11b
	REQUEST	paging, 0x95c1a0edab0944cb, 0xa4e5cb3842f7488a, 1
	REQUEST	mp, 0x95a67b819a1b857e, 0xa0b61b723b6a73e0, 0
	REQUEST	map, 0x67cf3d9d378a806f, 0xe304acdfc50c3c62
	REQUEST	entry_point, 0x13d86c035a1cd3e1, 0x2b0caa89d8f3026a, entry
	REQUEST	file, 0xad97e90e83f1ed67, 0x31eb5d1c5ff23b69
	REQUEST	modules, 0x3e7e279702be32af, 0xca1c4f3bd1280cee
	REQUEST	rsdp, 0xc5e77b6b397e7b43, 0x27637845accdcf3c
	REQUEST	address, 0x71ba76863cc55f63, 0xb2644a48c516a487
	REQUEST	command, 0x4b161536e598651e, 0xb390ad4a2f1f303a
	dq	0xadc0e0531bb10d03, 0x9572709f31764c62
data_end:

; Zeros behind the file's part of the data.
	align	16, db 0
bss:
idt		equ bss
first_stack	equ idt + 16 * 16
table		equ first_stack + 8
offset		equ table + 16
error		equ offset + 8
fault_at	equ error + 8
resume		equ fault_at + 8
resume_stack	equ resume + 8
scratch		equ resume_stack + 8

	times	data + 2 * PAGE - $ db 0
constants:
	ret
	times	15 db 0
constants_end:

; tasks: hardware task switches in unpaged protected mode, by JMP, CALL, IRET
; and task gates, between 32-bit tasks and with one 16-bit task.
;
; Rules checked: what a switch saves and loads, busy bits, back link, NT and TS
; (SDM 3A "Task Switching"); the CR3 field is not used while paging is off; the
; errors of each kind. The 16-bit task has left TR long before the end.

%include "boot.inc"
%include "switch.inc"
%include "traps.inc"

SEL_MAIN	equ SEL_BEYOND
SEL_OTHER	equ SEL_BEYOND + 8	; a 32-bit task
SEL_FAULT	equ SEL_BEYOND + 16	; a task for gates
SEL_OLD		equ SEL_BEYOND + 24	; a 16-bit task
SEL_SHORT	equ SEL_BEYOND + 32	; a TSS with a limit too small
SEL_NO_TASK	equ SEL_BEYOND + 40	; not present
SEL_GATE	equ SEL_BEYOND + 48	; a task gate in the GDT
SEL_LDT		equ SEL_BEYOND + 56
%macro GDT_MORE 0
	DESC	TSS_MAIN, TSS_LIMIT, 0x89, 0x0
	DESC	TSS_OTHER, TSS_LIMIT, 0x89, 0x0
	DESC	TSS_FAULT, TSS_LIMIT, 0x89, 0x0
	DESC	TSS_OLD, 0x2b, 0x81, 0x0
	DESC	TSS_OTHER, TSS_LIMIT - 1, 0x89, 0x0
	DESC	TSS_OTHER, TSS_LIMIT, 0x09, 0x0
	dw	0, SEL_OTHER, 0x8500, 0
	DESC	LDT, 15, 0x82, 0x0
%endmacro
TSS_MAIN	equ 0x3000
TSS_OTHER	equ 0x3100
TSS_FAULT	equ 0x3200
TSS_OLD		equ 0x3300
LDT		equ 0x3400
STACK_OTHER	equ 0x4000
STACK_FAULT	equ 0x4400
STACK_OLD	equ 0x4800
; Fields
TASK_CR3	equ 28
TASK_EIP	equ 32
TASK_FLAGS	equ 36
TASK_EAX	equ 40
TASK_ESP	equ 56
TASK_ES		equ 72
TASK_LDT	equ 96
OLD_IP		equ 14
OLD_FLAGS	equ 16
OLD_AX		equ 18
OLD_SP		equ 26
OLD_ES		equ 34
OLD_LDT		equ 42
FLAG_NT		equ 1 << 14

%include "tasks_parts.inc"

CODE 16
main:
	call	dword ivt_init
	lidt	[ivtr]
	REAL_TO_PM
	call	idt_init32
	lidt	[idtr]
	mov	dword [LDT], 0x0000ffff
	mov	dword [LDT + 4], 0x00cf9300
	mov	ax, SEL_MAIN
	ltr	ax
	SAY	"tasks: jmp", 10
	call	jumps
	SAY	"tasks: call and iret", 10
	call	calls
	SAY	"tasks: gates", 10
	call	gates
	SAY	"tasks: 16-bit", 10
	call	old_task
	SAY	"tasks: errors", 10
	call	errors
	SAY	"tasks: ring 3", 10
	call	ring3_task
	PM_TO_REAL
	SAY	"tasks: real", 10
	TRY	"int 40", int 0x40
	SAY	"tasks: done", 10
	END	0

TASKS_LIB
align 4
idtr:	dw	0x60 * 8 - 1
	dd	IDT
CONSOLE_LIB 32
TRAPS_REAL
CODE 32
TRAPS_PROTECTED
SHARED_GDT 0

; triple: prints one line, then faults with an empty IDT; the CPU must shut
; down.
;
; The fault finds no gate, the resulting #GP finds none, the double fault finds
; none (SDM 3A "Interrupt 8", APM vol. 2 "#DF"): a shutdown, never a return.

%include "boot.inc"

main:
	SAY	"triple: shutting down", 10
	; The bytes must be out before the machine is gone.
	mov	dx, COM1_LSR
.busy:
	in	al, dx
	test	al, LSR_TEMT
	jz	.busy
	lidt	[empty]
	ud2
	SAY	"triple: still here", 10
	END	1

empty:	dw	0
	dd	0

; hang: prints one line, then jumps to itself with interrupts off; only a limit
; ends it. There is no exit in the loop, so a limit must come from a timer.

%include "boot.inc"

main:
	SAY	"hang: looping", 10
.loop:
	jmp	.loop

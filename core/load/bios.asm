; What stands for the BIOS of a guest that starts with real-mode code of its own: the
; memory map, the sizes, no key, no screen; all else is no such function. Knows no guest.
;
; Copied to BIOS_CODE in the area told as the BIOS's own, bios.h; CS is that area's
; segment. Nothing depends on where in it the code lies but the words at bios_vectors.
; ACPI "System Address Map Interfaces", "INT 15H, E820H - Query System Address Map".

CF		equ 1
ZF		equ 1 << 6
NO_FUNCTION	equ 86h			; in AH, with the carry flag set
MAP		equ 0E820h		; in AX: the memory map
MAP_SIGNATURE	equ 534D4150h		; "SMAP"
MAP_ENTRY	equ 20
SIZES		equ 0E801h		; in AX: below and above 16 MiB
SIZE_ABOVE_1M	equ 88h			; in AH
TELETYPE	equ 0Eh			; in AH
BDA		equ 40h
BDA_EQUIPMENT	equ 10h
BDA_MEMORY	equ 13h

; struct bios_data
DATA		equ 10h
struc data
.entries:	resd 1
.below_16m:	resw 1			; KiB from 1 MiB on
.above_16m:	resw 1			; units of 64 KiB
.above_1m:	resw 1			; KiB
.reserved:	resw 1
.map:
endstruc
%define D(field) cs:DATA + data. %+ field

; The caller's flags, behind a PUSH BP: IP, CS, flags.
FLAGS		equ 6

global bios_code, bios_code_size, bios_vectors, bios_vector_count

	section	.rodata
bits 16
bios_code:
none:	mov	ah, NO_FUNCTION
	push	bp
	mov	bp, sp
	or	byte [bp + FLAGS], CF
	pop	bp
	iret

done:	push	bp
	mov	bp, sp
	and	byte [bp + FLAGS], ~CF & 0FFh
	pop	bp
	iret

; INT 10h: characters go nowhere; there is no mode to set or to ask for.
screen:	cmp	ah, TELETYPE
	jne	none
	iret

; INT 11h and 12h cannot fail: a word of the BIOS data area.
equipment:
	push	ds
	push	BDA
	pop	ds
	mov	ax, [BDA_EQUIPMENT]
	pop	ds
	iret

memory:	push	ds
	push	BDA
	pop	ds
	mov	ax, [BDA_MEMORY]
	pop	ds
	iret

; INT 16h, whatever was asked: no key waits, none is held down, and none will come.
keyboard:
	xor	ax, ax
	push	bp
	mov	bp, sp
	or	byte [bp + FLAGS], ZF
	pop	bp
	iret

; INT 15h
system:	cmp	ax, MAP
	je	.map
	cmp	ax, SIZES
	je	.sizes
	cmp	ah, SIZE_ABOVE_1M
	jne	none
	mov	ax, [D(above_1m)]
	jmp	done

.sizes:	mov	ax, [D(below_16m)]
	mov	bx, [D(above_16m)]
	mov	cx, ax
	mov	dx, bx
	jmp	done

; EBX is an entry's number: 0 at first, then what the last call answered.
.map:	cmp	edx, MAP_SIGNATURE
	jne	none
	cmp	ecx, MAP_ENTRY
	jb	none
	cmp	ebx, [D(entries)]
	jae	none
	push	ds
	push	si
	push	di
	push	cs
	pop	ds
	imul	si, bx, MAP_ENTRY
	add	si, DATA + data.map
	mov	cx, MAP_ENTRY / 2
	cld
	rep movsw
	pop	di
	pop	si
	pop	ds
	mov	eax, edx
	mov	ecx, MAP_ENTRY
	inc	ebx
	cmp	ebx, [D(entries)]
	jb	done
	xor	ebx, ebx			; that was the last one
	jmp	done
bios_code_end:

; Vector and offset in the code; every other vector leads to its first byte.
	align	2
bios_vectors:
	dw	15h, system - bios_code
	dw	10h, screen - bios_code
	dw	11h, equipment - bios_code
	dw	12h, memory - bios_code
	dw	16h, keyboard - bios_code
bios_vectors_end:
bios_code_size:
	dw	bios_code_end - bios_code
bios_vector_count:
	dw	(bios_vectors_end - bios_vectors) / 4

	section	.note.GNU-stack noalloc noexec nowrite progbits

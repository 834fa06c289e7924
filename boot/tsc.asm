; Stretches of code with a known number of instructions between two RDTSCs, of
; very different cost on real hardware. Knows nothing of what is concluded.

	global tsc_stretch_plain, tsc_stretch_slow

bits 64
section .text

; Both return the TSC difference: TSC_PLAIN and TSC_SLOW in boot/tsc.c, where the
; TSC counts instructions.

; uint64_t tsc_stretch_plain(void): RDTSC to RDTSC, 1 + 2 + 2 * 1000 + 1.
tsc_stretch_plain:
	rdtsc				; up to 64 bits: EDX is not needed for so short
	mov	r8d, eax
	mov	ecx, 1000
.loop:	dec	ecx
	jnz	.loop
	nop
	rdtsc
	sub	eax, r8d
	ret

; uint64_t tsc_stretch_slow(void): divisions and serialising CPUIDs.
tsc_stretch_slow:
	mov	r9, rbx			; CPUID changes it
	rdtsc
	mov	r8d, eax
	mov	r10d, 20
.loop:	xor	eax, eax
	cpuid
	mov	eax, 1000
	xor	edx, edx
	mov	ecx, 7
	div	rcx
	dec	r10d
	jnz	.loop
	nop
	rdtsc
	sub	eax, r8d
	mov	rbx, r9
	ret

; bench: times single operations between two RDTSCs and prints "bench NAME
; VALUE", the median less that of an empty body (`base` itself is printed
; whole).
;
; Under QEMU -icount shift=0 and in Bochs the TSC counts instructions. "UD"
; stands for an operation that is not there, "-" for a device that is not.

%include "boot.inc"
%include "switch.inc"
%include "traps.inc"
%include "bench_measure.inc"
%include "bench_tables.inc"

CODE 16
main:
	call	dword ivt_init
	lidt	[ivtr]
	REAL_TO_PM
	call	idt_init32
	call	build_spaces
	call	bench_unpaged
	call	bench_real
	call	build_growth

	mov	eax, PD_A
	mov	cr3, eax
	mov	eax, cr0
	or	eax, CR0_PG | CR0_WP
	mov	cr0, eax
	call	bench_paged
	call	bench_growth
	PAGING_OFF

	call	idt_init64
	call	build_long
	PM_TO_LONG PML4_A, 0
	call	bench_long
	END	0

%include "bench_unpaged.inc"
%include "bench_real.inc"
%include "bench_paged.inc"
%include "bench_growth.inc"
%include "bench_long.inc"
BUILD_LIB
CONSOLE_LIB 32
CONSOLE_LIB 64
MEASURE_LIB 32
MEASURE_LIB 64
TRAPS_REAL
CODE 32
TRAPS_PROTECTED
CODE 64
TRAPS_LONG
SHARED_GDT 0

; denied: touches what a virtual machine does not have: ports, memory, MSRs,
; CPUID leaves, the vendors' own virtualisation instructions. Each must get the
; architectural answer, and nothing of the guest's own may change.
;
; Lines that start with "raw " depend on what the bare machine happens to have;
; README.md lists what they must say under a hypervisor.

%include "boot.inc"
%include "switch.inc"
%include "traps.inc"
%include "denied_parts.inc"

CODE 16
main:
	call	dword ivt_init
	lidt	[ivtr]
	REAL_TO_PM
	call	idt_init32
	call	own_fill
	call	own_sum
	SAYHEX	"denied: own memory ", eax, 8
	NEWLINE

	call	ports
	call	memory
	call	instructions
	call	cpuid_leaves
	call	msrs
	call	control_registers

	; The guest's own state, after all that.
	call	own_sum
	SAYHEX	"denied: own memory ", eax, 8
	SAYHEX	" esp ", esp, 8
	mov	eax, cr0
	SAYHEX	" cr0 ", eax, 8
	mov	eax, cr4
	SAYHEX	" cr4 ", eax, 8
	mov	ecx, MSR_EFER
	rdmsr
	SAYHEX	" efer ", eax, 8
	NEWLINE
	TRY	"int 40", int 0x40
	PM_TO_REAL
	TRY	"int 40", int 0x40
	SAY	"denied: done", 10
	END	0

CODE 32
; An empty bus reads all ones at each size, and swallows writes.
ports:
	IN_PORT	"port ", PORT_EMPTY
	mov	dx, PORT_EMPTY
	xor	eax, eax
	out	dx, al
	out	dx, ax
	out	dx, eax
	IN_PORT	"written ", PORT_EMPTY
	IN_PORT	"last port ", 0xfffc
	; String forms: the count runs down, the target is filled.
	mov	edi, BUFFER
	mov	dx, PORT_EMPTY
	mov	ecx, 6
	rep insb
	mov	byte [edi], 0x77
	mov	ecx, 2
	add	edi, 2
	rep insd
	SAYHEX	"ins ", [BUFFER], 8
	SAYHEX	" ", [BUFFER + 4], 8
	SAYHEX	" ", [BUFFER + 8], 8
	SAYHEX	" edi +", edi, 4
	SAYHEX	" ecx ", ecx, 8
	NEWLINE
	mov	esi, BUFFER
	mov	ecx, 5
	rep outsw
	SAYHEX	"outs esi +", esi, 4
	SAYHEX	" ecx ", ecx, 8
	NEWLINE
	; Devices a bare PC may have and this machine has not: DMA, a floppy disk, a
	; printer, firmware's log, the second serial port, a PCI device 31.
	IN_RAW	"raw port 08 ", 0x08
	IN_RAW	"raw port 3f4 ", 0x3f4
	IN_RAW	"raw port 379 ", 0x379
	IN_RAW	"raw port 402 ", 0x402
	IN_RAW	"raw port 2fd ", 0x2fd
	mov	dx, 0xcf8
	mov	eax, 1 << 31 | 31 << 11
	out	dx, eax
	in	eax, dx
	SAYHEX	"raw pci ", eax, 8
	mov	dx, 0xcfc
	in	eax, dx
	SAYHEX	" ", eax, 8
	NEWLINE
	ret

; Memory past the guest's RAM: reads are ones, writes are swallowed.
memory:
	READ_RAW "raw nowhere ", NOWHERE
	mov	dword [NOWHERE], 0x12345678
	READ_RAW "raw after mov ", NOWHERE
	mov	edi, NOWHERE
	xor	eax, eax
	mov	ecx, 4
	rep stosd
	SAYHEX	"stos edi ", edi, 8
	SAYHEX	" ecx ", ecx, 8
	NEWLINE
	READ_RAW "raw after stos ", NOWHERE + 8
	mov	ebx, NOWHERE
	or	dword [ebx], 0x0f0f0f0f
	READ_RAW "raw after or ", NOWHERE
	mov	eax, 0x55555555
	mov	al, [NOWHERE + 1]
	SAYHEX	"raw byte ", eax, 8
	movzx	eax, byte [NOWHERE + 3]
	SAYHEX	" movzx ", eax, 8
	movsx	eax, word [NOWHERE + 2]
	SAYHEX	" movsx ", eax, 8
	mov	eax, 0x55555555
	xchg	eax, [NOWHERE]
	SAYHEX	" xchg ", eax, 8
	NEWLINE
	mov	eax, 0x0ff0
	and	eax, [NOWHERE]
	SAYHEX	"raw and ", eax, 8
	cmp	dword [NOWHERE], -1
	SAY_IF	e, " cmp equal", " cmp other"
	test	byte [NOWHERE], 0x10
	SAY_IF	nz, " test set", " test clear"
	NEWLINE
	mov	esi, NOWHERE
	mov	edi, BUFFER
	mov	ecx, 2
	rep movsd
	SAYHEX	"raw movs ", [BUFFER + 4], 8
	NEWLINE
	; A stack out there: PUSH is swallowed, POP reads ones.
	mov	edx, esp
	mov	esp, NOWHERE + 0x100
	push	dword 0x1234
	pop	ecx
	mov	eax, esp
	mov	esp, edx
	SAYHEX	"stack esp ", eax, 8
	NEWLINE
	SAYHEX	"raw popped ", ecx, 8
	NEWLINE
	READ_RAW "raw past 64 mib ", 64 << 20
	ret

; Instructions of a virtualisation extension that is off or absent: #UD.
instructions:
	mov	eax, UNKNOWN_CALL
	TRYV	"vmcall", vmcall
	TRYV	"vmmcall", vmmcall
	SAYHEX	"eax ", eax, 8
	NEWLINE
	TRYV	"vmxon", vmxon [BUFFER]
	TRYV	"vmptrld", vmptrld [BUFFER]
	TRYV	"vmclear", vmclear [BUFFER]
	TRYV	"vmread", vmread ecx, eax
	TRYV	"vmlaunch", vmlaunch
	TRYV	"vmxoff", vmxoff
	TRYV	"invept", invept eax, [BUFFER]
	TRYV	"invvpid", invvpid eax, [BUFFER]
	; SVM checks RAX before it looks at intercepts (APM vol. 3 "VMRUN"): on a
	; CPU that runs this guest under SVM a misaligned one would be #GP.
	mov	eax, ALIGNED_PAGE
	TRYV	"vmrun", vmrun
	TRYV	"vmload", vmload
	TRYV	"vmsave", vmsave
	TRYV	"stgi", stgi
	TRYV	"clgi", clgi
	TRYV	"invlpga", db 0x0f, 0x01, 0xdf
	TRYV	"skinit", db 0x0f, 0x01, 0xde
	; Others that nothing here has switched on.
	TRYV	"getsec", getsec
	TRYV	"rsm", rsm
	xor	ecx, ecx
	TRYV	"xgetbv", xgetbv
	TRYV	"xsetbv", xsetbv
	mov	ecx, 0x1000
	TRYV	"raw rdpmc", rdpmc
	; MONITOR and MWAIT exist only where CPUID says so.
	mov	eax, 1
	cpuid
	test	ecx, 1 << 3
	jnz	.monitor
	mov	eax, BUFFER
	xor	ecx, ecx
	xor	edx, edx
	TRAP_ARM .mwait
	monitor
.mwait:
	cmp	dword [T_VEC], 6
	jne	.wrong
	TRAP_ARM .waited
	mwait
.waited:
	cmp	dword [T_VEC], 6
	jne	.wrong
.monitor:
	mov	dword [T_RESUME], 0
	SAY	"monitor as cpuid says", 10
	ret
.wrong:
	mov	dword [T_RESUME], 0
	SAY	"monitor not as cpuid says", 10
	ret

; Leaves that do not exist tell nothing: zeros (AMD), or the highest basic
; leaf's values (Intel).
cpuid_leaves:
	xor	eax, eax
	cpuid
	mov	[MAX_LEAF], eax
	LEAF_RAW "raw leaf 40000000 ", 0x40000000
	LEAF_RAW "raw leaf 40000001 ", 0x40000001
	mov	eax, [MAX_LEAF]
	inc	eax
	LEAF_RAW "raw leaf beyond basic ", eax
	mov	eax, 0x80000000
	cpuid
	inc	eax
	LEAF_RAW "raw leaf beyond extended ", eax
	LEAF_RAW "raw leaf c0000000 ", 0xc0000000
	mov	eax, 1
	cpuid
	and	ecx, (1 << 31) | (1 << 5)
	SAYHEX	"raw hypervisor and vmx bits ", ecx, 8
	mov	eax, 0x80000001
	cpuid
	and	ecx, 1 << 2
	SAYHEX	" svm bit ", ecx, 8
	NEWLINE
	ret

; MSRs: #GP(0), and EAX, EDX as they were.
msrs:
	RDMSR_RAW "raw rdmsr unknown", 0x12345678
	RDMSR_RAW "raw rdmsr unknown high", 0xc0011fff
	RDMSR_RAW "raw rdmsr apic_base", MSR_APIC_BASE
	RDMSR_RAW "raw rdmsr feature_control", MSR_FEATURE_CONTROL
	RDMSR_RAW "raw rdmsr vmx_basic", MSR_VMX_BASIC
	RDMSR_RAW "raw rdmsr vmx_procbased2", MSR_VMX_PROCBASED2
	RDMSR_RAW "raw rdmsr vm_cr", MSR_VM_CR
	RDMSR_RAW "raw rdmsr vm_hsave_pa", MSR_VM_HSAVE_PA
	WRMSR_RAW "raw wrmsr unknown", 0x12345678, 0
	WRMSR_RAW "raw wrmsr apic_base", MSR_APIC_BASE, 0xfee00900
	WRMSR_RAW "raw wrmsr feature_control", MSR_FEATURE_CONTROL, 5
	WRMSR_RAW "raw wrmsr vmx_basic", MSR_VMX_BASIC, 0
	WRMSR_RAW "raw wrmsr vm_cr", MSR_VM_CR, 0
	WRMSR_RAW "raw wrmsr vm_hsave_pa", MSR_VM_HSAVE_PA, 0
	WRMSR_RAW "raw wrmsr efer svme", MSR_EFER, EFER_SVME
	WRMSR_RAW "raw wrmsr efer reserved", MSR_EFER, 1 << 9
	WRITE_EFER 0
	rdmsr
	SAYHEX	"efer ", eax, 8
	NEWLINE
	ret

; CR4 bits of features that CPUID does not offer, and reserved ones: #GP(0).
; Bare QEMU TCG takes such a write for a nested #VMEXIT and loses the machine:
; it is left out where leaf 40000000h says TCG.
control_registers:
	mov	eax, 0x40000000
	cpuid
	cmp	ebx, "TCGT"
	jne	.real
	SAY	"raw cr4 left out on bare TCG", 10
	ret
.real:
	CR4_RAW	"raw cr4 vmxe", CR4_VMXE
	CR4_RAW	"raw cr4 smxe", CR4_SMXE
	CR4_RAW	"raw cr4 reserved", 1 << 31
	ret

OWN_LIB
CONSOLE_LIB 32
TRAPS_REAL
CODE 32
TRAPS_PROTECTED
SHARED_GDT 0

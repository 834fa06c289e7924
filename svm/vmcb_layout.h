/*
 * The VMCB's offsets, each held against the manual's tables by the compiler;
 * included by svm/vmcb.h alone. APM vol. 2 appendix B, tables B-1 and B-2.
 */
#ifndef SVM_VMCB_LAYOUT_H
#define SVM_VMCB_LAYOUT_H

#define VMCB_AT(area, member, at) \
	_Static_assert(offsetof(struct vmcb_##area, member) == (at), #member)

VMCB_AT(control, intercept_cr_read, 0x000);
VMCB_AT(control, intercept_cr_write, 0x002);
VMCB_AT(control, intercept_dr_read, 0x004);
VMCB_AT(control, intercept_dr_write, 0x006);
VMCB_AT(control, intercept_exception, 0x008);
VMCB_AT(control, intercept_misc1, 0x00c);
VMCB_AT(control, intercept_misc2, 0x010);
VMCB_AT(control, intercept_misc3, 0x014);
VMCB_AT(control, pause_filter_threshold, 0x03c);
VMCB_AT(control, pause_filter_count, 0x03e);
VMCB_AT(control, iopm_base_pa, 0x040);
VMCB_AT(control, msrpm_base_pa, 0x048);
VMCB_AT(control, tsc_offset, 0x050);
VMCB_AT(control, guest_asid, 0x058);
VMCB_AT(control, tlb_control, 0x05c);
VMCB_AT(control, int_ctl, 0x060);
VMCB_AT(control, int_vector, 0x064);
VMCB_AT(control, int_state, 0x068);
VMCB_AT(control, exitcode, 0x070);
VMCB_AT(control, exitinfo1, 0x078);
VMCB_AT(control, exitinfo2, 0x080);
VMCB_AT(control, exitintinfo, 0x088);
VMCB_AT(control, np_enable, 0x090);
VMCB_AT(control, avic_apic_bar, 0x098);
VMCB_AT(control, ghcb_pa, 0x0a0);
VMCB_AT(control, eventinj, 0x0a8);
VMCB_AT(control, n_cr3, 0x0b0);
VMCB_AT(control, virt_ext, 0x0b8);
VMCB_AT(control, clean, 0x0c0);
VMCB_AT(control, nrip, 0x0c8);
VMCB_AT(control, insn_count, 0x0d0);
VMCB_AT(control, insn_bytes, 0x0d1);
VMCB_AT(control, avic_backing_page, 0x0e0);
VMCB_AT(control, avic_logical_table, 0x0f0);
VMCB_AT(control, avic_physical_table, 0x0f8);
VMCB_AT(control, vmsa_pa, 0x108);
VMCB_AT(control, bus_lock_threshold, 0x120);

VMCB_AT(save, es, 0x000);
VMCB_AT(save, cs, 0x010);
VMCB_AT(save, ss, 0x020);
VMCB_AT(save, ds, 0x030);
VMCB_AT(save, fs, 0x040);
VMCB_AT(save, gs, 0x050);
VMCB_AT(save, gdtr, 0x060);
VMCB_AT(save, ldtr, 0x070);
VMCB_AT(save, idtr, 0x080);
VMCB_AT(save, tr, 0x090);
VMCB_AT(save, cpl, 0x0cb);
VMCB_AT(save, efer, 0x0d0);
VMCB_AT(save, cr4, 0x148);
VMCB_AT(save, cr3, 0x150);
VMCB_AT(save, cr0, 0x158);
VMCB_AT(save, dr7, 0x160);
VMCB_AT(save, dr6, 0x168);
VMCB_AT(save, rflags, 0x170);
VMCB_AT(save, rip, 0x178);
VMCB_AT(save, rsp, 0x1d8);
VMCB_AT(save, s_cet, 0x1e0);
VMCB_AT(save, ssp, 0x1e8);
VMCB_AT(save, isst_addr, 0x1f0);
VMCB_AT(save, rax, 0x1f8);
VMCB_AT(save, star, 0x200);
VMCB_AT(save, lstar, 0x208);
VMCB_AT(save, cstar, 0x210);
VMCB_AT(save, sfmask, 0x218);
VMCB_AT(save, kernel_gs_base, 0x220);
VMCB_AT(save, sysenter_cs, 0x228);
VMCB_AT(save, sysenter_esp, 0x230);
VMCB_AT(save, sysenter_eip, 0x238);
VMCB_AT(save, cr2, 0x240);
VMCB_AT(save, g_pat, 0x268);
VMCB_AT(save, dbgctl, 0x270);
VMCB_AT(save, br_from, 0x278);
VMCB_AT(save, br_to, 0x280);
VMCB_AT(save, last_excp_from, 0x288);
VMCB_AT(save, last_excp_to, 0x290);
VMCB_AT(save, spec_ctrl, 0x2e0);

VMCB_AT(seg, selector, 0);
VMCB_AT(seg, attrib, 2);
VMCB_AT(seg, limit, 4);
VMCB_AT(seg, base, 8);

_Static_assert(sizeof(struct vmcb) == VMCB_SIZE, "one page");
_Static_assert(sizeof(struct vmcb_seg) == 0x10, "segment");
_Static_assert(offsetof(struct vmcb, save) == 0x400, "save area");

#undef VMCB_AT

#endif

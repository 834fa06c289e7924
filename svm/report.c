/*
 * What a run tells of its VMCB: the controls as they were run, or the rule that
 * VMRUN found broken. Decides nothing.
 */
#include <string.h>

#include "core/text.h"
#include "core/x86_insn.h"
#include "svm/rules.h"
#include "svm/svm.h"

static void add(struct vcpu *v, const char *name, uint64_t value)
{
	if (v->controls < CONTROLS_MAX)
		v->control[v->controls++] = (struct control){ name, value };
}

void svm_controls_read(struct vcpu *v)
{
	const struct vmcb_control *c = &svm_of(v)->vmcb->control;
	const struct vmcb_save *s = &svm_of(v)->vmcb->save;

	v->controls = 0;
	add(v, "vmcb.np_enable", c->np_enable);
	add(v, "nested_paging", !!(c->np_enable & VMCB_NP_ENABLE));
	add(v, "vmcb.n_cr3", c->n_cr3);
	/* Without nested paging the CPU walks what CR3 names, whatever the guest believes. */
	add(v, "shadow_tables", !(c->np_enable & VMCB_NP_ENABLE) &&
	    (s->cr0 & CR0_PG));
	add(v, "vmcb.guest_asid", c->guest_asid);
	add(v, "vmcb.intercept_cr_read", c->intercept_cr_read);
	add(v, "vmcb.intercept_cr_write", c->intercept_cr_write);
	add(v, "vmcb.intercept_exception", c->intercept_exception);
	add(v, "vmcb.intercept_misc1", c->intercept_misc1);
	add(v, "vmcb.intercept_misc2", c->intercept_misc2);
	add(v, "vmcb.int_ctl", c->int_ctl);
	add(v, "vmcb.cr0", s->cr0);
	add(v, "vmcb.cr3", s->cr3);
	add(v, "vmcb.cr4", s->cr4);
	add(v, "vmcb.efer", s->efer);
}

void svm_entry_diagnose(struct vcpu *v, char *text, unsigned size)
{
	const struct host_cpu *host = v->vm->cpu->host;
	const struct vmcb *vmcb = svm_of(v)->vmcb;
	struct svm_rule_input in = {
		.vmcb = vmcb,
		.host_cr0 = x86_read_cr0(),
		.cr4_supported = host->cr4_supported,
		.efer_supported = v->vm->policy.efer_allowed | EFER_LMA |
				  EFER_SVME,
		.phys_bits = host->phys_bits,
		.long_mode = true,
		.nested_paging = v->vm->cpu->caps.nested,
	};
	const struct svm_rule *rule;

	/* Without nested paging CR3 names tables of ours. */
	if (svm_rules_pdptes(vmcb))
		memcpy(in.pdpte, hpa_ptr(hpa(align_down(vmcb->save.cr3,
						    sizeof(in.pdpte)))),
		       sizeof(in.pdpte));
	rule = svm_rules_broken(&in);
	if (rule)
		text_format(text, size, "VMRUN: %s (%s)", rule->name,
			    rule->clause);
	else
		text_format(text, size,
			    "VMRUN failed (code %lx); no known rule is broken",
			    vmcb->control.exitcode);
}

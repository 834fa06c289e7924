/*
 * The machines that a guest can be run on. Knows which CPU model offers
 * what, not how its emulator is started.
 */
#ifndef COMPARE_MACHINES_H
#define COMPARE_MACHINES_H

#include <stddef.h>

enum emulator { EMULATOR_QEMU, EMULATOR_BOCHS, EMULATOR_KVM, EMULATOR_NONE };

struct machine {
	const char	*name;		/* "bochs:ryzen" */
	const char	*label;		/* short, for table headings; says what is counted if it
					   is not instructions */
	enum emulator	emulator;
	const char	*model;		/* as the emulator takes it, "EPYC,+svm,-npt" */
	unsigned	caps;		/* enum cap, or-ed; of the host see machine_caps() */
	const char	*note;
};

extern const struct machine machines[];
extern const size_t machines_count;

/*
 * A machine of the table, or one made up for an unlisted "qemu:<cpu>" or
 * "bochs:<model>" (kept until the program ends). NULL: not a machine's name.
 */
const struct machine *machine_find(const char *name);

/* What its CPU offers. For kvm:host the host is asked, once: see kvm.h. */
unsigned machine_caps(const struct machine *machine);

#endif

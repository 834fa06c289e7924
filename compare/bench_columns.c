/*
 * The columns of `bench`: rungs, machines, and what Linux KVM is set against them. Must
 * not know what came out.
 */
#include "compare/bench.h"

#define HASWELL "bochs:corei7_haswell_4770"
#define SHADOW(rung, policy, machine, kvm) \
	{ BENCH_SHADOW, rung, rung, "sync", policy, machine, kvm }

/*
 * KVM was not measured with EPT and without unrestricted guest: for what that costs, the
 * column that has neither. Nor with shadow tables on Bochs's AMD: for that, QEMU's.
 * Policies of one rung on one machine follow each other, the default first.
 */
const struct bench_column bench_columns[] = {
	{ BENCH_NATIVE, "bare", "bare", NULL, NULL, "qemu:EPYC", "bare" },
	{ BENCH_NATIVE, "svm-npt", "svm-npt", NULL, NULL, "qemu:EPYC", "npt1" },
	{ BENCH_NATIVE, "svm-npt", "svm-npt", NULL, NULL, "bochs:ryzen",
	  "svm_npt1_bochs" },
	{ BENCH_NATIVE, "vmx-ug", "vmx-ug", NULL, NULL, HASWELL, "vmx_ept1_bochs" },
	{ BENCH_NATIVE, "vmx-ept", "vmx-ept", NULL, NULL, HASWELL, "vmx_ept0_bochs" },
	{ BENCH_NATIVE, "vmx-ept", "..vm86=fast", "vm86", "fast", HASWELL,
	  "vmx_ept0_bochs" },
	{ BENCH_NATIVE, "vmx-ept", "..=emulate", "unpaged", "emulate", HASWELL,
	  "vmx_ept0_bochs" },
	SHADOW("svm-shadow", "unsync", "qemu:EPYC-npt", "npt0"),
	SHADOW("svm-shadow", "protect", "qemu:EPYC-npt", "npt0"),
	SHADOW("svm-shadow", "flush", "qemu:EPYC-npt", "npt0"),
	SHADOW("svm-shadow", "unsync", "bochs:ryzen", "npt0"),
	SHADOW("svm-shadow", "protect", "bochs:ryzen", "npt0"),
	SHADOW("svm-shadow", "flush", "bochs:ryzen", "npt0"),
	SHADOW("vmx-shadow", "unsync", "bochs:core2_penryn_t9600", "vmx_ept0_bochs"),
	SHADOW("vmx-shadow", "protect", "bochs:core2_penryn_t9600", "vmx_ept0_bochs"),
	SHADOW("vmx-shadow", "flush", "bochs:core2_penryn_t9600", "vmx_ept0_bochs"),
};
const size_t bench_columns_count = sizeof(bench_columns) / sizeof(*bench_columns);

#!/bin/sh
# The guests about page tables, under every way to keep shadow tables in step, and
# in the long run two million combinations of rights on each rung: whatever the
# hypervisor walks in the guest's place, the guest sees what bare shows it.
#
# usage: test_page_tables.sh [BUILD]    WALK_LONG=1 for the long run
set -u

build=${1:-build}
sync="protect unsync flush"
rungs=
for policy in $sync; do
	rungs="$rungs,svm-shadow,sync=$policy,vmx-shadow,sync=$policy"
done

"$build/diptych" compare --tap --rungs "${rungs#,}" \
	--machines qemu:EPYC-npt,bochs:turion64_tyler,bochs:core2_penryn_t9600 tables strange |
	grep -v '^1\.\.'
"$build/diptych" compare --tap --rungs svm-shadow,tags=off,vmx-shadow,tags=off \
	--machines bochs:ryzen,bochs:corei7_skylake_x strange rights | grep -v '^1\.\.'
"$build/diptych" compare --tap --rungs svm-npt,vmx-ug,vmx-ept \
	--machines qemu:EPYC,bochs:corei5_lynnfield_750,bochs:corei5_arrandale_m520 rights |
	grep -v '^1\.\.'
"$build/diptych" compare --tap --rungs svm-npt,svm-shadow,svm-shadow,sync=protect,\
svm-shadow,sync=flush,unpaged=emulate,vmx-shadow \
	--machines qemu:EPYC-la57,bochs:corei7_skylake_x levels | grep -v '^1\.\.'
"$build/diptych" compare --tap --rungs svm-npt,svm-shadow,vmx-ug,vmx-shadow \
	--machines qemu:EPYC-la57,bochs:corei7_icelake_u keys | grep -v '^1\.\.'
[ -z "${WALK_LONG:-}" ] ||
	"$build/diptych" compare --tap --rungs svm-npt,vmx-ug,vmx-ept,"${rungs#,}" \
		--machines qemu:EPYC,bochs:corei7_skylake_x rights-long | grep -v '^1\.\.'

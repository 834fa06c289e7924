#!/bin/sh
# The options of the rungs without unrestricted guest, the option that every rung
# has, and the guests that the plain comparison leaves out for time:
# whatever way a guest runs, it agrees with bare.
#
# usage: test_options.sh [BUILD]
set -u

build=${1:-build}
rungs=vmx-ept,vm86=fast,vmx-ept,unpaged=emulate,vmx-ept,tags=off

"$build/diptych" compare --tap --rungs "$rungs" --machines bochs:corei5_lynnfield_750 \
	modes tables unreal flags vectors unpaged denied triple | grep -v "^1\.\."
"$build/diptych" compare --tap --machines bochs:turion64_tyler,bochs:core2_penryn_t9600 \
	--rungs svm-shadow,unpaged=emulate,vmx-shadow,unpaged=emulate,vmx-shadow,vm86=fast \
	modes tables flags unpaged | grep -v "^1\.\."
# Each rung once; svm-shadow on QEMU too, where task switches must be seen without an intercept.
while read -r rungs machines; do
	"$build/diptych" compare --tap --rungs "$rungs" --machines "$machines" \
		flags vectors tasks steps smc < /dev/null | grep -v '^1\.\.'
done <<'COLUMNS'
svm-npt,vmx-ept qemu:EPYC,bochs:corei5_lynnfield_750
vmx-ug bochs:corei5_arrandale_m520
svm-shadow,vmx-shadow qemu:EPYC-npt,bochs:turion64_tyler,bochs:core2_penryn_t9600
COLUMNS
# A device in memory: by faults of shadow tables, by EPT violations, in vm86 mode, by the emulator.
"$build/diptych" compare --tap --rungs svm-shadow,vmx-ept,vmx-ept,unpaged=emulate \
	--machines qemu:EPYC-npt,bochs:corei5_lynnfield_750 mmio | grep -v '^1\.\.'
"$build/diptych" compare --tap --rungs svm-npt,tags=off,vmx-ug,tags=off \
	--machines qemu:EPYC,bochs:ryzen,bochs:corei5_arrandale_m520 modes tables |
	grep -v '^1\.\.'

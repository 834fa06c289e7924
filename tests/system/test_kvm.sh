#!/bin/sh
# This host's own KVM: doctor and machines say the same of it, and soon; where it hands on
# SVM or VT-x, guests that end in three ways agree with bare on every rung it can run.
#
# usage: test_kvm.sh [BUILD]
set -u

diptych=${1:-build}/diptych
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unset DIPTYCH_HOST
failed=0

check() {
	rule=$1
	shift
	if "$@"; then
		echo "ok - $rule"
	else
		echo "not ok - $rule"
		sed 's/^/# /' "$work/doctor" "$work/machines"
		failed=1
	fi
}

timeout 20 "$diptych" doctor > "$work/doctor"
check "doctor comes to an end" [ $? -lt 2 ]
timeout 20 "$diptych" machines > "$work/machines"
check "machines comes to an end" [ $? -eq 0 ]
verdict=$(sed -n 's/^.*machine kvm:host  *//p' "$work/doctor")
check "doctor has a line on kvm:host" [ -n "$verdict" ]
check "machines says the same of it" grep -qF -e "$verdict" "$work/machines"
case $verdict in
*"nested below KVM"*)
	"$diptych" compare --tap --machines kvm:host modes triple hang | grep -v '^1\.\.' ;;
*)
	echo "ok - guests under this host's KVM # SKIP $verdict" ;;
esac

# Asked for by name where it cannot be had: every rung a skip with the reason, no error.
DIPTYCH_HOST=tests/hosts/vmware-vm "$diptych" compare --machines kvm:host triple \
	> "$work/machines" 2> "$work/doctor"
check "a machine that is asked for and not there is no error" [ $? -eq 0 ]
check "it is a skip with its reason" grep -qF \
	"skip     kvm:host: no /dev/kvm: this host is itself a guest of VMware" "$work/machines"
check "on every rung" grep -qF "5 runs: 5 skip" "$work/machines"
exit $failed

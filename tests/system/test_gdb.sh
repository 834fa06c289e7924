#!/bin/sh
# gdb at the guest: stopped at known addresses in every mode of the CPU, stepped through
# the change of CR0.PG, run to its end; what it printed is what it prints on bare.
#
# usage: test_gdb.sh [BUILD]
set -u

build=${1:-build}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# shellcheck source=tests/system/usage.sh
. tests/system/usage.sh
usage_error "gdb on bare" modes --rung bare --machine qemu:EPYC --gdb
usage_error "a word for a port" modes --gdb=here
usage_error "a port past the last" modes --gdb=65536

if ! command -v gdb > "$work/which"; then
	echo "ok - gdb at the guest # SKIP gdb is not installed"
	exit 0
fi

nasm -f bin -I tests/guests/ -o "$work/modes.bin" -l "$work/modes.lst" \
	tests/guests/modes.asm || exit 1

# session RUNG MACHINE PORT: its report to $work/RUNG.*
session() {
	"$build/diptych" run modes --rung "$1" --machine "$2" --gdb="$3" --timeout 300 \
		> "$work/$1.run" 2>&1 &
	run=$!
	WORK=$work PORT=$3 timeout 250 gdb -nx -batch -x tests/system/gdb_session.py \
		> "$work/$1.gdb" 2>&1
	wait "$run"
	echo $? > "$work/$1.status"
}

# Ports below those that the system hands out.
first=$((20000 + $$ % 10000))
session svm-npt qemu:EPYC $first &
one=$!
session svm-shadow qemu:EPYC-npt $((first + 1))
wait "$one"
session vmx-ept bochs:corei5_lynnfield_750 $((first + 2)) &
one=$!
session vmx-shadow bochs:core2_penryn_t9600 $((first + 3))
wait "$one"
session vmx-ug bochs:corei5_arrandale_m520 $((first + 4))

# A guest that never exits by itself: Ctrl-C stops it all the same, kill ends it.
"$build/diptych" run hang --rung svm-npt --machine qemu:EPYC --gdb=$((first + 5)) \
	> "$work/hang.run" 2>&1 &
run=$!
timeout 100 gdb -nx -batch -ex "set tcp connect-timeout 60" -ex "set confirm off" \
	-ex "python import os, signal, threading" \
	-ex "target remote 127.0.0.1:$((first + 5))" \
	-ex "python threading.Timer(1, os.kill, [os.getpid(), signal.SIGINT]).start()" \
	-ex "continue" -ex "monitor mode" -ex "kill" > "$work/hang.gdb" 2>&1
wait "$run"
if grep -q "Program received signal SIGINT" "$work/hang.gdb" &&
	grep -q "^mode real, 16-bit code" "$work/hang.gdb" &&
	grep -q "killed by the debugger" "$work/hang.run"; then
	echo "ok - Ctrl-C and kill"
else
	echo "not ok - Ctrl-C and kill"
	sed 's/^/# /' "$work/hang.gdb" "$work/hang.run"
fi

broken=0
for rung in svm-npt svm-shadow vmx-ept vmx-shadow vmx-ug; do
	sed -n "s/^ok - /ok - $rung: /p; s/^not ok - /not ok - $rung: /p" "$work/$rung.gdb"
	if ! grep -q '^ok - the session is over$' "$work/$rung.gdb" ||
		grep -q '^not ok' "$work/$rung.gdb"; then
		echo "not ok - $rung: the session"
		sed 's/^/# /' "$work/$rung.gdb"
		broken=1
	fi
	if [ "$(cat "$work/$rung.status")" = 0 ]; then
		echo "ok - $rung: the guest has printed what it prints on bare"
	else
		echo "not ok - $rung: the guest has printed what it prints on bare"
		sed 's/^/# /' "$work/$rung.run"
		broken=1
	fi
done
exit $broken

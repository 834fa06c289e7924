#!/bin/sh
# The host program against emulators that misbehave: fakes on PATH that crash,
# hang, cut their records short, print garbage or fill the disk. Must not need
# a real emulator or the hypervisor.
#
# usage: test_hostprogram.sh [BUILD]
set -u

program=${1:-build}/diptych
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/build/guests" "$work/bin" "$work/tests/guests"
printf 'unreal\tany\traw answer 1\n' > "$work/tests/guests/raw.txt"
cp "$program" "$work/build/diptych"
echo "not a hypervisor" > "$work/build/diptych.elf"
for guest in modes tables unreal hang triple; do
	echo "not a guest: $guest" > "$work/build/guests/$guest.bin"
done
diptych=$work/build/diptych

# The fake takes its behaviour on a rung from $FAKE; on bare it always works.
cat > "$work/bin/qemu-system-x86_64" <<'FAKE_QEMU'
#!/bin/sh
start() {
	printf '{"record":"start","schema":"diptych-records/1","rung":"%s",' "$1"
	printf '"options":{"observe":"modes"},"unit":"instructions",'
	printf '"memory":67108864,"cpu":{"vendor":"AuthenticAMD"},"guest":{}}\n'
}
finish() {
	printf '{"record":"segment","at":0,"mode":"real","ran_as":"native",'
	printf '"exits":3,"instructions":40}\n'
	printf '{"record":"exits","total":3,"observe":1,'
	printf '"by_reason":{"io":2}}\n'
	printf '{"record":"end","end":"%s","code":%s,"reason":"",' "$1" "$2"
	printf '"instructions":{"total":100,"guest":40,"hypervisor":60},'
	printf '"dropped_segments":0}\n'
}
if [ "$1" = --version ]; then
	[ -z "${ASKED:-}" ] || echo asked >> "$ASKED"
	echo "QEMU emulator version 1.2.3 (fake)"
	exit
fi
echo reset > qemu.log
case "$*" in
*rung=bare*)
	echo hello > guest.log
	{ start bare; echo '{"record":"handoff"}'; } > records.jsonl
	exit 1;;
esac
case ${FAKE:-good} in
good)	echo hello > guest.log
	{ start svm-npt; finish exit 0; } > records.jsonl
	exit 1;;
differs)
	echo hallo > guest.log
	{ start svm-npt; finish exit 0; } > records.jsonl;;
code)	echo hello > guest.log
	{ start svm-npt; finish exit 3; } > records.jsonl;;
crash)	start svm-npt > records.jsonl
	kill -SEGV $$;;
truncated)
	echo hello > guest.log
	{ start svm-npt; finish exit 0; } | head -c 400 > records.jsonl;;
garbage)
	head -c 3000 /dev/urandom | tr '\n' x > records.jsonl
	echo >> records.jsonl;;
silent)	exit 0;;
hang)	start svm-npt > records.jsonl
	sleep 1000;;
linger)	echo hello > guest.log
	{ start svm-npt; finish exit 0; } > records.jsonl
	sleep 1000;;
drain)	start svm-npt > records.jsonl
	finish exit 0 >> records.jsonl
	for piece in h e l l o; do
		printf %s "$piece" >> guest.log
		sleep 1.3
	done
	echo >> guest.log
	exit 1;;
full)	ln -sf /dev/full records.jsonl
	start svm-npt > records.jsonl
	exit 3;;
flood)	echo hello > guest.log
	start svm-npt > records.jsonl
	yes 0123456789 >> guest.log
	exit 3;;
missing)
	echo '{"record":"error","reason":"no NPT","missing":true}' \
		> records.jsonl;;
refused)
	echo '{"record":"error","reason":"bad mem=","missing":false}' \
		> records.jsonl;;
other)	echo hello > guest.log
	{ start vmx-ug; finish exit 0; } > records.jsonl;;
esac
FAKE_QEMU
chmod +x "$work/bin/qemu-system-x86_64"
PATH=$work/bin:$PATH
export PATH

failed=0
number=0
# check RULE COMMAND...: the rule holds when the command succeeds
check() {
	number=$((number + 1))
	rule=$1
	shift
	if "$@"; then
		echo "ok $number - $rule"
	else
		echo "not ok $number - $rule"
		sed 's/^/# /' "$work/out" "$work/err"
		failed=1
	fi
}

# ask FAKE ARGUMENT...: compares on the fake; status, stdout, stderr are kept
ask() {
	FAKE=$1
	export FAKE
	shift
	timeout 30 "$diptych" compare --machines qemu:EPYC --rungs svm-npt \
		--timeout 2 "$@" > "$work/out" 2> "$work/err"
	status=$?
}

# says STATUS TEXT: exit status and a text in the output
# shellcheck disable=SC2317 # called through check
says() {
	[ "$status" -eq "$1" ] && grep -qF -e "$2" "$work/out"
}

ask good modes
check "a guest that agrees with bare passes" says 0 pass
check "nothing is kept of a pass" \
	sh -c "[ -z \"\$(ls '$work/build/runs')\" ]"
check "no colour and no progress line in a pipe" \
	sh -c "! grep -q '$(printf '\033')' '$work/out' '$work/err'"
ask differs modes
check "other output is a difference with its line" \
	says 1 'line 1: bare "hello", here "hallo"'
ask code modes
check "a wrong exit code fails" says 1 "exit code 3, not 0"
ask good unreal
check "a line required under a hypervisor must be there" \
	says 1 'does not print "raw answer 1"'
ask crash modes
check "a crashed emulator is an error" says 6 "killed by signal 11"
check "an error names the folder kept" says 6 "$work/build/runs/modes-svm-npt"
ask truncated modes
check "a record stream cut short is an error" says 6 "record stream stops"
ask garbage modes
check "a garbled record stream is an error" says 6 "not a record"
ask silent modes
check "no records at all is an error" says 6 "record stream is empty"
ask hang modes
check "an emulator that hangs is killed and an error" \
	says 6 "killed at the wall-clock limit"
ask linger modes
check "an emulator that stays after its last record is ended" says 0 pass
ask drain modes --timeout 20
check "what the serial line still holds at the end is waited for" says 0 pass
ask full modes
check "a full disk under the records is an error" says 6 "record stream"
ask flood modes
check "a guest that prints for ever does not fill the disk" \
	says 6 "modes"
ask missing modes
check "a missing feature is a skip, not a failure" says 0 "no NPT"
ask missing modes --require svm-npt
check "a required rung must not be skipped" says 1 "required, but: no NPT"
ask refused modes
check "the hypervisor's own error is an error" says 6 "bad mem="
ask other modes
check "running another rung than asked is an error" \
	says 6 "asked for rung svm-npt, ran as vmx-ug"
ask good reset
check "a guest that is not built is an error" says 6 "run make"
ask good xen
check "a guest that could not be fetched is a skip" says 0 "make guests"
check "no emulator is left behind" \
	sh -c "! pgrep -f '$work/bin/[q]emu-system' > /dev/null"

ASKED=$work/asked
export ASKED
ask good modes tables --json "$work/v.json"
check "the emulator is asked for its version once" \
	sh -c "[ \$(wc -l < '$work/asked') -eq 1 ] &&
	       [ \$(grep -cF 'version\": \"1.2.3 (fake)\"' '$work/v.json') -eq 4 ]"

ask good modes tables --tap
check "TAP counts every run" says 0 "1..4"
ask differs modes --json "$work/a.json" --junit "$work/a.xml"
check "the report holds the outcome" \
	grep -q '"outcome": "differs"' "$work/a.json"
if command -v xmllint > /dev/null; then
	check "JUnit is well-formed XML" xmllint --noout "$work/a.xml"
fi
ask good modes tables --jobs 1 --json "$work/b1.json"
cp "$work/out" "$work/out1"
ask good modes tables --jobs 3 --json "$work/b3.json"
check "results do not depend on --jobs" \
	sh -c "cmp '$work/b1.json' '$work/b3.json' && cmp '$work/out1' '$work/out'"
check "no line is longer than 100 columns" \
	sh -c "! grep -qE '^.{101}' '$work/out1'"

# The progress of a terminal is no reason to survive Ctrl-C.
FAKE=hang "$diptych" compare --machines qemu:EPYC --rungs svm-npt modes \
	> "$work/out" 2> "$work/err" &
pid=$!
sleep 1
kill -TERM $pid
wait $pid 2> /dev/null
status=$?
check "a signal ends the program and its emulators" sh -c \
	"[ $status -eq 143 ] && ! pgrep -f '$work/bin/[q]emu-system' > /dev/null"

mkdir "$work/empty"
PATH=$work/empty "$diptych" compare --machines qemu:EPYC --rungs svm-npt \
	modes > "$work/out" 2> "$work/err"
status=$?
check "an emulator that is not installed is a skip" says 0 "is not installed"
PATH=$work/empty "$diptych" doctor > "$work/out" 2> "$work/err"
status=$?
check "doctor gives the line that mends it" says 1 "apt-get install -y qemu"

"$diptych" compare --rungs nonsense > "$work/out" 2> "$work/err"
status=$?
check "a usage error is one line and status 2" \
	sh -c "[ $status -eq 2 ] && [ \$(wc -l < '$work/err') -eq 1 ]"
for wrong in nonsense vmx:999 vmx-ug,vm86=fast svm-npt,tags=maybe svm-npt,vmx-ug; do
	"$diptych" explain "$wrong" > "$work/out" 2> "$work/err"
	status=$?
	check "explain $wrong is a usage error" \
		sh -c "[ $status -eq 2 ] && [ \$(wc -l < '$work/err') -eq 1 ] &&
		       ! [ -s '$work/out' ]"
done
"$diptych" explain vmx-ept,vm86=fast > "$work/out" 2> "$work/err"
status=$?
check "explain prints the strategy's rows" says 0 "virtual-8086 mode at IOPL 3"
check "explain fits 100 columns" sh -c "! grep -qE '^.{101}' '$work/out'"
"$diptych" explain -1 > "$work/out" 2> "$work/err"
status=$?
check "explain takes a negative code" says 0 "svm:-1  INVALID"
"$diptych" explain 0x400 > "$work/out" 2> "$work/err"
status=$?
check "explain says which vendor has no such code" says 0 "vmx:0x400  no such code"
"$diptych" explain EPT_VIOLATON > "$work/out" 2> "$work/err"
status=$?
check "explain offers the nearest name in one line" sh -c "[ $status -eq 2 ] &&
	[ \$(wc -l < '$work/err') -eq 1 ] && grep -q 'like it: EPT_VIOLATION' '$work/err'"
"$diptych" explain memory > "$work/out" 2> "$work/err"
status=$?
check "explain lists the codes of a reason" sh -c "[ $status -eq 0 ] &&
	grep -q 'vmx:48 ' '$work/out' && grep -q 'svm:0x400 ' '$work/out'"

echo "1..$number"
exit $failed

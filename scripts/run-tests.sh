#!/bin/bash
# Builds all, runs every test suite and sums them up; the last line is the result.
# Every suite speaks TAP: a suite that dies, or counts wrong, has failed.
#
# usage: run-tests.sh [long]    BUILD=folder to build elsewhere
set -u

cd "$(dirname "$0")/.." || exit 1
build=${BUILD:-build}
out=$build/tests
rm -rf "$out"
mkdir -p "$out"
passed=0 failed=0 skipped=0
export CMOCKA_MESSAGE_OUTPUT=TAP
# On every host the same machines: what this one's KVM can do is test_kvm.sh's matter.
export DIPTYCH_HOST=$PWD/tests/hosts/no-cpu

if [ "${1:-}" = long ]; then
	export DECODE_COUNT=1000000000 EMULATE_COUNT=2000000 WALK_LONG=1
	export SHADOW_COUNT=120000000 RANDOM_QEMU=200 RANDOM_BOCHS=200
	suite_limit=14400
else
	suite_limit=1200
fi

# tally FILE STATUS: reads TAP; prints "passed failed skipped", names to FILE.failed, .skipped.
# cmocka writes a skip as `not ok N # SKIP name`; so SKIP comes first.
tally() {
	awk -v status="$2" -v file="$1" '
	function note(kind, text) { print text > (file "." kind) }
	/^(not )?ok .*# *SKIP/	{ skipped++; sub(/^(not )?ok *[0-9]* *-? */, "")
				  sub(/ *# *SKIP */, ": "); sub(/^: /, "")
				  note("skipped", $0); next }
	/^ok /			{ passed++; next }
	/^not ok /		{ failed++; sub(/^not ok *[0-9]* *-? */, "")
				  note("failed", $0); next }
	/^[0-9]+\.\.[0-9]+$/	{ split($0, ends, "[.][.]"); planned += ends[2] }
	END {
		run = passed + failed + skipped
		if (planned && planned != run) {
			failed++
			note("failed", planned " tests planned, " run " reported")
		}
		if (status && !failed) { failed++; note("failed", "ended with status " status) }
		if (!passed && !failed && !skipped) { failed++; note("failed", "no result") }
		printf "%d %d %d\n", passed, failed, skipped
	}' "$1"
}

# run NAME COMMAND...: its output, status and time into files of its own.
run() {
	local file=$out/$1 started=$SECONDS
	shift
	# A unit test and a system test may have one name; the first is told by now.
	rm -f "$file" "$file".*
	timeout "$suite_limit" "$@" > "$file" 2> "$file.err" < /dev/null
	echo "$? $((SECONDS - started))" > "$file.ended"
	# cmocka writes to either stream, by version.
	cat "$file.err" >> "$file"
}

# tell NAME: what came of it, counted.
tell() {
	local file=$out/$1 status seconds good bad left
	read -r status seconds < "$file.ended"
	read -r good bad left < <(tally "$file" "$status")
	passed=$((passed + good)) failed=$((failed + bad)) skipped=$((skipped + left))
	printf '  %-28s %5d passed' "$1" "$good"
	[ "$bad" = 0 ] || printf ', %d failed' "$bad"
	[ "$left" = 0 ] || printf ', %d skipped' "$left"
	printf ' (%d s)\n' "$seconds"
	[ ! -e "$file.failed" ] || sed "s/^/    failed: /; \$s|\$| ($file)|" "$file.failed"
	[ ! -e "$file.skipped" ] || sed 's/^/    skipped: /' "$file.skipped"
}

# suite NAME COMMAND...
suite() {
	run "$@"
	tell "$1"
}

# Called in a shell of its own: a suite is a command.
# shellcheck disable=SC2317
build_all() {
	make --no-print-directory -k -j"$(nproc)" BUILD="$build" all unit guests 2>&1 ||
		{ echo "not ok - everything builds"; return 1; }
	echo "ok - everything builds"
}

echo "Building"
export build
export -f build_all
suite build bash -c build_all
[ "$failed" = 0 ] || grep -hE 'error|Error|undefined' "$out/build" | head -n 20
# Lint and coverage each keep one core busy, and so do the unit tests.
checks() {
	run lint scripts/lint.sh "$build"
	# shellcheck disable=SC2016
	run coverage bash -c 'if scripts/coverage.sh; then echo "ok - core/emulate: branch coverage"
		else echo "not ok - core/emulate: branch coverage"; fi'
}
checks &
echo "Unit tests, on this host, under ASan and UBSan"
for test in tests/unit/test_*.c; do
	test=$(basename "$test" .c)
	[ -x "$build/unit/$test" ] && suite "${test#test_}" "$build/unit/$test"
done
wait
echo "Checks"
tell lint
tell coverage
grep -h '^branch coverage' "$out/coverage" | sed 's/^/    /'
echo "System tests, on emulators"
# The longest beside all the others, most of which run one emulator at a time.
others=$(basename -a -s .sh tests/system/test_*.sh | sed s/^test_// | grep -v '^compare$')
lane() {
	for test; do
		run "$test" "tests/system/test_$test.sh" "$build"
	done
}
# shellcheck disable=SC2086 # a list of names
lane $others &
lane compare
wait
for test in compare $others; do
	tell "$test"
done
[ "${1:-}" != long ] || suite mutants scripts/mutants.sh

echo
printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
[ "$failed" = 0 ]

#!/bin/bash
# The files that results leave in: reports against their schema, whole and damaged,
# merging them, CSV, TAP and JUnit, and what happens when they cannot be read or written.
#
# usage: test_files.sh [BUILD]
# shellcheck disable=SC2317 # functions are called through check
set -u

cd "$(dirname "$0")/../.." || exit 1
build=${1:-build}
diptych=$build/diptych
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0 number=0

# check RULE COMMAND...: the rule holds when the command succeeds
check() {
	local rule=$1
	number=$((number + 1))
	shift
	if "$@"; then
		echo "ok $number - $rule"
	else
		echo "not ok $number - $rule"
		head -n 20 "$work/out" "$work/err" | sed 's/^/# /'
		failed=1
	fi
}

# ask ARGUMENT...: status, stdout and stderr are kept
ask() {
	timeout 60 "$diptych" "$@" > "$work/out" 2> "$work/err"
	status=$?
}

# says STATUS TEXT [FILE]
says() {
	[ "$status" -eq "$1" ] && grep -qF -e "$2" "$work/${3:-out}"
}

# refuses TEXT: status 2, one line, nothing on stdout
refuses() {
	[ "$status" -eq 2 ] && [ "$(wc -l < "$work/err")" -eq 1 ] &&
		! [ -s "$work/out" ] && grep -qF -e "$1" "$work/err"
}

same() {
	cmp "$1" "$2" > /dev/null
}

# A Python that has jsonschema: Debian's does.
python=
for candidate in python3 /usr/bin/python3; do
	"$candidate" -c 'import jsonschema; jsonschema.Draft202012Validator' 2> /dev/null &&
		python=$candidate && break
done

# Real ones: with nested paging and shadow tables, with a rung that cannot be, and of Bochs.
amd=$work/amd.json intel=$work/intel.json
ask compare modes --machines qemu:EPYC --rungs svm-npt,svm-shadow,vmx-ug \
	--json "$amd" --junit "$work/amd.xml" --csv "$work/amd.csv"
check "an AMD report is made" says 0 "3 runs: 2 pass, 1 skip; 1 on bare"
ask compare reset --machines bochs:tigerlake --rungs vmx-ug,tags=off --json "$intel"
check "an Intel report is made" says 0 "1 run: 1 pass; 1 on bare"

if [ -n "$python" ]; then
	while read -r line; do
		case $line in
		ok*)	check "${line#ok - }" true ;;
		not*)	check "${line#not ok - }" false ;;
		*)	echo "$line" ;;
		esac
	done < <("$python" -W ignore tests/system/report_schema.py "$diptych" \
		docs/report.schema.json "$amd" "$intel" 2>&1 || echo "not ok - it runs")
else
	number=$((number + 1))
	echo "ok $number - reports against their schema # SKIP no python3-jsonschema here"
fi
check "the AMD run tells raw CPUID" grep -q '"cpuid_8000000a_edx": "0x0000' "$amd"
check "the Intel run tells raw MSRs" grep -q '"ia32_vmx_true_procbased_ctls": "0xfff' "$intel"
check "program and hypervisor are of one commit" bash -c \
	"[ \$(grep -hE '\"(build|diptych)\": ' '$amd' | sed 's/.*: //' | sort -u | wc -l) -eq 1 ]"

# Merging.
ask merge "$amd" "$intel" --json "$work/ab.json"
check "two vendors' reports are one board" says 0 "vmx-ug,tags=off"
ask merge "$intel" "$amd" --json "$work/ba.json"
check "their order does not matter" same "$work/ab.json" "$work/ba.json"
ask merge "$work/ab.json" "$amd" "$work/ab.json" --json "$work/again.json"
check "what is there already changes nothing" same "$work/ab.json" "$work/again.json"
cp "$amd" "$work/self.json"
ask merge "$work/self.json" "$intel" --json "$work/self.json"
check "a report can be merged into itself" same "$work/ab.json" "$work/self.json"
if [ -n "$python" ]; then
	check "a merged report is one too" "$python" -W ignore -m jsonschema \
		-i "$work/ab.json" docs/report.schema.json
fi

sed '/"exits": {/,/}/s/"io": [0-9]*/"io": 77/; s/"total": 12[0-9]*/"total": 66/' \
	"$amd" > "$work/other.json"
ask merge "$amd" "$work/other.json" --json "$work/both.json"
check "one key with different counts is shown, not overwritten" says 1 "modes #2"
check "and how they part, and from where" bash -c \
	"grep -q 'modes, svm-npt, qemu:EPYC: runs differ; exits 66 and' '$work/out' &&
	 grep -qF '$work/other.json' '$work/out' && grep -qF '$amd' '$work/out'"
check "both are in the report" bash -c \
	"[ \$(grep -c '\"rung\": \"svm-npt\"' '$work/both.json') -eq 2 ]"
hash=$(sed -n 's/.*"guest_sha256": "\(.*\)".*/\1/p' "$amd" | head -n 1)
sed "s/$hash/${hash//[0-9]/a}/" "$amd" > "$work/image.json"
ask merge "$amd" "$work/image.json"
check "another image of a guest is refused with both values" bash -c \
	"[ $status -eq 2 ] && [ \$(wc -l < '$work/err') -eq 1 ] &&
	 grep -qF '$hash in $amd' '$work/err' &&
	 grep -qF '${hash//[0-9]/a} in $work/image.json' '$work/err'"

# What cannot be read.
: > "$work/empty.json"
head -c 5000 "$amd" > "$work/cut.json"
sed 's/"rung": "svm-npt"/"rung": "svm\xff"/' "$amd" > "$work/utf8.json"
sed '2s/^/ "runs": [],\n/' "$amd" > "$work/twice.json"
{ printf '{"schema":"diptych-report/1","runs":'; printf '[%.0s' {1..5000}; } > "$work/deep.json"
sed 's/diptych-report\/1/diptych-report\/2/' "$amd" > "$work/newer.json"
while read -r name text; do
	ask merge "$amd" "$work/$name.json"
	check "$name: one line with the place" refuses "$work/$name.json: $text"
done <<'REFUSED'
empty is empty
cut line
utf8 line
twice line 3, column
deep line 1, column
newer schema: expected "diptych-report/1", found "diptych-report/2"
missing No such file
REFUSED
ask merge /dev/zero
check "a device has no end: refused" refuses "/dev/zero: is a device"
ask merge "$work"
check "a folder is refused" refuses "$work: Is a directory"
ask merge <(yes '[[[[')
check "a pipe without end is refused at 128 MiB" refuses "larger than the 128 MiB"
ask run modes --rung svm-npt --machine qemu:nonsense --records "$work/records.jsonl"
ask merge
check "merge without a report is a usage error" refuses "at least one report"

# What cannot be written.
mkdir "$work/there"
ask merge "$amd" --json "$work/there"
check "a folder cannot be overwritten" says 6 "$work/there: Is a directory" err
ask merge "$amd" --json "$work/no/where.json"
check "no folder to write to is told" says 6 "No such file or directory" err
ask merge "$amd" --json /dev/full --csv "$work/all.csv"
check "a full disk is told" says 6 "/dev/full: No space left" err
check "and the other file is written" test -s "$work/all.csv"
"$diptych" merge "$amd" --json - > /dev/full 2> "$work/err"
check "so is a full stdout" test $? -eq 6
# A file system of one page: the older report must live on beside the new one that does not fit.
if unshare -m true 2> /dev/null; then
	export amd work diptych
	# shellcheck disable=SC2016 # its own variables
	unshare -m sh -c 'mkdir "$work/small" && mount -t tmpfs -o size=12k tmpfs "$work/small" &&
		echo old > "$work/small/a.json" &&
		"$diptych" merge "$amd" --json "$work/small/a.json" > /dev/null;
		echo $?; cat "$work/small/a.json"; ls "$work/small"' > "$work/out" 2> "$work/err"
	check "a disk that is full leaves the older report" bash -c \
		"[ \"\$(tr '\n' ' ' < '$work/out')\" = '6 old a.json ' ]"
fi
mkdir "$work/kept"
echo old > "$work/kept/real.json"
chmod 640 "$work/kept/real.json"
ln -s real.json "$work/kept/link.json"
ask merge "$amd" --json "$work/kept/link.json"
check "a link stays one, its file keeps its mode, nothing is left beside it" bash -c \
	"[ -L '$work/kept/link.json' ] && [ \$(stat -c %a '$work/kept/real.json') = 640 ] &&
	 [ \$(ls '$work/kept' | wc -l) -eq 2 ] && grep -q svm-npt '$work/kept/real.json'"

# To stdout goes one text, and no table.
for kind in json csv junit; do
	ask merge "$amd" "$intel" --$kind "$work/file.$kind"
	ask merge "$amd" "$intel" --$kind -
	check "--$kind - is that text alone" same "$work/out" "$work/file.$kind"
done
ask merge "$amd" --json - --csv -
check "two texts on stdout are refused" refuses "only one"

# The other formats.
check "CSV has a row for each reason" bash -c \
	"[ \$(grep -c '^modes,$hash,svm-npt,,qemu:EPYC,pass,' '$work/amd.csv') -ge 3 ]"
check "CSV has options without the rung" \
	grep -q "^reset,[0-9a-f]*,vmx-ug,tags=off,bochs:tigerlake,pass," "$work/file.csv"
ask merge "$work/both.json" --junit "$work/both.xml" --tap
check "TAP has a plan of all runs" says 1 "1..6"
check "and tells in a comment why that is no success" \
	says 1 "# modes, svm-npt, qemu:EPYC: runs differ"
check "TAP marks what was skipped" says 1 "qemu:EPYC # SKIP qemu:EPYC has no VT-x"
if command -v xmllint > /dev/null; then
	for file in amd.xml both.xml file.junit; do
		check "JUnit $file is as its readers want it" xmllint --noout \
			--schema tests/system/junit.xsd "$work/$file" 2> "$work/err"
	done
fi

# A thousand files.
mkdir "$work/many"
for ((i = 0; i < 1000; i++)); do
	case $((i % 3)) in
	0)	sed "s/\"machine\": \"qemu:EPYC\"/\"machine\": \"host$((i % 40))\"/" "$amd" ;;
	1)	cat "$work/ab.json" ;;
	2)	sed "s/\"stepping\": 2/\"stepping\": $i/" "$amd" ;;
	esac > "$work/many/$i.json"
done
# Time of this process's own: how much else the machine does must not count.
TIMEFORMAT='%U %S'
read -r user system < <({ time "$diptych" merge "$work"/many/*.json --json "$work/many.json" \
	> "$work/out" 2> "$work/err"; } 2>&1)
took=$(awk "BEGIN { print int(1000 * ($user + $system)) }")
echo "# 1,000 files of $(du -k "$work/many" | cut -f 1) KiB in $took ms of CPU time"
check "1,000 files are merged in less than 2 s" test "$took" -lt 2000
check "and all are in the result" bash -c \
	"[ \$(grep -c '\"machine\": \"host' '$work/many.json') -eq 160 ]"

echo "1..$number"
exit $failed

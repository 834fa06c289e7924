#!/bin/bash
# Puts each fault of tests/mutants/shadow.list into a copy of the shadow MMU and runs its unit
# tests, the quick ones first, until one fails. Speaks TAP: a fault that no test sees, or that
# no longer fits the text, has failed. Changes nothing in the tree.
#
# usage: mutants.sh [LIST]    JOBS=2 at a time; KEEP=1 leaves the work folder
set -u

cd "$(dirname "$0")/.." || exit 1
list=${1:-tests/mutants/shadow.list}
jobs=${JOBS:-$(nproc)}
limit=30	# seconds of the CPU
# What no mutant touches is compiled once. Of the random guests, a short run.
flags=(-std=c17 -I. -O1 -g -D_GNU_SOURCE)
tests=(shadow shadow_{protect,sync,flush,large,cves,rights,memory,guard,found})
tests+=(shadow_{property,exhaustive})
export SHADOW_COUNT=150000 CMOCKA_MESSAGE_OUTPUT=TAP

# run_tests FOLDER SOURCE...: 0 and the name of the test that saw it, or 1.
run_tests() {
	local folder=$1 test status
	for test in "${tests[@]}"; do
		gcc -o "$folder/$test" "$work/$test.o" "$folder"/*.o "$work/panic.o" \
			-lcmocka || return 2
		(ulimit -t "$limit"; exec timeout 600 "$folder/$test") > "$folder/said" 2>&1
		status=$?
		[ "$status" != 0 ] || continue
		echo "$test: $(grep -m 1 '^not ok' "$folder/said" |
			sed 's/^not ok [0-9]* - //' | grep . || echo "status $status")"
		return 0
	done
	return 1
}

# one_mutant NUMBER FILE OLD NEW WHAT: its line of TAP.
one_mutant() {
	local number=$1 file=$2 old=$3 new=$4 what=$5 folder=$work/$1 seen
	mkdir -p "$folder/mmu"
	cp "$work"/mmu/*.o "$folder"
	if ! OLD=$old NEW=$new python3 -c '
import os, sys
text, old, new = open(sys.argv[1]).read(), os.environ["OLD"], os.environ["NEW"]
if text.count(old) != 1:
    sys.exit("%d times in %s: %s" % (text.count(old), sys.argv[1], old))
open(sys.argv[2], "w").write(text.replace(old, new))' \
		"$file" "$folder/$file" 2> "$folder/why"; then
		echo "not ok $number - $what # does not apply: $(cat "$folder/why")"
	elif ! gcc "${flags[@]}" -w -c "$folder/$file" -o "$folder/$(basename "$file" .c).o" \
		2> "$folder/why"; then
		echo "not ok $number - $what # does not compile"
	elif seen=$(run_tests "$folder"); then
		echo "ok $number - $what # $seen"
	else
		echo "not ok $number - $what # SURVIVED in $file: $new"
	fi
	rm -rf "$folder"
}

# each_mutant COMMAND: COMMAND NUMBER FILE OLD NEW WHAT for each; the format is in the list.
each_mutant() {
	local line what="" file="" old="" new="" number=0 newline=$'\n'
	while IFS= read -r line || [ -n "$line" ]; do
		if [ -n "$new" ] && [ "${line#+ }" = "$line" ]; then
			number=$((number + 1))
			"$@" "$number" "$file" "${old%"$newline"}" "${new%"$newline"}" "$what"
			old="" new=""
		fi
		case $line in
		"# "*)	what=${line#\# } ;;
		"= "*)	file=${line#= } ;;
		"- "*)	old+=${line#- }$newline ;;
		"+ "*)	new+=${line#+ }$newline ;;
		esac
	done < <(cat "$list"; echo)
}

in_turn() {
	while [ "$(jobs -rp | wc -l)" -ge "$jobs" ]; do
		wait -n
	done
	one_mutant "$@" > "$work/$1.tap" &
}

count() { total=$1; }

work=$(mktemp -d "${TMPDIR:-/tmp}/mutants.XXXXXX") || exit 1
[ -n "${KEEP:-}" ] || trap 'rm -rf "$work"' EXIT
mkdir "$work/mmu"
printf '%s\n' '#include <stdlib.h>' '#include "mmu/panic.h"' \
	'_Noreturn void panic(const char *format, ...) { (void)format; abort(); }' > "$work/panic.c"
gcc "${flags[@]}" -c "$work/panic.c" -o "$work/panic.o" || exit 1
for source in mmu/*.c; do
	gcc "${flags[@]}" -c "$source" -o "$work/mmu/$(basename "$source" .c).o" || exit 1
done
for test in "${tests[@]}"; do
	gcc "${flags[@]}" -c "tests/unit/test_$test.c" -o "$work/$test.o" || exit 1
done

mkdir "$work/none"
cp "$work"/mmu/*.o "$work/none"
if seen=$(run_tests "$work/none"); then
	echo "Bail out! Without any fault a test fails: $seen"
	exit 1
fi
total=0
each_mutant count
echo "1..$total"
each_mutant in_turn
wait
for number in $(seq "$total"); do
	cat "$work/$number.tap"
done | tee "$work/all"
! grep -q '^not ok' "$work/all"

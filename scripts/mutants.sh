#!/bin/bash
# Puts each fault of tests/mutants/*.list into a copy of the shadow MMU, or of what core joins
# to it, and runs its unit tests, the quick ones first, until one fails. Speaks TAP: a fault
# that no test sees, or that no longer fits the text, has failed. Changes nothing in the tree.
#
# usage: mutants.sh [LIST...]    JOBS=2 at a time; KEEP=1 leaves the work folder
set -u

cd "$(dirname "$0")/.." || exit 1
[ $# -gt 0 ] || set -- tests/mutants/*.list
lists=("$@")
jobs=${JOBS:-$(nproc)}
limit=30	# seconds of the CPU
# What no mutant touches is compiled once. Of the random guests, a short run.
flags=(-std=c17 -I. -O1 -g -D_GNU_SOURCE)
mmu_tests=(shadow shadow_{protect,sync,flush,large,cves,rights,memory,guard,found})
mmu_tests+=(shadow_keys{,_large} shadow_picture shadow_enough shadow_{property,exhaustive})
core_tests=(shadowing{,_fault,_keys,_cr,_emulate,_sides} control insn_plain emulate_{keys,groups})
export SHADOW_COUNT=150000 CMOCKA_MESSAGE_OUTPUT=TAP

# compile SOURCE OBJECT [FLAG...]
compile() {
	mkdir -p "$(dirname "$2")"
	gcc "${@:3}" "${flags[@]}" -c "$1" -o "$2"
}

# tests_of FILE: those that may see a fault in it.
tests_of() {
	case $1 in
	mmu/*)	echo "${mmu_tests[@]}" ;;
	*)	echo "${core_tests[@]}" ;;
	esac
}

# run_tests FOLDER TEST...: 0 and the name of the test that saw it, or 1.
run_tests() {
	local folder=$1 test object status made
	mapfile -t made < <(find "$folder" -maxdepth 1 -name '*.o')
	for test in "${@:2}"; do
		object=$folder/tests/unit/test_$test.o
		[ -f "$object" ] || object=$work/good/tests/unit/test_$test.o
		# What the folder has comes first: then the library's is not asked for.
		gcc -o "$folder/$test" "$object" "${made[@]}" "$work/good.a" -lcmocka || return 2
		(ulimit -t "$limit"; exec timeout 600 "$folder/$test") > "$folder/said" 2>&1
		status=$?
		[ "$status" != 0 ] || continue
		echo "$test: $(grep -m 1 '^not ok' "$folder/said" |
			sed 's/^not ok [0-9]* - //' | grep . || echo "status $status")"
		return 0
	done
	return 1
}

# put_in FOLDER FILE OLD NEW: the changed copy; says why not.
put_in() {
	mkdir -p "$(dirname "$1/$2")"
	OLD=$3 NEW=$4 python3 -c '
import os, sys
text, old, new = open(sys.argv[1]).read(), os.environ["OLD"], os.environ["NEW"]
if text.count(old) != 1:
    sys.exit("%d times in %s: %s" % (text.count(old), sys.argv[1], old))
open(sys.argv[2], "w").write(text.replace(old, new))' "$2" "$1/$2"
}

# compile_in FOLDER FILE: the copy, or of a header all that is made with it.
compile_in() {
	local folder=$1 file=$2 source
	case $file in
	*.c)	compile "$folder/$file" "$folder/${file//\//_}.o" -w ;;
	*)	grep -l "#include \"$file\"" mmu/*.c core/*.c core/*/*.c tests/unit/test_*.c |
		while read -r source; do
			case $source in
			tests/*) compile "$source" "$folder/${source%.c}.o" -w "-I$folder" ;;
			*) compile "$source" "$folder/${source//\//_}.o" -w "-I$folder" ;;
			esac || exit 1
		done ;;
	esac
}

# one_mutant NUMBER FILE OLD NEW WHAT: its line of TAP.
one_mutant() {
	local number=$1 file=$2 new=$4 what=$5 folder=$work/$1 seen
	mkdir -p "$folder"
	# shellcheck disable=SC2046 # a list of names
	if ! put_in "$folder" "${@:2:3}" 2> "$folder/why"; then
		echo "not ok $number - $what # does not apply: $(cat "$folder/why")"
	elif ! compile_in "$folder" "$file" 2> "$folder/why"; then
		echo "not ok $number - $what # does not compile"
	elif seen=$(run_tests "$folder" $(tests_of "$file")); then
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
	done < <(cat "${lists[@]}"; echo)
}

wait_turn() {
	while [ "$(jobs -rp | wc -l)" -ge "$jobs" ]; do
		wait -n
	done
}

in_turn() {
	wait_turn
	one_mutant "$@" > "$work/$1.tap" &
}

count() { total=$1; }

work=$(mktemp -d "${TMPDIR:-/tmp}/mutants.XXXXXX") || exit 1
[ -n "${KEEP:-}" ] || trap 'rm -rf "$work"' EXIT
sources=(mmu/*.c core/*.c core/*/*.c)
for test in "${mmu_tests[@]}" "${core_tests[@]}"; do
	sources+=("tests/unit/test_$test.c")
done
for source in "${sources[@]}" tests/unit/host_panic.c; do
	wait_turn
	compile "$source" "$work/good/${source%.c}.o" || touch "$work/broken" &
done
nasm -f elf64 -I. core/load/bios.asm -o "$work/good/core/load/bios_asm.o" || touch "$work/broken"
wait
[ ! -e "$work/broken" ] || exit 1
# Appended: two folders may have a file of one name.
find "$work"/good/{mmu,core} "$work/good/tests/unit/host_panic.o" -name '*.o' -exec \
	ar qcs "$work/good.a" {} +

mkdir "$work/none"
if seen=$(run_tests "$work/none" "${mmu_tests[@]}" "${core_tests[@]}"); then
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

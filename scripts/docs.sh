#!/bin/bash
# Makes the pages in docs/ that come from the program and from runs, or says that they
# are stale. Does not build.
#
# usage: docs.sh [--check] [BUILD [PAGE...]]    pages: exits unpaged
# shellcheck disable=SC2317 # pages are called by their names
set -eu

cd "$(dirname "$0")/.."
check=
if [ "${1:-}" = --check ]; then
	check=1
	shift
fi
build=${1:-build}
[ $# = 0 ] || shift
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
stale=0

# one NAME GUEST KIND RUNG MACHINE: the run's text and report. A guest whose output is to
# differ (it prints what it measured) is no failure here.
one() {
	local name=$1 guest=$2 kind=$3 rung=$4 machine=$5 dump=
	case $kind:$rung in
	boot-sector:bare*)	;;
	boot-sector:*)		dump="--dump-mmu 0x400000" ;;
	esac
	# shellcheck disable=SC2086 # words
	"$build/diptych" run "$guest" ${kind:+--kind $kind} --rung "$rung" \
		--machine "$machine" $dump --json "$work/$name.json" \
		> "$work/$name.txt" 2> "$work/$name.err" || [ $? = 1 ] || {
		cat "$work/$name.err" >&2
		return 1
	}
}

# Two at a time; each brings its reference along.
runs() {
	local guest=$work/turn_on.bin jobs=()
	nasm -f bin -Itests/guests/ -l "$work/turn_on.lst" -o "$guest" tests/system/turn_on.asm
	one vmx-ug "$guest" boot-sector vmx-ug,observe=none bochs:corei5_arrandale_m520 &
	jobs+=($!)
	{
		one svm-npt "$guest" boot-sector svm-npt,observe=none qemu:EPYC
		one svm-shadow "$guest" boot-sector svm-shadow qemu:EPYC-npt
		one bare "$guest" boot-sector bare qemu:EPYC
		one mb2 mb2 "" svm-npt qemu:EPYC
		one limine limine "" svm-npt qemu:EPYC
		one vmx-ept "$guest" boot-sector vmx-ept bochs:corei5_lynnfield_750
	} &
	jobs+=($!)
	wait "${jobs[0]}"
	one vmx-shadow "$guest" boot-sector vmx-shadow bochs:core2_penryn_t9600
	wait "${jobs[1]}"
	# Its output differs from bare's by what it measured, so the folders were kept.
	rm -rf "$build"/runs/turn_on.bin-*
}

# Each page_NAME writes docs/NAME.md as it should be.
page_exits() {
	"$build/diptych" explain --all
}

page_unpaged() {
	runs
	python3 scripts/unpaged.py docs/unpaged.md "$work"
}

[ $# != 0 ] || set -- exits unpaged
for page; do
	"page_$page" > "$work/$page.md"
	if [ -z "$check" ]; then
		cp "$work/$page.md" "docs/$page.md"
	elif ! diff -u "docs/$page.md" "$work/$page.md"; then
		echo "docs/$page.md is stale: make docs"
		stale=1
	fi
done
exit $stale

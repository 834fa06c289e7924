#!/bin/sh
# Holds what the pages in docs/ say of the code to the code: each `FILE:SYMBOL` is defined
# in that file, each file named and each page linked is there; and the stops of the tour
# are numbered, name a symbol each, and ask one question. Does not judge what is said.
#
# usage: check-tour.sh [PAGE...]    docs/*.md and README.md by default
#        check-tour.sh --self-test
# shellcheck disable=SC2016 # patterns hold backticks
set -eu

here=$(cd "$(dirname "$0")/.." && pwd)

# defines FILE SYMBOL: a function with its body, a type, a macro, a table, an enumerator;
# a label or a macro of nasm; a function of the shell; a heading or an option of a page.
defines() {
	awk -v symbol="$2" -v file="$1" '
	BEGIN {
		word = "(^|[^A-Za-z_0-9])" symbol "([^A-Za-z_0-9]|$)"
		assembler = file ~ /\.(asm|inc)$/
		shell = file ~ /\.sh$/
		make = file ~ /Makefile$/
	}
	assembler && $0 ~ "^" symbol ":"				{ found = 1 }
	assembler && $0 ~ "^%(i?macro|define)[ \t]+" symbol "([ \t(]|$)"	{ found = 1 }
	assembler && $0 ~ "^" symbol "[ \t]+equ[ \t]"			{ found = 1 }
	shell && $0 ~ "^" symbol "\\(\\)"				{ found = 1 }
	make && $0 ~ "^" symbol ":"					{ found = 1 }
	assembler || shell || make					{ next }
	$0 ~ "^[ \t]*#[ \t]*define[ \t]+" symbol "([^A-Za-z_0-9]|$)"	{ found = 1 }
	$0 ~ "^(typedef )?(struct|union|enum)[ \t]+" symbol "[ \t]*\\{"	{ found = 1 }
	$0 ~ "^\t" symbol "([ \t]*=.*|[ \t]*),?([ \t]*/\\*.*)?$"	{ found = 1 }
	# An object at file scope: an initialiser follows.
	$0 ~ "^[a-z].*[ \t*]" symbol "(\\[[^]]*\\])*[ \t]*="		{ found = 1 }
	# A function: its head begins in the first column and comes to { before any ;
	/^[A-Za-z_].*\(/ || (/^[a-z_]+\(/)	{ head = ""; open = 1 }
	open	{
		head = head " " $0
		if ($0 ~ /^\{/ || $0 ~ /\{[ \t]*(.*\})?$/) {
			sub(/\{.*/, "", head)
			if (head ~ "[ \t*]" symbol "\\(") found = 1
			open = 0
		} else if ($0 ~ /;/) {
			open = 0
		}
	}
	END { exit !found }
	' "$1"
}

# stops PAGE: each "### N." in turn, with a symbol and a question.
stops() {
	awk '
	function end() {
		if (stop && !symbols) print FILENAME ": stop " stop " names no symbol"
		if (stop && questions != 1)
			print FILENAME ": stop " stop " asks " questions + 0 " questions"
		symbols = questions = 0
	}
	/^## /				{ if (inside) end(); inside = 0 }
	/^### /				{
		if (inside) end()
		inside = 1
		if ($2 != ++stop ".") print FILENAME ":" FNR ": this is stop " stop
	}
	inside && /`[a-z_\/0-9.]+:[A-Za-z_0-9]+`/	{ symbols++ }
	inside && /^\*\*Question\.\*\*/		{ questions++ }
	END				{ if (inside) end() }
	' "$1"
}

# check PAGE...
check() {
	for page; do
		folder=$(dirname "$page")
		case $page in */tour.md) stops "$page" ;; esac
		# `FILE:SYMBOL`, `FILE`, and [text](FILE#part)
		grep -noE '`[A-Za-z_0-9./*-]+(:[A-Za-z_0-9]+)?`' "$page" | tr -d '`' |
		while IFS=: read -r line file symbol; do
			case $file in
			build/*|*'*'*|[!a-z]*|.*)	[ -n "$symbol" ] || continue ;;
			*/*.c|*/*.h|*/*.asm|*/*.inc|*/*.sh|*/*.md|*/*.py)	;;
			*)	[ -n "$symbol" ] || continue ;;
			esac
			case $file:$symbol in vmx:*|svm:*|qemu:*|bochs:*|kvm:*) continue ;; esac
			if [ ! -e "$file" ]; then
				echo "$page:$line: there is no $file"
			elif [ -n "$symbol" ] && ! defines "$file" "$symbol"; then
				echo "$page:$line: $file does not define $symbol"
			fi
		done
		grep -noE '\]\([^)#]+(#[^)]*)?\)' "$page" | sed 's/](//; s/[#)].*//' |
		while IFS=: read -r line file; do
			case $file in http*|mailto*) continue ;; esac
			[ -e "$folder/$file" ] || echo "$page:$line: there is no $file to link to"
		done
	done > "$work/said"
	cat "$work/said"
	[ ! -s "$work/said" ]
}

# expect TEXT PAGE [NAME]: in a tree with one file of each sort TEXT is said of a page.
expect() {
	printf '%s\n' "$2" > "$work/tree/docs/${3:-page}.md"
	said=$(cd "$work/tree" && check "docs/${3:-page}.md") || true
	case $1:$said in
	clean:)		return ;;
	clean:*)	;;
	*:*"$1"*)	return ;;
	esac
	echo "self-test: '$2' should say '$1', says '$said'"
	exit 1
}

self_test() {
	mkdir -p "$work/tree/docs" "$work/tree/a"
	printf '%s\n' 'static int used(int a);' 'extern const int named[];' \
		'enum word { FIRST,' '	SECOND = 2,	/* two */' '	THIRD' '};' \
		'struct shape {' '	int member;' '};' '#define MACRO(x)	(x)' \
		'static const int table[2] = { 1, 2 };' \
		'static int made(int a,' '		int b)' '{' '	int local = used(a);' \
		'	called(b);' '	return local;' '}' > "$work/tree/a/b.c"
	printf '%s\n' 'label:' '	call elsewhere' '%macro many 1' '%endmacro' \
		> "$work/tree/a/b.asm"
	expect clean '`a/b.c:made` `a/b.c:table` `a/b.c:shape` `a/b.c:MACRO` `a/b.c:word`'
	expect clean '`a/b.c:SECOND` `a/b.c:THIRD` `a/b.asm:label` `a/b.asm:many` `a/b.c`'
	expect clean '[b](../a/b.c#part) `vmx:48` `guest` `build/diptych` [w](https://x.y/)'
	expect 'does not define used' '`a/b.c:used`'
	expect 'does not define called' '`a/b.c:called`'
	expect 'does not define local' '`a/b.c:local`'
	expect 'does not define named' '`a/b.c:named`'
	expect 'does not define member' '`a/b.c:member`'
	expect 'does not define mad' '`a/b.c:mad`'
	expect 'does not define elsewhere' '`a/b.asm:elsewhere`'
	expect 'no a/c.c' '`a/c.c`'
	expect 'no a/c.c' '`a/c.c:made`'
	expect 'no c.md to link' '[c](c.md)'
	one='### 1. A
`a/b.c:made`
**Question.** Why?'
	expect clean "$one" tour
	expect 'asks 0 questions' '### 1. A
`a/b.c:made`' tour
	expect 'asks 2 questions' "$one
**Question.** Why?" tour
	expect 'names no symbol' '### 1. A
**Question.** Why?' tour
	expect 'this is stop 2' "$one
## Part
### 3. B
\`a/b.c:made\`
**Question.** Why?" tour
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# A check that cannot fail is none: each run proves first that it can.
self_test
[ "${1:-}" != --self-test ] || exit 0
cd "$here"
[ $# != 0 ] || set -- README.md docs/*.md
check "$@"

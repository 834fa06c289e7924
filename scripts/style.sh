#!/bin/sh
# The house style that a script can check: lengths, tabs, first sentences, bare hex
# constants. Judges text only; layers and meaning are other checks' business.
#
# usage: style.sh [FILE...]    all tracked and new sources by default
#        style.sh --self-test
set -eu

cd "$(dirname "$0")/.."

check() {
	awk '
	function bad(what) { print FILENAME ":" FNR ": " what; broken = 1 }
	function finish() {
		if (!file) return
		if (lines > 400) print file ": " lines " lines, more than 400"
		if (lines > 400 || !sentence) broken = 1
		if (!sentence) print file ": does not open with a sentence"
	}
	# The code of a C line: no comments, no strings.
	function code_of(text,    out, at, two) {
		gsub(/"([^"\\]|\\.)*"/, "", text)
		gsub(/\047([^\047\\]|\\.)*\047/, "", text)
		out = ""
		while (text != "") {
			at = inside ? index(text, "*/") : match(text, /\/\*|\/\//)
			if (!at) return inside ? out : out text
			two = substr(text, at, 2)
			if (!inside) out = out substr(text, 1, at - 1)
			if (two == "//") return out
			inside = (two == "/*")
			text = substr(text, at + 2)
		}
		return out
	}
	function columns(text,    n, i) {
		n = 0
		for (i = 1; i <= length(text); i++)
			n += substr(text, i, 1) == "\t" ? 8 - n % 8 : 1
		return n
	}
	FNR == 1 {
		finish()
		file = FILENAME; lines = 0; sentence = 0; opening = 1
		inside = 0; start = 0
		c = file ~ /\.[ch]$/
		hypervisor = file ~ /^(\.\/)?(mmu|core|svm|vmx|boot)\//
	}
	{ lines++ }
	/[ \t]$/			{ bad("space at the end") }
	# A text for people stays in one piece, to be found by its words.
	columns($0) > 100 && !/"[^"]*"[,)]/ { bad(columns($0) " columns, more than 100") }
	/^        /			{ bad("eight spaces for a tab") }
	/ \t/				{ bad("space before a tab") }
	/T[O]DO|F[I]XME|(^|[^X])X[X]X([^X]|$)/	{ bad("unfinished") }
	opening && /^#!/		{ next }
	opening {
		if ($0 ~ /^(\/\*|;|#| \*)/) {
			if ($0 ~ /[.:]( |$|\*)/) sentence = 1
			if ($0 ~ /\*\//) opening = 0
		} else
			opening = 0
	}
	!c				{ next }
	{ code = code_of($0) }
	BEGIN { digit = "[0-9a-fA-F]"
		bare = "(^|[^A-Za-z_0-9])0[xX]" digit digit digit digit }
	file ~ /\.c$/ && hypervisor && code ~ bare {
		bad("bare hex constant: name it in a header")
	}
	code ~ /^\{/			{ start = FNR }
	code ~ /^\}/ && start {
		if (FNR - start >= 60) bad("function of " FNR - start + 1 " lines, more than 60")
		start = 0
	}
	# The lists of shadow pages are no hardware: there the compiler may lay out bits.
	/^[ \t]+(unsigned|u?int[0-9]*(_t)?)[ \t]+[a-z_0-9]+[ \t]*:[ \t]*[0-9]+;/ && hypervisor &&
	file !~ /mmu\/shadow_page\.h$/ {
		bad("bit-field")
	}
	END { finish(); exit broken }
	' "$@"
}

# expect TEXT FILE CONTENT: for that file TEXT is said.
# shellcheck disable=SC2059,SC2182 # the contents are formats
expect() {
	mkdir -p "$work/$(dirname "$2")"
	printf "$3" > "$work/$2"
	said=$(cd "$work" && check "$2") || true
	case $1:$said in
	clean:)		return ;;
	clean:*)	;;
	*:*"$1"*)	return ;;
	esac
	echo "self-test: $2 should say '$1', says '$said'"
	exit 1
}

self_test() {
	head='/* A file. */\n'
	long=$(awk 'BEGIN { for (i = 0; i < 29; i++) printf "\\ta++;\\n\\tb++;\\n" }')
	expect clean mmu/a.c "$head/* 0x12345 */\nint f(void)\n{\n\treturn 0x123;\n}\n"
	expect clean mmu/a.c "${head}const char *a = \"0x12345\";\n"
	expect clean tests/a.c "${head}int a = 0x12345;\n"
	expect clean mmu/a.c "${head}void f(void)\n{\n$long}\n"
	expect 'more than 60' mmu/a.c "${head}void f(void)\n{\n$long\n}\n"
	expect 'more than 100' boot/a.asm "; A file.\n; $(printf '%0100d' 0)\n"
	expect 'bare hex' svm/a.c "${head}int a = 0x12345;\n"
	expect 'bare hex' svm/a.c "$head/* 1 */ int a = 0xABCD; /* 2 */\n"
	expect 'space at the end' mmu/a.h "${head}int a; \n"
	expect 'for a tab' mmu/a.h "${head}        int a;\n"
	expect 'unfinished' mmu/a.h "$head/* T""ODO */\n"
	expect 'bit-field' mmu/a.h "${head}struct a {\n\tunsigned a : 3;\n};\n"
	expect 'does not open' mmu/a.h "int a;\n"
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
self_test
[ "${1:-}" != --self-test ] || exit 0
if [ $# = 0 ]; then
	set -f
	# shellcheck disable=SC2046 # a list of files without spaces
	set -- $(git ls-files -co --exclude-standard -- '*.c' '*.h' '*.asm' '*.inc' '*.sh' |
		xargs ls -d 2> /dev/null)
fi
check "$@"

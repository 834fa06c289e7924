#!/bin/sh
# Holds the arrows boot -> {svm, vmx} -> core -> mmu, and what core/ and mmu/ must
# never do: name a vendor, hold a privileged instruction, call into a C library.
#
# usage: check-layers.sh [BUILD]    checks the tree (objects are made in BUILD)
#        check-layers.sh --self-test
set -eu

here=$(cd "$(dirname "$0")/.." && pwd)
system_headers="stdarg.h stdbool.h stddef.h stdint.h string.h"
symbols="memcmp memcpy memmove memset panic"

# What each folder may include; a file stands alone where a folder is too much.
may_include() {
	case $1 in
	mmu/*)		echo "mmu/*" ;;
	core/*)		echo "core/* mmu/*" ;;
	svm/*)		echo "svm/* core/* mmu/*" ;;
	vmx/*)		echo "vmx/* core/* mmu/*" ;;
	boot/main.c)	echo "svm/backend.h vmx/backend.h boot/* core/* mmu/*" ;;
	boot/*)		echo "boot/* core/* mmu/*" ;;
	# `explain` prints what the hypervisor's own pure function answers: a copy of
	# its table here would soon tell something else.
	compare/explain_strategy.c|compare/explain_words.[ch])
			echo "compare/* core/strategy.h mmu/x86_defs.h" ;;
	compare/disc.c|compare/metal*.c)
			echo "compare/* core/tour.h" ;;
	compare/*)	echo "compare/*" ;;
	esac
}

# Where a vendor may be named in core/ and mmu/: FILE PATTERN, and why.
vendor_allowed() {
	cat <<-'LIST'
	core/rung.[ch] "(svm|vmx)(-[a-z]+)?"|RUNG_(SVM|VMX)_[A-Z]+	the names of the rungs
	core/cpuid_defs.h [A-Z0-9_]+	names of CPUID bits, the manuals' own
	core/msr_defs.h MSR_[A-Z0-9_]+	names of MSRs, the manuals' own
	core/policy_*.c REFUSED?\(.*|VMX_CAPABILITY\([n0-9]+\)	names of refused bits and MSRs
	core/host.h bool[[:space:]]+amd;	a fact about the CPU, as one of its features
	core/assist.c host->amd|.amd =	the same fact, handed to the emulator
	core/msr.c host->amd	and which MSRs there are
	core/emulate/*.[ch] amd|op_vmx	the emulator follows the vendor where instructions differ
	core/emulate/opcodes*.h , vmx,	the manuals' names of instructions: refused ones
	LIST
}

# Where inline assembly may stand in core/ and mmu/, and why.
asm_allowed() {
	cat <<-'LIST'
	core/x86_insn.h		the wrappers themselves, for svm/, vmx/ and boot/
	core/emulate/cmpxchg.c	LOCK CMPXCHG16B, unprivileged: no builtin without a library
	core/emulate/memory.c	LOCK CMPXCHG, unprivileged: a guest's locked access at any alignment
	LIST
}

# The C text without comments; strings stay.
strip_comments() {
	awk '{
		line = ""
		while ($0 != "") {
			if (inside) {
				at = index($0, "*/")
				if (!at) break
				inside = 0
				$0 = substr($0, at + 2)
			} else {
				at = match($0, /\/\*|\/\//)
				if (!at) { line = line $0; break }
				line = line substr($0, 1, at - 1)
				if (substr($0, at, 2) == "//") break
				inside = 1
				$0 = substr($0, at + 2)
			}
		}
		print line
	}' "$1"
}

broken=0
bad() {
	echo "$1"
	broken=1
}

# matches TEXT GLOB...
matches() {
	text=$1
	shift
	for glob; do
		# shellcheck disable=SC2254 # a pattern is meant
		case $text in $glob) return 0 ;; esac
	done
	return 1
}

# included OPENING CLOSING: what $file includes between these.
included() {
	sed -nE "s/^[ \t]*#[ \t]*include[ \t]+$1([^$2]*)$2.*/\1/p" "$file"
}

check_includes() {
	for file in mmu/*.[ch] core/*.[ch] core/*/*.[ch] svm/*.[ch] vmx/*.[ch] \
		    boot/*.[ch] compare/*.[ch]; do
		[ -f "$file" ] || continue
		set -f
		allowed=$(may_include "$file")
		for header in $(included '"' '"'); do
			# shellcheck disable=SC2086 # a list of patterns
			matches "$header" $allowed ||
				bad "$file: includes $header: against the arrows"
			case $file:$header in
			core/*:core/x86_insn.h|mmu/*:core/x86_insn.h)
				bad "$file: includes $header: privileged instructions" ;;
			esac
		done
		case $file in compare/*) set +f; continue ;; esac
		for header in $(included '<' '>'); do
			# shellcheck disable=SC2086 # a list of names
			matches "$header" $system_headers ||
				bad "$file: includes <$header>: not freestanding"
		done
		set +f
	done
}

# without_allowed FILE: its text on stdin, less what FILE may name.
without_allowed() {
	script=$(vendor_allowed | while read -r glob rest; do
		matches "$1" "$glob" || continue
		printf 's#%s##g\n' "${rest%%	*}"
	done)
	sed -E "${script:-b}"
}

check_text() {
	set -f
	asm_files=$(asm_allowed | awk '{ print $1 }')
	set +f
	for file in mmu/*.[ch] core/*.[ch] core/*/*.[ch]; do
		[ -f "$file" ] || continue
		strip_comments "$file" > "$work/text"
		found=$(without_allowed "$file" < "$work/text" |
			grep -niE '(^|[^a-z])(svm|vmx|vmcb|vmcs|intel|amd)([^a-z]|$)') &&
			bad "$file: names a vendor: $found"
		grep -qE '(^|[^a-zA-Z_])(__asm__|__asm|asm)([^a-zA-Z_]|$)' "$work/text" || continue
		# shellcheck disable=SC2086 # a list of names
		matches "$file" $asm_files || bad "$file: inline assembly"
	done
}

# The privileged ones, and those that would tell or change the real machine's state.
privileged='(v?m(run|load|save|call|mcall|launch|resume|ptrld|ptrst|clear|read|write|xon|xoff)|'
privileged=$privileged'inv(d|lpga?|ept|vpid|pcid)|wbinvd|cli|sti|hlt|clts|lmsw|smsw|'
privileged=$privileged'[sl][gil]dt[lqw]?|ltr|str|rd(msr|pmc|tscp?)|wrmsr|xsetbv|xgetbv|'
privileged=$privileged'cpuid|clgi|stgi|skinit|in[bwl]?|out[bwl]?|ins[bwl]|outs[bwl]|swapgs|'
privileged=$privileged'i?ret[lq]|sys(ret|exit)[lq]?)'

check_objects() {
	for object; do
		objdump -d --no-show-raw-insn "$object" > "$work/code"
		found=$(grep -m3 -E "	$privileged( |\$)|%(cr|dr|db)[0-9]" \
			"$work/code") &&
			bad "$object: privileged instruction: $found"
	done
	nm --defined-only -g "$@" | awk 'NF == 3 { print $3 }' | sort -u > "$work/has"
	for symbol in $(nm -u "$@" | awk 'NF == 2 { print $2 }' | sort -u |
			comm -23 - "$work/has"); do
		# shellcheck disable=SC2086 # a list of names
		matches "$symbol" $symbols ||
			bad "core/ and mmu/ need $symbol, which they do not have"
	done
}

# expect TEXT PATH CONTENT: with that file in a tree of its own, TEXT is said.
expect() {
	rm -rf "$work/tree" && mkdir -p "$work/tree/$(dirname "$2")"
	printf '%s\n' "$3" > "$work/tree/$2"
	said=$(cd "$work/tree" && {
		check_includes
		check_text
		if printf '%s\n' "$3" | grep -q '^void'; then
			gcc -O2 -ffreestanding -mno-red-zone -c "$2" -o object.o
			check_objects object.o
		fi
	} 2>&1)
	case $1:$said in
	clean:)	return ;;
	*:*"$1"*) return ;;
	esac
	bad "self-test: $2 with '$3' should say '$1', says '$said'"
}

self_test() {
	expect clean mmu/a.c '#include "mmu/b.h" /* the Intel way, as on AMD */'
	expect clean core/rung.c '	.id = RUNG_SVM_NPT, .name = "svm-npt", .backend = "svm",'
	expect clean vmx/a.c '#include "core/x86_insn.h"'
	expect clean boot/main.c '#include "svm/backend.h"'
	expect clean compare/a.c '#include <jansson.h>'
	expect clean compare/explain_strategy.c '#include "core/strategy.h"'
	expect 'against the arrows' compare/explain.c '#include "core/strategy.h"'
	expect 'against the arrows' compare/explain_strategy.c '#include "core/vm.h"'
	expect clean core/a.c 'void *memcpy(void *, const void *, unsigned long);
void f(void *a, void *b, unsigned long n) { memcpy(a, b, n); }'
	expect 'against the arrows' mmu/a.c '#include "core/vm.h"'
	expect 'against the arrows' core/load/a.c '#include "boot/info.h"'
	expect 'against the arrows' core/a.h '#include "svm/vmcb.h"'
	expect 'against the arrows' svm/a.c '#include "vmx/vmcs.h"'
	expect 'against the arrows' boot/a.c '#include "svm/backend.h"'
	expect 'against the arrows' compare/a.c '#include "core/rung.h"'
	expect 'against the arrows' core/a.c '#include "rung.h"'
	expect 'privileged instructions' core/a.c '#include "core/x86_insn.h"'
	expect 'not freestanding' core/a.c '#include <stdio.h>'
	expect 'names a vendor' core/a.c 'int vmcb_clean;'
	expect 'names a vendor' mmu/a.c 'const char *x = "Intel";'
	expect 'names a vendor' core/rung.c 'int vmcs_field;'
	expect 'inline assembly' core/a.c 'void f(void) { __asm__ volatile("nop"); }'
	expect 'privileged instruction' core/a.c 'void f(void) { __asm__ volatile("cli"); }'
	expect 'privileged instruction' core/a.c \
		'void f(long x) { __asm__("mov %0, %%cr3" :: "r"(x)); }'
	expect 'privileged instruction' core/a.c 'void f(void) { __asm__ volatile("vmload"); }'
	expect 'need malloc' core/a.c 'void *malloc(unsigned long);
void *f(void) { return malloc(4); }'
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# A check that cannot fail is none: each run proves first that it can.
self_test
[ "$broken" = 0 ] || exit 1
[ "${1:-}" != --self-test ] || exit 0

cd "$here"
build=${1:-build}
objects=$(for file in mmu/*.c core/*.c core/*/*.c; do
	echo "$build/hv/${file%.c}.o"
done
for file in core/*/*.asm; do
	echo "$build/hv/$file.o"
done)
# shellcheck disable=SC2086 # a list of files
make --no-print-directory -j"$(nproc)" BUILD="$build" $objects > "$work/log" 2>&1 || {
	cat "$work/log"
	exit 1
}
check_includes
check_text
# shellcheck disable=SC2086 # a list of files
check_objects $objects
exit $broken

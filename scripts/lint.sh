#!/bin/bash
# Every check that needs no guest to run: style, arrows, both compilers, cppcheck,
# clang-tidy, shellcheck. Speaks TAP; what a tool said stands above its line. Changes nothing.
#
# usage: lint.sh [BUILD]
# shellcheck disable=SC2317 # functions are called through step
set -u

cd "$(dirname "$0")/.." || exit 1
hypervisor_flags="-std=c17 -Wall -Wextra -I. -O2 -ffreestanding -mno-red-zone -mgeneral-regs-only"
# The commit in the host program is text; any token that is text will do here.
host_flags="-std=c17 -Wall -Wextra -I. -O1 -D_GNU_SOURCE -DDIPTYCH_COMMIT=__FILE__"

# tidy_one BUILD FILE: clean once is clean until its text, headers or configuration change.
tidy_one() {
	local flags=$hypervisor_flags said stamp
	case $2 in compare/*|tests/*) flags=$host_flags ;; esac
	# shellcheck disable=SC2086 # a list of flags
	stamp=$1/lint/tidy/$({
		clang-tidy --version
		cat .clang-tidy core/emulate/.clang-tidy tests/.clang-tidy
		clang -E $flags "$2"
	} 2> /dev/null | sha256sum | cut -c 1-40)
	[ ! -e "$stamp" ] || return 0
	# shellcheck disable=SC2086 # a list of flags
	if said=$(clang-tidy --quiet "$2" -- $flags 2> /dev/null); then
		: > "$stamp"
	else
		printf '%s\n' "$said"
		return 1
	fi
}
if [ "${1:-}" = --tidy-one ]; then
	tidy_one "$2" "$3"
	exit
fi

build=${1:-build}
jobs=$(nproc)
mkdir -p "$build/lint/tidy" "$build/lint/cppcheck"
failed=0

step() {
	local name=$1 said
	shift
	if said=$("$@" 2>&1); then
		echo "ok - $name"
	else
		printf '%s\n' "$said" | sed 's/^/# /'
		echo "not ok - $name"
		failed=1
	fi
}

sources() { ls mmu/*.c core/*.c core/*/*.c svm/*.c vmx/*.c boot/*.c compare/*.c; }
tests() { ls tests/unit/*.c tests/fuzz/*.c; }

quiet_make() { make --no-print-directory -j"$jobs" "$@" > /dev/null; }

# The tests' own text too: their objects belong to the run under the sanitizers.
clang_build() {
	quiet_make CC=clang BUILD="$build/clang" all || return
	# shellcheck disable=SC2086 # a list of flags
	tests | xargs -P "$jobs" -n 4 clang $host_flags -Werror -fsyntax-only
}

# Attributes come by macros, which it reads wrongly on pointers to functions.
run_cppcheck() {
	cppcheck -q -j "$jobs" --std=c11 --platform=unix64 -I. -D_GNU_SOURCE \
		'-D__attribute__(x)=' -DDIPTYCH_COMMIT=__FILE__ \
		--enable=warning,style,performance,portability \
		--suppressions-list=.cppcheck --inline-suppr \
		--cppcheck-build-dir="$build/lint/cppcheck" \
		--error-exitcode=1 --template=gcc mmu core svm vmx boot compare
}

run_tidy() {
	{ sources; tests; } |
		xargs -P "$jobs" -n 1 scripts/lint.sh --tidy-one "$build"
}

makefile_short() {
	[ "$(wc -l < Makefile)" -le 150 ] || { echo "Makefile: more than 150 lines"; return 1; }
}

step "style" scripts/style.sh
step "Makefile of 150 lines at most" makefile_short
step "gcc, no warning" quiet_make CC=gcc BUILD="$build" all
step "clang, no warning" clang_build
step "layers" scripts/check-layers.sh "$build"
step "spec index" scripts/check-spec.sh
step "pages name what is there" scripts/check-tour.sh
step "docs/exits.md is current" scripts/docs.sh --check "$build" exits
step "cppcheck" run_cppcheck
step "clang-tidy" run_tidy
if command -v shellcheck > /dev/null; then
	step "shellcheck" shellcheck -x scripts/*.sh tests/system/*.sh ci/*.sh
else
	echo "ok - shellcheck # SKIP no shellcheck here"
fi
exit $failed

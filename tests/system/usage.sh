#!/bin/sh
# For the tests of `diptych run`, which set `build` and `work` first.
# shellcheck disable=SC2154

# usage_error NAME GUEST ARGUMENT...: `diptych run` says one line, with status 2
usage_error() {
	name=$1
	shift
	"$build/diptych" run "$@" > "$work/out" 2> "$work/err"
	if [ $? -eq 2 ] && [ "$(wc -l < "$work/err")" -eq 1 ]; then
		echo "ok - $name is a usage error"
	else
		echo "not ok - $name is a usage error"
	fi
}

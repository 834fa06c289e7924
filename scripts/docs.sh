#!/bin/bash
# Makes the pages in docs/ that come from the program and from runs, or says that they
# are stale. Does not build.
#
# usage: docs.sh [--check] [BUILD [PAGE...]]    pages: exits
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

# Each page_NAME writes docs/NAME.md as it should be.
page_exits() {
	"$build/diptych" explain --all
}

for page in "${@:-exits}"; do
	"page_$page" > "$work/$page.md"
	if [ -z "$check" ]; then
		cp "$work/$page.md" "docs/$page.md"
	elif ! diff -u "docs/$page.md" "$work/$page.md"; then
		echo "docs/$page.md is stale: make docs"
		stale=1
	fi
done
exit $stale

#!/bin/sh
# The last job: one report and one page from all runners' reports. Fails if any run
# differs, fails or broke, if a runner left no report, or if a rung of DIPTYCH_REQUIRE ran
# on no hardware; says which vendor's hardware is missing.
#
# usage: ci/merge.sh FOLDER NAME...	reads FOLDER/report-NAME.json, writes public/
set -eu

folder=$1
shift
status=0 reports=
for name in "$@"; do
	if [ -s "$folder/report-$name.json" ]; then
		reports="$reports $folder/report-$name.json"
	else
		echo "no report of runner $name: see its job"
		status=1
	fi
done
[ -n "$reports" ] || exit 1
mkdir -p public
# shellcheck disable=SC2086 # a list
build/diptych merge $reports --json public/report.json --csv public/exits.csv \
	--junit public/junit.xml --html public/index.html \
	${DIPTYCH_REQUIRE:+--require "$DIPTYCH_REQUIRE"} > public/summary.txt || status=$?
cat public/summary.txt
if [ -n "${GITHUB_STEP_SUMMARY:-}" ]; then
	{ echo '```'; cat public/summary.txt; echo '```'; } >> "$GITHUB_STEP_SUMMARY"
fi
exit "$status"

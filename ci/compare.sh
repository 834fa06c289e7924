#!/bin/sh
# One runner's part: runs the guests on every rung, under KVM where this CPU and its host
# let them and on emulators, and writes the report. Must not judge: that is merge.sh's.
#
# usage: ci/compare.sh NAME	writes report-NAME.json
# DIPTYCH_GUESTS: guests, by name or file; all that `compare` runs if it is empty.
# DIPTYCH_OPTIONS: more options of `compare`, such as --rungs svm-npt,vmx-ug.
# shellcheck disable=SC2086 # both are lists
set -eu

report=report-$1.json
build/diptych doctor
rm -f "$report"
status=0
build/diptych compare --json "$report" ${DIPTYCH_OPTIONS:-} ${DIPTYCH_GUESTS:-} || status=$?
# 1 and 6: a run did not pass, and the report says which.
case $status in
0|1|6)	test -s "$report" ;;
*)	exit "$status" ;;
esac

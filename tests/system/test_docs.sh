#!/bin/sh
# docs/unpaged.md and docs/exits.md say what the program and its runs say today; and that
# check can fail. Reads the pages, changes none.
#
# usage: test_docs.sh [BUILD]
set -u

build=${1:-build}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for page in exits unpaged; do
	if scripts/docs.sh --check "$build" "$page" > "$work/said" 2>&1; then
		echo "ok - docs/$page.md is current"
	else
		sed 's/^/# /' "$work/said"
		echo "not ok - docs/$page.md is current"
	fi
done

python3 - <<'PYTHON'
import sys
sys.dont_write_bytecode = True
sys.path.insert(0, "scripts")
from unpaged import about, keep_addresses, keep_numbers

def rule(holds, text):
    print(("ok - " if holds else "not ok - ") + text)

rule([about(n) for n in (7, 99, 447, 2_596, 26_151)] ==
     ["~7", "~99", "~450", "~2,600", "~26,000"], "a cost has two digits")
rule(keep_numbers("| 3 | ~450 |", "| 3 | ~420 |") == "| 3 | ~450 |",
     "a cost off by less than a tenth stays")
rule(keep_numbers("| 3 | ~450 |", "| 3 | ~530 |") == "| 3 | ~530 |",
     "a cost off by more than a tenth is stale")
rule(keep_numbers("| 3 | ~450 |", "| 4 | ~450 |") == "| 4 | ~450 |", "an exit more is stale")
rule(keep_numbers("| 3 | ~450 |", "| 3 | – |") == "| 3 | – |",
     "an instruction that exits no more is stale")
old = "PT    at 0x00102000  0x00301023               at 0x0f095000  0x000000000b101061"
rule(keep_addresses(old, old.replace("0x0f095", "0x0e095")) == old,
     "another frame of the host's is no change")
new = old.replace("b101061", "b101063")
rule(keep_addresses(old, new) == new, "other rights in the hardware's entry are stale")
new = old.replace("00301023", "00302023")
rule(keep_addresses(old, new) == new, "another address of the guest's is stale")
PYTHON

#!/bin/sh
# Random states with paging off, 10,000 of them: each is entered or emulated, never
# refused by the hardware, and one instruction in it does what it does on bare.
#
# usage: test_states.sh [BUILD]    STATES_SEED=number to repeat a run or try others
set -u

build=${1:-build}
seed=${STATES_SEED:-20260}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

echo "# seed $seed"
nasm -f bin -Itests/guests/ -Itests/system/ -DSEED="$seed" \
	-o "$work/states.bin" tests/system/states.asm || exit 1

# Without observing, vmx-ug leaves the toggles of PE to the CPU: Bochs takes CPL
# from CS.RPL at a VM entry, where the manual says SS.DPL.
"$build/diptych" compare --tap --timeout=300 --json "$work/report.json" \
	--rungs vmx-ug,observe=none,vmx-ept \
	--machines bochs:corei5_arrandale_m520,bochs:corei5_lynnfield_750 \
	"$work/states.bin" > "$work/tap"
grep -v '^1\.\.' "$work/tap"
python3 - "$work/report.json" <<'PYTHON'
import json, sys

runs = [r for r in json.load(open(sys.argv[1]))["runs"] if r["rung"] == "vmx-ept" and
	r["outcome"] == "pass"]
ways = {s["ran_as"] for r in runs for s in r["timeline"]}
good = bool(runs) and ways >= {"hidden", "vm86", "emulated"}
print("ok" if good else "not ok", "- random states run hidden, as vm86 and emulated")
sys.exit(not good)
PYTHON

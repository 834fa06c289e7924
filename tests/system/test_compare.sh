#!/bin/sh
# The table itself, on real emulators: every guest agrees with bare on every rung (a Linux
# as far as its banner: to the end of its script is for `make compare`), a second run of
# some repeats the first count for count, and what a rung claims to be is what was read
# back from the hardware's own structure.
#
# usage: test_compare.sh [BUILD]
set -u

build=${1:-build}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# gnumach32 is the one with interrupts, and linux-banner the one with modules of megabytes.
"$build/diptych" compare --tap --json "$work/first.json" modes tables strange reset \
	unreal segments unpaged denied triple hang xen linux-setup gnumach32 \
	linux-banner | grep -v '^1\.\.'
"$build/diptych" compare --json "$work/second.json" modes tables > /dev/null
"$build/diptych" compare --json "$work/third.json" --rungs svm-npt --machines qemu:EPYC \
	gnumach32 > /dev/null
python3 - "$work/first.json" "$work/second.json" "$work/third.json" <<'PYTHON'
import json, sys

# SDM 3C "VMCS Layout": secondary controls "enable EPT" 1, "unrestricted guest" 7.
# APM vol. 2 appendix B: NP_ENABLE is bit 0 of the nested paging control.
# A field, the bits that must be set in it and those that must be clear.
EPT, UNRESTRICTED = 1 << 1, 1 << 7
CLAIMS = {"vmx-ug": ("vmcs.proc_based2", EPT | UNRESTRICTED, 0),
	  "vmx-ept": ("vmcs.proc_based2", EPT, UNRESTRICTED),
	  "vmx-shadow": ("vmcs.proc_based2", 0, EPT | UNRESTRICTED),
	  "svm-npt": ("vmcb.np_enable", 1 << 0, 0),
	  "svm-shadow": ("vmcb.np_enable", 0, 1 << 0)}
WAYS = {"vmx-ept": {"hidden", "vm86", "emulated", "native"},
	"vmx-shadow": {"hidden", "vm86", "emulated", "shadow"},
	"svm-shadow": {"hidden", "paged-real", "shadow"}}
COUNTED = ("outcome", "output_sha256", "exits", "instructions", "timeline", "controls")

def runs(path):
	found = {}
	for run in json.load(open(path))["runs"]:
		if run["outcome"] in ("pass", "differs", "fail"):
			key = "%s %s %s" % (run["guest"], run["rung"], run["machine"])
			found[key] = run
	return found

def check(good, rule, details=()):
	for line in details:
		print("#", line)
	print("ok" if good else "not ok", "-", rule)
	return good

first, second = runs(sys.argv[1]), runs(sys.argv[2])
second.update(runs(sys.argv[3]))
good = check(second and second.keys() <= first.keys(), "the second comparison runs the same")
unlike = ["%s: %s" % (key, field) for key in first.keys() & second.keys() for field in COUNTED
	  if first[key].get(field) != second[key].get(field)]
good &= check(not unlike, "counts repeat exactly", unlike)
for rung, (field, bits, clear) in CLAIMS.items():
	without = [key for key, run in first.items() if run["rung"] == rung and
		   run["outcome"] == "pass" and
		   run["controls"].get(field, clear) & (bits | clear) != bits]
	ran = any(run["rung"] == rung and run["outcome"] == "pass" for run in first.values())
	good &= check(ran and not without, "%s: read back from the hardware" % rung, without)
for rung, expected in WAYS.items():
	ways = {s["ran_as"] for run in first.values() if run["rung"] == rung
		for s in run["timeline"]}
	good &= check(expected <= ways, "%s: all its ways of running occur" % rung, sorted(ways))
sys.exit(0 if good else 1)
PYTHON

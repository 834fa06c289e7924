#!/bin/sh
# Traces of whole runs: what the file holds is what the report counts and what the guest's
# image has at each address, a trace changes nothing of the run, and what is dropped is
# counted.
#
# usage: test_trace.sh [BUILD]
set -u

build=${1:-build}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# traced NAME RUNG MACHINE ARGUMENT...
traced() {
	name=$1 rung=$2 machine=$3
	shift 3
	"$build/diptych" run modes --rung "$rung" --machine "$machine" "$@" \
		--json "$work/$name.report" --records "$work/$name.jsonl" \
		> "$work/$name.txt" 2>&1 || sed 's/^/# /' "$work/$name.txt"
}
traced ept vmx-ept bochs:corei5_lynnfield_750 --trace "$work/ept.json" --trace-keep first:400 &
traced npt svm-npt qemu:EPYC --trace "$work/npt.json" --trace-keep 16384
traced ring svm-npt qemu:EPYC --trace "$work/ring.json" --trace-keep 300
traced plain svm-npt qemu:EPYC
traced shadow svm-shadow qemu:EPYC-npt --trace "$work/shadow.json" --trace-keep 16384
wait

# shellcheck source=tests/system/usage.sh
. tests/system/usage.sh
usage_error "a trace on bare" modes --rung bare --machine qemu:EPYC --trace "$work/no.json"
usage_error "a trace of nothing" modes --trace "$work/no.json" --trace-keep 0
usage_error "a trace of too much" modes --trace "$work/no.json" --trace-keep 16385
usage_error "a trace of a word" modes --trace "$work/no.json" --trace-keep first
usage_error "a size without a trace" modes --trace-keep 10

python3 - "$work" "$build/guests/modes.bin" <<'PYTHON'
import json, sys
from collections import Counter

work, image = sys.argv[1], open(sys.argv[2], "rb").read()
LOADED = 0x7c00			# a boot sector's address
MODES, EXITS, EMULATED = 1, 2, 3
PAGED = ("32bit", "pae", "long")
# What makes such an exit, by the manuals' names.
MAKES = {
	"io": ("in", "out", "ins", "outs", "rep"), "cpuid": ("cpuid",),
	"msr": ("rdmsr", "wrmsr"), "hlt": ("hlt",), "invlpg": ("invlpg",),
	"cr-access": ("mov", "lmsw", "clts", "smsw"), "dr-access": ("mov",),
}

failed = []
def check(name, good):
	print("ok" if good else "not ok", "-", name)
	if not good:
		failed.append(name)

# The format: each event has what its phase needs; tracks go forward, nothing overlaps.
def well_formed(events):
	last = {}
	for e in events:
		if not isinstance(e.get("name"), str) or not isinstance(e.get("pid"), int) or \
				not isinstance(e.get("tid"), int):
			return False
		if e["ph"] == "M":
			continue
		if not isinstance(e.get("ts"), int) or e["ts"] < last.get(e["tid"], 0):
			return False
		last[e["tid"]] = e["ts"]
		if e["ph"] == "X":
			if not isinstance(e.get("dur"), int) or e["dur"] < 0:
				return False
			last[e["tid"]] += e["dur"]
		elif e["ph"] not in "iC":
			return False
	return True

def of(events, track, phase="X"):
	return [e for e in events if e["ph"] == phase and e["tid"] == track]

def stretches(names):
	return [n for i, n in enumerate(names) if not i or names[i - 1] != n]

def in_image(e):
	a = e["args"]
	at = int(a.get("linear", a["rip"]), 16) - LOADED
	code = bytes.fromhex(a["bytes"])
	return not 0 <= at < len(image) or image[at:at + len(code)] == code

def run_of(name):
	runs = json.load(open(f"{work}/{name}.report"))["runs"]
	run = [r for r in runs if r["rung"] != "bare"][0]
	return {**run, **run["exits"]}

def load(name):
	try:
		return json.load(open(f"{work}/{name}.json")), run_of(name)
	except (OSError, ValueError) as e:
		check(f"{name}: ran ({e})", False)
		return None, None

for name in ("npt", "shadow", "ept", "ring"):
	trace, run = load(name)
	if not trace:
		continue
	events, other = trace["traceEvents"], trace["otherData"]
	exits = of(events, EXITS)
	reasons = Counter(e["name"] for e in exits if not e["args"].get("observed"))
	observed = sum(1 for e in exits if e["args"].get("observed"))
	check(f"{name}: the guest passes", run["outcome"] == "pass")
	check(f"{name}: every event has what its phase needs, in order", well_formed(events))
	check(f"{name}: kept and dropped make all", exits and
	      len(exits) + other["dropped_exits"] == run["total"] == other["exits"])
	numbers = [e["args"]["exit"] for e in exits]
	check(f"{name}: no exit is missing between two",
	      numbers == list(range(numbers[0], numbers[0] + len(exits))))
	check(f"{name}: the bytes are the guest's", all(map(in_image, exits)))
	check(f"{name}: what exits is what its reason says",
	      all(e["args"]["instruction"].split()[0] in MAKES[e["name"]]
		  for e in exits if e["name"] in MAKES))
	spans = of(events, MODES)
	check(f"{name}: an exit lies in a span of its mode",
	      all(any(s["ts"] <= e["ts"] and e["ts"] + e["dur"] <= s["ts"] + s["dur"] and
		      s["name"] == "%(mode)s, %(ran_as)s" % e["args"] for s in spans)
		  for e in exits[:100] + exits[-100:]))
	if other["dropped_exits"]:
		continue
	check(f"{name}: reasons as the report counts them",
	      reasons == run["by_reason"] and observed == run["observe"])
	modes = stretches([(s["mode"], s["ran_as"]) for s in run["timeline"]])
	check(f"{name}: the modes of the timeline, in its order",
	      ["%s, %s" % m for m in modes] == [s["name"] for s in spans])
	paged = stretches([m[0] in PAGED for m in modes])
	check(f"{name}: CR0.PG changes when the mode does",
	      [e["name"] for e in of(events, MODES, "i")] ==
	      ["CR0.PG = %d" % p for p in paged[1:]])
	check(f"{name}: the guest's share is what the report has",
	      exits[-1]["args"]["guest"] == run["instructions"]["guest"])

npt, run = load("npt")
ring, _ = load("ring")
ept, _ = load("ept")
shadow, _ = load("shadow")
plain = run_of("plain")
if npt and ring and ept and shadow:
	for key in ("total", "observe", "by_reason", "output_sha256", "end", "code"):
		check(f"a trace changes nothing: {key}", run[key] == plain[key])
	check("a trace changes nothing: instructions of the guest",
	      run["instructions"]["guest"] == plain["instructions"]["guest"] and
	      [(s["at"], s["mode"], s["exits"]) for s in run["timeline"]] ==
	      [(s["at"], s["mode"], s["exits"]) for s in plain["timeline"]])
	told = lambda t: [(e["name"], e["args"]) for e in of(t["traceEvents"], EXITS)]
	check("a small ring has the end of the large one", told(ring) == told(npt)[-300:])
	check("the first are kept when asked for",
	      of(ept["traceEvents"], EXITS)[0]["args"]["exit"] == 1 and
	      len(of(ept["traceEvents"], EXITS)) <= 400)
	check("shadow pages are counted where there are any",
	      of(shadow["traceEvents"], 0, "C") and not of(npt["traceEvents"], 0, "C"))
sys.exit(bool(failed))
PYTHON

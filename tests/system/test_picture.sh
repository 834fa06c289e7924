#!/bin/sh
# Pictures of addresses: a guest asks for them in every mode, and what they show must be
# what it wrote, on shadow tables and with nested paging; so must the printed text.
#
# usage: test_picture.sh [BUILD]
set -u

build=${1:-build}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
nasm -f bin -Itests/guests/ -o "$work/picture.bin" tests/system/picture.asm || exit 1

for where in svm-shadow,sync=protect:qemu:EPYC-npt svm-shadow:bochs:turion64_tyler \
	svm-npt:qemu:EPYC vmx-shadow:bochs:core2_penryn_t9600 \
	vmx-ept:bochs:corei5_lynnfield_750; do
	rung=${where%%:*}
	"$build/diptych" run "$work/picture.bin" --kind boot-sector --rung "$rung" \
		--machine "${where#*:}" --dump-mmu 0x7c00 --dump-mmu 4096 \
		--records "$work/$rung.jsonl" > "$work/$rung.txt" 2>&1 ||
		sed 's/^/# /' "$work/$rung.txt"
done

# shellcheck source=tests/system/usage.sh
. tests/system/usage.sh
usage_error "an address on bare" tables --rung bare --machine qemu:EPYC --dump-mmu 0x1000
usage_error "a word for an address" tables --dump-mmu here
usage_error "an address of more than 64 bits" tables --dump-mmu 0x10000000000000000
usage_error "a fifth address" tables --dump-mmu 1 --dump-mmu 2 --dump-mmu 3 --dump-mmu 4 \
	--dump-mmu 5

python3 - "$work" <<'PYTHON'
import json, re, sys

work = sys.argv[1]
P, W, U, A, D, PS, NX = 1, 2, 4, 0x20, 0x40, 0x80, 1 << 63
RIGHTS = P | W | U | NX
FRAME_A, FRAME_B, TABLE, LARGE = 0x300000, 0x301000, 0x102000, 0x400000
# Address, last entry (SDM 3A tables 4-4 to 4-20: as written, and A, D as the access was),
# physical address, the rights the hardware gives, and why.
SAME = "the same rights"
PAGES = [
	(0x801123, FRAME_A | P | W | U | A | D, FRAME_A | 0x123, P | W | U, SAME),
	(0x802000, FRAME_A | P | U | A, FRAME_A, P | U, SAME),
	(0x803000, FRAME_B | P | W | A, FRAME_B, P, "dirty bit"),
	(0x804000, TABLE | P | W | A, TABLE, P, "holds a table"),
	(0x805000, 0, None, 0, "not present"),
	(0xc07000, LARGE | P | W | A | D | PS, LARGE | 0x7000, P | W, None),
]
NO_EXEC = (0x806000, NX | FRAME_A | P | U | A, FRAME_A, NX | P | U, SAME)
PATHS = {"32bit": ["PD", "PT"], "pae": ["PDPT", "PD", "PT"],
	 "long": ["PML4", "PDPT", "PD", "PT"]}
FLAGS = [(0, "P"), (1, "W"), (2, "U"), (5, "A"), (6, "D"), (7, "PS"), (8, "G"), (63, "NX")]
ALL = ["svm-shadow,sync=protect", "svm-shadow", "svm-npt", "vmx-shadow", "vmx-ept"]

failed = []
def check(name, good):
	print("ok" if good else "not ok", "-", name)
	if not good:
		failed.append(name)

def spelled(entry, lowest):
	return " ".join(n if entry >> b & 1 and not (lowest and n == "PS") else "." * len(n)
			for b, n in FLAGS)

# EPT entries know no user: SDM 3C table 28-6. Guest RAM may be used in all ways.
def right(record, page, shadow, nested):
	address, entry, physical, rights, why = page
	path = PATHS[record["mode"]]
	path = path[:-1] if entry & PS else path
	levels = record["levels"]
	names = ("PML5", "PML4", "PDPT", "PD", "PT")
	guest = [l for l in names if "guest" in levels.get(l, {})]
	last = levels.get(path[-1], {})
	if guest != path or record["address"] != address or last["guest"] != entry:
		return False
	if record.get("physical") != physical:
		return False
	if record["outcome"] != ("maps" if physical is not None else "not-present"):
		return False
	if not shadow:
		if "why" in last:
			return False
		return physical is None or record["nested"]["rights"] == nested
	# 4 MiB are two leaves of 2 MiB, 2 MiB may be one.
	if why is None:
		why = "smaller" if record["mode"] == "32bit" else SAME
	if why == "holds a table" and "protect" not in rung and \
			"dirty bit" in last["why"]:
		# The guest has just written its entries, so the table is out of step and open;
		# what keeps the page read-only then is D, which no write has set.
		return last["hardware"] & RIGHTS == rights
	return last["hardware"] & RIGHTS == rights and why in last["why"]

def printed(record, text, shadow):
	title = "0x%016x on " % record["address"]
	blocks = [b for b in text.split("\n0x") if ("0x" + b).startswith(title) and
		  "mode " + record["mode"] in b]
	for name, level in record["levels"].items():
		for side in ("guest", "hardware"):
			if side not in level:
				continue
			line = "at 0x%08x  0x%0*x" % (level[side + "_at"], 8 if side == "guest" and
				record["mode"] == "32bit" else 16, level[side])
			words = spelled(level[side], name == "PT")
			if not any(line in b and words in b for b in blocks):
				return False
	return bool(blocks)

for rung in ALL:
	shadow = "shadow" in rung
	try:
		records = [json.loads(l) for l in open(f"{work}/{rung}.jsonl")]
		text = open(f"{work}/{rung}.txt").read()
	except OSError:
		check(f"{rung}: ran", False)
		continue
	end = records[-1]
	check(f"{rung}: the guest ends as it should",
	      (end["record"], end.get("end"), end.get("code")) == ("end", "exit", 0))
	check(f"{rung}: no picture is dropped", end.get("dropped_pictures") == 0)
	mmu = [r for r in records if r["record"] == "mmu"]
	calls = [r for r in mmu if r["when"] == "call"]
	flat = {r["mode"]: r for r in calls if r["mode"] in ("real", "unpaged")}
	for mode, address in (("real", 0x1234), ("unpaged", FRAME_A)):
		r = flat.get(mode)
		check(f"{rung}: {mode}: linear is physical",
		      r is not None and r["physical"] == r["address"] == address and
		      not any("guest" in l for l in r["levels"].values()))
	for mode in PATHS:
		pages = PAGES + ([NO_EXEC] if mode != "32bit" else [])
		here = [r for r in calls if r["mode"] == mode]
		check(f"{rung}: {mode}: a picture each time", len(here) == len(pages))
		for r, page in zip(here, pages):
			check(f"{rung}: {mode}: {page[0]:x} as the guest wrote it",
			      right(r, page, shadow, "RWXU" if rung == "svm-npt" else "RWX"))
		check(f"{rung}: {mode}: the text spells what the records hold",
		      bool(here) and all(printed(r, text, shadow) for r in here))
	check(f"{rung}: the addresses of the command line at the end",
	      [r["address"] for r in mmu if r["when"] == "end"] == [0x7c00, 4096])
	check(f"{rung}: at most 100 columns, no blanks at the end",
	      not re.search(r"^(?!ended by).{101}| $", text, re.M))
sys.exit(bool(failed))
PYTHON

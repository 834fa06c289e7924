#!/bin/bash
# The disc of `diptych iso`: started by a BIOS as a hard disk and by UEFI from a stick,
# what it shows and what it sends; and many runs without a reset in between, each held to
# the same run by itself. Must not need the network.
#
# usage: test_iso.sh [BUILD]
set -u
build=$(realpath "${1:-build}")
cd "$(dirname "$0")/../.." || exit 1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
guests="modes segments triple"
last="diptych metal LOG"

ok() { echo "ok - $1"; }
fail() { echo "not ok - $1: $2"; failed=1; }
skip() { echo "ok - $1 # SKIP $2"; }

# contains NAME FILE PATTERN
contains() {
	if grep -aqE -- "$3" "$2"; then
		ok "$1"
	else
		fail "$1" "no '$3' in: $(tail -c 300 "$2" | tr -d '\r' | tr '\n' '|')"
	fi
}

# machine DIR ARGS...: QEMU with two serial ports; commands for it come from stdin.
machine() {
	local dir=$1
	shift
	timeout 150 qemu-system-x86_64 -accel tcg -display none -no-reboot -net none \
		-cpu EPYC,+svm,+npt -m 512 -serial "file:$dir/com1" \
		-serial "file:$dir/com2" "$@" > "$dir/monitor" 2> "$dir/errors"
}

# shown DIR COMMAND: once the table is out, COMMAND for the monitor, and the end.
shown() {
	for _ in $(seq 1400); do
		grep -aqsF "$last" "$1/com1" && break
		sleep 0.1
	done
	printf '%s\nquit\n' "$2"
}

bios_start() {
	mkdir -p "$work/bios"
	shown "$work/bios" "pmemsave 0xb8000 4000 \"$work/bios/screen\"" |
		machine "$work/bios" -icount shift=0,sleep=off -monitor stdio \
			-rtc base=2000-01-01T00:00:00,clock=vm \
			-drive "file=$work/disc,format=raw,if=ide,snapshot=on"
}

uefi_start() {
	mkdir -p "$work/uefi"
	cp /usr/share/OVMF/OVMF_VARS.fd "$work/vars"
	shown "$work/uefi" "screendump $work/uefi/screen" |
		machine "$work/uefi" -monitor stdio -device qemu-xhci \
			-drive if=pflash,format=raw,readonly=on,file=/usr/share/OVMF/OVMF_CODE.fd \
			-drive "if=pflash,format=raw,file=$work/vars" \
			-drive "id=stick,file=$work/disc,format=raw,if=none,snapshot=on" \
			-device usb-storage,drive=stick
}

# table NAME DIR: what is said of the runs on COM1, and what the records say of them.
table() {
	tr -d '\r' < "$2/com1" > "$2/text"
	for guest in $guests; do
		contains "$1: $guest in the table" "$2/text" \
			"^$guest +agree +[0-9]+ +[0-9]+[KM]? agree +[0-9]+ +[0-9]+[KM]? "
	done
	contains "$1: rungs that the CPU has not" "$2/text" \
		'^- vmx-ug, vmx-ept, vmx-shadow: this CPU lacks VT-x'
	contains "$1: the sum" "$2/text" '^6 runs: 6 agree, 0 ran alone, 0 differ, 0 fail, 0 errors'
	if "$build/diptych" metal "$2/com2" --machine qemu:EPYC --json "$2/report" \
	   > "$2/metal" 2>&1; then
		ok "$1: all records have come back"
	else
		fail "$1: all records have come back" "$(tail -n 3 "$2/metal")"
	fi
}

# What a run by itself counts: the host's timer apart, whose ticks fall where they fall.
same_exits() {
	"$build/diptych" compare --machines qemu:EPYC --rungs svm-npt,svm-shadow \
		--json "$work/alone" modes segments > "$work/compare" 2>&1
	if python3 - "$work/alone" "$work/bios/report" <<-'PY' > "$work/differ"
	import json, sys
	def counts(path):
	    return {(r["guest"], r["rung"], json.dumps(r["options"])):
	            {k: v for k, v in r["exits"]["by_reason"].items()
	             if k not in ("host-interrupt", "window")}
	            for r in json.load(open(path))["runs"] if r["outcome"] == "pass"}
	alone, disc = counts(sys.argv[1]), counts(sys.argv[2])
	alone = {k: v for k, v in alone.items() if k[1] != "bare"}
	bad = [k for k in alone if alone[k] != disc.get(k)]
	print(len(alone), bad)
	sys.exit(len(alone) != 4 or bool(bad))
	PY
	then
		ok "the disc's runs have the exits of a run by itself"
	else
		fail "the disc's runs have the exits of a run by itself" "$(cat "$work/differ")"
	fi
}

# The screen's rows of text, from the characters and colours of a VGA's memory.
bios_screen() {
	python3 -c 'import sys
text = open(sys.argv[1], "rb").read()[::2].decode("latin-1")
print("\n".join(text[i:i + 80] for i in range(0, len(text), 80)))' \
		"$work/bios/screen" > "$work/bios/rows" 2>&1
	contains "BIOS: the table is on the screen" "$work/bios/rows" \
		'^modes +agree +[0-9]+ +[0-9]+K agree'
	contains "BIOS: and what to do next" "$work/bios/rows" "$last"
}

# Green is the colour of what agrees, and of nothing else.
uefi_screen() {
	if python3 - "$work/uefi/screen" <<-'PY' > "$work/uefi/seen" 2>&1
	import sys
	head, size, depth, dots = open(sys.argv[1], "rb").read().split(b"\n", 3)
	width, height = map(int, size.split())
	dots = [dots[i:i + 3] for i in range(0, 3 * width * height, 3)]
	green = sum(d[1] > 160 and d[0] < 160 for d in dots)
	black = sum(not any(d) for d in dots)
	print(width, height, green, black)
	sys.exit(not (1000 < green < len(dots) / 10 and black > len(dots) / 2))
	PY
	then
		ok "UEFI: the table is on the screen"
	else
		fail "UEFI: the table is on the screen" "$(tail -n 1 "$work/uefi/seen")"
	fi
}

# tour NAME WORDS MODULES: a tour without a disc.
tour() {
	mkdir -p "$work/$1"
	machine "$work/$1" -kernel "$build/diptych.elf" -append "$2" -initrd "$3" \
		-icount shift=0,sleep=off -rtc base=2000-01-01T00:00:00,clock=vm \
		-device isa-debug-exit,iobase=0xf4,iosize=1 -m 256 < /dev/null
}

# The same guest twice, with others before it: each time all that its records say but for
# its place among the runs is what a run by itself says.
same_as_alone() {
	local words="-- mem=64M limit=200000000 kind=boot-sector --"
	local at=$build/guests
	tour twice tour "$at/modes.bin guest=modes $words,\
$at/triple.bin guest=triple $words,$at/modes.bin guest=again $words"
	for rung in svm-npt svm-shadow; do
		"$build/diptych" run modes --rung "$rung" --machine qemu:EPYC \
			--records "$work/$rung" > "$work/run" 2>&1
		for guest in modes again; do
			sed -n "/:\"run\".*\"$guest\".*\"$rung\"/,/\"record\":\"text\"/p" \
				"$work/twice/com2" | sed '1d;$d' > "$work/one"
			if [ -s "$work/one" ] && cmp -s "$work/one" "$work/$rung"; then
				ok "no trace of earlier runs: $guest on $rung"
			else
				fail "no trace of earlier runs: $guest on $rung" \
					"$(diff "$work/one" "$work/$rung" | head -c 300)"
			fi
		done
	done
}

refusals() {
	local image=$build/guests/triple.bin
	tour word "tour bogus=1" "$image guest=a"
	contains "an unknown word is named" "$work/word/com2" '"error","reason":"tour: bogus=1'
	tour nobody tour "$image words of no guest"
	contains "a module of no guest is named" "$work/nobody/com2" \
		'"error","reason":"tour: module 0 belongs to no guest'
	tour rung "tour rungs=svm-npt,colour=red" "$image guest=a"
	contains "an unknown option of a rung is named" "$work/rung/com2" \
		'"reason":"rung option colour'
}

if ! command -v grub-mkrescue > /dev/null; then
	skip "the disc" "grub-mkrescue is not installed"
	exit 0
fi
# shellcheck disable=SC2086 # a list of guests
if "$build/diptych" iso --output "$work/iso" $guests > "$work/made" 2>&1; then
	ok "the disc is made"
else
	fail "the disc is made" "$(tail -n 1 "$work/made")"
fi
# The menu waits in the machine's own time, which is slow here.
sed 's/set timeout=5/set timeout=0/' "$work/iso" > "$work/disc"
bios_start &
if [ ! -e /usr/share/OVMF/OVMF_CODE.fd ] || [ ! -d /usr/lib/grub/x86_64-efi ]; then
	skip "UEFI" "ovmf or grub-efi-amd64-bin is not installed"
	wait
else
	uefi_start &
	wait
	table UEFI "$work/uefi"
	uefi_screen
fi
table BIOS "$work/bios"
bios_screen
same_exits
same_as_alone
refusals
exit $failed

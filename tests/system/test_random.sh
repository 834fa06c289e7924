#!/bin/bash
# Guests of random bytes on each rung: whatever they do, they end as guests end, within
# their limit, and neither the hypervisor nor its emulator falls. Must not need the
# host program. The seed in a line's name makes the same guest again.
#
# usage: test_random.sh [build directory with diptych.elf]
#	RANDOM_QEMU=n, RANDOM_BOCHS=n: guests for each rung; RANDOM_FIRST=n: the first seed
#	test_random.sh --one BUILD RUNG SEED: one of them
set -u
self=$(realpath "$0")
cd "$(dirname "$0")/../.." || exit 1
limit=1000000
bytes=16384
# What one exit may take: REP is emulated some hundred times before the clock is looked at.
# On Bochs some guests keep the timer's interrupt off, but not the heartbeat of 55 ms, at 50
# million instructions a second.
slack_qemu=1000000 slack_bochs=4000000
wall=240		# s: code that writes over itself is slow on emulators

machine_of() {
	case $1 in
	svm-npt)	echo EPYC,+svm,+npt;;
	svm-shadow)	echo EPYC,+svm,-npt;;
	vmx-ug)		echo corei5_arrandale_m520;;
	vmx-ept)	echo corei5_lynnfield_750;;
	vmx-shadow)	echo core2_penryn_t9600;;
	esac
}

# make_guest SEED: leaves $work/guest; `about` says what it is, `kind` how it is loaded.
make_guest() {
	local catch="" start=32
	kind=kind=flat
	case $(($1 / 2 % 4)) in
	0) start=16 kind=kind=boot-sector;;
	2) start=64 kind=entry=64;;
	3) catch="-DPAGED";;
	esac
	# One in four falls at its first fault, as code without handlers does.
	[ $(($1 / 8 % 4)) = 3 ] && catch="" || catch="-DCATCH $catch"
	about="start $start${catch:+ ${catch//-D/}}"
	tests/system/random_bytes.py "$1" $bytes > "$work/bytes"
	# shellcheck disable=SC2086
	nasm -f bin -DSTART=$start -DSEED="$1" $catch -DBYTES="'$work/bytes'" \
		-o "$work/guest" tests/system/random.asm
}

run_qemu() {
	timeout $wall qemu-system-x86_64 -nodefaults -no-user-config -accel tcg \
		-icount shift=0,sleep=off -cpu "$(machine_of "$1")" -m 256 \
		-display none -monitor none -no-reboot \
		-serial "file:$work/output" -serial "file:$work/records" \
		-device isa-debug-exit,iobase=0xf4,iosize=1 \
		-kernel "$build/diptych.elf" -append "$2" -initrd "$work/guest" \
		> "$work/said" 2>&1
	# The hypervisor ends QEMU by that device: an odd status.
	case $? in
	124)	emulator="QEMU did not end in $wall s";;
	*[13579]) ;;
	*)	emulator="QEMU fell: $(tail -n 1 "$work/said")";;
	esac
}

run_bochs() {
	local options
	# A word each.
	# shellcheck disable=SC2086
	printf -v options " '%s'" $2
	printf 'set timeout=0\nmultiboot2 /hv%s\nmodule2 /guest\nboot\n' \
		"$options" > "$work/grub.cfg"
	xorriso -as mkisofs -quiet -o "$work/iso" -b grub.img -no-emul-boot \
		-boot-load-size 4 -boot-info-table -graft-points \
		/grub.img="$GRUB_IMAGE" /grub.cfg="$work/grub.cfg" \
		/hv="$build/diptych.elf" /guest="$work/guest" > "$work/said" 2>&1
	cat > "$work/bochsrc" <<-RC
	config_interface: textconfig
	display_library: term
	memory: guest=256, host=256
	romimage: file=/usr/share/bochs/BIOS-bochs-latest, options=fastboot
	vgaromimage: file=/usr/share/bochs/VGABIOS-lgpl-latest
	cpu: model=$(machine_of "$1"), count=1, ips=50000000, reset_on_triple_fault=0
	ata0: enabled=1, ioaddr1=0x1f0, ioaddr2=0x3f0, irq=14
	ata0-master: type=cdrom, path=$work/iso, status=inserted
	boot: cdrom
	clock: sync=none, time0=946684800
	com1: enabled=1, mode=file, dev=$work/output
	com2: enabled=1, mode=file, dev=$work/records
	log: $work/bochs.log
	panic: action=fatal
	RC
	echo c > "$work/commands"
	# Bochs' display wants a terminal: script gives it one.
	TERM=vt100 timeout $wall script -qc \
		"bochs -q -f $work/bochsrc -rc $work/commands" /dev/null \
		< /dev/null > "$work/said" 2>&1
	[ $? != 124 ] || emulator="Bochs did not end in $wall s"
	# Asked to end by the hypervisor it says so, and that panic is none.
	if grep -a 'PANIC' "$work/bochs.log" | grep -aqv 'port 8900\|hutdown'; then
		emulator="Bochs: $(grep -a PANIC "$work/bochs.log" | tail -n 1)"
	fi
}

# What the last record says, when it is an end that a guest can have; else nothing.
ending() {
	tail -n 1 "$work/records" |
		grep -aoE '^\{"record":"end","end":"(exit|halt|triple-fault|limit|stopped|reset)"' |
		grep -v 'does not know' | sed 's/.*"end":"//; s/"$//'
}

# one BUILD RUNG SEED: one line of TAP.
one() {
	local name end total emulator="" kind about slack=$slack_bochs
	build=$1
	work=$(mktemp -d) || exit 2
	: > "$work/output"
	: > "$work/records"
	make_guest "$3" || exit 2
	name="$2 seed $3 ($about)"
	case $2 in
	svm-*)	slack=$slack_qemu
		run_qemu "$2" "rung=$2 mem=64M limit=$limit $kind";;
	*)	run_bochs "$2" "rung=$2 mem=64M limit=$limit $kind";;
	esac
	end=$(ending)
	total=$(tail -n 1 "$work/records" | sed -n 's/.*"total":\([0-9]*\).*/\1/p')
	if [ -n "$emulator" ]; then
		echo "not ok - $name: $emulator"
	elif [ -z "$end" ]; then
		echo "not ok - $name: $(tail -n 1 "$work/records" | cut -c 1-300)"
	elif grep -aq 'does not know' "$work/records"; then
		echo "not ok - $name: $(grep -ao '"reason":"[^"]*"' "$work/records")"
	elif [ "$total" -gt $((limit + slack)) ]; then
		echo "not ok - $name: $total ticks, its limit was $limit"
	else
		echo "ok - $name: $end"
	fi
	[ -z "${RANDOM_KEEP:-}" ] || cp "$work/records" "$RANDOM_KEEP/$2-$3"
	rm -rf "$work"
}

# needs PROGRAM RUNG: else the rung is a skip.
needs() {
	command -v "$1" > /dev/null && return
	echo "ok - $2 # SKIP $1 is not installed"
	return 1
}

# all RUNG COUNT: each in a process of its own, as many as there are CPUs.
all() {
	local first=${RANDOM_FIRST:-0}
	seq "$first" $((first + $2 - 1)) |
		xargs -P "$(nproc)" -I'{}' "$self" --one "$build" "$1" '{}'
}

if [ "${1:-}" = --one ]; then
	one "$2" "$3" "$4"
	exit
fi
build=$(realpath "${1:-build}")
[ -e "$build/diptych.elf" ] || { echo "no $build/diptych.elf" >&2; exit 2; }
export GRUB_IMAGE
GRUB_IMAGE=$(mktemp)
trap 'rm -f "$GRUB_IMAGE"' EXIT
failed=0
for rung in svm-npt svm-shadow; do
	needs qemu-system-x86_64 $rung || continue
	all $rung "${RANDOM_QEMU:-24}" || failed=1
done
for rung in vmx-ug vmx-ept vmx-shadow; do
	{ needs bochs $rung && needs xorriso $rung && needs grub-mkimage $rung; } || continue
	[ -s "$GRUB_IMAGE" ] || grub-mkimage -O i386-pc-eltorito -p / -o "$GRUB_IMAGE" \
		biosdisk iso9660 multiboot2 normal boot configfile
	all $rung "${RANDOM_BOCHS:-4}" || failed=1
done
exit $failed

#!/bin/bash
# The way from every boot loader to the core: multiboot 1 and 2, BIOS and UEFI, QEMU and
# Bochs; what is wrong in a command line; every kind of host fault; and the state in
# which the bare hand-over starts a guest. Must not need the host program.
#
# usage: test_boot.sh [build directory with diptych.elf and hv/]
set -u
build=$(realpath "${1:-build}")
cd "$(dirname "$0")/../.." || exit 1
[ -e "$build/diptych.elf" ] || { echo "no $build/diptych.elf" >&2; exit 2; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
guest_args="rung=bare mem=64M"
qemu_limit=60

ok() { echo "ok - $1"; }
fail() { echo "not ok - $1: $2"; failed=1; }
skip() { echo "ok - $1 # SKIP $2"; }

# contains NAME FILE TEXT: the file has the text.
contains() {
	if grep -aqF -- "$3" "$2"; then
		ok "$1"
	else
		fail "$1" "no '$3' in: $(tail -c 400 "$2" | tr -d '\r')"
	fi
}

# equals NAME FILE EXPECTED: the file's last lines are those of EXPECTED. Firmware and
# loader may have used the port before; GRUB leaves a carriage return.
equals() {
	tail -n "$(wc -l < "$3")" "$2" | tr -d '\r' > "$work/tail"
	if cmp -s "$work/tail" "$3"; then
		ok "$1"
	else
		fail "$1" "$(diff "$work/tail" "$3" | head -5 | tr '\n' ' ')"
	fi
}

# complete NAME: the records end with exactly one closing record, each line is JSON.
complete() {
	local closing
	closing=$(grep -acE '"record":"(end|error|handoff)"' "$work/records")
	if [ "$closing" = 1 ] && grep -a '"record"' "$work/records" |
	   python3 -c 'import json, sys; [json.loads(l) for l in sys.stdin]'; then
		ok "$1"
	else
		fail "$1" "$closing closing records"
	fi
}

# qemu ARGS...: leaves $work/guest and $work/records.
qemu() {
	: > "$work/guest"
	: > "$work/records"
	timeout "$qemu_limit" qemu-system-x86_64 -accel tcg -display none \
		-no-reboot -net none -m "${memory:-256}" \
		-cpu "${cpu:-EPYC,+svm,+npt}" -serial "file:$work/guest" \
		-serial "file:$work/records" \
		-device isa-debug-exit,iobase=0xf4,iosize=1 "$@" \
		2> "$work/qemu-errors"
}

# kernel ELF "command line" [guest[,guest]]
kernel() {
	qemu -icount shift=0,sleep=off -kernel "$1" -append "$2" \
		${3:+-initrd "$3"}
}

# iso mb1|mb2 GUEST: makes $work/KIND.iso.
iso() {
	local root=$work/iso-$1 multiboot=multiboot module=module
	[ "$1" = mb1 ] || { multiboot=multiboot2; module=module2; }
	mkdir -p "$root/boot/grub"
	cp "$build/diptych.elf" "$root/boot/hv"
	cp "$2" "$root/boot/guest"
	cat > "$root/boot/grub/grub.cfg" <<-CFG
	$multiboot /boot/hv $guest_args
	$module /boot/guest the guest
	boot
	CFG
	grub-mkrescue -o "$work/$1.iso" "$root" > "$work/iso-log" 2>&1
}

# bochs_run ISO MODEL
bochs_run() {
	cat > "$work/bochsrc" <<-RC
	config_interface: textconfig
	display_library: term
	memory: guest=256, host=256
	romimage: file=/usr/share/bochs/BIOS-bochs-latest, options=fastboot
	vgaromimage: file=/usr/share/bochs/VGABIOS-lgpl-latest
	cpu: model=$2, count=1, ips=50000000, reset_on_triple_fault=0, ignore_bad_msrs=1
	ata0: enabled=1, ioaddr1=0x1f0, ioaddr2=0x3f0, irq=14
	ata0-master: type=cdrom, path=$1, status=inserted
	boot: cdrom
	clock: sync=none, time0=946684800
	com1: enabled=1, mode=file, dev=$work/guest
	com2: enabled=1, mode=file, dev=$work/records
	log: $work/bochs.log
	panic: action=fatal
	RC
	echo c > "$work/bochs-commands"
	: > "$work/guest"
	: > "$work/records"
	# Bochs' display wants a terminal: script gives it one.
	TERM=vt100 timeout 60 script -qc \
		"bochs -q -f $work/bochsrc -rc $work/bochs-commands" \
		/dev/null < /dev/null > /dev/null 2>&1
}

# The state a guest starts in. SDM 3A "Processor State After Reset" 9.1.1 for what is not
# the loader's choice; EDX is the boot drive; the last line is whether a byte past
# 64 KiB faults, which QEMU does not check and Bochs does.
real_state() {
	printf '%08x\n' 0 0 0 0x80 0 0 0 0x7c00 2 0 0 0 0 0 0 0xffff 0 0x3ff \
		0 0x10 0 0 0 "$1"
}

# Multiboot 0.6.96 "Machine state" 3.2: EAX, EFLAGS, CS, DS, SS, CS limit, CR0, CR3,
# CR4, EFER.
flat_state() {
	printf '%08x\n' 0x2badb002 2 0x10 0x18 0x18 0xffffffff 0x11 0 0 0
}

test_hand_over() {
	real_state 0 > "$work/real-qemu"
	real_state 1 > "$work/real-bochs"
	flat_state > "$work/flat"
	kernel "$build/diptych.elf" "$guest_args" "$work/real.bin"
	equals "bare: real mode starts as after reset" "$work/guest" "$work/real-qemu"
	complete "bare: the stream ends with the hand-over"
	contains "bare: TSC counts instructions under -icount" "$work/records" \
		'"unit":"instructions"'
	kernel "$build/diptych.elf" "$guest_args" "$work/flat.bin"
	equals "bare: multiboot 1 starts flat and unpaged" "$work/guest" "$work/flat"
	qemu -kernel "$build/diptych.elf" -append "$guest_args" \
		-initrd "$work/real.bin"
	contains "without -icount the TSC counts cycles" "$work/records" \
		'"unit":"cycles"'
}

# test_loaders BOCHS-MODEL...: one for each multiboot version.
test_loaders() {
	local kind
	for kind in mb1 mb2; do
		if ! iso $kind "$work/real.bin"; then
			fail "$kind ISO" "$(tail -1 "$work/iso-log")"
			shift
			continue
		fi
		qemu -icount shift=0,sleep=off -cdrom "$work/$kind.iso"
		equals "GRUB BIOS, $kind, QEMU" "$work/guest" "$work/real-qemu"
		complete "GRUB BIOS, $kind, QEMU: records"
		test_uefi $kind
		if command -v bochs > /dev/null; then
			bochs_run "$work/$kind.iso" "$1"
			equals "GRUB BIOS, $kind, Bochs $1" "$work/guest" \
				"$work/real-bochs"
			contains "Bochs $1: TSC counts instructions" \
				"$work/records" '"unit":"instructions"'
		else
			skip "GRUB BIOS, $kind, Bochs" "bochs is not installed"
		fi
		shift
	done
}

test_uefi() {
	local code=/usr/share/OVMF/OVMF_CODE.fd vars=/usr/share/OVMF/OVMF_VARS.fd
	if [ ! -e $code ]; then
		skip "GRUB UEFI, $1" "package ovmf is not installed"
	elif [ ! -d /usr/lib/grub/x86_64-efi ]; then
		skip "GRUB UEFI, $1" "package grub-efi-amd64-bin is not installed"
	else
		cp $vars "$work/vars.fd"
		qemu -drive "if=pflash,format=raw,readonly=on,file=$code" \
			-drive "if=pflash,format=raw,file=$work/vars.fd" \
			-cdrom "$work/$1.iso"
		equals "GRUB UEFI, $1, QEMU" "$work/guest" "$work/real-qemu"
		complete "GRUB UEFI, $1, QEMU: records"
	fi
}

# refused NAME TEXT: the last run was an error that says TEXT, on both ports.
refused() {
	contains "$1" "$work/records" '{"record":"error","reason":"'
	contains "$1: named in the record" "$work/records" "$2"
	contains "$1: named on the console" "$work/guest" "$2"
	complete "$1: nothing else"
}

test_refusals() {
	local elf=$build/diptych.elf guest=$work/real.bin
	kernel "$elf" "rung=bogus" "$guest"
	refused "unknown rung" "rung=bogus"
	kernel "$elf" "rung=bare,colour=red" "$guest"
	refused "unknown option" "colour"
	kernel "$elf" "rung=bare mem=64M speed=9" "$guest"
	refused "unknown word" "speed: no such option"
	kernel "$elf" "$guest_args"
	refused "missing module" "no guest"
	kernel "$elf" "rung=svm-npt mem=1G" "$guest"
	refused "too much memory" "too much memory: mem=1024M, but at most"
	kernel "$elf" "rung=bare mem=200M" "$guest"
	refused "too much memory for bare" "fit into this machine twice"
	head -c 65536 /dev/zero > "$work/rom"
	kernel "$elf" "$guest_args kind=firmware" "$work/rom"
	refused "firmware on bare" "give the image to the emulator as its ROM"
	memory=4 kernel "$elf" "$guest_args" "$guest"
	refused "tiny machine" "too little memory"
	cpu=qemu32 kernel "$elf" "$guest_args" "$guest"
	refused "CPU without long mode" "this CPU has no long mode"
	cpu=qemu64,-nx kernel "$elf" "$guest_args" "$guest"
	refused "CPU without NX" "this CPU has no execute-disable"
	kernel "$elf" "rung=bare -- $(head -c 3000 /dev/zero | tr '\0' x)" "$guest"
	refused "endless command line" "the command line is longer than"
	kernel "$elf" "$guest_args" "$(printf "$guest%.0s," {1..10})$guest"
	refused "too many modules" "more than 9 modules"
}

# fault_elf NUMBER: the same objects, but for those that know of the self-test.
fault_elf() {
	local objects=() file
	for file in boot/main boot/stop boot/selftest; do
		${CC:-gcc} -std=c17 -O2 -ffreestanding -fno-stack-protector \
			-fno-pic -fno-pie -mno-red-zone -mgeneral-regs-only \
			-mcmodel=small -fcf-protection=none -I. \
			-DSELFTEST_FAULT="$1" -c $file.c \
			-o "$work/$(basename $file).o" || return 1
		objects+=("$work/$(basename $file).o")
	done
	while read -r file; do
		case $file in
		*/boot/main.o|*/boot/stop.o|*/boot/selftest.o) ;;
		*) objects+=("$file");;
		esac
	done < <(find "$build/hv" -name '*.o')
	ld -nostdlib -static -z max-page-size=4096 -z noexecstack \
		-T boot/link.ld -o "$work/fault64" "${objects[@]}" \
		2> "$work/ld-errors" &&
	objcopy -O elf32-i386 "$work/fault64" "$work/fault.elf"
}

# fault NAME MACRO REASON [CONSOLE]: what record and console must say.
fault() {
	local number
	number=$(awk -v m="$2" '$2 == m { print $3 }' boot/selftest.h)
	if ! fault_elf "$number"; then
		fail "$1" "does not build"
		return
	fi
	kernel "$work/fault.elf" "$guest_args" "$work/real.bin"
	contains "$1: record" "$work/records" "\"record\":\"error\",\"reason\":\"$3"
	[ -z "${4:-}" ] || contains "$1: console" "$work/guest" "$4"
	complete "$1: nothing else"
}

# Error codes: SDM 3A "Page-Fault Exceptions" 4.7: 1 present, 2 write, 16 fetch.
test_faults() {
	local pf="host exception #PF (vector 14) at rip 0x"
	fault "null write" SELFTEST_NULL_WRITE "$pf" "error 0x2, cr2 0x0"
	contains "null write: registers" "$work/guest" "rax "
	if grep -A1 -a "calls, latest first" "$work/guest" |
	   grep -aqE '^  00000000001[0-9a-f]{5}$'; then
		ok "null write: backtrace"
	else
		fail "null write: backtrace" "no address in it"
	fi
	fault "write to text" SELFTEST_TEXT_WRITE "$pf" "error 0x3, cr2 0x100000"
	fault "write to rodata" SELFTEST_RODATA_WRITE "$pf" "error 0x3, cr2 0x1"
	fault "execute data" SELFTEST_DATA_EXECUTE "$pf" "error 0x11, cr2 0x1"
	fault "call to null" SELFTEST_NULL_CALL "$pf" "error 0x10, cr2 0x0"
	fault "stack overflow" SELFTEST_STACK_OVERFLOW \
		"host exception #DF (vector 8)" ": stack overflow"
	fault "wild stack" SELFTEST_WILD_STACK \
		"host exception #DF (vector 8)" "is on no stack"
	fault "panic" SELFTEST_PANIC "host panic: selftest: asked for" \
		"calls, latest first"
	fault "host timer" SELFTEST_TIMER \
		"host panic: selftest: the timer ticks" "calls, latest first"
	fault "deadlines" SELFTEST_DEADLINE \
		"host panic: selftest: the deadlines are met" "calls, latest first"
	fault "fault while stopping" SELFTEST_STOP_FAULT "$pf"
	contains "fault while stopping: said so" "$work/records" \
		'"exception_while_stopping":true'
}

for guest in real flat; do
	nasm -f bin -Itests/system/ -o "$work/$guest.bin" \
		tests/system/boot_$guest.asm || exit 1
done
test_hand_over
test_refusals
test_faults
test_loaders corei5_arrandale_m520 ryzen
[ $failed = 0 ] || { echo "test_boot: failed"; exit 1; }
echo "test_boot: all passed"

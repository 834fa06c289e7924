# shellcheck shell=sh disable=SC2154
# Linux: kernels as packaged, the ELF image inside them, the set-up code alone, and
# the first root file system. Sourced by fetch-guests.sh.

# byte FILE OFFSET, word FILE OFFSET: a number of one byte, of four.
byte() {
	od -An -tu1 -j "$2" -N 1 "$1" | tr -d ' '
}

word() {
	od -An -tu4 --endian=little -j "$2" -N 4 "$1" | tr -d ' '
}

# le32 NUMBER: its four bytes, low first, as printf's escapes.
le32() {
	printf '\\%03o\\%03o\\%03o\\%03o' $(($1 & 255)) $(($1 >> 8 & 255)) \
		$(($1 >> 16 & 255)) $(($1 >> 24 & 255))
}

# setup_size BZIMAGE: bytes before the part that runs in protected mode
# (Linux boot protocol, setup_sects).
setup_size() {
	setup_sects=$(byte "$1" 497)
	[ "$setup_sects" != 0 ] || setup_sects=4
	echo $(((setup_sects + 1) * 512))
}

# vmlinux BZIMAGE OUT: the ELF image that a bzImage decompresses when it runs
# (payload_offset and payload_length; the last four bytes are the size unpacked).
vmlinux() {
	offset=$(($(setup_size "$1") + $(word "$1" 584)))
	length=$(word "$1" 588)
	tail -c +$((offset + 1)) "$1" | head -c $((length - 4)) > "$work/payload"
	case $(od -An -tx1 -N 4 "$work/payload" | tr -d ' ') in
	fd377a58)	unpack=xz ;;
	02214c18)	unpack=lz4 ;;
	28b52ffd)	unpack=zstd ;;
	1f8b*)		unpack=gzip ;;
	*)		skipped "its kernel is packed in an unknown way"; return 1 ;;
	esac
	tools $unpack || return 1
	$unpack -dc < "$work/payload" > "$2" || {
		skipped "its kernel could not be unpacked"
		return 1
	}
}

# The kernel's set-up sectors with our own payload behind them, where the kernel
# was. One field of the header changes, syssize: it tells the payload's length.
join_setup() {
	nasm -f bin -I tests/guests/ -o "$work/payload" tests/guests/linux_payload.asm
	paragraphs=$((($(wc -c < "$work/payload") + 15) / 16))
	head -c "$(setup_size "$1")" "$1" > "$work/image"
	# shellcheck disable=SC2059 # escapes are meant
	printf "$(le32 $paragraphs)" |
		dd of="$work/image" bs=1 seek=500 conv=notrunc status=none
	cat "$work/payload" >> "$work/image"
}

# kernel ARCH PACKAGE: the bzImage of the one that PACKAGE stands for, in $bzimage.
kernel() {
	package=$(needed "$1" "$2" ^linux-image-)
	unpacked "$1" "$package" || return 1
	bzimage=$(echo "$files"/boot/vmlinuz-*)
}

# fetch_linux ARCH PACKAGE NAME: the kernel in both forms.
fetch_linux() {
	kernel "$1" "$2" || return 0
	vmlinux "$bzimage" "$work/image" || return 0
	kept "$bzimage" "$3.bzimage"
	kept "$work/image" "$3"
	told "$package"
}

fetch_linux_setup() {
	tools nasm || return 0
	kernel amd64 linux-image-cloud-amd64 || return 0
	join_setup "$bzimage"
	kept "$work/image" linux-setup.bin
	told "$package, its set-up code"
}

# make_root ARCH: a first root file system with busybox and our script.
make_root() {
	[ -s "$cache/busybox-$1" ] || {
		skipped "no busybox for it"
		return 0
	}
	initramfs "$cache/busybox-$1" tests/guests/linux_init.sh > "$work/image"
	kept "$work/image" "initrd-$1"
	told "busybox and our script"
}

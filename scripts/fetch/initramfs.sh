# shellcheck shell=sh disable=SC2154
# An archive of files as Linux takes it for its first root (cpio, "newc"). The same
# files make the same bytes: no time, no owner and no inode of this machine gets in.
# Sourced by fetch-guests.sh; must not know what the files are for.

cpio_inode=0

# cpio_pad SIZE: NULs up to the next multiple of four.
cpio_pad() {
	head -c $(((4 - $1 % 4) % 4)) /dev/zero
}

# cpio_header NAME MODE SIZE [MAJOR MINOR]: up to where the content starts.
cpio_header() {
	cpio_inode=$((cpio_inode + 1))
	printf '070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%s\0' \
		$cpio_inode "$2" 0 0 1 0 "$3" 0 0 "${4:-0}" "${5:-0}" \
		$((${#1} + 1)) 0 "$1"
	# The header's 110 bytes, the name and its NUL.
	cpio_pad $((110 + ${#1} + 1))
}

cpio_folder() {
	cpio_header "$1" 0040755 0
}

# cpio_device NAME MAJOR MINOR: a character device.
cpio_device() {
	cpio_header "$1" 0020600 0 "$2" "$3"
}

# cpio_program NAME FILE
cpio_program() {
	size=$(wc -c < "$2")
	cpio_header "$1" 0100755 "$size"
	cat "$2"
	cpio_pad "$size"
}

cpio_end() {
	cpio_header 'TRAILER!!!' 0 0
}

# initramfs BUSYBOX INIT: the archive, to stdout.
initramfs() {
	cpio_inode=0
	cpio_folder bin
	cpio_folder dev
	cpio_device dev/console 5 1
	cpio_device dev/null 1 3
	cpio_program bin/busybox "$1"
	cpio_program init "$2"
	cpio_end
}

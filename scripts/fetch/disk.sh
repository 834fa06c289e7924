# shellcheck shell=sh disable=SC2154
# Hard disks that a BIOS starts: GRUB in front, one FAT partition behind it. Sourced by
# fetch-guests.sh; must not know which BIOS.

grub_folder=/usr/lib/grub/i386-pc
disk_sectors=16384
partition_start=2048

# partition_table: one entry, type 6 (FAT16), not told in cylinders.
partition_table() {
	printf '\200\376\377\377\006\376\377\377'
	# shellcheck disable=SC2059 # escapes are meant
	printf "$(le32 $partition_start)$(le32 $((disk_sectors - partition_start)))"
}

# disk FOLDER: its files on a disk whose GRUB follows its grub.cfg, in $work/image.
disk() {
	tools grub-mkimage mformat mcopy || return 1
	[ -e $grub_folder/boot.img ] || {
		skipped "GRUB for BIOS is not installed (grub-pc-bin)"
		return 1
	}
	grub-mkimage -O i386-pc -o "$work/core" -c "$1/grub.cfg" -p '(hd0,msdos1)/' \
		biosdisk part_msdos fat serial terminal echo multiboot linux16 boot \
		halt sleep
	head -c $((disk_sectors * 512)) /dev/zero > "$work/image"
	dd if=$grub_folder/boot.img of="$work/image" bs=440 count=1 \
		conv=notrunc status=none
	partition_table | dd of="$work/image" bs=1 seek=446 conv=notrunc status=none
	printf '\125\252' | dd of="$work/image" bs=1 seek=510 conv=notrunc status=none
	dd if="$work/core" of="$work/image" bs=512 seek=1 conv=notrunc status=none
	# The same files make the same bytes: a fixed serial number, no time of today.
	find "$1" -exec touch -d @946684800 {} +
	export MTOOLS_SKIP_CHECK=1 SOURCE_DATE_EPOCH=946684800
	mformat -i "$work/image@@$((partition_start * 512))" -N 0 -h 16 -s 63 \
		-T $((disk_sectors - partition_start)) -H $partition_start ::
	mcopy -s -m -i "$work/image@@$((partition_start * 512))" "$1"/* ::
}

# start_disk CONFIG: a folder for the next disk, in $folder.
start_disk() {
	folder=$work/$guest-files
	mkdir -p "$folder/boot"
	# What GRUB has built in takes no comments.
	grep -v '^#' "$1" > "$folder/grub.cfg"
}

finish_disk() {
	disk "$folder" || return 0
	kept "$work/image" "$guest"
	told "grub-pc-bin of this machine"
}

# Nothing of it comes from afar.
make_grub_disk() {
	tools nasm || return 0
	start_disk tests/guests/grub_disk.cfg
	nasm -f bin -I tests/guests/ -o "$folder/payload" tests/guests/grub_payload.asm
	# What GRUB as firmware boots by itself.
	cp "$folder/payload" "$folder/boot/multiboot.img"
	seq 40000 > "$folder/numbers"
	finish_disk
}

# iPXE, which is made like a Linux kernel and wants a BIOS under it.
make_ipxe_disk() {
	[ -s "$cache/ipxe" ] || {
		skipped "no iPXE for it"
		return 0
	}
	start_disk tests/guests/ipxe_disk.cfg
	cp "$cache/ipxe" "$folder/ipxe"
	finish_disk
}

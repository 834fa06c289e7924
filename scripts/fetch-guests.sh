#!/bin/sh
# Fetches the guests that are not ours into build/cache, as their packages
# have them. No network is no error: the guests are then skipped.
#
# usage: fetch-guests.sh [CACHE-FOLDER]
set -eu

cd "$(dirname "$0")/.."
cache=${1:-build/cache}
mkdir -p "$cache"
cache=$(cd "$cache" && pwd)
work=$(mktemp -d "$cache/fetch-XXXXXX")
trap 'rm -rf "$work" "$cache/new.$$"' EXIT
# apt drops its rights to user _apt, which must be able to read here.
chmod 755 "$work"

. scripts/fetch/packages.sh
. scripts/fetch/initramfs.sh
. scripts/fetch/linux.sh
. scripts/fetch/plain.sh
. scripts/fetch/disk.sh

guest=all
tools apt-cache apt-get dpkg dpkg-deb zcat || exit 0

# The names of some packages carry a version: they are looked up when one is wanted.
guest=xen
fetched xen ||
	fetch_file amd64 "$(newest amd64 '^xen-hypervisor-[0-9.]*-amd64$')" \
		'boot/xen-*-amd64.gz' xen
for bits in 64-amd64 32-i386; do
	guest=gnumach${bits%-*}
	fetched "$guest" ||
		fetch_file "${bits#*-}" \
			"$(newest "${bits#*-}" '^gnumach-image-[0-9.]*-486$')" \
			'boot/gnumach-*.gz' "$guest"
done

guest=linux-setup
fetched linux-setup.bin tests/guests/linux_payload.asm tests/guests/console.inc ||
	fetch_linux_setup
for flavour in i386-686 i386-686-pae amd64-cloud-amd64; do
	guest=linux-${flavour#*-}
	guest=${guest%-amd64}
	fetched "$guest" || fetch_linux "${flavour%%-*}" \
		"linux-image-${flavour#*-}" "$guest"
done
for arch in i386 amd64; do
	plain busybox-$arch $arch busybox-static bin/busybox
	guest=initrd-$arch
	fetched $guest "$cache/busybox-$arch" tests/guests/linux_init.sh \
		scripts/fetch/initramfs.sh || make_root $arch
done

plain memtest-ia32 amd64 memtest86+ boot/memtest86+ia32.bin
plain memtest-x64 amd64 memtest86+ boot/memtest86+x64.bin
plain seabios amd64 seabios usr/share/seabios/bios.bin
plain ipxe amd64 ipxe boot/ipxe.lkrn
plain grub-floppy amd64 grub-rescue-pc usr/lib/grub-rescue/grub-rescue-floppy.img
plain grub-firmware amd64 grub-firmware-qemu usr/share/qemu/grub.bin
plain u-boot amd64 u-boot-qemu usr/lib/u-boot/qemu-x86/u-boot.rom
plain u-boot-64 amd64 u-boot-qemu usr/lib/u-boot/qemu-x86_64/u-boot.rom
plain invaders amd64 grub-invaders boot/invaders.exec

guest=grub-disk
fetched $guest tests/guests/grub_payload.asm tests/guests/grub_disk.cfg \
	tests/guests/console.inc scripts/fetch/disk.sh || make_grub_disk
guest=ipxe-disk
fetched $guest "$cache/ipxe" tests/guests/ipxe_disk.cfg scripts/fetch/disk.sh ||
	make_ipxe_disk

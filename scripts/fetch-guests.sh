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
trap 'rm -rf "$work"' EXIT
# apt drops its rights to user _apt, which must be able to write here.
chmod 755 "$work"

skipped() {
	echo "guest $guest: $1; it will be skipped"
}

# tools NAME...: whether all are here.
tools() {
	for tool; do
		command -v "$tool" > /dev/null || {
			skipped "no $tool here"
			return 1
		}
	done
}

# unpacked PACKAGE: its files go to $work/$guest.
unpacked() {
	mkdir "$work/$guest"
	(cd "$work" && apt-get -qq download "$1" 2> apt.log) || {
		skipped "$1 could not be downloaded"
		return 1
	}
	dpkg-deb -x "$work/$1"_*.deb "$work/$guest"
}

fetch_xen() {
	tools apt-cache apt-get dpkg-deb zcat || return 0
	# The name carries the version: look it up, the newest last.
	package=$(apt-cache search '^xen-hypervisor-.*-amd64$' 2> /dev/null |
		awk '{ print $1 }' | grep -v common | sort -V | tail -n 1)
	[ -n "$package" ] || {
		skipped "no package xen-hypervisor-*-amd64 known to apt"
		return 0
	}
	unpacked "$package" || return 0
	# One image, gzip-compressed; the flask policy and configuration lie beside it.
	zcat "$work/$guest"/boot/xen-*-amd64.gz > "$work/image"
	mv "$work/image" "$cache/xen"
	echo "guest $guest: from $package"
}

# byte FILE OFFSET: as a number.
byte() {
	od -An -tu1 -j "$2" -N 1 "$1" | tr -d ' '
}

# le32 NUMBER: its four bytes, low first, as printf's escapes.
le32() {
	printf '\\%03o\\%03o\\%03o\\%03o' $(($1 & 255)) $(($1 >> 8 & 255)) \
		$(($1 >> 16 & 255)) $(($1 >> 24 & 255))
}

# The kernel's set-up sectors with our own payload behind them, where the kernel
# was. One field of the header changes, syssize: it tells the payload's length.
join_setup() {
	setup_sects=$(byte "$1" 497)
	[ "$setup_sects" != 0 ] || setup_sects=4
	nasm -f bin -I tests/guests/ -o "$work/payload" tests/guests/linux_payload.asm
	paragraphs=$((($(wc -c < "$work/payload") + 15) / 16))
	head -c $(((setup_sects + 1) * 512)) "$1" > "$work/image"
	# shellcheck disable=SC2059 # escapes are meant
	printf "$(le32 $paragraphs)" |
		dd of="$work/image" bs=1 seek=500 conv=notrunc status=none
	cat "$work/payload" >> "$work/image"
}

fetch_linux_setup() {
	tools apt-cache apt-get dpkg-deb nasm || return 0
	# A package without files: the kernel is what it depends on.
	package=$(apt-cache depends linux-image-cloud-amd64 2> /dev/null |
		awk '$1 == "Depends:" && $2 ~ /^linux-image-/ { print $2; exit }')
	[ -n "$package" ] || {
		skipped "no package linux-image-cloud-amd64 known to apt"
		return 0
	}
	unpacked "$package" || return 0
	join_setup "$(echo "$work/$guest"/boot/vmlinuz-*)"
	mv "$work/image" "$cache/linux-setup.bin"
	echo "guest $guest: the set-up code of $package"
}

# fetched FILE INPUT...: it is there, and not older than what of ours is in it.
fetched() {
	[ -s "$cache/$1" ] || return 1
	file=$cache/$1
	shift
	for input; do
		[ -z "$(find "$input" -newer "$file")" ] || return 1
	done
	echo "guest $guest: in the cache"
}

guest=xen
fetched xen || fetch_xen
guest=linux-setup
fetched linux-setup.bin tests/guests/linux_payload.asm tests/guests/console.inc ||
	fetch_linux_setup

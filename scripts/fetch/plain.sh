# shellcheck shell=sh disable=SC2154,SC2034
# Guests that are one file of one package: kernels by multiboot, memory tests,
# firmware. Sourced by fetch-guests.sh.

# fetch_file ARCH PACKAGE FILE NAME: unpacked if it is compressed.
fetch_file() {
	unpacked "$1" "$2" || return 0
	# shellcheck disable=SC2086,SC2116 # patterns are meant
	from=$(echo "$files"/$3)
	[ -f "$from" ] || {
		skipped "$2 ($1) has no ${3}"
		return 0
	}
	case $from in
	*.gz)	zcat "$from" > "$work/image" ;;
	*)	cp "$from" "$work/image" ;;
	esac
	kept "$work/image" "$4"
	told "$2"
}

# plain NAME ARCH PACKAGE FILE
plain() {
	guest=$1
	fetched "$1" || fetch_file "$2" "$3" "$4" "$1"
}

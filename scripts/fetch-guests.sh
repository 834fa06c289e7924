#!/bin/sh
# Fetches the guests that are not ours into build/cache, as their packages
# have them. No network is no error: the guests are then skipped.
#
# usage: fetch-guests.sh [CACHE-FOLDER]
set -eu

cache=${1:-$(dirname "$0")/../build/cache}
mkdir -p "$cache"
cache=$(cd "$cache" && pwd)

if [ -s "$cache/xen" ]; then
	echo "guest xen: in the cache"
	exit 0
fi

without() {
	echo "guest xen: $1; it will be skipped"
	exit 0
}

for tool in apt-cache apt-get dpkg-deb zcat; do
	command -v $tool > /dev/null || without "no $tool here"
done
work=$(mktemp -d "$cache/fetch-XXXXXX")
trap 'rm -rf "$work"' EXIT
# apt drops its rights to user _apt, which must be able to write here.
chmod 755 "$work"

# The name carries the version: look it up, the newest last.
package=$(apt-cache search '^xen-hypervisor-.*-amd64$' 2> /dev/null |
	awk '{ print $1 }' | grep -v common | sort -V | tail -n 1)
[ -n "$package" ] || without "no package xen-hypervisor-*-amd64 known to apt"
(cd "$work" && apt-get -qq download "$package" 2> apt.log) ||
	without "$package could not be downloaded"
dpkg-deb -x "$work"/xen-hypervisor-*.deb "$work/x"
# One image, gzip-compressed; the flask policy and configuration lie beside it.
zcat "$work"/x/boot/xen-*-amd64.gz > "$work/xen"
mv "$work/xen" "$cache/xen"
echo "guest xen: from $package"

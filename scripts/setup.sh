#!/bin/sh
# Sees to it that the Debian packages are here that a target needs: silent when
# they are, else asks apt, else prints the line that mends it. Builds nothing.
#
# usage: setup.sh compare|iso|test
# shellcheck disable=SC2086 # lists of packages are to be split
set -eu

build="binutils gcc libc6-dev libjansson-dev libzycore-dev libzydis-dev make nasm"
run="bochs bochs-term bochsbios grub-common grub-pc-bin lz4 mtools
	qemu-system-x86 vgabios xorriso xz-utils"
disc="grub-common grub-efi-amd64-bin grub-pc-bin mtools xorriso"
check="clang clang-tidy cppcheck libxml2-utils"
tests="bsdutils chromium gdb libcmocka-dev libunicorn-dev ovmf python3
	python3-jsonschema python3-yaml yamllint"

case ${1:-} in
compare)	wanted="$build $run" ;;
iso)		wanted="$build $disc" ;;
test)		wanted="$build $run $disc $check $tests" ;;
*)		echo "usage: setup.sh compare|iso|test" >&2; exit 2 ;;
esac

if ! command -v dpkg-query > /dev/null; then
	echo "setup: not Debian; this needs what its packages hold:" $wanted
	exit 0
fi

# One question for all of them; a name that dpkg never heard of is just absent.
here=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' $wanted 2> /dev/null |
	sed -n 's/^installed //p') || true
missing=
for package in $wanted; do
	case "
$here
" in
	*"
$package
"*)	;;
	*)	missing="$missing $package" ;;
	esac
done
[ -n "$missing" ] || exit 0

by_hand() {
	echo "setup: $1. This line mends it:" >&2
	echo "sudo apt-get install -y --no-install-recommends$missing" >&2
	exit 2
}

if [ "$(id -u)" = 0 ]; then
	as_root=
elif sudo -n true 2> /dev/null; then
	as_root="sudo -n"
else
	by_hand "packages are missing, and only root may install them"
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT
apt() {
	$as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y \
		-o DPkg::Lock::Timeout=120 "$@" < /dev/null >> "$log" 2>&1
}
echo "setup: installing$missing"
# Old lists may still do where the update fails: the install decides.
apt update || true
if ! apt install --no-install-recommends $missing; then
	tail -n 20 "$log" >&2
	by_hand "apt-get failed"
fi

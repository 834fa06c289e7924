# shellcheck shell=sh disable=SC2154
# Debian packages of either architecture, unpacked into the work folder and installed
# nowhere. Sourced by fetch-guests.sh, which sets $work, $cache and $guest; must not
# know what a package is for.

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

# apt_root ARCH: lists of its own for an architecture, beside the system's. An update
# that fails in part has the rest: whether a package is there will be seen.
apt_root() {
	root=$work/apt-$1
	mkdir -p "$root/lists/partial" "$root/cache/archives/partial"
	: > "$root/status"
	cat > "$root/new.conf" <<-CONFIG
		APT::Architecture "$1";
		#clear APT::Architectures;
		APT::Architectures { "$1"; };
		APT::Sandbox::User "root";
		Acquire::Languages "none";
		Dir::State::lists "$root/lists";
		Dir::State::status "$root/status";
		Dir::Cache "$root/cache";
	CONFIG
	APT_CONFIG=$root/new.conf apt-get -qq -o Acquire::Retries=0 update \
		> "$root/log" 2>&1 || true
	mv "$root/new.conf" "$root/apt.conf"
}

# apt_in ARCH COMMAND...: one of apt's commands as on a machine of that architecture.
apt_in() {
	root=$work/apt-$1
	[ "$1" = "$(dpkg --print-architecture)" ] || [ -e "$root/apt.conf" ] ||
		apt_root "$1"
	shift
	if [ -e "$root/apt.conf" ]; then
		APT_CONFIG=$root/apt.conf "$@" 2> "$work/apt.log"
	else
		"$@" 2> "$work/apt.log"
	fi
}

# newest ARCH PATTERN: the name of a package that carries its version.
newest() {
	apt_in "$1" apt-cache search --names-only "$2" | awk '{ print $1 }' |
		sort -V | tail -n 1
}

# needed ARCH PACKAGE PATTERN: which package the one without files stands for.
needed() {
	apt_in "$1" apt-cache depends "$2" |
		awk -v name="$3" '$1 == "Depends:" && $2 ~ name { print $2; exit }'
}

# unpacked ARCH PACKAGE: its files go to $files.
unpacked() {
	files=$work/$1-$2
	[ ! -e "$files" ] || return 0
	[ -n "$2" ] || {
		skipped "apt knows no package for it"
		return 1
	}
	mkdir -p "$work/deb-$1"
	(cd "$work/deb-$1" && apt_in "$1" apt-get -qq -o Acquire::Retries=0 download "$2") || {
		skipped "$2 ($1) could not be downloaded"
		return 1
	}
	dpkg-deb -x "$work/deb-$1/$2"_*.deb "$files"
	rm "$work/deb-$1/$2"_*.deb
}

# kept FILE NAME: into the cache in one step, so that no half of it is ever there.
kept() {
	cp "$1" "$cache/new.$$"
	mv "$cache/new.$$" "$cache/$2"
}

# told PACKAGE: where the guest is from.
told() {
	echo "guest $guest: from $1"
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

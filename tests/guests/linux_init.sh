#!/bin/busybox sh
# The first and only program of the Linux guests: work for the kernel's memory
# management, and a line for each part of it. What it prints must depend on nothing
# but busybox: no time, no CPU, no memory size, no process numbers.

/bin/busybox mkdir -p /tmp /proc
/bin/busybox --install -s /bin
PATH=/bin
# From here on the kernel's own lines would come in between ours.
dmesg -n 1
cd /tmp || exit
# Lines that are given before the file exists would be lost.
: > results

# told NAME: what comes in, as one line; kept for the last one.
told() {
	read -r line || line=nothing
	echo "$1: $line" | tee -a results
}

files() {
	mkdir -p tree/a/b/c
	for i in $(seq 24); do
		echo "file $i, made once, moved and linked" > "tree/a/$i"
		ln "tree/a/$i" "tree/a/b/$i"
		ln -s "../$i" "tree/a/b/c/$i"
		mv "tree/a/$i" "tree/a/moved-$i"
	done
	rm tree/a/moved-1*
	find tree | sort | cat - tree/a/b/[0-9]* tree/a/moved-* | md5sum | told files
}

pipes() {
	seq 800 | sed 's/$/ bottles/' | grep -v 7 | awk '{ print $1 % 97, $2 }' |
		sort -n | uniq -c | sort -rn | tail -n 20 | md5sum | told pipes
}

# Every name with a slash is a fork and an exec.
processes() {
	for i in $(seq 100); do
		/bin/true && /bin/ls / || echo "round $i failed"
	done | sort | uniq -c | md5sum | told processes
}

# Children that run at the same time and share pages until they write.
children() {
	count=0
	for i in $(seq 16); do
		( count=$((i * i)); echo "$count" > "child-$i" ) &
	done
	wait
	cat child-* | sort -n | awk '{ n += $1 } END { print n " in " NR }' | told children
	rm child-*
	echo "$count is the parent's own" | told parent
}

# Large buffers: the C library maps each, lets it grow, and gives it back.
maps() {
	for i in $(seq 6); do
		dd if=big of=part bs=$((i * 512))k count=1 2> /dev/null
		tail -c 24 part
	done | md5sum | told maps
	rm part
	awk 'BEGIN { for (s = "x"; length(s) < 500000; s = s s); print length(s) }' |
		told grown
}

big() {
	yes 'four megabytes of this' | head -c 4194304 > big
	md5sum < big | told big
}

big
files
pipes
processes
children
maps
md5sum < results | told checksum
echo 'linux: the script has ended'
# The serial line's buffer empties by interrupts, which a halt takes away.
sleep 1
halt -f

#!/bin/sh
# Tells a Xen host what this Linux guest is and has: addresses, system, memory. POSIX sh; busybox is enough.
#
#   agent.sh            for ever, every 30 seconds and when the host asks
#   agent.sh --once     once
#   agent.sh --print    prints KEY VALUE lines and tells nobody
#
# It speaks to xenstore by the xenstore-* tools, or by the program `xenstore` beside it or in the path.
# SYS, PROC, ETC and IP are other places than /sys, /proc and /etc, and another program than ip, for tests.
set -u

SYS=${SYS:-/sys} PROC=${PROC:-/proc} ETC=${ETC:-/etc} IP=${IP:-ip}
INTERVAL=${INTERVAL:-30}
VERSION="1 0 0 1" # major minor micro build
HERE=$(dirname "$0")

if command -v xenstore-write >/dev/null 2>&1; then
	put() { xenstore-write "$@"; }
	drop() { xenstore-rm "$1" 2>/dev/null; }
	names() { xenstore-list "$1" 2>/dev/null; }
	get() { xenstore-read "$1" 2>/dev/null; }
	pause() { sleep "$1"; }
else
	TOOL=$HERE/xenstore
	[ -x "$TOOL" ] || TOOL=xenstore
	put() { "$TOOL" write "$@"; }
	drop() { "$TOOL" rm "$1" 2>/dev/null; }
	names() { "$TOOL" list "$1" 2>/dev/null; }
	get() { "$TOOL" read "$1" 2>/dev/null; }
	# After a migration or a resume the host wants all of it again and removes data/updated.
	pause() { "$TOOL" wait data/updated "$1" || :; }
fi

release() { # release NAME: the value of NAME in os-release
	sed -n "s/^$1=//p" "$ETC/os-release" 2>/dev/null | sed 's/^["'\'']//; s/["'\'']$//' | head -n 1
}

meminfo() { # meminfo NAME: KiB
	sed -n "s/^$1: *\([0-9]*\) kB/\1/p" "$PROC/meminfo" 2>/dev/null
}

say() { [ -z "$2" ] || echo "$1 $2"; }

system() {
	say data/os_name "$(release PRETTY_NAME)"
	say data/os_distro "$(release ID)"
	version=$(release VERSION_ID)
	say data/os_majorver "${version%%.*}"
	case $version in *.*) say data/os_minorver "$(echo "${version#*.}" | cut -d. -f1)" ;; esac
	say data/os_uname "$(cat "$PROC/sys/kernel/osrelease" 2>/dev/null)"
	say data/host_name "$(cat "$PROC/sys/kernel/hostname" 2>/dev/null)"
}

memory() {
	free=$(meminfo MemAvailable)
	say data/meminfo_free "${free:-$(meminfo MemFree)}"
	say data/meminfo_total "$(meminfo MemTotal)"
}

addresses() { # addresses INTERFACE FAMILY VIF
	"$IP" -o -f "$2" addr show dev "$1" 2>/dev/null || "$IP" -f "$2" addr show dev "$1" 2>/dev/null
}

interfaces() {
	for link in "$SYS"/class/net/*; do
		[ "$(basename "$(readlink "$link/device/driver" 2>/dev/null)")" = vif ] || continue
		# The device is called vif-N, N being its number on the host.
		number=$(basename "$(readlink "$link/device")")
		number=${number#vif-}
		for family in inet:ipv4 inet6:ipv6; do
			addresses "$(basename "$link")" "${family%%:*}" |
				sed -n "s/.*${family%%:*} \([0-9a-fA-F.:]*\)\/.*/\1/p" |
				{
					index=0
					while read -r address; do
						say "attr/vif/$number/${family##*:}/$index" "$address"
						index=$((index + 1))
					done
				}
		done
	done
}

features() {
	# What the kernel does by itself when control/shutdown is written.
	for feature in shutdown poweroff reboot suspend; do say "control/feature-$feature" 1; done
	[ ! -e "$SYS/devices/system/xen_memory/xen_memory0" ] || say control/feature-balloon 1
	[ ! -e "$SYS/devices/system/cpu/cpu1" ] || say control/feature-vcpu-hotplug 1
	say feature/hotplug 1
}

drivers() {
	set -- $VERSION
	say attr/PVAddons/MajorVersion "$1"
	say attr/PVAddons/MinorVersion "$2"
	say attr/PVAddons/MicroVersion "$3"
	say attr/PVAddons/BuildVersion "$4"
	say attr/PVAddons/Installed 1
}

facts() {
	drivers
	features
	system
	memory
	interfaces
}

# Addresses that are gone are removed before the others are written.
forget() { # forget FACTS
	for vif in $(names attr/vif); do
		for family in ipv4 ipv6; do
			for index in $(names "attr/vif/$vif/$family"); do
				case "
$1" in *"
attr/vif/$vif/$family/$index "*) ;; *) drop "attr/vif/$vif/$family/$index" ;; esac
			done
		done
	done
}

tell() { # tell FACTS
	forget "$1"
	echo "$1" | while read -r key value; do put "$key" "$value" || return 1; done
	# Last: to the host it means that the rest is whole.
	put data/updated "$(date +%s)"
}

case ${1:-} in
--print) facts ;;
--once) tell "$(facts)" ;;
"")
	last=""
	while :; do
		now=$(facts)
		if [ "$now" != "$last" ] || [ -z "$(get data/updated)" ]; then tell "$now" && last=$now; fi
		pause "$INTERVAL"
	done
	;;
*)
	echo "use: agent.sh [--once|--print]" >&2
	exit 2
	;;
esac

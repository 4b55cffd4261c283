"""The guest tools' CD image: made by ourselves, so that a host always has it."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib import resources
from pathlib import Path

from common.files import write_atomically
from sm import iso9660

NAME = "guest-tools.iso"
LABEL = "XAPI-TOOLS"
MADE = datetime(2026, 1, 1, tzinfo=UTC)  # fixed: the same files give the same image

README = b"""Guest tools

Linux: run install.sh as root in the guest. It installs, from the guest's own
distribution, the agent that tells the host the guest's addresses and system,
and that lets the host shut it down in an orderly way:

    mount /dev/cdrom /mnt && sh /mnt/install.sh

On Xen, where the distribution has no such agent, install.sh takes the one on
this CD: agent.sh, a shell script, with xenstore, a client of xenstore for
guests that have none (from xenstore.c, when this CD has no binary that fits).
agent.sh --print shows what it would tell.

Windows: the drivers and the agent come through Windows Update where the host
offers it, or from your vendor. This CD has none.
"""

INSTALL = b"""#!/bin/sh
# Installs the guest agent that fits the hypervisor, with the guest's own package manager.
set -eu

if [ "$(id -u)" -ne 0 ]; then
    echo "install.sh: must be run as root" >&2
    exit 1
fi

if [ -e /proc/xen ] || [ -e /sys/hypervisor/type ]; then
    packages="xe-guest-utilities xen-guest-agent"
    services="xe-linux-distribution xe-daemon xen-guest-agent"
else
    packages="qemu-guest-agent"
    services="qemu-guest-agent"
fi

try() {
    if command -v apt-get >/dev/null; then apt-get install -y "$1"
    elif command -v dnf >/dev/null; then dnf install -y "$1"
    elif command -v yum >/dev/null; then yum install -y "$1"
    elif command -v zypper >/dev/null; then zypper --non-interactive install "$1"
    elif command -v apk >/dev/null; then apk add "$1"
    else echo "install.sh: no package manager that it knows" >&2; exit 1
    fi
}

for package in $packages; do
    if try "$package"; then
        for service in $services; do
            if command -v systemctl >/dev/null; then
                systemctl enable --now "$service" 2>/dev/null || true
            elif command -v rc-update >/dev/null; then
                rc-update add "$service" 2>/dev/null || true
                rc-service "$service" start 2>/dev/null || true
            fi
        done
        echo "install.sh: installed $package"
        exit 0
    fi
done
echo "install.sh: the distribution has none of: $packages" >&2
[ -e /proc/xen ] || [ -e /sys/hypervisor/type ] || exit 1

# On Xen the agent of this CD does.
here=$(dirname "$0")
find_here() { # a CD's names are in capitals where the system does not lower them
    for name in "$@"; do [ ! -e "$here/$name" ] || { echo "$here/$name"; return; }; done
}
mkdir -p /usr/local/sbin
install -m 755 "$(find_here agent.sh AGENT.SH)" /usr/local/sbin/xen-guest-agent.sh
if ! command -v xenstore-write >/dev/null; then
    client=$(find_here xenstore XENSTORE)
    source=$(find_here xenstore.c XENSTORE.C)
    if [ -n "$client" ] && { "$client" exists domid || [ $? -le 1 ]; }; then
        install -m 755 "$client" /usr/local/sbin/xenstore
    elif command -v cc >/dev/null; then
        cc -Os -o /usr/local/sbin/xenstore -x c "$source"
    else
        echo "install.sh: needs xenstore-utils, or a C compiler" >&2
        exit 1
    fi
fi
if command -v systemctl >/dev/null; then
    cat >/etc/systemd/system/xen-guest-agent-sh.service <<'END'
[Unit]
Description=Tells the Xen host about this guest
ConditionVirtualization=xen

[Service]
ExecStart=/usr/local/sbin/xen-guest-agent.sh
Restart=always

[Install]
WantedBy=multi-user.target
END
    systemctl daemon-reload
    systemctl enable --now xen-guest-agent-sh.service
else
    echo "install.sh: have your init run /usr/local/sbin/xen-guest-agent.sh"
fi
"""


TOOLS = {"agent.sh": "AGENT.SH", "xenstore.c": "XENSTORE.C", "xenstore": "XENSTORE"}
"""Files of sm/tools and their names on the CD. `xenstore` is there only where the package was built with it."""


def provide(directory: Path) -> None:
    """Put the image in `directory` unless it is there already. Safe to repeat."""
    content = iso9660.image(LABEL, {"README.TXT": README, "INSTALL.SH": INSTALL} | _tools(), MADE)
    path = directory / NAME
    if not path.is_file() or path.read_bytes() != content:
        write_atomically(path, content, mode=0o644)


def _tools() -> dict[str, bytes]:
    folder = resources.files("sm") / "tools"
    return {name: (folder / file).read_bytes() for file, name in TOOLS.items() if (folder / file).is_file()}

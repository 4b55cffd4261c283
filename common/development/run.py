"""`make run`: one development host with all daemons, and the main job on it. Returns; the host stays up."""

from __future__ import annotations

import argparse
import asyncio
import http.client
import os
import secrets
import socket
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from common import command
from common.development import demo_disk, network, state, stop, tls, xen
from common.development.client import Client
from common.development.demo import Demo
from common.development.layout import CACHE, CHECKOUT, VAR, Host
from common.development.state import HostState
from common.errors import WireError
from common.files import write_atomically

API_DEADLINE = 120.0  # seconds from the start of the daemons to the first answered call; 3, but for emulated machines
POLL = 0.05
BACKENDS = ("auto", "libxl", "libvirt", "simulator")


class RunFailed(Exception):
    """The host can't be brought up; the text says what to do."""


def say(text: str) -> None:
    """One line of progress."""
    print(text, flush=True)


async def run(host: Host, backend: str) -> bool:
    """Bring `host` up, and the demo VM on it; False if its guest did not come up."""
    running = state.read(host.state_file)
    if running is None or not running.supervisor.alive:
        running = await start(host, backend)
    elif backend not in {"auto", running.backend}:
        raise RunFailed(f"{host.name} runs with BACKEND={running.backend}: make stop first")
    password = host.password_file.read_text().strip()
    client = await wait_for_api(host, running, password)
    with client:
        demo = Demo(client, host.root, CACHE, say, running.backend)
        up = await demo.run()
    say(_how_to_connect(running, has_console=demo.has_console))
    return up


async def start(host: Host, backend: str) -> HostState:
    """Start the daemons of `host`, having ended what an earlier supervisor left; answers once they are started."""
    await asyncio.to_thread(stop.stop, host)
    namespace = network.allowed()
    backend = _backend(backend, namespace)
    address = await network.up(host) if namespace else "127.0.0.1"
    http, https = (80, 443) if namespace else (_free_port(), _free_port())
    for folder in ("var/lib/xcp", "var/run", "var/log", "etc/xapi-toolstack", "tmp"):
        (host.root / folder).mkdir(parents=True, exist_ok=True)
    await _make_password(host)
    configuration = tls.prepare(host, address, https)
    say(f"starting {host.name} with {backend} at {address}")
    arguments = [
        *("--folder", str(host.folder), "--number", str(host.number), "--backend", backend),
        *("--address", address, "--http", str(http), "--https", str(https), "--stunnel", str(configuration)),
        *(["--namespace"] if namespace else []),
    ]
    log_file = host.log_folder / "supervisor.log"
    pid = _detached(log_file, [sys.executable, "-m", "common.development.supervisor", *arguments])
    supervisor = state.process(pid)
    deadline = time.monotonic() + API_DEADLINE
    while time.monotonic() < deadline:
        running = state.read(host.state_file)
        if running is not None and running.supervisor.pid == pid:
            return running
        if not supervisor.alive:
            break
        await asyncio.sleep(POLL)
    raise RunFailed(f"the supervisor did not start: see {log_file}")


async def wait_for_api(host: Host, running: HostState, password: str) -> Client:
    """A client of `host`, to be entered, once a call over TLS is answered. Raises `RunFailed`."""
    deadline = time.monotonic() + API_DEADLINE
    certificate = host.root / "etc/xensource/xapi-ssl.pem"
    trouble: Exception | None = None
    while time.monotonic() < deadline:
        client = Client(running.https, certificate, running.username, password)
        try:
            await asyncio.to_thread(_try, client)
        except (OSError, http.client.HTTPException, WireError, ValueError) as error:
            trouble = error
            await asyncio.sleep(POLL)
        else:
            return client
    log_file = host.log_folder / "xapi.log"
    last = log_file.read_text(errors="replace").strip().rpartition("\n")[2] if log_file.exists() else ""
    raise RunFailed(f"the API did not answer in {API_DEADLINE:.0f} s ({trouble}); {log_file} ends with: {last}")


def _try(client: Client) -> None:
    with client:
        client.call("host.get_all")


async def _make_password(host: Host) -> None:
    """A random password in a file for the user, and its salted hash where xapi looks for it."""
    if host.password_file.exists():
        return
    beside = host.password_file.with_suffix(".new")
    write_atomically(beside, f"{secrets.token_urlsafe(12)}\n".encode())
    await command.run(
        sys.executable, "-m", "xapi.auth.passwords", "--root", str(host.root), "--password-file", str(beside)
    )
    beside.rename(host.password_file)


def _backend(wanted: str, namespace: bool) -> str:
    """The backend that `wanted` means here. Raises `RunFailed`."""
    if wanted == "auto":
        wanted = "libxl" if xen.is_dom0() else "libvirt"
        if wanted == "libvirt" and not namespace:
            say("this machine lets us make no network namespace, which real guests need: they are simulated")
            return "simulator"
    if wanted == "libvirt" and not namespace:
        raise RunFailed("real guests need a network namespace, and this machine lets us make none: BACKEND=simulator")
    return wanted


def _detached(log_file: Path, argv: list[str]) -> int:
    """Start a program in a session of its own that holds nothing of ours; answers its pid."""
    append = os.O_WRONLY | os.O_APPEND | os.O_CREAT
    actions = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, str(log_file), append, 0o640),
        (os.POSIX_SPAWN_DUP2, 1, 2),
    ]
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT)}
    # Words that make and its callers leave for their own children.
    for name in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS", "NOTIFY_SOCKET"):
        environment.pop(name, None)
    return os.posix_spawn(argv[0], argv, environment, file_actions=actions, setsid=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _how_to_connect(running: HostState, *, has_console: bool) -> str:
    xe = f"{Path(sys.executable).parent}/xe -s {running.address}"
    if running.https.count(":") > 1:
        xe += f" -p {running.https.rpartition(':')[2]}"
    xe += f" -u {running.username} -pwf {running.password_file}"
    lines = [
        "",
        f"{running.name} is up, with {running.backend}.",
        f"  URL       {running.https}",
        f"  user      {running.username}",
        f"  password  in {running.password_file}",
        f"  xe        {xe} vm-list",
        f"  logs      {running.root}/var/log",
    ]
    if has_console:
        lines.append(f"  guest     log in as root, password {demo_disk.PASSWORD}: {xe} console vm=demo")
    lines.append("  make status tells how it is, make stop ends it, make clean removes its state.")
    return "\n".join(lines)


def main(argv: Sequence[str] | None = None) -> None:
    """Bring one host up and do the main job."""
    parser = argparse.ArgumentParser(prog="make run", description=main.__doc__)
    parser.add_argument("--hosts", type=int, default=1)
    parser.add_argument("--backend", choices=BACKENDS, default="auto")
    parser.add_argument("--folder", type=Path, default=VAR)
    flags = parser.parse_args(argv)
    if flags.hosts > 1:
        parser.exit(2, "make run: pools are not there yet: HOSTS=1 is all this version can start\n")
    try:
        up = asyncio.run(run(Host(flags.folder, 1), flags.backend))
    except (RunFailed, LookupError, OSError, WireError) as error:
        notes = "".join(f" ({note})" for note in getattr(error, "__notes__", []))
        parser.exit(1, f"make run: {error}{notes}\n")
    if not up:
        parser.exit(1)


if __name__ == "__main__":
    main()

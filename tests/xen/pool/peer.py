"""The other host of a pair: `serve` runs on it, `peer` has it run and reaches it from here."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from common.development import tls
from common.development.layout import Host as Place
from common.idl.xen import (
    Destination,
    VmId,
)
from tests.bed.daemons import Daemons

NAME, ADDRESS = "bed2", "192.0.2.2"
PORT = 443
READY = "ready"
STOP_DEADLINE = 60.0
FORWARD_DEADLINE = 30.0
PLACE = Place(Path("/data/peer"), 1)


@dataclass(frozen=True)
class Peer:
    """What a test needs of it. `sockets` is where its sockets are reached from here."""

    root: Path
    sockets: Path
    secret: str
    certificates: Path

    def destination(self, **fields: object) -> Destination:
        """Where VMs go."""
        given: dict[str, object] = {
            "url": f"https://{ADDRESS}",
            "cookie": {"pool_secret": self.secret},
            "certificates": str(self.certificates),
        }
        return Destination(**(given | fields))  # type: ignore[arg-type]

    @contextlib.contextmanager
    def socket(self, path: str) -> Iterator[Path]:
        """A socket of it, reached from here."""
        local = self.sockets / path.replace("/", "-")[-40:]
        local.unlink(missing_ok=True)
        forward = subprocess.Popen(["ssh", "-N", "-L", f"{local}:{path}", NAME])
        try:
            _until(local.exists, FORWARD_DEADLINE)
            yield local
        finally:
            forward.terminate()
            forward.wait(STOP_DEADLINE)

    def console(self, vm: VmId) -> str:
        """Where it serves the text console of a VM."""
        return str(self.root / "var/run/xapi-toolstack/console" / f"{vm}.vt100")


def on(*words: str, deadline: float = 60.0) -> str:
    """What a command prints there."""
    done = subprocess.run(["ssh", NAME, *words], capture_output=True, text=True, timeout=deadline, check=True)
    return done.stdout


@contextlib.contextmanager
def peer(here: Path) -> Iterator[Peer]:
    """Its xapi, xenopsd and stunnel, until the block ends; `here` is for files of this host."""
    root = PLACE.root
    words = f"cd {Path.cwd()} && exec {sys.executable} -m tests.xen.pool.peer 2>&1"
    process = subprocess.Popen(["ssh", NAME, words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        said = list(itertools.takewhile(lambda line: line.strip() != READY, process.stdout))
        assert process.poll() is None, f"{NAME}: {''.join(said)}"
        certificates = here / f"{NAME}.pem"
        certificates.write_text(on("openssl", "x509", "-in", str(root / "etc/xensource/xapi-ssl.pem")))
        secret = on("cat", str(root / "etc/xensource/ptoken")).strip()
        yield Peer(root, here, secret, certificates)
    finally:
        process.stdin.close()
        process.wait(STOP_DEADLINE)


def _until(done: Callable[[], bool], deadline: float) -> None:
    end = time.monotonic() + deadline
    while not done():
        assert time.monotonic() < end
        time.sleep(0.1)


async def serve(root: Path) -> None:
    """On the other host: start all, say so, and stop when nobody listens any more."""
    daemons = Daemons(root, "libxl")
    configuration = tls.prepare(PLACE, ADDRESS, PORT)
    stunnel = None
    try:
        await daemons.start(("xenopsd", "xapi"))
        with (root / "var/log/stunnel.out").open("ab") as log:
            stunnel = subprocess.Popen(["stunnel4", str(configuration)], stdin=subprocess.DEVNULL, stderr=log)
        print(READY, flush=True)
        await asyncio.to_thread(sys.stdin.read)
    finally:
        if stunnel is not None:
            stunnel.terminate()
            stunnel.wait(STOP_DEADLINE)
        daemons.stop()


if __name__ == "__main__":
    asyncio.run(serve(PLACE.root))

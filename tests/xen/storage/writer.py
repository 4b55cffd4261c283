"""Run in dom0: writes numbers into xapi's database and prints each once it is acknowledged, or reads them back."""

from __future__ import annotations

import asyncio
import itertools
import json
import sys
from pathlib import Path

from common.xenapi import XenApi
from tests.bed.daemons import Daemons

DAEMONS = ("networkd", "sm", "xenopsd", "rrdd", "xapi")


async def main(root: Path, action: str) -> None:
    """Start the daemons below `root` and write until killed, or print all numbers as JSON."""
    daemons = Daemons(root, "simulator")
    try:
        await daemons.start(DAEMONS)
        async with XenApi("writer", str(daemons.socket("xapi"))) as api:
            [pool] = await api.call("pool.get_all")
            if action == "read":
                written = await api.call("pool.get_other_config", pool)
                print(json.dumps(sorted(int(key[1:]) for key in written if key[1:].isdigit())))
                return
            for number in itertools.count():
                await api.call("pool.add_to_other_config", pool, f"n{number}", "")
                print(number, flush=True)
    finally:
        daemons.stop()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))

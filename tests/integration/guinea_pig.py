"""A VM that lives through deaths of daemons, and what must hold of it whenever nothing is under way."""

from __future__ import annotations

import http.client
import socket
import time
from dataclasses import dataclass
from typing import Any

from common.errors import WireError
from tests.integration.host import SR_NAME, DevelopmentHost, wait_for
from tests.integration.life import MAKING, TEMPLATE, ApiError, Client, Life
from tests.integration.raw import Raw

AGAIN = 0.2  # seconds between looks
SETTLE = 60.0  # seconds after a death until the state shown is the real one
HALTED, RUNNING = "Halted", "Running"
LOST = (ConnectionError, http.client.HTTPException, socket.timeout, TimeoutError, OSError)
NULL = "OpaqueRef:NULL"
TO_GO = "xapi:obsolete"
"""Marks a disk that could not be deleted while sm was away."""


@dataclass
class GuineaPig:
    """One VM with two disks, a CD drive and a NIC."""

    host: DevelopmentHost
    vm: str
    uuid: str

    @classmethod
    def made(cls, host: DevelopmentHost, client: Client, template: str = TEMPLATE) -> GuineaPig:
        """A new VM, made by `client`."""
        life = Life(client)
        life.begin(template)
        for step in MAKING:
            life.take(step)
        vm = life.handles["VM"]
        return cls(host, vm, str(client.record("VM", vm)["uuid"]))

    def ask(self, method: str, *arguments: Any) -> Any:
        """One call in a session of its own. Raises `ApiError`, or what broken connections raise."""
        with Raw(self.host) as client:
            return client.call(method, *arguments)

    def record(self) -> dict[str, Any]:
        """The VM's record."""
        found: dict[str, Any] = self.ask("VM.get_record", self.vm)
        return found

    def bring(self, state: str) -> None:
        """Make it halted or running, from wherever it is, and destroy its snapshots."""
        record = self.record()
        for snapshot in record["snapshots"]:
            self._destroy(snapshot)
        if record["power_state"] not in {state, HALTED}:
            self._halt()
        if state == RUNNING and self.record()["power_state"] == HALTED:
            self.ask("VM.start", self.vm, False, False)

    def settle(self) -> None:
        """Until nothing works on it, and what must hold does. Asserts.

        What a daemon had asked of libvirtd or of sm goes on after its death, so the first look may be at work still.
        """
        wait_for(self._settled, SETTLE, f"VM {self.uuid} to settle")
        give_up = time.monotonic() + SETTLE
        while True:
            try:
                self._check()
                return
            except (AssertionError, ApiError):
                if time.monotonic() > give_up:
                    raise
            time.sleep(AGAIN)

    def _check(self) -> None:
        record = self.record()
        assert record["current_operations"] == {}
        assert record["power_state"] == self.real_state()
        assert ("start" in record["allowed_operations"]) == (record["power_state"] == HALTED)
        live = record["power_state"] != HALTED
        assert (record["resident_on"] != NULL) == live
        assert (record["domid"] != "-1") == live
        self._check_devices(record, live)
        self._check_snapshots(record)

    def real_state(self) -> str:
        """What xenopsd says of it."""
        return self.host.domains().get(self.uuid, HALTED)

    def destroy(self) -> None:
        """It and all that belongs to it; a scan then forgets parents that sm has collected."""
        self.bring(HALTED)
        self._destroy(self.vm)
        [sr] = self.ask("SR.get_by_name_label", SR_NAME)
        self.ask("SR.scan", sr)

    def _settled(self) -> bool:
        try:
            record = self.record()
            return not record["current_operations"] and record["power_state"] == self.real_state()
        except (ApiError, WireError, *LOST):
            return False

    def _check_devices(self, record: dict[str, Any], live: bool) -> None:
        for ref in record["VBDs"]:
            vbd = self.ask("VBD.get_record", ref)
            assert vbd["currently_attached"] == live, vbd["userdevice"]
            assert vbd["current_operations"] == {}
        for ref in record["VIFs"]:
            assert self.ask("VIF.get_currently_attached", ref) == live
        open_disks = 2 if live else 0
        assert len(self.host.datapaths()) == open_disks
        assert len(self.host.storage_processes()) == open_disks

    def _check_snapshots(self, record: dict[str, Any]) -> None:
        """Each is whole; a disk of one that was not finished is gone, or marked to go when sm is back."""
        of_snapshots = set()
        for ref in record["snapshots"]:
            snapshot = self.ask("VM.get_record", ref)
            assert snapshot["is_a_snapshot"]
            assert len(snapshot["VBDs"]) == len(record["VBDs"])
            of_snapshots |= {self.ask("VBD.get_VDI", vbd) for vbd in snapshot["VBDs"]} - {NULL}
        disks = self.ask("VDI.get_all_records")
        snapshots = {ref for ref, disk in disks.items() if disk["is_a_snapshot"] and TO_GO not in disk["other_config"]}
        assert snapshots == of_snapshots
        assert all(disk["managed"] for ref, disk in disks.items() if ref in of_snapshots)

    def _halt(self) -> None:
        try:
            self.ask("VM.hard_shutdown", self.vm)
        except ApiError as error:
            if error.code != "VM_BAD_POWER_STATE":  # a guest that was asked before may have gone down by itself
                raise

    def _destroy(self, vm: str) -> None:
        disks = {self.ask("VBD.get_VDI", vbd) for vbd in self.ask("VM.get_VBDs", vm)} - {NULL}
        self.ask("VM.destroy", vm)
        for disk in disks:
            self.ask("VDI.destroy", disk)

"""What xenopsd observes of a VM, in the database."""

from __future__ import annotations

from common.idl import xen
from tests.xapi.hypervisor import Api
from xapi.control import observe


async def test_what_a_guest_writes_beside_its_xenstore_data_is_kept(api: Api) -> None:
    vm = await api.vm(xenstore_data={"vm-data/given": "1", "vm-data/gone": "1", "vm-data/no name": "2", "other": "3"})
    state = xen.VmState(
        power_state=xen.PowerState.RUNNING, domids=[1], xsdata={"vm-data/given": "1", "vm-data/mine": "x"}
    )
    observe.apply(api.db, api.ctx.host, vm, state)
    expected = {"vm-data/given": "1", "vm-data/mine": "x", "vm-data/no name": "2", "other": "3"}
    assert api.db.vm[vm].xenstore_data == expected
    unknown = xen.VmState(power_state=xen.PowerState.RUNNING, domids=[1])
    observe.apply(api.db, api.ctx.host, vm, unknown)
    assert api.db.vm[vm].xenstore_data == expected


async def test_how_a_vm_was_placed_on_nodes_is_shown_while_it_runs(api: Api) -> None:
    vm = await api.vm()

    def shown() -> tuple[bool, int]:
        metrics = api.db.vm_metrics[api.db.vm[vm].metrics]
        return metrics.numa_optimised, metrics.numa_nodes

    placed = xen.VmState(power_state=xen.PowerState.RUNNING, domids=[1], numa_nodes=2)
    observe.apply(api.db, api.ctx.host, vm, placed)
    assert shown() == (True, 2)
    observe.apply(api.db, api.ctx.host, vm, xen.VmState(power_state=xen.PowerState.RUNNING, domids=[2]))
    assert shown() == (False, 0)
    observe.apply(api.db, api.ctx.host, vm, placed)
    observe.apply(api.db, api.ctx.host, vm, xen.VmState(power_state=xen.PowerState.HALTED))
    assert shown() == (False, 0)

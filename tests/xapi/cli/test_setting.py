"""param-set, -add, -remove and -clear, and the filters of lists, on rows of a database."""

from __future__ import annotations

import pytest

from tests.xapi.cli.conftest import Xe


async def test_maps_are_set_added_to_and_cleared(xe: Xe) -> None:
    vm = xe.db.vm.create(name_label="vm", other_config={"old": "1"})
    words = (f"uuid={vm.uuid}", "param-name=other-config")

    assert (await xe("vm-param-set", words[0], "other-config:a=1", "other-config:old=2")).err == ""
    assert (await xe("vm-param-add", *words, "b=2", "c=3")).err == ""
    assert vm.other_config == {"a": "1", "old": "2", "b": "2", "c": "3"}

    assert (await xe("vm-param-remove", *words, "param-key=b")).err == ""
    assert vm.other_config == {"a": "1", "old": "2", "c": "3"}
    assert (await xe("vm-param-remove", *words, "param-key=b")).err == "Error: Key b is not in map\n"

    assert (await xe("vm-param-clear", *words)).err == ""
    assert vm.other_config == {}


async def test_how_a_host_places_vms_on_nodes_is_set(xe: Xe) -> None:
    host = xe.db.host[xe.ctx.host]
    uuid, name = f"uuid={host.uuid}", "numa-affinity-policy"
    assert (await xe("host-param-get", uuid, f"param-name={name}")).out == "default_policy\n"
    assert (await xe("host-param-set", uuid, f"{name}=best_effort")).err == ""
    assert (await xe("host-param-get", uuid, f"param-name={name}")).out == "best_effort\n"
    refused = (await xe("host-param-set", uuid, f"{name}=none")).err
    assert "'any', 'best_effort', 'default_policy'" in refused


async def test_sets_are_added_to_and_cleared(xe: Xe) -> None:
    vm = xe.db.vm.create(name_label="vm")
    words = (f"uuid={vm.uuid}", "param-name=tags")

    for tag in ("x", "y"):
        assert (await xe("vm-param-add", *words, f"param-key={tag}")).err == ""
    assert (await xe("vm-param-get", *words)).out == "x; y\n"
    assert (await xe("vm-param-get", *words, "param-key=y")).out == "true\n"
    assert (await xe("vm-param-remove", *words, "param-key=x")).err == ""
    assert vm.tags == ("y",)
    assert (await xe("vm-param-clear", *words)).err == ""
    assert (await xe("vm-param-get", *words)).out == "\n"


async def test_a_reference_is_set_by_uuid_and_cleared(xe: Xe) -> None:
    pool = xe.db.pool.create(name_label="pool")
    sr = xe.db.sr.create(name_label="sr")

    assert (await xe("pool-param-set", f"uuid={pool.uuid}", f"default-SR={sr.uuid}")).err == ""
    assert pool.default_SR == sr.ref
    assert (await xe("pool-param-get", f"uuid={pool.uuid}", "param-name=default-SR")).out == f"{sr.uuid}\n"
    assert (await xe("pool-param-clear", f"uuid={pool.uuid}", "param-name=default-SR")).err == ""
    assert (await xe("pool-param-get", f"uuid={pool.uuid}", "param-name=default-SR")).out == "<not in database>\n"


async def test_a_map_needs_a_key(xe: Xe) -> None:
    vm = xe.db.vm.create(name_label="vm")

    got = await xe("vm-param-set", f"uuid={vm.uuid}", "other-config=a")

    assert got.err == "Error: Field 'other-config' is a map or set. use the 'name:key=value' syntax.\n"


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (["name-label=one"], ["one"]),
        (["other-config:colour=red"], ["one"]),
        (["other-config-colour=red"], ["one"]),
        (["tags:contains=old"], ["one", "two"]),
        (["tags:contains=old", "power-state=running"], ["two"]),
        (["is-a-template=true"], ["three"]),
        (["uuid=nobody"], []),
        ([], ["one", "two"]),
    ],
)
async def test_filters(xe: Xe, words: list[str], names: list[str]) -> None:
    xe.db.vm.create(name_label="one", other_config={"colour": "red"}, tags=("old",), power_state="Halted")
    xe.db.vm.create(name_label="two", tags=("old",), power_state="Running")
    xe.db.vm.create(name_label="three", is_a_template=True)

    got = await xe("vm-list", *words, "params=name-label", "--minimal")

    assert got.out.strip().split(",") == (names or [""])


async def test_a_filter_of_a_field_that_is_not_there_is_an_error(xe: Xe) -> None:
    assert (await xe("vm-list", "nosuch=1")).err == "Error: Unknown field 'nosuch'\n"


async def test_commas_in_minimal_output_are_escaped(xe: Xe) -> None:
    xe.db.vm.create(name_label="a,b\\c")
    xe.db.vm.create(name_label="d")

    assert (await xe("vm-list", "params=name-label", "--minimal")).out == "a\\,b\\\\c,d\n"

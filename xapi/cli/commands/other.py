"""Messages, events, consoles, subjects, passwords, and what fits no family."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from xapi.cli import generated, protocol
from xapi.cli.failures import CommandError
from xapi.cli.invocation import Invocation
from xapi.cli.records import RECORDS, RecordClass
from xapi.cli.table import Select, command
from xapi.cli.values import flat

POLL = 5.0  # seconds one wait for changes lasts; some fields are those of other classes
CLASSES: Mapping[str, tuple[str, str]] = {
    "vm-uuid": ("VM", "VM"),
    "host-uuid": ("Host", "host"),
    "sr-uuid": ("SR", "SR"),
    "pool-uuid": ("Pool", "pool"),
}
"""Whom a message is about: the parameter, the message's class, the object's."""


@command("message-create", "name priority body", " ".join(CLASSES))
async def message_create(call: Invocation) -> None:
    """Leave a message about a VM, a host, an SR or the pool."""
    given = [name for name in CLASSES if call.has(name)]
    if len(given) != 1:
        raise CommandError(f"Exactly one of {', '.join(CLASSES)} must be given")
    kind, cls = CLASSES[given[0]]
    uuid = call.get(given[0])
    call.by_uuid(cls, uuid)
    priority = call.size("priority")
    await call.api.call("message.create", call.need("name"), priority, kind, uuid, call.need("body"))


@command("message-destroy", optional="uuid uuids")
async def message_destroy(call: Invocation) -> None:
    """Destroy messages: uuid= one, uuids= several, comma separated."""
    uuids = [uuid for uuid in [call.get("uuid"), *call.get("uuids").split(",")] if uuid]
    if not uuids:
        raise CommandError("Required parameter not found: uuid or uuids")
    refs = [call.by_uuid("message", uuid) for uuid in uuids]
    if len(refs) == 1:
        await call.api.call("message.destroy", refs[0])
    else:
        await call.api.call("message.destroy_many", refs)


@command("message-destroy-all", optional="before after priority")
async def message_destroy_all(call: Invocation) -> None:
    """Destroy all messages, or those before or after a date or with a priority."""
    await call.api.call("message.destroy_all", {name: value for name, value in call.words.params.items()})


@command("user-password-change", "new", "old")
async def user_password_change(call: Invocation) -> None:
    """Change root's password."""
    await call.api.call("session.change_password", call.get("old"), call.need("new"))


@command("session-subject-identifier-logout-all")
async def session_logout_all(call: Invocation) -> None:
    """End the sessions of all subjects of the external authentication."""
    for identifier in await call.api.call("session.get_all_subject_identifiers"):
        await call.api.call("session.logout_subject_identifier", identifier)


@command("event-wait", "class")
async def event_wait(call: Invocation) -> None:
    """Wait until a record of the class fits all conditions: field=value, or field=/=value for one it must not have."""
    record = RECORDS.get(call.need("class"))
    if record is None:
        raise CommandError(f"Unknown class '{call.need('class')}'")
    call.api.check("event.from")
    conditions = {name: value for name, value in call.words.params.items() if name != "class"}
    while not _fits(call, record, conditions):
        await call.db.changes.wait([record.cls.lower()], POLL)
        call.talk.check()


def _fits(call: Invocation, record: RecordClass, conditions: Mapping[str, str]) -> bool:
    equal = {name: value for name, value in conditions.items() if not value.startswith("/=")}
    unequal = {name: value[2:] for name, value in conditions.items() if value.startswith("/=")}
    for row in generated.matching(record, call, equal):
        if not any(flat(record.by_name[name].get(call.db, row)) == value for name, value in unequal.items()):
            return True
    return False


@command("console", select=Select.VM)
async def console(call: Invocation) -> None:
    """Connect the terminal to the text console of the chosen VM."""
    found = [row for ref in call.selected[0].consoles if (row := call.db.console.get(ref)) is not None]
    text = [row for row in found if row.protocol == "vt100"]
    if not text:
        raise CommandError("No text console available")
    call.talk.tell(protocol.HttpConnect(f"{_path(text[0].location)}&session_id={call.api.session}"))
    # The console uses our session, which ends with the client.
    await call.talk.until_gone()


def _path(location: str) -> str:
    """The console's path on this host."""
    return "/console" + location.partition("/console")[2]


@command("subject-add", "subject-name")
async def subject_add(call: Invocation) -> None:
    """Let a user or group of the external authentication log in."""
    if not any(host.external_auth_type for host in call.db.host.rows()):
        raise CommandError("External authentication is disabled")
    identifier = await call.api.call("auth.get_subject_identifier", call.need("subject-name"))
    information = await call.api.call("auth.get_subject_information_from_identifier", identifier)
    record = {"subject_identifier": identifier, "other_config": dict(information)}
    call.print(call.uuid(await call.api.call("subject.create", record)))


@command("subject-role-add", "uuid", "role-name role-uuid")
async def subject_role_add(call: Invocation) -> None:
    """Give a subject a role."""
    await call.api.call("subject.add_to_roles", call.ref("subject", "uuid"), _role(call))


@command("subject-role-remove", "uuid", "role-name role-uuid")
async def subject_role_remove(call: Invocation) -> None:
    """Take a role from a subject."""
    await call.api.call("subject.remove_from_roles", call.ref("subject", "uuid"), _role(call))


def _role(call: Invocation) -> str:
    if call.has("role-uuid"):
        return call.ref("role", "role-uuid")
    name = call.need("role-name")
    found = call.db.role.by_name_label(name)
    if not found:
        raise CommandError(f"Role {name} not found")
    return found[0].ref


@command("appliance-shutdown", "uuid", "force")
async def appliance_shutdown(call: Invocation) -> None:
    """Shut all VMs of an appliance down, in order; --force pulls their plugs."""
    appliance = call.ref("VM_appliance", "uuid")
    await call.api.run(f"VM_appliance.{'hard_shutdown' if call.flag('force') else 'clean_shutdown'}", appliance)


@command("blob-create", "name", "mime-type vm-uuid host-uuid sr-uuid network-uuid pool-uuid public", hidden=True)
async def blob_create(call: Invocation) -> None:
    """Make an empty blob that belongs to an object."""
    owners = {"vm": "VM", "host": "host", "sr": "SR", "network": "network", "pool": "pool"}
    given = [(cls, f"{name}-uuid") for name, cls in owners.items() if call.has(f"{name}-uuid")]
    if len(given) != 1:
        raise CommandError("Exactly one object must be given as the blob's owner")
    cls, name = given[0]
    mime, public = call.get("mime-type"), call.flag("public")
    blob = await call.api.call(f"{cls}.create_new_blob", call.ref(cls, name), call.need("name"), mime, public)
    call.print(call.uuid(blob))


@command("caller-query-usage", optional="uuid group")
async def caller_query_usage(call: Invocation) -> None:
    """Show what a caller or a group of callers has used."""
    if call.has("uuid"):
        caller = call.ref("Caller", "uuid")
        tokens = await call.api.call("Caller.query_token_usage", caller)
        calls = await call.api.call("Caller.query_call_count", caller)
    else:
        tokens = await call.api.call("Caller.query_group_token_usage", call.need("group"))
        calls = await call.api.call("Caller.query_group_call_count", call.need("group"))
    call.table([("token-usage", f"{tokens:.3f}"), ("call-count", str(calls))])


@command("caller-list-usage")
async def caller_list_usage(call: Invocation) -> None:
    """Show what each caller has used."""
    for line in await call.api.call("Caller.query_all_usage"):
        call.print(", ".join(map(str, line)))


@command("rate-limit-create", "burst-size fill-rate", "name-label name-description caller-uuids")
async def rate_limit_create(call: Invocation) -> None:
    """Make a limit on how often callers may call."""
    record: dict[str, Any] = {
        "name_label": call.get("name-label"),
        "name_description": call.get("name-description"),
        "burst_size": float(call.need("burst-size")),
        "fill_rate": float(call.need("fill-rate")),
    }
    callers = [call.by_uuid("Caller", uuid) for uuid in call.get("caller-uuids").split(",") if uuid]
    ref = await call.api.call("Rate_limit.create", record)
    for caller in callers:
        await call.api.call("Rate_limit.add_caller", ref, caller)
    call.print(call.uuid(ref))


@command("hostdriver-select", "uuid variant-name")
async def hostdriver_select(call: Invocation) -> None:
    """Choose the variant of a driver that the host loads when it starts again."""
    driver = call.db.host_driver.by_uuid(call.need("uuid"))
    for ref in driver.variants:
        variant = call.db.driver_variant.get(ref)
        if variant is not None and variant.name == call.need("variant-name"):
            await call.api.call("Host_driver.select", driver.ref, ref)
            return
    raise CommandError(f"The driver has no variant '{call.need('variant-name')}'")


@command("hostdriver-deselect", "uuid", "force")
async def hostdriver_deselect(call: Invocation) -> None:
    """Forget which variant of a driver was chosen; needs --force."""
    _forced(call)
    await call.api.call("Host_driver.deselect", call.ref("Host_driver", "uuid"))


@command("vtpm-destroy", "uuid", "force")
async def vtpm_destroy(call: Invocation) -> None:
    """Destroy a VTPM and the keys in it; needs --force."""
    _forced(call)
    await call.api.run("VTPM.destroy", call.ref("VTPM", "uuid"))


def _forced(call: Invocation) -> None:
    if not call.flag("force"):
        raise CommandError("This may lose data: use --force")


@command("diagnostic-vm-status", "uuid")
async def diagnostic_vm_status(call: Invocation) -> None:
    """Show a VM, its disks and its interfaces."""
    vm = call.db.vm.by_uuid(call.need("uuid"))
    call.api.check("VM.get_all_records")
    await generated.show_rows(call, RECORDS["vm"].default, [vm])
    for record, refs in (("vbd", vm.VBDs), ("vif", vm.VIFs)):
        rows = [row for ref in refs if (row := call.db.find(ref)) is not None]
        await generated.show_rows(call, RECORDS[record].default, rows)


@command("diagnostic-license-status")
async def diagnostic_license_status(call: Invocation) -> None:
    """Show each host's edition and when its licence ends."""
    call.api.check("host.get_all_records")
    for host in call.db.host.rows():
        expiry = host.license_params.get("expiry", "never")
        call.table([("host", host.uuid), ("hostname", host.hostname), ("edition", host.edition), ("expiry", expiry)])

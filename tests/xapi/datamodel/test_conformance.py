"""Compares our datamodel with the facts about the original, if they are at hand: names, types, defaults, roles."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from tests.reference import FOLDER, needed
from xapi.datamodel import API_VERSION, CLASSES, SCHEMA_VERSION, errors
from xapi.datamodel.alerts import PRIORITIES
from xapi.datamodel.describe import role_names, type_name
from xapi.datamodel.enums import ENUMS
from xapi.datamodel.http_actions import HTTP_ACTIONS
from xapi.datamodel.licensing import FEATURES
from xapi.datamodel.relations import MANY_TO_MANY, ONE_TO_MANY
from xapi.datamodel.releases import RELEASES
from xapi.datamodel.roles import EXTRA_PERMISSIONS, ROLES
from xapi.datamodel.types import REQUIRED, Access, Change, Class, Field, Param, Role
from xapi.datamodel.wire import MESSAGES, WireMessage

Json = dict[str, Any]

EXPLAINED = {
    "relations: subject.roles": "no relation: it names itself as its other end",
    "relations: role.subroles": "no relation: it names itself as its other end",
    "errors: CLIENT_ERROR": "raised inside clients, never sent",
    "host.create(latest_synced_updates_applied): default": "the original's is an empty set, which the type forbids",
    **{
        f"errors: {code}": "a prefix or suffix from which the original puts codes together"
        for code in (
            "POOL_",
            "_DOMAIN_LOOKUP_FAILED",
            "_INVALID_ACCOUNT",
            "_INVALID_OU",
            "_INVALID_TRUSTED_CERTS",
            "_NO_SUPPORT_ENCRYPT_TYPE",
            "_NO_TRUSTED_CERTS",
            "_PERMISSION_DENIED",
            "_SETUP_TLS_CONNECTION",
            "_UNAVAILABLE",
            "_WRONG_CREDENTIALS",
        )
    },
}
"""Differences that are meant, with the reason."""


@pytest.fixture(scope="module")
def reference() -> Json:
    path = needed(FOLDER / "datamodel.json")
    loaded: Json = json.loads(path.read_text(encoding="utf-8"))
    return loaded


def _changes(lifecycle: Json) -> tuple[Change, ...]:
    return tuple(Change(step["transition"], step["release"]) for step in lifecycle["transitions"])


def _lifecycle(what: str, ours: Class | Field | WireMessage, theirs: Json) -> Iterator[str]:
    spec = ours.message if isinstance(ours, WireMessage) else ours
    if spec.lifecycle != _changes(theirs["lifecycle"]):
        yield f"{what}: lifecycle {spec.lifecycle}"
    if spec.stage != theirs["lifecycle"]["state"]:
        yield f"{what}: stage {spec.stage}"


def _value(value: Any) -> Any:
    """One of our defaults as the reference writes it."""
    if isinstance(value, datetime):
        return {"datetime": value.strftime("%Y%m%dT%H:%M:%SZ")}
    return [] if value == () else list(value) if isinstance(value, tuple) else value


def _differ(what: str, pairs: dict[str, tuple[Any, Any]]) -> Iterator[str]:
    for name, (ours, theirs) in pairs.items():
        if ours != theirs or (type(ours) is bool and type(theirs) is not bool):
            yield f"{what}: {name} is {ours!r}, not {theirs!r}"


def _field(cls: str, ours: Field, theirs: Json) -> Iterator[str]:
    what = f"{cls}.{ours.name}"
    yield from _differ(
        what,
        {
            "type": (type_name(ours.type), theirs["type"]),
            "access": (ours.access, theirs["qualifier"]),
            "db_name": (ours.db_name or ours.name, theirs["db_name"]),
            "persist": (ours.persist, theirs["persist"]),
            "internal": (ours.internal, theirs["internal_only"]),
            "has_effect": (ours.has_effect, theirs["has_effect"]),
            "may_dangle": (ours.may_dangle, theirs["ignore_foreign_key"]),
            "has a default": (ours.default is not REQUIRED, theirs["has_default"]),
        },
    )
    if theirs["has_default"]:
        yield from _differ(what, {"default": (_value(ours.default), theirs["default"])})
    if theirs["getter_roles"]["roles"] is not None:
        yield from _differ(what, {"readers": (role_names(ours.readers), theirs["getter_roles"]["roles"])})
    if ours.access == Access.RW:
        yield from _differ(what, {"writers": (role_names(ours.writers), theirs["setter_roles"]["roles"])})
    yield from _differ(what, {"key_roles": (_key_roles(ours.key_roles), _least(theirs["map_keys_roles"]))})
    yield from _lifecycle(what, ours, theirs)


def _key_roles(roles: tuple[tuple[str, Role], ...]) -> dict[str, str]:
    return {key: str(role) for key, role in roles}


def _least(roles: Json) -> dict[str, str]:
    return {key: entry["minimum_role"] for key, entry in roles.items()}


def _class(ours: Class, theirs: Json) -> Iterator[str]:
    yield from _differ(
        ours.name,
        {
            "fields": ([field.name for field in ours.fields], [field["name"] for field in theirs["fields"]]),
            "roles": (role_names(ours.roles), theirs["obj_allowed_roles"]["roles"]),
            "implicit_roles": (role_names(ours.implicit_roles), theirs["obj_implicit_msg_allowed_roles"]["roles"]),
            "persist": (ours.persist, theirs["persist"]),
            "in_database": (ours.in_database, theirs["in_database"]),
            "events": (ours.events, theirs["gen_events"]),
            "has_get_all": (ours.has_get_all, theirs["exposes_get_all"]),
            "constructor": (ours.constructor, theirs["gen_constructor_destructor"]),
        },
    )
    if ours.constructor:
        yield from _differ(ours.name, {"constructor": (list(ours.constructor_fields), theirs["constructor_fields"])})
    yield from _lifecycle(ours.name, ours, theirs)
    for field, fact in zip(ours.fields, theirs["fields"], strict=False):
        yield from _field(ours.name, field, fact)


def _param(what: str, ours: Param, theirs: Json, introduced: str | None) -> Iterator[str]:
    kind = theirs["type"].replace("secretstring", "string")
    yield from _differ(what, {"type": (type_name(ours.type), kind)})
    if (ours.default is not REQUIRED) != theirs["optional"] or (
        theirs["optional"] and _value(ours.default) != theirs["default"]
    ):
        yield f"{what}: default"
    if "secretstring" in theirs["type"] and not ours.secret:
        yield f"{what}: not secret"
    release = theirs["introduced_release"]
    yield from _differ(what, {"release": (ours.release, "" if release in (None, introduced) else release)})


def _message(ours: WireMessage, theirs: Json) -> Iterator[str]:
    what, spec = ours.name, ours.message
    result = theirs["result"]["type"] if theirs["result"] else "void"
    yield from _differ(
        what,
        {
            "implicit": (ours.implicit, theirs["implicit"]),
            "params": ([param.name for param in spec.params], [param["name"] for param in theirs["params"]]),
            "result": (type_name(spec.result), result.replace("secretstring", "string")),
            "errors": (list(spec.errors), list(dict.fromkeys(theirs["errors"]))),
            "roles": (role_names(spec.roles), theirs["roles"]),
            "local root alone": (spec.roles == (Role.LOCAL_ROOT,), theirs["local_root_only"]),
            "key_roles": (_key_roles(spec.key_roles), _least(theirs["map_keys_roles"] or {})),
            "session": (spec.session, theirs["session"]),
            "async": (ours.is_async, theirs["server"]["async"]),
            "task": (ours.makes_task, theirs["server"]["generate_task_for"]),
            "pool_internal": (spec.pool_internal, theirs["pool_internal"]),
            "emergency": (spec.emergency, theirs["emergency"]),
            "hidden": (spec.hidden, theirs["hide_from_docs"]),
            "has_effect": (spec.has_effect, theirs["has_effect"]),
            "raw_result": (spec.raw_result, theirs["custom_marshaller"]),
            "host_extension": (spec.host_extension, (theirs["forward_to"] or {}).get("host_extension", "")),
            "secret": (spec.secret, theirs["secret"] or "secretstring" in result),
        },
    )
    if ours.implicit:
        tag = theirs["tag"]
        kind = tag["op"] + ("_to" if tag["op"] == "add" and "key" in [p.name for p in spec.params] else "")
        kind += "_from" if tag["op"] == "remove" and "key" in [p.name for p in spec.params] else ""
        yield from _differ(what, {"kind": (str(ours.kind), kind)})
        yield from _differ(what, {"field": (ours.field and ours.field.name, tag.get("field"))})
    yield from _lifecycle(what, ours, theirs)
    message_release = theirs["introduced_release"]
    for param, fact in zip(spec.params, theirs["params"], strict=False):
        introduced = fact["introduced_release"] if ours.implicit else message_release
        yield from _param(f"{what}({param.name})", param, fact, introduced)


def _sets(what: str, ours: Any, theirs: Any) -> Iterator[str]:
    for name in sorted(set(ours) ^ set(theirs), key=str):
        yield f"{what}: {name}"


def _unexplained(differences: Iterator[str]) -> list[str]:
    return [text for text in differences if text not in EXPLAINED]


def test_versions(reference: Json) -> None:
    assert (reference["api_version_major"], reference["api_version_minor"]) == API_VERSION
    assert (reference["schema_major_vsn"], reference["schema_minor_vsn"]) == SCHEMA_VERSION


def test_classes_and_fields(reference: Json) -> None:
    assert list(CLASSES) == [cls["name"] for cls in reference["classes"]]
    found = [text for cls in reference["classes"] for text in _unexplained(_class(CLASSES[cls["name"]], cls))]
    assert found == []


def test_what_is_on_the_wire(reference: Json) -> None:
    wire = [m["wire_name"] for cls in reference["classes"] for m in cls["messages"] if m["on_wire"]]
    assert _unexplained(_sets("wire", MESSAGES, wire)) == []
    assert len(wire) == len(MESSAGES)


def test_messages(reference: Json) -> None:
    facts = [m for cls in reference["classes"] for m in cls["messages"] if m["wire_name"] in MESSAGES and m["on_wire"]]
    assert [text for fact in facts for text in _unexplained(_message(MESSAGES[fact["wire_name"]], fact))] == []


def test_enumerations(reference: Json) -> None:
    theirs = {name: [value["value"] for value in values] for name, values in reference["enums"].items()}
    assert {name: [str(member) for member in kind] for name, kind in ENUMS.items()} == theirs


def test_errors(reference: Json) -> None:
    ours = {
        cls.code: cls.names
        for cls in vars(errors).values()
        if isinstance(cls, type) and issubclass(cls, errors.XenError) and cls.code
    }
    theirs = [*reference["errors"], *reference["errors_without_datamodel_entry"]]
    assert _unexplained(_sets("errors", ours, theirs)) == []
    counts = {code: len(fact["params"]) for code, fact in reference["errors"].items()}
    counts["SR_BACKEND_FAILURE"] += 1  # the number, which is part of the code on the wire
    assert {code: len(ours[code]) for code in counts} == counts


def test_relations(reference: Json) -> None:
    def theirs(many: bool) -> list[tuple[str, ...]]:
        keys = ("from_class", "from_field", "to_class", "to_field")
        return [tuple(r[key] for key in keys) for r in reference["relations"] if (r["kind"] != "one-to-many") == many]

    def shown(relation: tuple[str, ...]) -> str:
        return f"{relation[0]}.{relation[1]}"

    one = [(r.cls, r.field, r.other, r.back) for r in ONE_TO_MANY]
    many = [(r.cls, r.field, r.other, r.back) for r in MANY_TO_MANY]
    assert one == theirs(many=False)
    assert _unexplained(_sets("relations", map(shown, many), map(shown, theirs(many=True)))) == []
    assert set(many) <= set(theirs(many=True))


def test_roles_and_permissions(reference: Json) -> None:
    theirs = [(role["name"], role["uuid"], role["internal"]) for role in reference["roles"]]
    assert [(row.role, row.uuid, row.internal) for row in ROLES.values()] == theirs
    assert _least(reference["extra_permissions"]) == EXTRA_PERMISSIONS


def test_http_actions(reference: Json) -> None:
    theirs = [
        (a["name"], a["method"], a["uri"], a["roles"], a["in_sdk"], a["no_rbac_check"], a["custom_rate_limit"])
        for a in reference["http_actions"]
    ]
    assert [
        (a.name, a.method, a.path, role_names(a.roles), a.in_sdk, a.checks_itself, a.own_rate_limit)
        for a in HTTP_ACTIONS
    ] == theirs
    subs = {a["name"]: {k: v["roles"] for k, v in a["sub_actions"].items()} for a in reference["http_actions"]}
    assert {a.name: {k: role_names(v) for k, v in a.sub_actions} for a in HTTP_ACTIONS} == subs
    args = {
        a["name"]: [arg["name"] for arg in a["args"] if arg["type"] != "varargs"] for a in reference["http_actions"]
    }
    assert {a.name: [name for name, _ in a.query] for a in HTTP_ACTIONS} == args


def test_releases_features_and_alerts(reference: Json) -> None:
    releases = [(r["code_name"] or "", r["version_major"], r["version_minor"]) for r in reference["releases"]]
    assert [(r.code_name, r.api_major, r.api_minor) for r in RELEASES] == releases
    features = [(f["constructor"], f["key"], f["orientation"] == "Positive") for f in reference["features"]]
    assert [(f.name, f.key, f.positive) for f in FEATURES] == features
    assert {alert["name"]: alert["priority"] for alert in reference["messages"]} == PRIORITIES


def test_explanations_are_needed(reference: Json) -> None:
    """An explanation for a difference that is gone would hide the next one."""
    creates = [m for cls in reference["classes"] for m in cls["messages"] if m["wire_name"] == "host.create"]
    seen = set(_message(MESSAGES["host.create"], next(m for m in creates if m["on_wire"])))
    seen |= {f"errors: {code}" for code in reference["errors_without_datamodel_entry"]}
    seen |= {f"relations: {r['from_class']}.{r['from_field']}" for r in reference["relations"]}
    assert set(EXPLAINED) <= seen

"""Requests beside the RPC calls: consoles, imports and exports, files. Who may make them, on which path."""

from __future__ import annotations

from dataclasses import dataclass

from xapi.datamodel.types import Role, Type


@dataclass(frozen=True, slots=True)
class HttpAction:
    """One handler. `permission` is checked like a message; a sub-action needs its own role besides."""

    name: str
    method: str
    path: str
    roles: tuple[Role, ...]
    """As in `Message`."""
    query: tuple[tuple[str, Type], ...] = ()
    """Parameters in the query that SDKs offer, beside `session_id` or `task_id`."""
    any_query: bool = False
    in_sdk: bool = False
    checks_itself: bool = False
    """Authentication is the handler's own business."""
    own_rate_limit: bool = False
    sub_actions: tuple[tuple[str, tuple[Role, ...]], ...] = ()

    @property
    def permission(self) -> str:
        return f"http/{self.name}"


HTTP_ACTIONS: tuple[HttpAction, ...] = (
    HttpAction("get_services", "GET", "/services", (Role.READ_ONLY, Role.CLIENT_CERT), in_sdk=True),
    HttpAction("post_services", "POST", "/services", (Role.POOL_ADMIN,)),
    HttpAction("put_services", "PUT", "/services", (Role.POOL_ADMIN,)),
    HttpAction("post_remote_db_access", "POST", "/remote_db_access", (Role.POOL_ADMIN,)),
    HttpAction("post_remote_db_access_v2", "POST", "/remote_db_access_v2", (Role.POOL_ADMIN,)),
    HttpAction("get_services_xenops", "GET", "/services/xenops", (Role.VM_POWER_ADMIN,)),
    HttpAction("post_services_xenops", "POST", "/services/xenops", (Role.VM_POWER_ADMIN, Role.CLIENT_CERT)),
    HttpAction("put_services_xenops", "PUT", "/services/xenops", (Role.VM_POWER_ADMIN, Role.CLIENT_CERT)),
    HttpAction("get_services_sm", "GET", "/services/SM", (Role.VM_POWER_ADMIN,)),
    HttpAction("post_services_sm", "POST", "/services/SM", (Role.VM_POWER_ADMIN,)),
    HttpAction("put_services_sm", "PUT", "/services/SM", (Role.VM_POWER_ADMIN,)),
    HttpAction(
        "put_import",
        "PUT",
        "/import",
        (Role.VM_ADMIN,),
        query=(("restore", bool), ("force", bool), ("sr_id", str)),
        in_sdk=True,
    ),
    HttpAction(
        "put_import_metadata",
        "PUT",
        "/import_metadata",
        (Role.VM_ADMIN,),
        query=(("restore", bool), ("force", bool), ("dry_run", bool)),
        in_sdk=True,
    ),
    HttpAction(
        "put_import_raw_vdi",
        "PUT",
        "/import_raw_vdi",
        (Role.VM_ADMIN,),
        query=(("vdi", str), ("format", str), ("chunked", bool)),
        in_sdk=True,
    ),
    HttpAction(
        "get_export",
        "GET",
        "/export",
        (Role.VM_ADMIN,),
        query=(("uuid", str), ("use_compression", str), ("preserve_power_state", bool)),
        in_sdk=True,
    ),
    HttpAction(
        "get_export_metadata",
        "GET",
        "/export_metadata",
        (Role.VM_ADMIN,),
        query=(
            ("uuid", str),
            ("all", bool),
            ("include_dom0", bool),
            ("include_vhd_parents", bool),
            ("export_snapshots", bool),
            ("excluded_device_types", str),
        ),
        in_sdk=True,
    ),
    HttpAction(
        "get_export_raw_vdi",
        "GET",
        "/export_raw_vdi",
        (Role.VM_ADMIN,),
        query=(("vdi", str), ("format", str)),
        in_sdk=True,
    ),
    HttpAction(
        "connect_console",
        "CONNECT",
        "/console",
        (Role.VM_OPERATOR,),
        sub_actions=(("host_console", (Role.POOL_ADMIN,)),),
    ),
    HttpAction(
        "connect_console_ws",
        "GET",
        "/console",
        (Role.VM_OPERATOR,),
        sub_actions=(("host_console_ws", (Role.POOL_ADMIN,)),),
    ),
    HttpAction("get_root", "GET", "/", (Role.READ_ONLY, Role.CLIENT_CERT), checks_itself=True),
    HttpAction("post_cli", "POST", "/cli", (Role.READ_ONLY, Role.CLIENT_CERT), checks_itself=True, own_rate_limit=True),
    HttpAction("get_host_backup", "GET", "/host_backup", (Role.POOL_ADMIN,), in_sdk=True),
    HttpAction("put_host_restore", "PUT", "/host_restore", (Role.POOL_ADMIN,), in_sdk=True),
    HttpAction("get_host_logs_download", "GET", "/host_logs_download", (Role.POOL_OPERATOR,), in_sdk=True),
    HttpAction(
        "put_pool_patch_upload",
        "PUT",
        "/pool_patch_upload",
        (Role.POOL_OPERATOR,),
        query=(("sr_id", str),),
        in_sdk=True,
    ),
    HttpAction(
        "get_vncsnapshot",
        "GET",
        "/vncsnapshot",
        (Role.VM_OPERATOR,),
        query=(("uuid", str),),
        in_sdk=True,
        sub_actions=(("host_console", (Role.POOL_ADMIN,)),),
    ),
    HttpAction("get_pool_xml_db_sync", "GET", "/pool/xmldbdump", (Role.POOL_ADMIN,), in_sdk=True),
    HttpAction("put_pool_xml_db_sync", "PUT", "/pool/xmldbdump", (Role.POOL_ADMIN,)),
    HttpAction("get_config_sync", "GET", "/sync_config_files", (Role.POOL_ADMIN,)),
    HttpAction(
        "get_system_status",
        "GET",
        "/system-status",
        (Role.POOL_OPERATOR,),
        query=(("entries", str), ("output", str)),
        in_sdk=True,
    ),
    HttpAction(
        "vm_rrd",
        "GET",
        "/vm_rrd",
        (Role.READ_ONLY, Role.CLIENT_CERT),
        query=(("uuid", str), ("json", bool)),
        in_sdk=True,
    ),
    HttpAction(
        "get_vm_rrds", "GET", "/vm_rrds", (Role.READ_ONLY, Role.CLIENT_CERT), query=(("uuid", str), ("json", bool))
    ),
    HttpAction(
        "host_rrd", "GET", "/host_rrd", (Role.READ_ONLY, Role.CLIENT_CERT), query=(("json", bool),), in_sdk=True
    ),
    HttpAction("get_host_rrds", "GET", "/host_rrds", (Role.READ_ONLY, Role.CLIENT_CERT), query=(("json", bool),)),
    HttpAction("sr_rrd", "GET", "/sr_rrd", (Role.READ_ONLY, Role.CLIENT_CERT), query=(("uuid", str),), in_sdk=True),
    HttpAction(
        "rrd_updates",
        "GET",
        "/rrd_updates",
        (Role.READ_ONLY, Role.CLIENT_CERT),
        query=(("start", int), ("cf", str), ("interval", int), ("host", bool), ("uuid", str), ("json", bool)),
        in_sdk=True,
    ),
    HttpAction("rrd", "PUT", "/rrd", (Role.POOL_ADMIN,)),
    HttpAction("get_blob", "GET", "/blob", (Role.READ_ONLY, Role.CLIENT_CERT), checks_itself=True),
    HttpAction("put_blob", "PUT", "/blob", (Role.VM_POWER_ADMIN,), query=(("ref", str),), in_sdk=True),
    HttpAction("put_messages", "PUT", "/messages", (Role.VM_POWER_ADMIN,)),
    HttpAction("connect_remotecmd", "CONNECT", "/remotecmd", (Role.POOL_ADMIN,)),
    HttpAction(
        "get_wlb_report",
        "GET",
        "/wlb_report",
        (Role.READ_ONLY, Role.CLIENT_CERT),
        query=(("report", str),),
        any_query=True,
        in_sdk=True,
    ),
    HttpAction("get_wlb_diagnostics", "GET", "/wlb_diagnostics", (Role.READ_ONLY, Role.CLIENT_CERT), in_sdk=True),
    HttpAction(
        "get_audit_log", "GET", "/audit_log", (Role.READ_ONLY, Role.CLIENT_CERT), query=(("since", str),), in_sdk=True
    ),
    HttpAction("post_root", "POST", "/", (Role.READ_ONLY, Role.CLIENT_CERT), checks_itself=True, own_rate_limit=True),
    HttpAction(
        "post_RPC2", "POST", "/RPC2", (Role.READ_ONLY, Role.CLIENT_CERT), checks_itself=True, own_rate_limit=True
    ),
    HttpAction("post_json", "POST", "/json", (Role.READ_ONLY, Role.CLIENT_CERT), checks_itself=True),
    HttpAction("post_root_options", "OPTIONS", "/", (Role.READ_ONLY, Role.CLIENT_CERT), checks_itself=True),
    HttpAction("post_json_options", "OPTIONS", "/json", (Role.READ_ONLY, Role.CLIENT_CERT), checks_itself=True),
    HttpAction(
        "post_jsonrpc", "POST", "/jsonrpc", (Role.READ_ONLY, Role.CLIENT_CERT), checks_itself=True, own_rate_limit=True
    ),
    HttpAction("post_jsonrpc_options", "OPTIONS", "/jsonrpc", (Role.READ_ONLY, Role.CLIENT_CERT), checks_itself=True),
    HttpAction("get_pool_update_download", "GET", "/update/", (Role.READ_ONLY, Role.CLIENT_CERT), checks_itself=True),
    HttpAction("get_repository", "GET", "/repository", (Role.LOCAL_ROOT,)),
    HttpAction("get_enabled_repository", "GET", "/repository/enabled", (Role.POOL_OPERATOR, Role.CLIENT_CERT)),
    HttpAction("get_host_updates", "GET", "/host_updates", (Role.POOL_OPERATOR, Role.CLIENT_CERT)),
    HttpAction("get_updates", "GET", "/updates", (Role.POOL_OPERATOR, Role.CLIENT_CERT), in_sdk=True),
    HttpAction("put_bundle", "PUT", "/bundle", (Role.POOL_OPERATOR,), in_sdk=True),
)

"""Cluster_host: a host as a member of a cluster."""

from __future__ import annotations

from datetime import datetime

from xapi.datamodel.enums import ClusterHostOperation
from xapi.datamodel.types import (
    NEVER,
    NULL,
    Access,
    Class,
    Field,
    MapOf,
    Message,
    Param,
    Ref,
    Role,
    SetOf,
    history,
    since,
)

CLUSTER_HOST = Class(
    "Cluster_host",
    "A host as a member of a cluster.",
    fields=(
        Field(
            "uuid",
            str,
            "Identifies the object for good, here and elsewhere.",
            lifecycle=history("prototyped kolkata", "published lima"),
        ),
        Field(
            "cluster",
            Ref("Cluster"),
            "The cluster.",
            access=Access.STATIC_RO,
            default=NULL,
            lifecycle=history("prototyped kolkata", "published lima"),
        ),
        Field(
            "host",
            Ref("host"),
            "The host.",
            access=Access.STATIC_RO,
            default=NULL,
            lifecycle=history("prototyped kolkata", "published lima"),
        ),
        Field(
            "enabled",
            bool,
            "It should take part.",
            default=False,
            lifecycle=history("prototyped kolkata", "published lima"),
        ),
        Field(
            "PIF",
            Ref("PIF"),
            "The interface that it uses.",
            access=Access.STATIC_RO,
            default=NULL,
            lifecycle=history("prototyped kolkata", "published lima"),
        ),
        Field(
            "joined", bool, "It has joined.", default=True, lifecycle=history("prototyped kolkata", "published lima")
        ),
        Field("live", bool, "It is there.", default=False, lifecycle=history("prototyped 24.3.0")),
        Field(
            "last_update_live",
            datetime,
            "When `live` was last refreshed.",
            default=NEVER,
            lifecycle=history("prototyped 24.3.0"),
        ),
        Field(
            "allowed_operations",
            SetOf(ClusterHostOperation),
            "What may be started now; a hint, checked again when it is.",
            default=(),
            persist=False,
            lifecycle=since("rio"),
        ),
        Field(
            "current_operations",
            MapOf(str, ClusterHostOperation),
            "What is running on it now, by the task that does it.",
            default={},
            persist=False,
            lifecycle=since("rio"),
        ),
        Field(
            "other_config",
            MapOf(str, str),
            "Settings and notes of clients; a few keys change how the server behaves.",
            access=Access.STATIC_RO,
            default={},
            lifecycle=history("prototyped kolkata", "published lima"),
        ),
    ),
    messages=(
        Message(
            "create",
            "Let a host join a cluster.",
            params=(
                Param("cluster", Ref("Cluster"), "The cluster."),
                Param("host", Ref("host"), "The host."),
                Param("pif", Ref("PIF"), "The physical interface."),
            ),
            result=Ref("Cluster_host"),
            result_doc="The member.",
            errors=("PIF_NOT_ATTACHED_TO_HOST", "NO_CLUSTER_HOSTS_REACHABLE"),
            roles=(Role.POOL_OPERATOR,),
            lifecycle=history("prototyped kolkata", "published lima"),
        ),
        Message(
            "destroy",
            "Let a host leave its cluster.",
            params=(Param("self", Ref("Cluster_host")),),
            errors=("CLUSTER_STACK_IN_USE", "CLUSTERING_DISABLED", "CLUSTER_HOST_IS_LAST"),
            roles=(Role.POOL_OPERATOR,),
            lifecycle=history("prototyped kolkata", "published lima"),
        ),
        Message(
            "enable",
            "Let it take part.",
            params=(Param("self", Ref("Cluster_host")),),
            errors=("PIF_ALLOWS_UNPLUG", "REQUIRED_PIF_IS_UNPLUGGED"),
            roles=(Role.POOL_OPERATOR,),
            lifecycle=history("prototyped kolkata", "published lima"),
        ),
        Message(
            "force_destroy",
            "Let a host leave its cluster although it fails.",
            params=(Param("self", Ref("Cluster_host")),),
            errors=("CLUSTER_STACK_IN_USE",),
            roles=(Role.POOL_OPERATOR,),
            lifecycle=history("prototyped kolkata", "published lima"),
        ),
        Message(
            "forget",
            "Remove a dead host from the cluster.",
            params=(Param("self", Ref("Cluster_host")),),
            roles=(Role.LOCAL_ROOT,),
            lifecycle=since("lima"),
            hidden=True,
        ),
        Message(
            "disable",
            "Let it not take part.",
            params=(Param("self", Ref("Cluster_host")),),
            errors=("CLUSTER_STACK_IN_USE",),
            roles=(Role.POOL_OPERATOR,),
            lifecycle=history("prototyped kolkata", "published lima"),
        ),
    ),
    roles=(Role.POOL_OPERATOR,),
    lifecycle=history("prototyped kolkata", "published lima"),
    has_get_all=True,
)

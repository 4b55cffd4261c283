"""Implementation of auth: questions to an external directory, of which there is none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from xapi.context import Context
from xapi.datamodel.errors import AuthIsDisabled


async def get_subject_identifier(ctx: Context, subject_name: str) -> str:
    raise AuthIsDisabled


async def get_subject_information_from_identifier(ctx: Context, subject_identifier: str) -> Mapping[str, str]:
    raise AuthIsDisabled


async def get_group_membership(ctx: Context, subject_identifier: str) -> Sequence[str]:
    raise AuthIsDisabled

"""Identifiers: a prefix that tells what a thing is, and a ULID that sorts by time."""

from __future__ import annotations

import hashlib
import re
from enum import StrEnum

from ulid import ULID

LOCAL_OWNER = "local"
"""The owner of everything where no identity is asked for (``AUTH_MODE=none``)."""

BUILTIN_OWNER = "gala"
"""The owner of what GALA itself ships, built-in templates above all."""

_ULID = "[0-7][0-9A-HJKMNP-TV-Z]{25}"


class Prefix(StrEnum):
    """What the id names."""

    ASSET = "ast"
    JOB = "job"
    TEMPLATE = "tpl"
    MODEL = "mdl"
    API_KEY = "key"
    NOTIFICATION = "msg"


def pattern(prefix: Prefix) -> str:
    """The regular expression that every id of this kind matches in full."""
    return f"^{prefix}_{_ULID}$"


def new_id(prefix: Prefix) -> str:
    """A fresh id, e.g. ``job_01JD3Z…`` (30 characters); later ids sort after earlier ones."""
    return f"{prefix}_{ULID()}"


def is_id(prefix: Prefix, text: str) -> bool:
    """Whether the text has the form of an id of this kind (it may still name nothing)."""
    return re.fullmatch(pattern(prefix), text) is not None


def builtin_template_id(type_name: str) -> str:
    """The id of a type's built-in template: the same on every installation."""
    digest = hashlib.sha256(f"builtin:{type_name}".encode()).digest()
    ulid = ULID.from_bytes(b"\0\0" + digest[:14])
    return f"{Prefix.TEMPLATE}_{ulid}"

"""Identifiers: a prefix for the kind of resource, and a ULID, which sorts by time."""

from __future__ import annotations

import hashlib
import re
from enum import StrEnum

from ulid import ULID

LOCAL_OWNER = "local"
"""The owner of all resources if authentication is off (``AUTH_MODE=none``)."""

BUILTIN_OWNER = "gala"
"""The owner of built-in resources such as the built-in templates."""

_ULID = "[0-7][0-9A-HJKMNP-TV-Z]{25}"


class Prefix(StrEnum):
    """Prefix of an id: the kind of resource."""

    ASSET = "ast"
    JOB = "job"
    TEMPLATE = "tpl"
    MODEL = "mdl"
    API_KEY = "key"
    NOTIFICATION = "msg"


def pattern(prefix: Prefix) -> str:
    """Return the regular expression that ids of this kind match in full."""
    return f"^{prefix}_{_ULID}$"


def new_id(prefix: Prefix) -> str:
    """Return a new id, e.g. ``job_01JD3Z…`` (30 characters); later ids sort after earlier ones."""
    return f"{prefix}_{ULID()}"


def is_id(prefix: Prefix, text: str) -> bool:
    """Return True if the text has the form of an id of this kind; it need not exist."""
    return re.fullmatch(pattern(prefix), text) is not None


def builtin_template_id(type_name: str) -> str:
    """Return the id of a type's built-in template; it is the same on every installation."""
    digest = hashlib.sha256(f"builtin:{type_name}".encode()).digest()
    ulid = ULID.from_bytes(b"\0\0" + digest[:14])
    return f"{Prefix.TEMPLATE}_{ulid}"

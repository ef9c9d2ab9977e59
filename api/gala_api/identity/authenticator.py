"""From a request's headers to who asks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from gala.identity import LOCAL, Principal


class Authenticator(Protocol):
    """A way to tell who asks."""

    def principal(self, headers: Mapping[str, str]) -> Principal:
        """Who sends these headers. Raises Unauthorized, which says why not."""


class Everybody:
    """``AUTH_MODE=none``: whoever reaches this API is its owner."""

    def principal(self, headers: Mapping[str, str]) -> Principal:  # noqa: ARG002
        """The local owner, whoever asks."""
        return LOCAL

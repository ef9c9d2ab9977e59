"""Tokens listed by the operator (``AUTH_TOKENS``), for clients of the media server."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Final

from pydantic import SecretStr

from gala.ids import LOCAL_OWNER
from gala.permissions import Principal, Role
from gala_api.auth.errors import CredentialRejected, Reason

_BEARER: Final = Principal(owner_id=LOCAL_OWNER, role=Role.EDITOR)


class StaticTokens:
    """Tokens whose bearer is the local owner, with the role editor."""

    def __init__(self, tokens: Iterable[SecretStr]):
        # Digests, so that the time of a lookup reveals nothing about a token.
        self._digests = frozenset(_digest(token.get_secret_value()) for token in tokens)

    def contains(self, credential: str) -> bool:
        """Return True if it is one of the tokens."""
        return _digest(credential) in self._digests

    def principal(self, credential: str) -> Principal:
        """Return the local owner. Raise CredentialRejected for any other token."""
        if not self.contains(credential):
            raise CredentialRejected(Reason.UNKNOWN_KEY, "This token is not known to this server.")
        return _BEARER


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()

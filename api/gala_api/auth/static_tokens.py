"""Tokens that the operator lists (``AUTH_TOKENS``), as the media server's clients have them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Final

from pydantic import SecretStr

from gala.ids import LOCAL_OWNER
from gala.permissions import Principal, Role
from gala_api.auth.errors import Reason, Refused

_BEARER: Final = Principal(owner_id=LOCAL_OWNER, role=Role.EDITOR)


class ListedTokens:
    """Whoever shows one of them is the local owner, as an editor."""

    def __init__(self, tokens: Iterable[SecretStr]):
        # Digests, so that how long a look takes tells nothing of a token.
        self._digests = frozenset(_digest(token.get_secret_value()) for token in tokens)

    def knows(self, credential: str) -> bool:
        """Whether it is one of them."""
        return _digest(credential) in self._digests

    def principal(self, credential: str) -> Principal:
        """Whose it is."""
        if not self.knows(credential):
            raise Refused(Reason.UNKNOWN_KEY, "This token is not one of this server's.")
        return _BEARER


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()

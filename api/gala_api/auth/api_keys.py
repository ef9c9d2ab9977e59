"""Authentication by API key."""

from __future__ import annotations

from typing import Final

from gala.db import api_keys
from gala.db.api_keys import KeyState
from gala.db.engine import Sessions
from gala.permissions import Principal
from gala.signing import Keyring
from gala_api.auth.errors import CredentialRejected, Reason

_UNKNOWN: Final = "This server does not know this API key."


class ApiKeys:
    """The API keys in the database. A revocation takes effect with the next request."""

    def __init__(self, sessions: Sessions, keyring: Keyring):
        self._sessions = sessions
        self._keyring = keyring

    def principal(self, credential: str) -> Principal:
        """Return the key's owner. Raise CredentialRejected if the key is not valid."""
        if not api_keys.is_token(credential):
            raise CredentialRejected(
                Reason.MALFORMED, "This does not look like an API key: part of it is missing."
            )
        found = api_keys.look_up(self._sessions, self._keyring, credential)
        if found is None:
            raise CredentialRejected(Reason.UNKNOWN_KEY, _UNKNOWN)
        if found.state is KeyState.REVOKED:
            raise CredentialRejected(Reason.REVOKED, "This API key was revoked.")
        if found.state is KeyState.EXPIRED:
            raise CredentialRejected(Reason.EXPIRED, "This API key has expired.")
        return found.principal

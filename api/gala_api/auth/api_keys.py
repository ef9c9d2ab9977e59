"""API keys: what a key that is shown stands for."""

from __future__ import annotations

from typing import Final

from gala.db import api_keys
from gala.db.api_keys import KeyState
from gala.db.engine import Sessions
from gala.permissions import Principal
from gala.signing import Keyring
from gala_api.auth.errors import Reason, Refused

_UNKNOWN: Final = "This API key is not known here."


class ApiKeys:
    """The keys in the database; one that is revoked is so for the next request."""

    def __init__(self, sessions: Sessions, keyring: Keyring):
        self._sessions = sessions
        self._keyring = keyring

    def principal(self, credential: str) -> Principal:
        """Whose key it is."""
        if not api_keys.is_token(credential):
            raise Refused(
                Reason.MALFORMED, "This does not look like an API key: part of it is missing."
            )
        found = api_keys.look_up(self._sessions, self._keyring, credential)
        if found is None:
            raise Refused(Reason.UNKNOWN_KEY, _UNKNOWN)
        if found.state is KeyState.REVOKED:
            raise Refused(Reason.REVOKED, "This API key was revoked.")
        if found.state is KeyState.EXPIRED:
            raise Refused(Reason.EXPIRED, "This API key has expired.")
        return found.principal

"""Rejected credentials, reported in the body and in ``WWW-Authenticate`` (RFC 6750)."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from gala.errors import Unauthorized


class Reason(StrEnum):
    """Why a credential was rejected: ``details.reason`` of the response."""

    MISSING = "missing"
    SCHEME = "scheme"
    SEVERAL = "several"
    TOO_LONG = "too_long"
    MALFORMED = "malformed"
    NOT_ACCEPTED = "not_accepted"
    UNKNOWN_KEY = "unknown_key"
    REVOKED = "revoked"
    EXPIRED = "expired"
    NOT_YET = "not_yet"
    ALGORITHM = "algorithm"
    SIGNATURE = "signature"
    UNKNOWN_SIGNER = "unknown_signer"
    AUDIENCE = "audience"
    ISSUER = "issuer"
    CLAIMS = "claims"
    SUBJECT = "subject"
    ROLE = "role"


_REALM: Final = 'Bearer realm="gala"'


class CredentialRejected(Unauthorized):
    """The credential was rejected.

    The message goes into a header: plain ASCII without quotes, and nothing that the client sent.
    """

    def __init__(self, reason: Reason, message: str, *, hint: str | None = None):
        super().__init__(message, hint=hint, reason=reason)
        self._reason = reason

    @property
    def headers(self) -> Mapping[str, str]:
        """The challenge; without an error if no credential was sent."""
        if self._reason is Reason.MISSING:
            return {"WWW-Authenticate": _REALM}
        challenge = f'{_REALM}, error="invalid_token", error_description="{self.message}"'
        return {"WWW-Authenticate": challenge}

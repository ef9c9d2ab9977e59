"""Why somebody is not let in: said in the body and, as RFC 6750 wants it, in a header."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from gala.errors import Unauthorized


class Reason(StrEnum):
    """What is wrong with the credential; also ``details.reason`` of the answer."""

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


class Refused(Unauthorized):
    """This credential does not let you in.

    The message must be fit for a header: plain ASCII without quotes, and nothing that was sent.
    """

    def __init__(self, reason: Reason, message: str, *, hint: str | None = None):
        super().__init__(message, hint=hint, reason=reason)
        self._reason = reason

    @property
    def headers(self) -> Mapping[str, str]:
        """The challenge. One that only asks for a credential names no error."""
        if self._reason is Reason.MISSING:
            return {"WWW-Authenticate": _REALM}
        told = f'{_REALM}, error="invalid_token", error_description="{self.message}"'
        return {"WWW-Authenticate": told}

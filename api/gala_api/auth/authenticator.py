"""Authentication of a request by its headers."""

from __future__ import annotations

import re
from typing import Final, Protocol

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers

from gala.permissions import LOCAL, Principal
from gala_api.auth.errors import CredentialRejected, Reason
from gala_api.auth.static_tokens import StaticTokens

MAX_CHARACTERS: Final = 8 * 1024
"""Longer credentials are rejected unread."""
KEY_START: Final = "gala_"
"""The prefix of every API key; no JWT has it."""

_SCHEME: Final = re.compile(r"([A-Za-z]+) +(\S.*)")
_HINT: Final = "Send the header Authorization: Bearer followed by an API key or a token."


class Authenticator(Protocol):
    """Authenticates requests."""

    async def principal(self, headers: Headers) -> Principal:
        """Return the caller who sent these headers. Raise Unauthorized with the reason."""


class CredentialVerifier(Protocol):
    """Verifies credentials of one kind: API keys, or tokens."""

    def principal(self, credential: str) -> Principal:
        """Return the owner. Raise Unauthorized, or Unavailable if verification is impossible now.

        May block.
        """


class NoAuthentication:
    """``AUTH_MODE=none``: every caller is the local owner."""

    async def principal(self, headers: Headers) -> Principal:  # noqa: ARG002
        """Return the local owner."""
        return LOCAL


class CredentialAuthenticator:
    """``AUTH_MODE=keys``, ``jwt`` or both, or listed tokens: callers send one credential."""

    def __init__(
        self,
        *,
        keys: CredentialVerifier | None,
        tokens: CredentialVerifier | None,
        listed: StaticTokens | None = None,
    ):
        self._listed = listed
        self._keys = keys
        self._tokens = tokens

    async def principal(self, headers: Headers) -> Principal:
        """Return the owner of the key or token in the headers."""
        if self._listed is not None and self._listed.contains(_whole_header(headers)):
            return self._listed.principal(_whole_header(headers))
        sent = credential(headers)
        return await run_in_threadpool(self._verifier(sent).principal, sent)

    def _verifier(self, sent: str) -> CredentialVerifier:
        others = self._keys is not None or self._tokens is not None
        if self._listed is not None and (self._listed.contains(sent) or not others):
            return self._listed
        if sent.startswith(KEY_START):
            if self._keys is None:
                raise CredentialRejected(
                    Reason.NOT_ACCEPTED, "This server accepts tokens, not API keys."
                )
            return self._keys
        if self._tokens is None:
            raise CredentialRejected(
                Reason.NOT_ACCEPTED,
                f"This is not an API key of this server; they begin with {KEY_START}.",
            )
        return self._tokens


def credential(headers: Headers) -> str:
    """Return the key or token. Raise CredentialRejected if there is none or more than one."""
    sent = [*headers.getlist("authorization"), *headers.getlist("x-api-key")]
    values = [value.strip() for value in sent if value.strip().lower() not in {"", "bearer"}]
    if not values:
        raise CredentialRejected(
            Reason.MISSING,
            "Authentication is required: the request has no API key or token.",
            hint=_HINT,
        )
    if len(values) > 1:
        raise CredentialRejected(
            Reason.SEVERAL, "Send one API key or token, in Authorization or in X-API-Key, not both."
        )
    (one,) = values
    if len(one) > MAX_CHARACTERS:
        raise CredentialRejected(
            Reason.TOO_LONG, f"The key or token is longer than {MAX_CHARACTERS} characters."
        )
    return _without_scheme(one) if "authorization" in headers else one


def _whole_header(headers: Headers) -> str:
    """Return ``Authorization`` unparsed: a listed token may have spaces and include its scheme."""
    sent = [*headers.getlist("authorization"), *headers.getlist("x-api-key")]
    return sent[0].strip() if len(sent) == 1 and "authorization" in headers else ""


def _without_scheme(value: str) -> str:
    """Return the credential of ``Bearer <credential>``, or a bare one, as some clients send it."""
    parts = _SCHEME.fullmatch(value)
    if parts is None:
        return value
    if parts[1].lower() != "bearer":
        raise CredentialRejected(
            Reason.SCHEME, "The scheme of the Authorization header must be Bearer.", hint=_HINT
        )
    return parts[2]

"""From a request's headers to who asks."""

from __future__ import annotations

import re
from typing import Final, Protocol

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers

from gala.permissions import LOCAL, Principal
from gala_api.auth.errors import Reason, Refused
from gala_api.auth.static_tokens import ListedTokens

MAX_CHARACTERS: Final = 8 * 1024
"""A longer credential is refused before anything looks into it."""
KEY_START: Final = "gala_"
"""How every API key begins, and no token."""

_SCHEME: Final = re.compile(r"([A-Za-z]+) +(\S.*)")
_HINT: Final = "Send Authorization: Bearer, and then an API key or a token."


class Authenticator(Protocol):
    """A way to tell who asks."""

    async def principal(self, headers: Headers) -> Principal:
        """Who sends these headers. Raises Unauthorized, which says why not."""


class Kind(Protocol):
    """One kind of credential: API keys, or tokens."""

    def principal(self, credential: str) -> Principal:
        """Whose it is; may block. Raises Unauthorized, or Unavailable if that cannot be told."""


class Everybody:
    """``AUTH_MODE=none``: whoever reaches this API is its owner."""

    async def principal(self, headers: Headers) -> Principal:  # noqa: ARG002
        """The local owner, whoever asks."""
        return LOCAL


class Credentials:
    """``AUTH_MODE=keys``, ``jwt`` or both, or listed tokens: who asks shows one of these."""

    def __init__(
        self, *, keys: Kind | None, tokens: Kind | None, listed: ListedTokens | None = None
    ):
        self._listed = listed
        self._keys = keys
        self._tokens = tokens

    async def principal(self, headers: Headers) -> Principal:
        """The owner of the key or token in the headers."""
        if self._listed is not None and self._listed.knows(_whole(headers)):
            return self._listed.principal(_whole(headers))
        shown = credential(headers)
        return await run_in_threadpool(self._kind(shown).principal, shown)

    def _kind(self, shown: str) -> Kind:
        others = self._keys is not None or self._tokens is not None
        if self._listed is not None and (self._listed.knows(shown) or not others):
            return self._listed
        if shown.startswith(KEY_START):
            if self._keys is None:
                raise Refused(Reason.NOT_ACCEPTED, "API keys are not accepted here, only tokens.")
            return self._keys
        if self._tokens is None:
            raise Refused(
                Reason.NOT_ACCEPTED, f"This is no API key of this server: they begin {KEY_START}."
            )
        return self._tokens


def credential(headers: Headers) -> str:
    """The one key or token that is shown. Raises Refused for none, several, or an endless one."""
    sent = [*headers.getlist("authorization"), *headers.getlist("x-api-key")]
    shown = [value.strip() for value in sent if value.strip().lower() not in {"", "bearer"}]
    if not shown:
        raise Refused(Reason.MISSING, "Show who you are: there is no key or token.", hint=_HINT)
    if len(shown) > 1:
        raise Refused(
            Reason.SEVERAL, "Send one key or token, in Authorization or X-API-Key, not two."
        )
    (one,) = shown
    if len(one) > MAX_CHARACTERS:
        raise Refused(
            Reason.TOO_LONG, f"No key or token is longer than {MAX_CHARACTERS} characters."
        )
    return _without_scheme(one) if "authorization" in headers else one


def _whole(headers: Headers) -> str:
    """``Authorization`` as it stands: a listed token may be of several words, scheme included."""
    sent = [*headers.getlist("authorization"), *headers.getlist("x-api-key")]
    return sent[0].strip() if len(sent) == 1 and "authorization" in headers else ""


def _without_scheme(value: str) -> str:
    """``Bearer <credential>``, or the bare credential, which some callers can only send."""
    parts = _SCHEME.fullmatch(value)
    if parts is None:
        return value
    if parts[1].lower() != "bearer":
        raise Refused(
            Reason.SCHEME, "Authorization is not understood: its scheme is not Bearer.", hint=_HINT
        )
    return parts[2]

"""Signed links to the bytes of assets, which need no header and expire.

A link has the asset's id, its expiry, and a signature of both; its bearer may read the bytes until
then. URLs of this API are also recognised here, so that workers do not fetch them by HTTP.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Final
from urllib.parse import parse_qs, urlsplit

from fastapi import Depends, Query, Request

from gala.errors import Forbidden
from gala.ids import Prefix, is_id
from gala.net.urls import DEFAULT_PORTS
from gala.permissions import Permission
from gala.signing import Keyring
from gala_api.auth.access import Access, principal_of
from gala_api.dependencies import Services
from gala_api.http.content_response import FRESH_SECONDS

MAX_LINK_SECONDS: Final = 7 * 24 * 3600
"""The longest lifetime of a link: one week."""
DEFAULT_LINK_SECONDS: Final = 3600

_CONTENT: Final = re.compile(r"/assets/([^/]+)/content")
_EXPIRES: Final = re.compile(r"[1-9][0-9]{0,11}")
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_NEW_LINK: Final = "Get a new link from GET /assets/{assetId}/url."

Expires = Annotated[
    str | None,
    Query(description="Expiry of a signed link, Unix time in seconds; requires `signature`."),
]
Signature = Annotated[
    str | None, Query(description="Signature of a signed link; requires `expires`.")
]


@dataclass(frozen=True, slots=True)
class SignedLink:
    """A URL that needs no header until it expires (UTC)."""

    url: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class OwnLink:
    """A URL of this API for the bytes of an asset."""

    asset_id: str
    valid: bool
    """It is signed and has not expired, so its bearer may read the asset."""


def signed_link(services: Services, asset_id: str, expires_in: int) -> SignedLink:
    """Return a link to the asset's bytes that expires in ``expires_in`` seconds, at most a week."""
    expires = int(time.time()) + min(expires_in, MAX_LINK_SECONDS)
    url = services.keyring.content_url(services.settings.base_url, asset_id, expires)
    return SignedLink(url, datetime.fromtimestamp(expires, UTC))


def check_link(keyring: Keyring, asset_id: str, expires: str | None, signature: str | None) -> None:
    """Raise Forbidden, with the reason, if the signature is wrong or the link has expired."""
    if expires is None or signature is None or not _EXPIRES.fullmatch(expires):
        raise _wrong_signature()
    if not keyring.is_content_signature(signature, asset_id, int(expires)):
        raise _wrong_signature()
    if int(expires) <= time.time():
        ended = datetime.fromtimestamp(int(expires), UTC).isoformat()
        raise Forbidden(
            f"This link expired at {ended}.", hint=_NEW_LINK, field="expires", rule="expired"
        )


def fresh_seconds(expires: str | None, signature: str | None) -> int:
    """Return how many seconds a client may cache the bytes: at most until its link expires."""
    if expires is None or signature is None:
        return FRESH_SECONDS
    return max(0, min(FRESH_SECONDS, int(expires) - int(time.time())))


def _wrong_signature() -> Forbidden:
    return Forbidden(
        "The signature of this link is wrong: the link was shortened or changed, or the server's"
        " GALA_SECRET_KEY has changed.",
        hint=_NEW_LINK,
        field="signature",
        rule="signature",
    )


def is_link(request: Request) -> bool:
    """Return True if the request has a signed link, which alone is then checked."""
    return not {"expires", "signature"}.isdisjoint(request.query_params)


class LinkOrAccess(Access):
    """Access by a valid link or, without a link, by the permission."""

    async def __call__(self, request: Request) -> None:
        if not is_link(request):
            await super().__call__(request)
            return
        services: Services = request.app.state.services
        query_params = request.query_params
        asset_id = request.path_params["assetId"]
        check_link(
            services.keyring, asset_id, query_params.get("expires"), query_params.get("signature")
        )


def linked_or_allowed(permission: Permission) -> Any:
    """Return a dependency for routes of an asset's bytes: a valid link, or the permission."""
    return Depends(LinkOrAccess(permission))


async def _reader(request: Request) -> str | None:
    return None if is_link(request) else (await principal_of(request)).owner_id


ReaderDep = Annotated[str | None, Depends(_reader)]
"""The owner whose asset is read; ``None`` if a signed link gives access."""


def own_link(services: Services, url: str) -> OwnLink | None:
    """Return the asset that a content URL of this API names, or None for any other URL."""
    try:
        path = _own_path(services, url)
        query = parse_qs(urlsplit(url).query, max_num_fields=20)
    except ValueError:
        return None
    match = _CONTENT.fullmatch(path or "")
    if match is None or not is_id(Prefix.ASSET, match[1]):
        return None
    expires, signature = (query.get(name, [None])[0] for name in ("expires", "signature"))
    try:
        check_link(services.keyring, match[1], expires, signature)
    except Forbidden:
        return OwnLink(match[1], valid=False)
    return OwnLink(match[1], valid=True)


def own_asset_id(services: Services, url: str) -> str | None:
    """Return the id of the asset that a URL of this API names; it may be another owner's."""
    link = own_link(services, url)
    return None if link is None else link.asset_id


def _own_path(services: Services, url: str) -> str | None:
    """Return the path below the API's root if the URL leads to this API."""
    target, ours = urlsplit(url), urlsplit(services.settings.base_url)
    if target.scheme not in DEFAULT_PORTS or target.hostname is None or "@" in target.netloc:
        return None
    port = target.port or DEFAULT_PORTS[target.scheme]
    public = (ours.scheme, ours.hostname, ours.port or DEFAULT_PORTS.get(ours.scheme))
    if (target.scheme, target.hostname, port) == public and target.path.startswith(f"{ours.path}/"):
        return target.path.removeprefix(ours.path)
    here = target.hostname in _LOOPBACK and port == services.settings.api_port
    return target.path if here and target.scheme == "http" else None

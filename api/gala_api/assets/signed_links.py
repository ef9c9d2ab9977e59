"""Links to an asset's bytes that open without a header and end by themselves.

A link names the asset, when it ends, and a signature of both; whoever has it may read these bytes
until then. URLs of GALA's own are recognised here as well, so that no one fetches them from afar.
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
from gala.net.urls import USUAL_PORTS
from gala.permissions import Permission
from gala.signing import Keyring
from gala_api.auth.access import Access, principal_of
from gala_api.dependencies import Services
from gala_api.http.content_response import FRESH_SECONDS

MAX_LINK_SECONDS: Final = 7 * 24 * 3600
"""No link lasts longer than a week."""
USUAL_LINK_SECONDS: Final = 3600

_CONTENT: Final = re.compile(r"/assets/([^/]+)/content")
_EXPIRES: Final = re.compile(r"[1-9][0-9]{0,11}")
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_NEW_LINK: Final = "Ask GET /assets/{assetId}/url for a new one."

Expires = Annotated[
    str | None,
    Query(description="When a signed link ends, Unix time in seconds; not without `signature`."),
]
Signature = Annotated[str | None, Query(description="What makes a signed link one.")]


@dataclass(frozen=True, slots=True)
class SignedLink:
    """A URL that opens without a header until it ends (UTC)."""

    url: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class OwnLink:
    """A URL of GALA's own that names an asset's bytes."""

    asset_id: str
    holds: bool
    """Whether it is signed and has not ended: whoever has it may read the asset."""


def signed_link(services: Services, asset_id: str, expires_in: int) -> SignedLink:
    """A link to the asset's bytes that ends in so many seconds, a week at most."""
    expires = int(time.time()) + min(expires_in, MAX_LINK_SECONDS)
    url = services.keyring.content_url(services.settings.base_url, asset_id, expires)
    return SignedLink(url, datetime.fromtimestamp(expires, UTC))


def check_link(keyring: Keyring, asset_id: str, expires: str | None, signature: str | None) -> None:
    """Raise Forbidden for a link that does not hold; it says whether it is wrong or has ended."""
    if expires is None or signature is None or not _EXPIRES.fullmatch(expires):
        raise _wrong()
    if not keyring.is_content_signature(signature, asset_id, int(expires)):
        raise _wrong()
    if int(expires) <= time.time():
        ended = datetime.fromtimestamp(int(expires), UTC).isoformat()
        raise Forbidden(
            f"This link ended at {ended}.", hint=_NEW_LINK, field="expires", rule="expired"
        )


def fresh_seconds(expires: str | None, signature: str | None) -> int:
    """How long a copy of the bytes may be kept in the client's cache: no longer than its link."""
    if expires is None or signature is None:
        return FRESH_SECONDS
    return max(0, min(FRESH_SECONDS, int(expires) - int(time.time())))


def _wrong() -> Forbidden:
    return Forbidden(
        "The signature of this link is not GALA's: it was shortened or changed, or the server's"
        " GALA_SECRET_KEY is another one now.",
        hint=_NEW_LINK,
        field="signature",
        rule="signature",
    )


def is_link(request: Request) -> bool:
    """Whether the request shows a signed link; it is judged by that alone, then."""
    return not {"expires", "signature"}.isdisjoint(request.query_params)


class LinkOrAccess(Access):
    """Passes whoever shows a link that holds, or else has the permission."""

    async def __call__(self, request: Request) -> None:
        if not is_link(request):
            await super().__call__(request)
            return
        services: Services = request.app.state.services
        shown = request.query_params
        asset_id = request.path_params["assetId"]
        check_link(services.keyring, asset_id, shown.get("expires"), shown.get("signature"))


def linked_or_allowed(permission: Permission) -> Any:
    """For the dependencies of a route of an asset's bytes: a link that holds, or the permission."""
    return Depends(LinkOrAccess(permission))


async def _reader(request: Request) -> str | None:
    return None if is_link(request) else (await principal_of(request)).owner_id


ReaderDep = Annotated[str | None, Depends(_reader)]
"""Whose asset is read; ``None`` where a link opens it for everybody."""


def own_link(services: Services, url: str) -> OwnLink | None:
    """What a content URL of this very API names; ``None`` for every other URL."""
    try:
        path = _own_path(services, url)
        query = parse_qs(urlsplit(url).query, max_num_fields=20)
    except ValueError:
        return None
    named = _CONTENT.fullmatch(path or "")
    if named is None or not is_id(Prefix.ASSET, named[1]):
        return None
    expires, signature = (query.get(name, [None])[0] for name in ("expires", "signature"))
    try:
        check_link(services.keyring, named[1], expires, signature)
    except Forbidden:
        return OwnLink(named[1], holds=False)
    return OwnLink(named[1], holds=True)


def own_asset_id(services: Services, url: str) -> str | None:
    """The asset whose bytes this URL of GALA's own names; it may belong to somebody else."""
    link = own_link(services, url)
    return None if link is None else link.asset_id


def _own_path(services: Services, url: str) -> str | None:
    """The path below the API's root, if the URL leads here."""
    asked, ours = urlsplit(url), urlsplit(services.settings.base_url)
    if asked.scheme not in USUAL_PORTS or asked.hostname is None or "@" in asked.netloc:
        return None
    port = asked.port or USUAL_PORTS[asked.scheme]
    public = (ours.scheme, ours.hostname, ours.port or USUAL_PORTS.get(ours.scheme))
    if (asked.scheme, asked.hostname, port) == public and asked.path.startswith(f"{ours.path}/"):
        return asked.path.removeprefix(ours.path)
    here = asked.hostname in _LOOPBACK and port == services.settings.api_port
    return asked.path if here and asked.scheme == "http" else None

"""Requests files from an HTTP service that generates media."""

from __future__ import annotations

import ipaddress
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, TypeAlias
from urllib.parse import urljoin, urlsplit

import httpx
from pydantic import SecretStr

from gala.errors import EngineMissing, GalaError, RateLimited, RenderFailed, Unavailable
from gala.generation import response_parser
from gala.generation.image_requests import ServiceRequest
from gala.generation.response_limits import check_file, max_bytes
from gala.generation.task_context import TaskContext
from gala.media import MediaClass
from gala.mime import suffix_of
from gala.net.tls import tls_context
from gala.settings import bearer_key

_CONNECT_SECONDS: Final = 10.0
_EXCERPT_CHARACTERS: Final = 300
_MAX_ERROR_BYTES: Final = 16_384
_UNKNOWN_ROUTE: Final = frozenset({404, 405, 501})
_ROOT_PATHS: Final = frozenset({"", "/v1"})

Fetch: TypeAlias = Callable[[str, Path], Awaitable[None]]
"""Downloads a URL to a file; decides itself which URLs it accepts."""


@dataclass(frozen=True, slots=True)
class GeneratedFile:
    """A file from a service, with its verified type, and the request that produced it."""

    path: Path
    mime: str
    request: ServiceRequest


class _RouteUnknown(GalaError):
    """The service has no such route."""


class Endpoint:
    """A service at ``url``: its root, below which the known routes are tried, or one route.

    Messages name the service by ``title``, and the settings of its URL and its bearer token by
    ``url_setting`` and ``key_setting``. A URL in a response is downloaded from the service itself;
    for other hosts, ``fetch`` is called, without which they are refused. With ``use_proxies``, the
    proxies of the environment are used.
    """

    def __init__(
        self,
        url: str,
        key: SecretStr | None = None,
        *,
        title: str | None = None,
        url_setting: str = "service_endpoint",
        key_setting: str = "service_key",
        fetch: Fetch | None = None,
        use_proxies: bool = False,
    ):
        url = url.rstrip("/")
        parts = urlsplit(url)
        self._path = parts.path
        self._root = f"{parts.scheme}://{parts.netloc}"
        self.title = title or self._root
        try:
            self._key = bearer_key(key).get_secret_value() if key else None
        except ValueError as error:
            raise ValueError(f"{key_setting}: {error}") from None
        self._url_setting = url_setting
        self._key_setting = key_setting
        self._fetch = fetch
        self._use_proxies = use_proxies and not _is_loopback(self._root)
        self._known_path: str | None = None
        """The path of the last successful request."""

    async def make(
        self, context: TaskContext, requests: Sequence[ServiceRequest], media: MediaClass
    ) -> GeneratedFile:
        """Send the requests in turn until the service knows the route of one.

        Raise ``Unavailable`` and ``RateLimited`` for temporary failures, ``EngineMissing`` for
        wrong settings, and ``RenderFailed`` for a refusal or a response that is not accepted.
        """
        refusals = []
        for request in sorted(self._routes(requests), key=lambda one: one.path != self._known_path):
            try:
                made = await self._make(context, request, media)
            except _RouteUnknown as error:
                refusals.append(f"{request.path}: {error.message}")
                continue
            self._known_path = request.path
            return made
        raise EngineMissing(
            f"{self.title} has none of the known routes ({'; '.join(refusals)}).",
            hint=f"Check that {self._url_setting} is the URL of a service that makes this.",
        )

    def _routes(self, requests: Sequence[ServiceRequest]) -> Sequence[ServiceRequest]:
        if self._path in _ROOT_PATHS:
            return requests
        known = [request for request in requests if self._path.endswith(request.path)]
        # An unknown route gets plain JSON, which is the last of the requests.
        request = (known or requests)[-1]
        return [replace(request, path=self._path)]

    async def _make(
        self, context: TaskContext, request: ServiceRequest, media: MediaClass
    ) -> GeneratedFile:
        partial = context.target(".part")
        try:
            async with (
                _sent(request) as body,
                self._response("POST", self._root + request.path, **body) as got,
            ):
                content_type = got.headers.get("content-type", "")
                # JSON may hold a link to download: only the last body's progress is reported, so
                # that progress never decreases.
                report = _ignore if "json" in content_type else context.progress
                await self._receive(got, partial, max_bytes(media, content_type), report)
            if "json" in content_type:
                await self._unpack(context, partial, media)
            mime = await context.in_thread(lambda: check_file(partial, media))
            path = partial.replace(context.target(suffix_of(mime)))
            return GeneratedFile(path, mime, request)
        finally:
            partial.unlink(missing_ok=True)

    async def _unpack(self, context: TaskContext, partial: Path, media: MediaClass) -> None:
        try:
            found = await context.in_thread(lambda: response_parser.unpack(partial))
        except RenderFailed as error:
            # Without a cause, which logs would show with the key in it.
            raise RenderFailed(self._redacted(error.message)) from None
        if found is None:
            return
        try:
            url = str(httpx.URL(urljoin(f"{self._root}/", found)))
            same_origin = _origin(url) == _origin(self._root)
        except (ValueError, httpx.InvalidURL) as error:
            raise RenderFailed(f"{self.title} responded with an invalid URL.") from error
        if same_origin:
            await self._download(url, partial, max_bytes(media), context)
        elif self._fetch is not None:
            await self._fetch(url, partial)
        else:
            raise RenderFailed(
                f"{self.title} responded with a link to another host, which is not followed.",
                hint="It has to respond with the file itself, or with base64.",
            )

    async def _download(self, url: str, partial: Path, limit: int, context: TaskContext) -> None:
        try:
            async with self._response("GET", url) as response:
                await self._receive(response, partial, limit, context.progress)
        except _RouteUnknown as error:
            # The work is done: another request would repeat it, and perhaps be charged again.
            raise RenderFailed(
                f"{self.title} responded with a link that it does not know: {error.message}"
            ) from error

    @asynccontextmanager
    async def _response(self, method: str, url: str, **body: Any) -> AsyncIterator[httpx.Response]:
        """Yield a successful response whose body is still to be read; raise its error otherwise."""
        headers = {"accept-encoding": "identity"}
        if self._key is not None:
            headers["authorization"] = f"Bearer {self._key}"
        # The caller has a deadline.
        timeout = httpx.Timeout(None, connect=_CONNECT_SECONDS)
        try:
            async with (
                httpx.AsyncClient(
                    timeout=timeout, trust_env=self._use_proxies, verify=tls_context()
                ) as client,
                client.stream(method, url, headers=headers, **body) as response,
            ):
                if not response.is_success:
                    raise self._error(response.status_code, await _excerpt(response))
                yield response
        except httpx.HTTPError as error:
            # Some of these errors have no message.
            reason = self._redacted(str(error) or type(error).__name__)
            raise Unavailable(
                f"{self.title} does not answer ({reason})",
                hint=f"check {self._url_setting}, the URL of the service",
            ) from error

    def _error(self, status: int, content: str) -> GalaError:
        shown = self._redacted(content)
        if status in _UNKNOWN_ROUTE:
            return _RouteUnknown(f"{status} {shown}".rstrip())
        message = f"{self.title} answered {status}: {shown}".rstrip(": ")
        if status == 429:
            return RateLimited(message)
        if status in {401, 403}:
            return EngineMissing(message, hint=f"{self._key_setting} is sent as a bearer token")
        if status in {408, 425} or status >= 500:
            return Unavailable(message)
        return RenderFailed(message)

    def _redacted(self, text: str) -> str:
        """Return one short line of the text without the key, which some services repeat."""
        # Before it is shortened: a part of the key must not be shown either.
        shown = text.replace(self._key, "…") if self._key else text
        plain = "".join(c if c.isprintable() else " " for c in shown[: 4 * _EXCERPT_CHARACTERS])
        return " ".join(plain.split())[:_EXCERPT_CHARACTERS]

    async def _receive(
        self, response: httpx.Response, target: Path, limit: int, report: Callable[[float], None]
    ) -> None:
        length = response.headers.get("content-length", "")
        expected = int(length) if length.isdecimal() and int(length) else limit
        size = 0
        with target.open("wb") as file:
            async for chunk in response.aiter_bytes():
                size += len(chunk)
                if size > limit:
                    raise RenderFailed(f"{self.title} sent more than {limit} bytes.")
                file.write(chunk)
                report(min(0.99, size / expected))


@asynccontextmanager
async def _sent(request: ServiceRequest) -> AsyncIterator[dict[str, Any]]:
    """Yield the arguments of httpx with the body; its files are open until the block ends."""
    if not request.files:
        yield {"json": request.body}
        return
    with ExitStack() as opened:
        files = {
            name: (path.name, opened.enter_context(path.open("rb")))
            for name, path in request.files.items()
        }
        yield {"data": {name: str(one) for name, one in request.body.items()}, "files": files}


def _ignore(_: float) -> None:
    """Do nothing."""


async def _excerpt(response: httpx.Response) -> str:
    body = b""
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > _MAX_ERROR_BYTES:
            break
    return body[:_MAX_ERROR_BYTES].decode("utf-8", "replace")


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    default_port = {"http": 80, "https": 443}.get(parts.scheme)
    return parts.scheme, parts.hostname, parts.port or default_port


def _is_loopback(root: str) -> bool:
    host = httpx.URL(root).host
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"

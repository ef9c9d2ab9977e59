"""Asks the HTTP service that a workflow's config names, and keeps what it made as a file."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
from pydantic import SecretStr

from gala import sniff
from gala.errors import Forbidden, GalaError, RateLimited, RenderFailed, Unavailable
from gala.factory import answers
from gala.factory.words import MediaResult
from gala.factory.work import Work
from gala.media import MediaClass, media_class
from gala.mime import suffix_of

_MOST_BYTES: Final = 1024**3
_CONNECT_SECONDS: Final = 10.0
_EXCERPT: Final = 300
_ABSENT: Final = frozenset({404, 405, 501})
_BARE: Final = frozenset({"", "/v1"})


@dataclass(frozen=True, slots=True)
class Ask:
    """One way to ask for it: a path below the endpoint, and a JSON body."""

    path: str
    body: Mapping[str, Any]


class _NotHere(GalaError):
    """The service has no such route."""


class Endpoint:
    """A service at ``url``: its root, which is asked in the known ways, or one route of it."""

    def __init__(self, url: str, key: SecretStr | None = None):
        self._url = url.rstrip("/")
        parts = urlsplit(self._url)
        self._path = parts.path
        self._root = f"{parts.scheme}://{parts.netloc}"
        self._key = key
        self._found: str | None = None
        """The path that was answered last time."""

    async def make(self, work: Work, asks: Sequence[Ask], media: MediaClass) -> MediaResult:
        """Ask in turn, until one way is known there.

        Raises ``Unavailable`` and ``RateLimited`` for what may pass, ``RenderFailed`` for what
        the service refuses.
        """
        ways = sorted(self._ways(asks), key=lambda ask: ask.path != self._found)
        for ask in ways:
            try:
                result = await self._made(work, ask, media)
            except _NotHere as error:
                said = error.message
                continue
            self._found = ask.path
            return result
        tried = ", ".join(ask.path for ask in ways)
        raise RenderFailed(f"{self._root} answers none of {tried}: {said}.")

    def _ways(self, asks: Sequence[Ask]) -> Sequence[Ask]:
        if self._path in _BARE:
            return asks
        known = [ask for ask in asks if self._path.endswith(ask.path)]
        # A route of its own takes plain JSON, which is asked last.
        return [Ask(self._path, (known or asks)[-1].body)]

    async def _made(self, work: Work, ask: Ask, media: MediaClass) -> MediaResult:
        received = work.target(".part")
        try:
            kind = await self._send(ask, received)
            if "json" in kind:
                answer = await work.in_thread(lambda: _loaded(received))
                await answers.unpack(answer, self._root, received)
            return await work.in_thread(lambda: _kept(work, received, media))
        finally:
            received.unlink(missing_ok=True)

    async def _send(self, ask: Ask, target: Path) -> str:
        headers = {}
        if self._key is not None:
            headers["Authorization"] = f"Bearer {self._key.get_secret_value()}"
        # The task's own deadline ends the waiting for an answer.
        timeout = httpx.Timeout(None, connect=_CONNECT_SECONDS)
        direct = not _is_loopback(self._root)
        try:
            async with (
                httpx.AsyncClient(headers=headers, timeout=timeout, trust_env=direct) as client,
                client.stream("POST", f"{self._root}{ask.path}", json=ask.body) as response,
            ):
                if not response.is_success:
                    await _refuse(response)
                await _receive(response, target)
                return str(response.headers.get("content-type", ""))
        except httpx.TransportError as error:
            raise Unavailable(
                f"{self._root} does not answer ({error or type(error).__name__})",
                hint="service_endpoint names the service",
            ) from error


async def _receive(response: httpx.Response, target: Path) -> None:
    size = 0
    with target.open("wb") as file:
        async for chunk in response.aiter_bytes():
            size += len(chunk)
            if size > _MOST_BYTES:
                raise RenderFailed("The service's answer is larger than 1 GB.")
            file.write(chunk)


async def _refuse(response: httpx.Response) -> None:
    body = b""
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > _EXCERPT:
            break
    said = "".join(c if c.isprintable() else " " for c in body.decode("utf-8", "replace"))
    told = f"{response.url} answered {response.status_code}: {said[:_EXCERPT]}".rstrip(": ")
    if response.status_code in _ABSENT:
        raise _NotHere(told)
    if response.status_code == 429:
        raise RateLimited(told)
    if response.status_code in {401, 403}:
        raise Forbidden(told, hint="service_key is sent as a bearer token")
    if response.status_code in {408, 425} or response.status_code >= 500:
        raise Unavailable(told)
    raise RenderFailed(told)


def _loaded(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise RenderFailed("The service's answer is no JSON, although it says so.") from error


def _kept(work: Work, received: Path, media: MediaClass) -> MediaResult:
    mime = sniff.sniff(received)
    if media_class(mime) is not media:
        raise RenderFailed(f"The service sent no {media} but {mime}.")
    target = work.target(suffix_of(mime))
    received.replace(target)
    return MediaResult(path=target, mime=mime, size=target.stat().st_size)


def _is_loopback(root: str) -> bool:
    host = httpx.URL(root).host
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"

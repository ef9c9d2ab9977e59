"""Asks an HTTP service that generates, and keeps what it made as a file."""

from __future__ import annotations

import ipaddress
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias
from urllib.parse import urljoin, urlsplit

import httpx
from pydantic import SecretStr

from gala.errors import EngineMissing, GalaError, RateLimited, RenderFailed, Unavailable
from gala.generation import response_parser
from gala.generation.request_spec import Ask
from gala.generation.response_limits import checked, most_bytes
from gala.generation.task_context import TaskContext
from gala.media import MediaClass
from gala.mime import suffix_of
from gala.settings import bearer_key

_CONNECT_SECONDS: Final = 10.0
_EXCERPT: Final = 300
_REFUSAL_BYTES: Final = 16_384
_ABSENT: Final = frozenset({404, 405, 501})
_BARE: Final = frozenset({"", "/v1"})

Fetch: TypeAlias = Callable[[str, Path], Awaitable[None]]
"""Writes what a URL names into a file; decides itself which ones it takes."""


@dataclass(frozen=True, slots=True)
class Received:
    """What a service made, of a known type and a bounded size, and how it was asked."""

    path: Path
    mime: str
    asked: Ask


class _NotHere(GalaError):
    """The service has no such route."""


class Endpoint:
    """A service at ``url``: its root, which is asked in the known ways, or one route of it.

    People know it as ``title``, and by the settings ``named`` and ``key_named`` where its address
    and its bearer token stand. A URL in its answer is fetched from the service itself; for others
    ``elsewhere`` is asked, without which they are refused. With ``proxied`` the environment's
    proxies are used.
    """

    def __init__(
        self,
        url: str,
        key: SecretStr | None = None,
        *,
        title: str | None = None,
        named: str = "service_endpoint",
        key_named: str = "service_key",
        elsewhere: Fetch | None = None,
        proxied: bool = False,
    ):
        url = url.rstrip("/")
        parts = urlsplit(url)
        self._path = parts.path
        self._root = f"{parts.scheme}://{parts.netloc}"
        self.title = title or self._root
        try:
            self._key = bearer_key(key).get_secret_value() if key else None
        except ValueError as error:
            raise ValueError(f"{key_named}: {error}") from None
        self._named = named
        self._key_named = key_named
        self._elsewhere = elsewhere
        self._proxied = proxied and not _is_loopback(self._root)
        self._found: str | None = None
        """The path that was answered last time."""

    async def make(self, work: TaskContext, asks: Sequence[Ask], media: MediaClass) -> Received:
        """Ask in turn, until one way is known there.

        Raises ``Unavailable`` and ``RateLimited`` for what may pass, ``EngineMissing`` for what
        its settings do not tell rightly, ``RenderFailed`` for what it refuses and for an answer
        that is not taken.
        """
        said = []
        for ask in sorted(self._ways(asks), key=lambda ask: ask.path != self._found):
            try:
                received = await self._made(work, ask, media)
            except _NotHere as error:
                said.append(f"{ask.path}: {error.message}")
                continue
            self._found = ask.path
            return received
        raise EngineMissing(
            f"{self.title} answers in no known way ({'; '.join(said)}).",
            hint=f"Does {self._named} name a service that makes this?",
        )

    def _ways(self, asks: Sequence[Ask]) -> Sequence[Ask]:
        if self._path in _BARE:
            return asks
        known = [ask for ask in asks if self._path.endswith(ask.path)]
        # A route of its own takes plain JSON, which is asked last.
        chosen = (known or asks)[-1]
        return [Ask(self._path, chosen.body, chosen.ignored)]

    async def _made(self, work: TaskContext, ask: Ask, media: MediaClass) -> Received:
        partial = work.target(".part")
        try:
            async with self._answer("POST", self._root + ask.path, json=ask.body) as answer:
                kind = answer.headers.get("content-type", "")
                # A link may follow JSON: only the last body's progress never goes back.
                report = _silent if "json" in kind else work.progress
                await self._receive(answer, partial, most_bytes(media, kind), report)
            if "json" in kind:
                await self._unpack(work, partial, media)
            mime = await work.in_thread(lambda: checked(partial, media))
            return Received(partial.replace(work.target(suffix_of(mime))), mime, ask)
        finally:
            partial.unlink(missing_ok=True)

    async def _unpack(self, work: TaskContext, partial: Path, media: MediaClass) -> None:
        try:
            found = await work.in_thread(lambda: response_parser.unpack(partial))
        except RenderFailed as error:
            # Not even as its cause: logs show that, too.
            raise RenderFailed(self._hidden(error.message)) from None
        if found is None:
            return
        try:
            url = str(httpx.URL(urljoin(f"{self._root}/", found)))
            own = _origin(url) == _origin(self._root)
        except (ValueError, httpx.InvalidURL) as error:
            raise RenderFailed(f"{self.title} answered with what is no URL.") from error
        if own:
            await self._follow(url, partial, most_bytes(media), work)
        elif self._elsewhere is not None:
            await self._elsewhere(url, partial)
        else:
            raise RenderFailed(
                f"{self.title} answered with a link to another host, which is not followed.",
                hint="It has to answer with the file itself, or with base64.",
            )

    async def _follow(self, url: str, partial: Path, most: int, work: TaskContext) -> None:
        try:
            async with self._answer("GET", url) as answer:
                await self._receive(answer, partial, most, work.progress)
        except _NotHere as error:
            # The work is done: to ask in another way would have it done, and paid, again.
            raise RenderFailed(
                f"{self.title} answered with a link that it does not know: {error.message}"
            ) from error

    @asynccontextmanager
    async def _answer(self, method: str, url: str, **body: Any) -> AsyncIterator[httpx.Response]:
        """A good answer, its body to be read as it comes; raises what any other one means."""
        headers = {"accept-encoding": "identity"}
        if self._key is not None:
            headers["authorization"] = f"Bearer {self._key}"
        # Whoever waits has a deadline of his own.
        timeout = httpx.Timeout(None, connect=_CONNECT_SECONDS)
        try:
            async with (
                httpx.AsyncClient(timeout=timeout, trust_env=self._proxied) as client,
                client.stream(method, url, headers=headers, **body) as answer,
            ):
                if not answer.is_success:
                    raise self._refusal(answer.status_code, await _excerpt(answer))
                yield answer
        except httpx.HTTPError as error:
            # Some say nothing.
            said = self._hidden(str(error) or type(error).__name__)
            raise Unavailable(
                f"{self.title} does not answer ({said})",
                hint=f"{self._named} names the service",
            ) from error

    def _refusal(self, status: int, said: str) -> GalaError:
        shown = self._hidden(said)
        if status in _ABSENT:
            return _NotHere(f"{status} {shown}".rstrip())
        told = f"{self.title} answered {status}: {shown}".rstrip(": ")
        if status == 429:
            return RateLimited(told)
        if status in {401, 403}:
            return EngineMissing(told, hint=f"{self._key_named} is sent as a bearer token")
        if status in {408, 425} or status >= 500:
            return Unavailable(told)
        return RenderFailed(told)

    def _hidden(self, said: str) -> str:
        """What may be shown of it: one line of some length, without the key.

        Some services repeat the key that they do not know.
        """
        # Before it is cut: half a key is too much, too.
        shown = said.replace(self._key, "…") if self._key else said
        plain = "".join(c if c.isprintable() else " " for c in shown[: 4 * _EXCERPT])
        return " ".join(plain.split())[:_EXCERPT]

    async def _receive(
        self, answer: httpx.Response, target: Path, most: int, report: Callable[[float], None]
    ) -> None:
        told = answer.headers.get("content-length", "")
        expected = int(told) if told.isdecimal() and int(told) else most
        size = 0
        with target.open("wb") as file:
            async for chunk in answer.aiter_bytes():
                size += len(chunk)
                if size > most:
                    raise RenderFailed(f"{self.title} sent more than {most} bytes.")
                file.write(chunk)
                report(min(0.99, size / expected))


def _silent(_: float) -> None:
    """Tell nobody."""


async def _excerpt(answer: httpx.Response) -> str:
    body = b""
    async for chunk in answer.aiter_bytes():
        body += chunk
        if len(body) > _REFUSAL_BYTES:
            break
    return body[:_REFUSAL_BYTES].decode("utf-8", "replace")


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    return parts.scheme, parts.hostname, parts.port or usual


def _is_loopback(root: str) -> bool:
    host = httpx.URL(root).host
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"

"""Fetch of a user's URL into a file.

The address is checked at every redirect, bytes and time are limited, and an interrupted transfer is
resumed.
"""

from __future__ import annotations

import hashlib
import logging
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote, urljoin

import httpcore

from gala.errors import FetchFailed, FetchInterrupted, OutOfDisk, UrlRefused
from gala.net.ssrf_guard import Guard
from gala.net.urls import WebUrl
from gala.sniff import sniff
from gala_worker.http_fetch.etag_cache import Cache, Entry, new_entry
from gala_worker.http_fetch.exchange import CONNECTION_ERRORS, Response, request
from gala_worker.http_fetch.watchdog import Watchdog
from gala_worker.settings import DISK_FULL_HINT

log = logging.getLogger(__name__)

MAX_REDIRECTS: Final = 5
MAX_RESUMES: Final = 4
_PAUSE_SECONDS: Final = 0.25
"""Pause before the first resumption; it doubles for each further one."""
_SPARE_BYTES: Final = 64 * 1024**2
"""Disk space that is left free for other purposes."""

_OK, _PARTIAL_CONTENT, _NOT_MODIFIED, _NOT_SATISFIABLE = 200, 206, 304, 416
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_TEMPORARY: Final = frozenset({408, 425, 429})
_STRONG_ETAG: Final = re.compile(r'"[\x21\x23-\x7e]*"')
_CONTENT_RANGE: Final = re.compile(r"bytes (\d{1,18})-\d{1,18}/(\d{1,18}|\*)", re.ASCII)
_PRINTABLE: Final = "".join(map(chr, range(0x21, 0x7F)))

Progress = Callable[[int, int | None], None]
"""``on_progress(received, total)`` in bytes; ``total`` is None while it is unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchLimits:
    """Limits of one fetch; ``quiet_seconds`` is how long the server may be silent or too slow."""

    max_bytes: int
    seconds: float
    quiet_seconds: float = 30.0


@dataclass(frozen=True, slots=True)
class Fetched:
    """A complete file. The MIME type is detected from its bytes; ``final_url`` has no query."""

    path: Path
    size: int
    sha256: str
    mime: str
    etag: str | None
    final_url: str
    cached: bool = False
    """True if the server confirmed that the cached file is unchanged."""


class Fetcher:
    """Fetches URLs of users within limits."""

    def __init__(self, guard: Guard, limits: FetchLimits, cache: Cache):
        self._guard = guard
        self._limits = limits
        self._cache = cache

    def fetch(
        self,
        url: str,
        to: Path,
        *,
        field: str = "url",
        on_progress: Progress | None = None,
        check: Callable[[], None] | None = None,
    ) -> Fetched:
        """Write the file at the URL to the new file ``to``, completely or not at all.

        ``check`` is called several times a second, whatever the server does; its exceptions end
        the fetch. Raises UrlRefused for an address that is not allowed, FetchFailed
        (``details.rule``: ``status``, ``too_large``, ``too_slow``, …), FetchInterrupted if a later
        attempt may succeed, OutOfDisk and OSError. Messages begin with ``field``.
        """
        watchdog = Watchdog(self._limits.seconds, self._limits.quiet_seconds, check or _ignore)
        transfer = _Transfer(
            guard=self._guard,
            limits=self._limits,
            cache=self._cache,
            watchdog=watchdog,
            on_progress=on_progress or _ignore,
            start=url,
            to=to,
        )
        try:
            with _prefixed(field):
                return transfer.run()
        except BaseException:
            to.unlink(missing_ok=True)
            raise


def _ignore(*_arguments: object) -> None:
    """Do nothing."""


@contextmanager
def _prefixed(field: str) -> Iterator[None]:
    try:
        yield
    except (UrlRefused, FetchFailed) as error:
        details = {**error.details, "field": field}
        raise type(error)(f"{field}: {error.message}", hint=error.hint, **details) from error


class _Transfer:
    """One fetch with all its connections."""

    def __init__(
        self,
        *,
        guard: Guard,
        limits: FetchLimits,
        cache: Cache,
        watchdog: Watchdog,
        on_progress: Progress,
        start: str,
        to: Path,
    ):
        self._guard = guard
        self._limits = limits
        self._cache = cache
        self._watchdog = watchdog
        self._on_progress = on_progress
        self._start = start
        self._to = to
        self._etag: str | None = None
        self._restart()

    def _restart(self) -> None:
        self._size, self._digest, self._etag = 0, hashlib.sha256(), None
        self._to.write_bytes(b"")

    def run(self) -> Fetched:
        """Connect until the file is complete; raise after ``MAX_RESUMES`` resumptions."""
        resumed = 0
        while True:
            try:
                return self._connect()
            except CONNECTION_ERRORS as error:
                log.info("a fetch was interrupted after %d bytes: %r", self._size, error)
                if resumed == MAX_RESUMES:
                    raise _final_error(error) from error
            self._watchdog.pause(_PAUSE_SECONDS * 2**resumed)
            resumed += 1

    def _connect(self) -> Fetched:
        """Request the URL and follow its redirects, with all checks for each of them."""
        url = self._guard.url(self._start)
        for _ in range(MAX_REDIRECTS + 1):
            entry = None if self._size else self._cache.find(url.text)
            headers = self._request_headers(entry)
            with request(self._guard, url, self._watchdog, headers=headers) as response:
                if response.status not in _REDIRECTS:
                    return self._read(url, response, entry)
                url = self._redirect(url, response)
        raise UrlRefused(f"More than {MAX_REDIRECTS} redirects.", rule="redirects")

    def _request_headers(self, entry: Entry | None) -> dict[str, str]:
        if self._size and self._etag is not None:
            return {"range": f"bytes={self._size}-", "if-range": self._etag}
        return {} if entry is None else entry.conditions

    def _redirect(self, url: WebUrl, response: Response) -> WebUrl:
        value = response.headers.get("location")
        if value is None:
            raise _bad_status(response.status)
        location = quote(value.encode("latin-1"), safe=_PRINTABLE)
        try:
            joined = urljoin(url.text, location)
        except ValueError as error:
            raise UrlRefused("A redirect leads to an invalid URL.", rule="url") from error
        target = self._guard.url(joined)
        if url.scheme == "https" and target.scheme == "http":
            raise UrlRefused(
                "A redirect leads from https:// to http://, which does not protect the file.",
                hint="If this is intended, send the http:// URL itself.",
                rule="downgrade",
            )
        return target

    def _read(self, url: WebUrl, response: Response, entry: Entry | None) -> Fetched:
        if response.status == _NOT_MODIFIED and entry is not None:
            return self._read_cached(url, entry)
        if response.status == _NOT_SATISFIABLE and self._size:
            self._restart()
            raise httpcore.RemoteProtocolError("the file has changed")
        total = self._position(response)
        self._receive(response, total)
        return self._finish(url, response)

    def _read_cached(self, url: WebUrl, entry: Entry) -> Fetched:
        if not self._cache.copy(url.text, entry, self._to, self._check_without_pace):
            self._restart()
            raise httpcore.RemoteProtocolError("the cached copy is damaged")
        self._on_progress(entry.size, entry.size)
        mime = sniff(self._to)
        return Fetched(self._to, entry.size, entry.sha256, mime, entry.etag, url.shown, cached=True)

    def _position(self, response: Response) -> int | None:
        """Decide if the body continues the file or starts it again; return the total size."""
        headers = response.headers
        if headers.get("content-encoding", "identity").lower() not in {"", "identity"}:
            raise FetchFailed(
                "The server sends the file compressed, although the request excludes this.",
                rule="encoding",
            )
        if response.status == _PARTIAL_CONTENT and self._size:
            return self._continue(headers.get("content-range", ""), headers.get("etag"))
        if response.status != _OK:
            raise _bad_status(response.status)
        self._restart()
        etag = headers.get("etag", "")
        self._etag = etag if _STRONG_ETAG.fullmatch(etag) else None
        length = headers.get("content-length", "")
        return self._checked_total(int(length)) if length.isascii() and length.isdigit() else None

    def _continue(self, content_range: str, etag: str | None) -> int | None:
        found = _CONTENT_RANGE.fullmatch(content_range)
        if found is None or int(found[1]) != self._size or etag not in {None, self._etag}:
            self._restart()
            raise httpcore.RemoteProtocolError("not the requested range")
        return None if found[2] == "*" else self._checked_total(int(found[2]))

    def _checked_total(self, total: int) -> int:
        """Return the total if it is within the limit and fits on the disk; raise otherwise."""
        if total > self._limits.max_bytes:
            raise self._too_large()
        if total - self._size > shutil.disk_usage(self._to.parent).free - _SPARE_BYTES:
            raise OutOfDisk(hint=DISK_FULL_HINT)
        return total

    def _too_large(self) -> FetchFailed:
        return FetchFailed(
            f"The file is larger than the {self._limits.max_bytes:,} bytes that GALA fetches.",
            hint="An operator can raise FETCH_MAX_BYTES.",
            rule="too_large",
        )

    def _receive(self, response: Response, total: int | None) -> None:
        with self._to.open("ab") as file:
            for chunk in response.body:
                self._size += len(chunk)
                if self._size > self._limits.max_bytes:
                    raise self._too_large()
                self._digest.update(chunk)
                file.write(chunk)
                self._on_progress(self._size, total)
                self._watchdog.check()
        if total is not None and self._size != total:
            raise httpcore.RemoteProtocolError("fewer bytes than announced")

    def _finish(self, url: WebUrl, response: Response) -> Fetched:
        fetched = Fetched(
            *(self._to, self._size, self._digest.hexdigest(), sniff(self._to)),
            *(response.headers.get("etag"), url.shown),
        )
        if "no-store" in response.headers.get("cache-control", "").lower():
            self._cache.drop(url.text)
        else:
            self._cache_file(url, fetched, response.headers.get("last-modified"))
        return fetched

    def _cache_file(self, url: WebUrl, fetched: Fetched, last_modified: str | None) -> None:
        entry = new_entry(
            url.text,
            etag=fetched.etag,
            last_modified=last_modified,
            size=fetched.size,
            sha256=fetched.sha256,
        )
        if entry is not None:
            self._cache.store(url.text, self._to, entry, self._check_without_pace)

    def _check_without_pace(self) -> None:
        """Check the limits while no data is expected from the server."""
        self._watchdog.restart_pace()
        self._watchdog.check()


def _bad_status(status: int) -> FetchFailed:
    message = f"The server answers {status} instead of the file."
    if status >= 500 or status in _TEMPORARY:
        return FetchInterrupted(message, rule="status", status=status)
    return FetchFailed(message, rule="status", status=status)


def _final_error(error: Exception) -> FetchFailed:
    if isinstance(error, httpcore.TimeoutException):
        return FetchFailed("The server sends nothing or is too slow.", rule="too_slow")
    return FetchInterrupted("The server does not respond properly.", rule="connection")

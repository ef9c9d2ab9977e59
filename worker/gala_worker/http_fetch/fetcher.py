"""Fetches what a user's URL names into a file: guarded at every hop, bounded in bytes and time,
taken up again where a connection broke."""

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
from gala_worker.http_fetch.exchange import CONNECTION_ERRORS, Answer, asked
from gala_worker.http_fetch.watchdog import Watch
from gala_worker.settings import DISK_FULL_HINT

log = logging.getLogger(__name__)

MAX_REDIRECTS: Final = 5
MAX_RESUMES: Final = 4
_PAUSE_SECONDS: Final = 0.25
"""Before the first resumption; twice as long before each next one."""
_SPARE_BYTES: Final = 64 * 1024**2
"""Room that is left on the disk for everyone else."""

_OK, _PARTIAL_CONTENT, _NOT_MODIFIED, _NOT_SATISFIABLE = 200, 206, 304, 416
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_FOR_NOW: Final = frozenset({408, 425, 429})
_STRONG_ETAG: Final = re.compile(r'"[\x21\x23-\x7e]*"')
_CONTENT_RANGE: Final = re.compile(r"bytes (\d+)-\d+/(\d+|\*)", re.ASCII)
_PRINTABLE: Final = "".join(map(chr, range(0x21, 0x7F)))

Progress = Callable[[int, int | None], None]
"""``progress(received, total)`` in bytes; ``None`` while nobody knows the total."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """``seconds`` for all of it; ``quiet_seconds`` is the longest silence, and the longest drip."""

    max_bytes: int
    seconds: float
    quiet_seconds: float = 30.0


@dataclass(frozen=True, slots=True)
class Fetched:
    """A whole file; its MIME type was told from its bytes. ``final_url`` is without its query."""

    path: Path
    size: int
    sha256: str
    mime: str
    etag: str | None
    final_url: str
    cached: bool = False
    """Whether the server said that what was kept is still the same."""


class Fetcher:
    """Fetches URLs of users; see the module."""

    def __init__(self, guard: Guard, limits: Limits, cache: Cache):
        self._guard = guard
        self._limits = limits
        self._cache = cache

    def fetch(
        self,
        url: str,
        to: Path,
        *,
        field: str = "url",
        progress: Progress | None = None,
        check: Callable[[], None] | None = None,
    ) -> Fetched:
        """Write what the URL names into a new file, or leave none.

        ``check`` is called several times a second, whatever the server does; what it raises ends
        the fetch. Raises UrlRefused for what is not fetched, FetchFailed (``details.rule``:
        ``status``, ``too_large``, ``too_slow``, …), FetchInterrupted for what may go better later,
        OutOfDisk and OSError. Messages begin with ``field``.
        """
        watch = Watch(self._limits.seconds, self._limits.quiet_seconds, check or _nothing)
        transfer = _Transfer(
            guard=self._guard,
            limits=self._limits,
            cache=self._cache,
            watch=watch,
            progress=progress or _nothing,
            start=url,
            to=to,
        )
        try:
            with _named(field):
                return transfer.run()
        except BaseException:
            to.unlink(missing_ok=True)
            raise


def _nothing(*_told: object) -> None:
    """For who wants to hear nothing."""


@contextmanager
def _named(field: str) -> Iterator[None]:
    try:
        yield
    except (UrlRefused, FetchFailed) as error:
        details = {**error.details, "field": field}
        raise type(error)(f"{field}: {error.message}", hint=error.hint, **details) from error


class _Transfer:
    """One fetch, through all its tries."""

    def __init__(
        self,
        *,
        guard: Guard,
        limits: Limits,
        cache: Cache,
        watch: Watch,
        progress: Progress,
        start: str,
        to: Path,
    ):
        self._guard = guard
        self._limits = limits
        self._cache = cache
        self._watch = watch
        self._progress = progress
        self._start = start
        self._to = to
        self._etag: str | None = None
        self._begin_again()

    def _begin_again(self) -> None:
        self._size, self._digest, self._etag = 0, hashlib.sha256(), None
        self._to.write_bytes(b"")

    def run(self) -> Fetched:
        """Try until it is whole, or until the server had its chances."""
        resumed = 0
        while True:
            try:
                return self._try()
            except CONNECTION_ERRORS as error:
                log.info("a fetch was interrupted after %d bytes: %r", self._size, error)
                if resumed == MAX_RESUMES:
                    raise _given_up(error) from error
            self._watch.pause(_PAUSE_SECONDS * 2**resumed)
            resumed += 1

    def _try(self) -> Fetched:
        """Follow the redirects from the beginning, each hop checked as a whole."""
        url = self._guard.url(self._start)
        for _ in range(MAX_REDIRECTS + 1):
            entry = None if self._size else self._cache.find(url.text)
            with asked(self._guard, url, self._watch, headers=self._wishes(entry)) as answer:
                if answer.status not in _REDIRECTS:
                    return self._take(url, answer, entry)
                url = self._next(url, answer)
        raise UrlRefused(f"More than {MAX_REDIRECTS} redirects.", rule="redirects")

    def _wishes(self, entry: Entry | None) -> dict[str, str]:
        if self._size and self._etag is not None:
            return {"range": f"bytes={self._size}-", "if-range": self._etag}
        return {} if entry is None else entry.conditions

    def _next(self, url: WebUrl, answer: Answer) -> WebUrl:
        where = answer.headers.get("location")
        if where is None:
            raise _bad_status(answer.status)
        location = quote(where.encode("latin-1"), safe=_PRINTABLE)
        try:
            joined = urljoin(url.text, location)
        except ValueError as error:
            raise UrlRefused("A redirect leads to what is no URL.", rule="url") from error
        found = self._guard.url(joined)
        if url.scheme == "https" and found.scheme == "http":
            raise UrlRefused(
                "A redirect leads from https:// to http://, where anyone may change the bytes.",
                hint="If that is meant, give the http:// URL itself.",
                rule="downgrade",
            )
        return found

    def _take(self, url: WebUrl, answer: Answer, entry: Entry | None) -> Fetched:
        if answer.status == _NOT_MODIFIED and entry is not None:
            return self._take_kept(url, entry)
        if answer.status == _NOT_SATISFIABLE and self._size:
            self._begin_again()
            raise httpcore.RemoteProtocolError("the file changed")
        total = self._place(answer)
        self._receive(answer, total)
        return self._finished(url, answer)

    def _take_kept(self, url: WebUrl, entry: Entry) -> Fetched:
        if not self._cache.copy(url.text, entry, self._to, self._look_rested):
            self._begin_again()
            raise httpcore.RemoteProtocolError("the kept copy is not whole")
        self._progress(entry.size, entry.size)
        mime = sniff(self._to)
        return Fetched(self._to, entry.size, entry.sha256, mime, entry.etag, url.shown, cached=True)

    def _place(self, answer: Answer) -> int | None:
        """Where in the file the body belongs: at its end, or it begins anew. Gives the total."""
        headers = answer.headers
        if headers.get("content-encoding", "identity").lower() not in {"", "identity"}:
            raise FetchFailed(
                "The server sends the file compressed, though it was asked not to.", rule="encoding"
            )
        if answer.status == _PARTIAL_CONTENT and self._size:
            return self._continued(headers.get("content-range", ""), headers.get("etag"))
        if answer.status != _OK:
            raise _bad_status(answer.status)
        self._begin_again()
        etag = headers.get("etag", "")
        self._etag = etag if _STRONG_ETAG.fullmatch(etag) else None
        length = headers.get("content-length", "")
        return self._room(int(length)) if length.isascii() and length.isdigit() else None

    def _continued(self, content_range: str, etag: str | None) -> int | None:
        found = _CONTENT_RANGE.fullmatch(content_range)
        if found is None or int(found[1]) != self._size or etag not in {None, self._etag}:
            self._begin_again()
            raise httpcore.RemoteProtocolError("not the range that was asked for")
        return None if found[2] == "*" else self._room(int(found[2]))

    def _room(self, total: int) -> int:
        """The total, if there is room for it."""
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

    def _receive(self, answer: Answer, total: int | None) -> None:
        with self._to.open("ab") as file:
            for piece in answer.body:
                self._size += len(piece)
                if self._size > self._limits.max_bytes:
                    raise self._too_large()
                self._digest.update(piece)
                file.write(piece)
                self._progress(self._size, total)
                self._watch.look()
        if total is not None and self._size != total:
            raise httpcore.RemoteProtocolError("fewer bytes than were told")

    def _finished(self, url: WebUrl, answer: Answer) -> Fetched:
        fetched = Fetched(
            *(self._to, self._size, self._digest.hexdigest(), sniff(self._to)),
            *(answer.headers.get("etag"), url.shown),
        )
        if "no-store" in answer.headers.get("cache-control", "").lower():
            self._cache.drop(url.text)
        else:
            self._keep(url, fetched, answer.headers.get("last-modified"))
        return fetched

    def _keep(self, url: WebUrl, fetched: Fetched, last_modified: str | None) -> None:
        entry = new_entry(
            url.text,
            etag=fetched.etag,
            last_modified=last_modified,
            size=fetched.size,
            sha256=fetched.sha256,
        )
        if entry is not None:
            self._cache.keep(url.text, self._to, entry, self._look_rested)

    def _look_rested(self) -> None:
        """Look up while no server is waited for."""
        self._watch.rest()
        self._watch.look()


def _bad_status(status: int) -> FetchFailed:
    message = f"The server answers {status} instead of the file."
    if status >= 500 or status in _FOR_NOW:
        return FetchInterrupted(message, rule="status", status=status)
    return FetchFailed(message, rule="status", status=status)


def _given_up(error: Exception) -> FetchFailed:
    if isinstance(error, httpcore.TimeoutException):
        return FetchFailed("The server sends nothing, or next to nothing.", rule="too_slow")
    return FetchInterrupted("The server does not answer properly.", rule="connection")

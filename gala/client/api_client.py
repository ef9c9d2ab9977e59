"""A client of the HTTP API: jobs and assets, from Python.

>>> with GalaClient() as gala:
...     job = gala.wait(gala.submit(params={"text": "Hello"}).id)
...     gala.download(job.outputs[0].asset_ids["video"], Path("hello.mp4"))

Whatever the API refuses is raised as the error of :mod:`gala.errors` with the same code.
"""

from __future__ import annotations

import ipaddress
import json
import math
import mimetypes
import re
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Final, TypeVar
from urllib.parse import quote, urlsplit

import httpx

from gala.client.models import (
    ApiResource,
    Asset,
    Job,
    JobEvent,
    Limits,
    Quota,
)
from gala.errors import DeadlineExceeded, GalaError, Unavailable, error_of
from gala.files import atomic_file
from gala.job import JobStatus
from gala.media import AssetKind, AssetStatus

DEFAULT_URL: Final = "http://localhost:8080"
REQUEST_SECONDS: Final = 30.0
QUIET_SECONDS: Final = 10.0
"""After so long without a word on a stream of events, we look for ourselves."""
RECONNECT_SECONDS: Final = 0.5
_AWAY: Final = frozenset({502, 503, 504})
_LOGIN: Final = re.compile(r"^([^/@]*//)?.*@", re.DOTALL)

_Resource = TypeVar("_Resource", bound=ApiResource)


class GalaClient:
    """Talks to one API; close it, or use it as a context.

    ``api_key`` is an API key of that API or a token that it accepts; without one, nobody asks.

    Every method raises :class:`gala.errors.Unavailable` when nobody answers.
    """

    def __init__(
        self,
        base_url: str = DEFAULT_URL,
        *,
        api_key: str | None = None,
        timeout_seconds: float = REQUEST_SECONDS,
        transport: httpx.BaseTransport | None = None,
    ):
        self.base_url = base_url.rstrip("/")
        self._seconds = timeout_seconds
        self._attempts = 2
        self._http = httpx.Client(
            base_url=self.base_url,
            headers={} if api_key is None else {"Authorization": f"Bearer {api_key}"},
            timeout=timeout_seconds,
            transport=transport,
            # A proxy of the environment does not lead to this very machine.
            trust_env=not _is_loopback(self.base_url),
        )

    def close(self) -> None:
        """Close all connections."""
        self._http.close()

    def hurry(self, timeout_seconds: float) -> None:
        """From now on, wait no longer than that for an answer, and ask for nothing twice."""
        self._seconds = timeout_seconds
        self._http.timeout = httpx.Timeout(timeout_seconds)
        self._attempts = 1

    def __enter__(self) -> GalaClient:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def health(self, *, deep: bool = False) -> dict[str, Any]:
        """How the API is; ``deep`` also asks everything that it needs."""
        return self._json("GET", "/health", params={"deep": deep})

    def submit(
        self,
        *,
        params: Mapping[str, Any],
        type: str | None = None,  # noqa: A002 - the contract's word
        template_id: str | None = None,
        name: str | None = None,
        inputs: Mapping[str, Any] | None = None,
        output: Mapping[str, Any] | None = None,
        idempotency_key: str | None = None,
    ) -> Job:
        """Create a job. Without ``type`` and ``template_id`` it is a hello render.

        The request carries an idempotency key and is repeated once if the connection breaks, so
        there is never a second job.
        """
        full = {
            "type": type,
            "template_id": template_id,
            "name": name,
            "params": params,
            "inputs": inputs,
            "output": output,
        }
        body = {key: value for key, value in full.items() if value is not None}
        return _read(Job, self._create("/jobs", body, idempotency_key), "job")

    def job(self, job_id: str) -> Job:
        """A job with its outputs and its log."""
        return _read(Job, self._json("GET", f"/jobs/{job_id}"), "job")

    def jobs(self, *, status: JobStatus | None = None, limit: int = 50) -> list[Job]:
        """The latest jobs, newest first."""
        query = {"limit": limit, **({"status": str(status)} if status else {})}
        return _read_all(Job, self._json("GET", "/jobs", params=query), "jobs")

    def cancel(self, job_id: str) -> Job:
        """Cancel a job; a running one becomes CANCELLED when its processes are gone."""
        return _read(Job, self._json("POST", f"/jobs/{job_id}/cancel"), "job")

    def retry(self, job_id: str) -> Job:
        """Queue a failed job again."""
        return _read(Job, self._json("POST", f"/jobs/{job_id}/retry"), "job")

    def events(
        self, job_id: str, *, after: str | None = None, timeout_seconds: float | None = None
    ) -> Iterator[JobEvent]:
        """What happens to a job, from its beginning or ``after`` an event, until it has ended.

        Connects again by itself and misses nothing meanwhile.

        Raises:
            DeadlineExceeded: the job has not ended within ``timeout_seconds``.
        """
        deadline = math.inf if timeout_seconds is None else time.monotonic() + timeout_seconds
        while True:
            quiet = max(min(QUIET_SECONDS, deadline - time.monotonic()), 0.01)
            try:
                for event in self._stream_events(job_id, after, quiet):
                    after = event.id
                    yield event
                    _check_deadline(job_id, deadline)
            except httpx.TransportError:
                pass
            if self.job(job_id).ended:
                return
            _check_deadline(job_id, deadline)
            time.sleep(RECONNECT_SECONDS)

    def wait(
        self,
        job_id: str,
        *,
        timeout_seconds: float | None = None,
        on_event: Callable[[JobEvent], None] | None = None,
    ) -> Job:
        """Wait until the job has ended, however it ends.

        Raises:
            DeadlineExceeded: it has not ended within ``timeout_seconds``.
        """
        for event in self.events(job_id, timeout_seconds=timeout_seconds):
            if on_event:
                on_event(event)
        return self.job(job_id)

    def upload(
        self, file: Path, *, kind: AssetKind = AssetKind.OTHER, label: str | None = None
    ) -> Asset:
        """Upload a file, streamed from disk."""
        mime = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        form = {"kind": str(kind), **({"label": label} if label else {})}
        with file.open("rb") as content:
            parts = {"file": (file.name, content, mime)}
            return _read(Asset, self._json("POST", "/assets", data=form, files=parts), "asset")

    def import_url(
        self,
        url: str,
        *,
        kind: AssetKind = AssetKind.OTHER,
        label: str | None = None,
        filename: str | None = None,
        idempotency_key: str | None = None,
    ) -> Asset:
        """Have GALA fetch a file; the asset is ``pending`` until its job is done.

        It can be waited for: ``wait(asset.job_id)``. As :meth:`submit`, repeated without harm.
        """
        full = {"url": url, "kind": str(kind), "label": label, "filename": filename}
        body = {key: value for key, value in full.items() if value is not None}
        return _read(Asset, self._create("/assets", body, idempotency_key), "asset")

    def asset(self, asset_id: str) -> Asset:
        """An asset's metadata."""
        return _read(Asset, self._json("GET", f"/assets/{asset_id}"), "asset")

    def assets(
        self,
        *,
        kind: AssetKind | None = None,
        status: AssetStatus | None = None,
        q: str | None = None,
        limit: int = 50,
    ) -> list[Asset]:
        """The latest assets, newest first."""
        chosen = {"kind": kind, "status": status, "q": q, "limit": limit}
        query = {key: str(value) for key, value in chosen.items() if value is not None}
        return _read_all(Asset, self._json("GET", "/assets", params=query), "assets")

    def asset_url(self, asset_id: str) -> str:
        """A link to the asset's bytes that works without a key for a while."""
        return str(self._json("GET", f"/assets/{asset_id}/url")["url"])

    def quotas(self) -> list[Quota]:
        """The owners with limits of their own."""
        found: list[Quota] = []
        query: dict[str, Any] = {"limit": 200}
        while True:
            answer = self._json("GET", "/quotas", params=query)
            found += _read_all(Quota, answer, "quotas")
            if answer.get("next_cursor") is None:
                return found
            query["cursor"] = answer["next_cursor"]

    def quota(self, owner_id: str | None = None) -> Quota:
        """What an owner, or the caller itself, may use and uses."""
        path = "/me/quota" if owner_id is None else f"/quotas/{quote(owner_id, safe='')}"
        return _read(Quota, self._json("GET", path), "quota")

    def set_quota(self, owner_id: str, own: Limits) -> Quota:
        """Set an owner's own limits, all of them."""
        path = f"/quotas/{quote(owner_id, safe='')}"
        return _read(Quota, self._json("PUT", path, json=own.model_dump()), "quota")

    def voices(self) -> list[dict[str, Any]]:
        """Every voice that can speak there: ``id``, ``engine``, ``language``, ``gender``."""
        return list(self._json("GET", "/v1/audio/voices")["voices"])

    def delete_asset(self, asset_id: str) -> None:
        """Delete an asset and its bytes."""
        self._request("DELETE", f"/assets/{asset_id}")

    def download(self, asset_id: str, target: Path) -> Path:
        """Write an asset's bytes to ``target``, completely or not at all, and return ``target``."""
        try:
            with (
                atomic_file(target) as temporary,
                self._http.stream("GET", f"/assets/{asset_id}/content") as response,
            ):
                _raise_for(response)
                with temporary.open("wb") as file:
                    for chunk in response.iter_bytes():
                        file.write(chunk)
        except httpx.TransportError as error:
            raise self._unreachable(error) from error
        return target

    def _stream_events(
        self, job_id: str, after: str | None, quiet_seconds: float
    ) -> Iterator[JobEvent]:
        headers = {"Accept": "text/event-stream"}
        if after is not None:
            headers["Last-Event-ID"] = after
        timeout = httpx.Timeout(self._seconds, read=quiet_seconds)
        url = f"/jobs/{job_id}/events"
        with self._http.stream("GET", url, headers=headers, timeout=timeout) as response:
            _raise_for(response)
            yield from parse_events(response.iter_lines())

    def _create(self, path: str, body: Any, idempotency_key: str | None) -> dict[str, Any]:
        headers = {"Idempotency-Key": idempotency_key or uuid.uuid4().hex}
        try:
            return self._json("POST", path, json=body, headers=headers)
        except Unavailable:
            if self._attempts == 1:
                raise
            time.sleep(RECONNECT_SECONDS)
            return self._json("POST", path, json=body, headers=headers)

    def _json(self, method: str, path: str, **request: Any) -> dict[str, Any]:
        try:
            answer = self._request(method, path, **request).json()
        except json.JSONDecodeError as error:
            raise GalaError(
                f"{shown_url(self.base_url)}{path} does not answer as GALA does"
            ) from error
        return answer if isinstance(answer, dict) else {}

    def _request(self, method: str, path: str, **request: Any) -> httpx.Response:
        try:
            response = self._http.request(method, path, **request)
        except httpx.TransportError as error:
            raise self._unreachable(error) from error
        _raise_for(response)
        return response

    def _unreachable(self, error: httpx.TransportError) -> Unavailable:
        return Unavailable(
            f"{shown_url(self.base_url)} does not answer ({str(error) or type(error).__name__})",
            hint="is GALA running there? `gala up` starts it",
        )


def shown_url(url: str) -> str:
    """The address without the login that may be in it, for people and logs."""
    # Up to the last @, so that nothing of a password is seen of what is no URL, either.
    return _LOGIN.sub(r"\1", url)


def parse_events(lines: Iterator[str]) -> Iterator[JobEvent]:
    """The events of a stream in the format of server-sent events; comments are left out."""
    fields: dict[str, str] = {}
    for line in lines:
        if line:
            name, _, value = line.partition(":")
            fields[name] = value.removeprefix(" ")
        elif "data" in fields:
            data = json.loads(fields["data"])
            yield JobEvent(fields.get("id", ""), fields.get("event", "message"), data)
            fields = {}


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _check_deadline(job_id: str, deadline: float) -> None:
    if time.monotonic() > deadline:
        raise DeadlineExceeded(
            f"the job {job_id} has not ended in time", hint="is a worker running?"
        )


def _read(model: type[_Resource], answer: Mapping[str, Any], envelope: str) -> _Resource:
    if envelope not in answer:
        raise GalaError(f"the answer has no {envelope!r}: is this GALA?")
    return model.model_validate(answer[envelope])


def _read_all(model: type[_Resource], answer: Mapping[str, Any], envelope: str) -> list[_Resource]:
    return [model.model_validate(item) for item in answer.get(envelope, ())]


def _raise_for(response: httpx.Response) -> None:
    if response.is_success:
        return
    response.read()
    try:
        body = response.json()["error"]
        code, message, details = body["code"], body["message"], body.get("details") or {}
    except (json.JSONDecodeError, KeyError, TypeError):
        told = f"HTTP {response.status_code} from {shown_url(str(response.url))}"
        # So speaks a proxy before a GALA that starts again.
        raise (Unavailable if response.status_code in _AWAY else GalaError)(told) from None
    raise error_of(code, message, details=details)

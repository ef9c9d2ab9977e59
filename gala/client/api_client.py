"""Client of the HTTP API: jobs and assets from Python.

>>> with GalaClient() as gala:
...     job = gala.wait(gala.submit(params={"text": "Hello"}).id)
...     gala.download(job.outputs[0].asset_ids["video"], Path("hello.mp4"))

Errors of the API are raised as the class of :mod:`gala.errors` with the same code.
"""

from __future__ import annotations

import ipaddress
import json
import math
import mimetypes
import re
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
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
    Model,
    Pronunciation,
    Quota,
    StoredBrandKit,
    Template,
    TemplateVersion,
)
from gala.errors import (
    DeadlineExceeded,
    GalaError,
    PreconditionFailed,
    Unavailable,
    error_of,
)
from gala.files import atomic_file
from gala.job import JobStatus
from gala.media import AssetKind, AssetStatus
from gala.server_address import find_server

REQUEST_SECONDS: Final = 30.0
QUIET_SECONDS: Final = 10.0
"""Time without an event after which the job is requested instead."""
RECONNECT_SECONDS: Final = 0.5
_CHANGE_ATTEMPTS: Final = 20
_UNAVAILABLE_STATUSES: Final = frozenset({502, 503, 504})
_LOGIN: Final = re.compile(r"^([^/@]*//)?.*@", re.DOTALL)

_Resource = TypeVar("_Resource", bound=ApiResource)


class GalaClient:
    """Client of one API; close it, or use it as a context manager.

    Without ``base_url``, it is the server that :mod:`gala.server_address` finds.

    ``api_key`` is an API key or a token that the API accepts, if it requires one.

    All methods raise :class:`gala.errors.Unavailable` if the API does not respond.
    """

    def __init__(
        self,
        base_url: str | None = None,
        *,
        api_key: str | None = None,
        timeout_seconds: float = REQUEST_SECONDS,
        transport: httpx.BaseTransport | None = None,
    ):
        self.base_url = find_server(base_url, "base_url").url.rstrip("/")
        self._seconds = timeout_seconds
        self._attempts = 2
        self._http = httpx.Client(
            base_url=self.base_url,
            headers={} if api_key is None else {"Authorization": f"Bearer {api_key}"},
            timeout=timeout_seconds,
            transport=transport,
            # A proxy set in the environment cannot reach this machine.
            trust_env=not _is_loopback(self.base_url),
        )

    def close(self) -> None:
        """Close all connections."""
        self._http.close()

    def hurry(self, timeout_seconds: float) -> None:
        """From now on, wait at most ``timeout_seconds`` for a response, and repeat no request."""
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
        """Return the API's health; ``deep`` also checks the services that it needs."""
        return self._json("GET", "/health", params={"deep": deep})

    def submit(
        self,
        *,
        params: Mapping[str, Any],
        type: str | None = None,  # noqa: A002 - the name in the API
        template_id: str | None = None,
        name: str | None = None,
        inputs: Mapping[str, Any] | None = None,
        output: Mapping[str, Any] | None = None,
        model_ids: Iterable[str] = (),
        template_version: int | None = None,
        brand: str | None = None,
        idempotency_key: str | None = None,
    ) -> Job:
        """Create a job; without ``type`` and ``template_id``, a hello render.

        ``template_id`` is also a template's name, ``brand`` the name of a brand kit. The models in
        ``model_ids`` are its presenters, or the first of them its voice.

        If the connection breaks, the request is repeated once with the same idempotency key, so
        that no second job is created.
        """
        full = {
            "type": type,
            "template_id": template_id,
            "template_version": template_version,
            "brand": brand,
            "name": name,
            "params": params,
            "inputs": inputs,
            "output": output,
            "model_ids": list(model_ids) or None,
        }
        body = {key: value for key, value in full.items() if value is not None}
        return _read(Job, self._create("/jobs", body, idempotency_key), "job")

    def job(self, job_id: str) -> Job:
        """Return a job with its outputs and its log."""
        return _read(Job, self._json("GET", f"/jobs/{job_id}"), "job")

    def jobs(self, *, status: JobStatus | None = None, limit: int = 50) -> list[Job]:
        """Return the latest jobs, newest first."""
        query = {"limit": limit, **({"status": str(status)} if status else {})}
        return _read_all(Job, self._json("GET", "/jobs", params=query), "jobs")

    def cancel(self, job_id: str) -> Job:
        """Cancel a job; a running one becomes CANCELLED when its processes have ended."""
        return _read(Job, self._json("POST", f"/jobs/{job_id}/cancel"), "job")

    def retry(self, job_id: str) -> Job:
        """Queue a failed job again."""
        return _read(Job, self._json("POST", f"/jobs/{job_id}/retry"), "job")

    def events(
        self, job_id: str, *, after: str | None = None, timeout_seconds: float | None = None
    ) -> Iterator[JobEvent]:
        """Yield the events of a job until it has ended, from the first or ``after`` that id.

        Reconnects automatically, without losing events.

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
        """Wait until the job has ended, whatever its status is then, and return it.

        Raises:
            DeadlineExceeded: the job has not ended within ``timeout_seconds``.
        """
        for event in self.events(job_id, timeout_seconds=timeout_seconds):
            if on_event:
                on_event(event)
        return self.job(job_id)

    def upload(
        self, file: Path, *, kind: AssetKind = AssetKind.OTHER, label: str | None = None
    ) -> Asset:
        """Upload a file, which is streamed from disk, and return its asset."""
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
        """Let GALA fetch a file; the asset is ``pending`` until its job is done.

        Wait for it with ``wait(asset.job_id)``. The request is repeated as in :meth:`submit`.
        """
        full = {"url": url, "kind": str(kind), "label": label, "filename": filename}
        body = {key: value for key, value in full.items() if value is not None}
        return _read(Asset, self._create("/assets", body, idempotency_key), "asset")

    def asset(self, asset_id: str) -> Asset:
        """Return an asset's metadata."""
        return _read(Asset, self._json("GET", f"/assets/{asset_id}"), "asset")

    def assets(
        self,
        *,
        kind: AssetKind | None = None,
        status: AssetStatus | None = None,
        q: str | None = None,
        limit: int = 50,
    ) -> list[Asset]:
        """Return the latest assets, newest first."""
        filters = {"kind": kind, "status": status, "q": q, "limit": limit}
        query = {key: str(value) for key, value in filters.items() if value is not None}
        return _read_all(Asset, self._json("GET", "/assets", params=query), "assets")

    def asset_url(self, asset_id: str) -> str:
        """Return a link to the asset's bytes that is valid for a limited time without a key."""
        return str(self._json("GET", f"/assets/{asset_id}/url")["url"])

    def models(
        self, *, q: str | None = None, tag: str | None = None, limit: int = 50
    ) -> list[Model]:
        """Return the latest models, newest first; ``q`` looks in names and tags."""
        filters = {"q": q, "tag": tag, "limit": limit}
        query = {key: str(value) for key, value in filters.items() if value is not None}
        return _read_all(Model, self._json("GET", "/models", params=query), "models")

    def model(self, model_id: str) -> Model:
        """Return a model."""
        return _read(Model, self._json("GET", f"/models/{model_id}"), "model")

    def create_model(
        self,
        stage_name: str,
        *,
        presenter: Mapping[str, Any] | None = None,
        preset: Mapping[str, Any] | None = None,
        tags: Iterable[str] = (),
        asset_ids: Iterable[str] = (),
        consent: str | None = None,
    ) -> Model:
        """Create a model; ``presenter`` is its ``preset.presenter``.

        Raises:
            UnprocessableMedia: the presenter's picture cannot speak; the message says why.
            InvalidRequest: a field is not valid, or one of several faces has to be chosen.
        """
        full = {**(preset or {}), **({} if presenter is None else {"presenter": presenter})}
        body = {
            "stage_name": stage_name,
            "preset": full,
            "tags": list(tags),
            "asset_ids": list(asset_ids),
            "consent": consent,
        }
        return _read(Model, self._json("POST", "/models", json=body), "model")

    def update_model(self, model_id: str, **changes: Any) -> Model:
        """Change the fields ``stage_name``, ``preset``, ``tags``, ``asset_ids``, ``consent``.

        Raise as :meth:`create_model`.
        """
        return _read(Model, self._json("PATCH", f"/models/{model_id}", json=changes), "model")

    def delete_model(self, model_id: str) -> None:
        """Delete a model and its previews."""
        self._request("DELETE", f"/models/{model_id}")

    def model_preview(self, model_id: str, kind: str = "neutral") -> bytes:
        """Return a preview: ``neutral`` (JPEG), ``clip`` (MP4) or ``found`` (PNG).

        Raises:
            NotFound: ``found`` of a model without a portrait.
        """
        path = f"/models/{model_id}/preview"
        return self._request("GET", path, params={"kind": kind}).content

    def templates(
        self,
        *,
        q: str | None = None,
        type: str | None = None,  # noqa: A002
    ) -> list[Template]:
        """Return the templates, built-in ones first; ``q`` looks in names."""
        found: list[Template] = []
        query = {"limit": "200", **{k: v for k, v in (("q", q), ("type", type)) if v is not None}}
        while True:
            answer = self._json("GET", "/templates", params={**query, "offset": str(len(found))})
            page = _read_all(Template, answer, "templates")
            found += page
            if len(page) < 200:
                return found

    def template(self, template_id: str) -> Template:
        """Return a template."""
        return _read(Template, self._json("GET", f"/templates/{template_id}"), "template")

    def create_template(self, fields: Mapping[str, Any]) -> Template:
        """Create a template; the fields are ``name``, ``type``, ``composition``, …

        Raises:
            InvalidRequest: a field is not valid; ``details`` has its place.
            TemplateNameExists: there is one of that name.
        """
        return _read(Template, self._json("POST", "/templates", json=fields), "template")

    def update_template(self, template_id: str, fields: Mapping[str, Any]) -> Template:
        """Change a template: a new version of it. Raise as :meth:`create_template`."""
        answer = self._json("PATCH", f"/templates/{template_id}", json=fields)
        return _read(Template, answer, "template")

    def delete_template(self, template_id: str) -> None:
        """Delete a template; its jobs and its versions stay."""
        self._request("DELETE", f"/templates/{template_id}")

    def template_schema(self, template_id: str) -> dict[str, Any]:
        """Return the JSON Schema of a template's params."""
        return self._json("GET", f"/templates/{template_id}/schema")

    def template_versions(self, template_id: str) -> list[TemplateVersion]:
        """Return all versions of a template, deleted or not, newest first."""
        answer = self._json("GET", f"/templates/{template_id}/versions")
        return _read_all(TemplateVersion, answer, "versions")

    def brand_kits(self) -> list[StoredBrandKit]:
        """Return the brand kits, by name."""
        return _read_all(StoredBrandKit, self._json("GET", "/brand-kits"), "brand_kits")

    def brand_kit(self, name: str) -> StoredBrandKit:
        """Return a brand kit."""
        answer = self._json("GET", f"/brand-kits/{quote(name, safe='')}")
        return _read(StoredBrandKit, answer, "brand_kit")

    def set_brand_kit(self, name: str, kit: Mapping[str, Any]) -> StoredBrandKit:
        """Create a brand kit, or replace the one of that name."""
        answer = self._json("PUT", f"/brand-kits/{quote(name, safe='')}", json=kit)
        return _read(StoredBrandKit, answer, "brand_kit")

    def delete_brand_kit(self, name: str) -> None:
        """Delete a brand kit; jobs are not affected."""
        self._request("DELETE", f"/brand-kits/{quote(name, safe='')}")

    def quotas(self) -> list[Quota]:
        """Return the owners with individual limits."""
        found: list[Quota] = []
        query: dict[str, Any] = {"limit": 200}
        while True:
            answer = self._json("GET", "/quotas", params=query)
            found += _read_all(Quota, answer, "quotas")
            if answer.get("next_cursor") is None:
                return found
            query["cursor"] = answer["next_cursor"]

    def quota(self, owner_id: str | None = None) -> Quota:
        """Return the limits and usage of an owner, or of the caller."""
        path = "/me/quota" if owner_id is None else f"/quotas/{quote(owner_id, safe='')}"
        return _read(Quota, self._json("GET", path), "quota")

    def set_quota(self, owner_id: str, own: Limits) -> Quota:
        """Replace all individual limits of an owner."""
        path = f"/quotas/{quote(owner_id, safe='')}"
        return _read(Quota, self._json("PUT", path, json=own.model_dump()), "quota")

    def pronunciations(self) -> list[Pronunciation]:
        """Return how the caller wants names and words to be spoken in all jobs."""
        return _read_all(Pronunciation, self._json("GET", "/pronunciations"), "pronunciations")

    def set_pronunciations(self, listed: Iterable[Pronunciation]) -> list[Pronunciation]:
        """Replace the caller's pronunciations."""
        return self._put_pronunciations(listed, {})

    def change_pronunciations(
        self, change: Callable[[list[Pronunciation]], Iterable[Pronunciation]]
    ) -> list[Pronunciation]:
        """Replace the caller's pronunciations by what ``change`` makes of them.

        It is called again if somebody else has changed them in between, so that nothing is lost.
        """
        for _ in range(_CHANGE_ATTEMPTS):
            found = self._request("GET", "/pronunciations")
            before = _read_all(Pronunciation, self._parsed(found), "pronunciations")
            # An older server has no tags, and ignores the condition.
            condition = {"If-Match": found.headers.get("ETag", "*")}
            try:
                return self._put_pronunciations(change(before), condition)
            except PreconditionFailed:
                continue
        raise PreconditionFailed("The pronunciations were changed all the time; try again later.")

    def _put_pronunciations(
        self, listed: Iterable[Pronunciation], condition: Mapping[str, str]
    ) -> list[Pronunciation]:
        body = {"pronunciations": [one.model_dump(exclude_none=True) for one in listed]}
        answer = self._json("PUT", "/pronunciations", json=body, headers=condition)
        return _read_all(Pronunciation, answer, "pronunciations")

    def voices(
        self,
        *,
        language: str | None = None,
        engine: str | None = None,
        gender: str | None = None,
        q: str | None = None,
    ) -> list[dict[str, Any]]:
        """Return the voices that match: ``id``, ``name``, ``engine``, ``language``, ``gender``,
        ``licence``, ``description``, ``sample_url``. Requests name a voice by its ``id``.
        """
        query = {"language": language, "engine": engine, "gender": gender, "q": q}
        given = {name: value for name, value in query.items() if value is not None}
        return list(self._json("GET", "/voices", params=given)["voices"])

    def voice_sample(self, voice: str, *, engine: str | None = None) -> bytes:
        """Return an MP3 file in which the voice of that id speaks a sentence."""
        query = {} if engine is None else {"engine": engine}
        path = f"/voices/{quote(voice, safe='')}/sample"
        return self._request("GET", path, params=query).content

    def timeline_frame(
        self,
        composition: Mapping[str, Any],
        at: float | str,
        *,
        format: str = "png",  # noqa: A002 - the name of the API
        width: int | None = None,
        output: Mapping[str, Any] | None = None,
    ) -> bytes:
        """Return one frame of a composition as a picture, without a job.

        ``at`` is in seconds of the film, or a timecode; ``format`` is png, jpeg or webp, ``width``
        in pixels. ``output`` is that of a job: ``{"aspect_ratio": "16:9"}``.
        """
        query = {"at": at, "format": format, "width": width}
        given = {name: value for name, value in query.items() if value is not None}
        body = {"params": dict(composition), "output": dict(output or {})}
        return self._request("POST", "/timeline/frame", params=given, json=body).content

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
        return self._parsed(self._request(method, path, **request))

    def _parsed(self, response: httpx.Response) -> dict[str, Any]:
        try:
            answer = response.json()
        except json.JSONDecodeError as error:
            raise GalaError(
                f"{shown_url(self.base_url)}{response.url.path} did not return a response of GALA"
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
            hint="Is GALA running there? `gala up` starts it; GALA_URL names another one.",
        )


def shown_url(url: str) -> str:
    """Return the URL without user name and password, for messages and logs."""
    # Up to the last @, so that no password is shown even if the URL is malformed.
    return _LOGIN.sub(r"\1", url)


def parse_events(lines: Iterator[str]) -> Iterator[JobEvent]:
    """Parse a stream of server-sent events; comments are skipped."""
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
            f"The job {job_id} has not ended in time.", hint="Is a worker running?"
        )


def _read(model: type[_Resource], answer: Mapping[str, Any], envelope: str) -> _Resource:
    if envelope not in answer:
        raise GalaError(f"The response has no {envelope!r}; the server may not be GALA.")
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
        message = f"HTTP {response.status_code} from {shown_url(str(response.url))}"
        # Not an error of GALA: probably a proxy in front of an API that is restarting.
        raise (Unavailable if response.status_code in _UNAVAILABLE_STATUSES else GalaError)(
            message
        ) from None
    raise error_of(code, message, details=details)

"""Client of the renderer's HTTP service."""

from __future__ import annotations

import logging
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final, NamedTuple

import httpx
from pydantic import ValidationError

from gala.errors import ErrorCode, GalaError, OutOfDisk, RendererLost, RenderFailed
from gala.job import JobFailure, JobPhase
from gala.media import MediaFacts
from gala.net.lines import lines_of
from gala.net.tls import tls_context
from gala.render_protocol import (
    EVENTS,
    SILENCE_SECONDS,
    Done,
    Error,
    Inspected,
    Log,
    Output,
    Progress,
    RenderEvent,
    RenderRequest,
)
from gala_worker.heartbeat import Heartbeat

log = logging.getLogger(__name__)

_MAX_LINE_LENGTH: Final = 1 << 20
_RECONNECT_SECONDS: Final = 0.2


class ReportedFailure(GalaError):
    """The renderer reported why it could not produce the outputs; see ``failure``."""

    def __init__(self, failure: JobFailure):
        super().__init__(failure.message, hint=failure.hint)
        self.failure = failure


class Rendered(NamedTuple):
    """What a finished render reported."""

    outputs: list[Output]
    inputs: dict[str, MediaFacts]
    """What the inputs contain, by path, as far as the render had to find out."""


class RendererDiskFull(OutOfDisk):
    """The renderer has too little disk space to begin."""


class Renderer:
    """One renderer, accessed over HTTP with persistent connections."""

    def __init__(self, base_url: str, *, wait_seconds: float):
        """``wait_seconds`` limits how long a renderer that is not ready is waited for."""
        self._wait_seconds = wait_seconds
        self._client = httpx.Client(
            base_url=base_url,
            timeout=httpx.Timeout(SILENCE_SECONDS, read=4 * SILENCE_SECONDS),
            trust_env=False,
            verify=tls_context(),
        )

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def render(
        self, request: RenderRequest, heartbeat: Heartbeat, *, share: tuple[float, float]
    ) -> Rendered:
        """Have the outputs rendered; report progress as the given ``share`` of the attempt.

        Raises ReportedFailure with the renderer's reason, RendererLost, or the heartbeat's reason
        to stop.
        """
        try:
            with self._open(request, heartbeat) as response:
                return self._follow(response, heartbeat, share)
        except httpx.HTTPError as error:
            heartbeat.check()
            raise RendererLost(f"The connection to the renderer was lost: {error!r}") from error
        finally:
            heartbeat.set_interrupt(None)

    @contextmanager
    def _open(self, request: RenderRequest, heartbeat: Heartbeat) -> Iterator[httpx.Response]:
        body = request.model_dump_json()
        give_up = time.monotonic() + self._wait_seconds
        while True:
            heartbeat.check()
            try:
                with self._client.stream("POST", "/render", content=body) as response:
                    if response.status_code == httpx.codes.SERVICE_UNAVAILABLE:
                        raise httpx.ConnectError("the renderer is not ready")  # noqa: TRY301
                    self._allow_interrupt(response, heartbeat, request)
                    yield response
                    return
            except (httpx.ConnectError, httpx.ConnectTimeout):
                # Rendering has not begun, so a restart of the renderer costs time, not an attempt.
                if time.monotonic() > give_up:
                    raise
                time.sleep(_RECONNECT_SECONDS)

    def _allow_interrupt(
        self, response: httpx.Response, heartbeat: Heartbeat, request: RenderRequest
    ) -> None:
        if response.is_error:
            response.read()
            if response.status_code == httpx.codes.INSUFFICIENT_STORAGE:
                raise _disk_full(response)
            raise ReportedFailure(_http_failure(response))
        connection: socket.socket = response.extensions["network_stream"].get_extra_info("socket")

        def abort() -> None:
            # The renderer answers once the processes have ended. If it cannot answer, closing the
            # connection has the same effect, and wakes the thread that blocks in recv().
            with suppress(httpx.HTTPError):
                path = f"/render/{request.job_id}/{request.attempt}"
                self._client.delete(path, timeout=SILENCE_SECONDS)
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

        heartbeat.set_interrupt(abort)
        heartbeat.check()

    def _follow(
        self, response: httpx.Response, heartbeat: Heartbeat, share: tuple[float, float]
    ) -> Rendered:
        low, high = share
        rendered = Rendered([], {})
        events = _events(response)
        for event in events:
            heartbeat.check()
            match event:
                case Progress(fraction=fraction):
                    heartbeat.report(JobPhase.RENDERING, low + (high - low) * fraction)
                case Log(msg=msg, level=level):
                    heartbeat.log(msg, level)
                case Output():
                    rendered.outputs.append(event)
                case Inspected(path=path, media=media):
                    rendered.inputs[path] = media
                case Error(failure=failure):
                    raise ReportedFailure(failure)
                case Done():
                    # The connection is reused only if no interruption is about to close it.
                    heartbeat.set_interrupt(None)
                    if heartbeat.stop_reason is None:
                        _read_to_end(events)
                    return rendered
        heartbeat.check()
        raise RendererLost("The renderer's response ended before the render was done.")


def _events(response: httpx.Response) -> Iterator[RenderEvent]:
    for line in lines_of(response.iter_bytes()):
        if not line:
            continue
        if len(line) > _MAX_LINE_LENGTH:
            raise RenderFailed("The renderer sent a line that is too long.")
        try:
            yield EVENTS.validate_json(line)
        except ValidationError as error:
            raise RenderFailed(f"The renderer sent an invalid event: {line[:200]}") from error


def _read_to_end(events: Iterator[RenderEvent]) -> None:
    """Read past the last event, so that the connection can be reused."""
    with suppress(httpx.HTTPError):
        next(events, None)


def _disk_full(response: httpx.Response) -> RendererDiskFull:
    try:
        error = response.json()["error"]
        return RendererDiskFull(error["message"], hint=error["details"].get("hint"))
    except (ValueError, LookupError, TypeError, AttributeError):
        return RendererDiskFull()


def _http_failure(response: httpx.Response) -> JobFailure:
    if response.status_code == httpx.codes.MISDIRECTED_REQUEST:
        return JobFailure(
            code=ErrorCode.UNAVAILABLE,
            message="The renderer rejects the host name of RENDERER_HTTP_BASEURL.",
            step="rendering",
            hint="Add it to the renderer's RENDERER_ALLOWED_HOSTS, then retry the job.",
        )
    return JobFailure(
        code=ErrorCode.RENDER_FAILED,
        message=f"The renderer answered {response.status_code}: {response.text[:500]}",
        step="rendering",
        retryable=response.is_server_error,
    )

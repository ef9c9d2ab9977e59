"""The worker's side of the talk with the renderer."""

from __future__ import annotations

import logging
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import httpx
from pydantic import ValidationError

from gala.errors import ErrorCode, GalaError, RendererLost, RenderFailed
from gala.job import JobFailure, JobPhase
from gala.render_protocol import (
    EVENTS,
    SILENCE_SECONDS,
    Done,
    Error,
    Log,
    Output,
    Progress,
    RenderEvent,
    RenderRequest,
)
from gala_worker.heartbeat import Heartbeat

log = logging.getLogger(__name__)

_LINE_LIMIT = 1 << 20


class RenderRefused(GalaError):
    """The renderer said why it could not make the outputs."""

    def __init__(self, failure: JobFailure):
        super().__init__(failure.message, hint=failure.hint)
        self.failure = failure


class Renderer:
    """One renderer over HTTP, on connections that stay warm."""

    def __init__(self, base_url: str, *, wait_seconds: float):
        self._wait_seconds = wait_seconds
        self._client = httpx.Client(
            base_url=base_url,
            timeout=httpx.Timeout(SILENCE_SECONDS, read=4 * SILENCE_SECONDS),
            trust_env=False,
        )

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def render(
        self, request: RenderRequest, heartbeat: Heartbeat, *, share: tuple[float, float]
    ) -> list[Output]:
        """Have the outputs made; progress goes to the heartbeat as its ``share`` of the attempt.

        Raises RenderRefused with the renderer's own reason, RendererLost, or the heartbeat's
        reason to stop.
        """
        try:
            with self._open(request, heartbeat) as response:
                return list(self._follow(response, heartbeat, share))
        except httpx.HTTPError as error:
            heartbeat.check()
            raise RendererLost(f"The renderer went away: {error!r}") from error
        finally:
            heartbeat.interrupt_with(None)

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
                    self._watch(response, heartbeat, request)
                    yield response
                    return
            except (httpx.ConnectError, httpx.ConnectTimeout):
                # Nothing was begun: a renderer that is restarting costs patience, not an attempt.
                if time.monotonic() > give_up:
                    raise
                time.sleep(0.2)

    def _watch(
        self, response: httpx.Response, heartbeat: Heartbeat, request: RenderRequest
    ) -> None:
        if response.is_error:
            response.read()
            raise RenderRefused(_refusal(response))
        connection: socket.socket = response.extensions["network_stream"].get_extra_info("socket")

        def abort() -> None:
            # Answers once the processes are gone. If it cannot, the closed connection tells the
            # renderer the same, and wakes the thread that sits in recv().
            with suppress(httpx.HTTPError):
                path = f"/render/{request.job_id}/{request.attempt}"
                self._client.delete(path, timeout=SILENCE_SECONDS)
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

        heartbeat.interrupt_with(abort)
        heartbeat.check()

    def _follow(
        self, response: httpx.Response, heartbeat: Heartbeat, share: tuple[float, float]
    ) -> Iterator[Output]:
        low, high = share
        events = _events(response)
        for event in events:
            heartbeat.check()
            match event:
                case Progress(fraction=fraction):
                    heartbeat.report(JobPhase.RENDERING, low + (high - low) * fraction)
                case Log(msg=msg, level=level):
                    heartbeat.tell(msg, level)
                case Output():
                    yield event
                case Error(failure=failure):
                    raise RenderRefused(failure)
                case Done():
                    # Only a connection that nobody is about to cut may serve the next attempt.
                    heartbeat.interrupt_with(None)
                    if heartbeat.stopped is None:
                        _let_end(events)
                    return
        heartbeat.check()
        raise RendererLost("The renderer's answer ended before it was done.")


def _events(response: httpx.Response) -> Iterator[RenderEvent]:
    for line in response.iter_lines():
        if not line:
            continue
        if len(line) > _LINE_LIMIT:
            raise RenderFailed("The renderer sent a line that is too long.")
        try:
            yield EVENTS.validate_json(line)
        except ValidationError as error:
            raise RenderFailed(f"The renderer sent what is no event: {line[:200]}") from error


def _let_end(events: Iterator[RenderEvent]) -> None:
    """Read past the last event: only then can the connection be used again."""
    with suppress(httpx.HTTPError):
        next(events, None)


def _refusal(response: httpx.Response) -> JobFailure:
    return JobFailure(
        code=ErrorCode.RENDER_FAILED,
        message=f"The renderer answered {response.status_code}: {response.text[:500]}",
        step="rendering",
        retryable=response.is_server_error,
    )

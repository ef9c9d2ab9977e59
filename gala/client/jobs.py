"""Jobs: submitting, following, waiting."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

import httpx

from gala.client.connection import RECONNECT_SECONDS, Connection, raise_for, read, read_all, segment
from gala.client.models import Job, JobEvent
from gala.errors import DeadlineExceeded
from gala.job import JobStatus
from gala.net.lines import lines_of

QUIET_SECONDS: Final = 10.0
"""Time without an event after which the job is requested instead."""


class JobCalls(Connection):
    """Requests for jobs."""

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
        callback_url: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        creation_id: str | None = None,
        idempotency_key: str | None = None,
    ) -> Job:
        """Create a job; without ``type`` and ``template_id``, a hello render.

        ``template_id`` is also a template's name, ``brand`` the name of a brand kit. The models in
        ``model_ids`` are its presenters, or the first of them its voice. When the job ends,
        ``callback_url`` gets a notification that repeats ``metadata`` and ``creation_id``.

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
            "callback_url": callback_url,
            "metadata": metadata,
            "creation_id": creation_id,
        }
        body = {key: value for key, value in full.items() if value is not None}
        return read(Job, self.create("/jobs", body, idempotency_key), "job")

    def job(self, job_id: str) -> Job:
        """Return a job with its outputs and its log."""
        return read(Job, self.call("GET", f"/jobs/{segment(job_id)}"), "job")

    def jobs(self, *, status: JobStatus | None = None, limit: int = 50) -> list[Job]:
        """Return the latest jobs, newest first."""
        query = {"limit": limit, **({"status": str(status)} if status else {})}
        return read_all(Job, self.call("GET", "/jobs", params=query), "jobs")

    def cancel(self, job_id: str) -> Job:
        """Cancel a job; a running one becomes CANCELLED when its processes have ended."""
        return read(Job, self.call("POST", f"/jobs/{segment(job_id)}/cancel"), "job")

    def retry(self, job_id: str) -> Job:
        """Queue a failed job again."""
        return read(Job, self.call("POST", f"/jobs/{segment(job_id)}/retry"), "job")

    def events(
        self, job_id: str, *, after: str | None = None, timeout_seconds: float | None = None
    ) -> Iterator[JobEvent]:
        """Yield the events of a job until it has ended, from the first or ``after`` that id.

        Reconnects automatically, without losing events.

        Raises:
            DeadlineExceeded: the job has not ended within ``timeout_seconds``.
        """
        deadline = math.inf if timeout_seconds is None else time.monotonic() + timeout_seconds
        ended = False
        while True:
            quiet = max(min(QUIET_SECONDS, deadline - time.monotonic()), 0.01)
            complete = True
            try:
                for event in self._stream_events(job_id, after, quiet):
                    after = event.id
                    yield event
                    _check_deadline(job_id, deadline)
            except httpx.TransportError:
                complete = False
            ended_before, ended = ended, self.job(job_id).ended
            # The last events may have been lost with the connection; one more stream has them.
            if ended and (complete or ended_before):
                return
            if not ended:
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

    def _stream_events(
        self, job_id: str, after: str | None, quiet_seconds: float
    ) -> Iterator[JobEvent]:
        headers = {"Accept": "text/event-stream"}
        if after is not None:
            headers["Last-Event-ID"] = after
        timeout = httpx.Timeout(self.seconds, read=quiet_seconds)
        url = f"/jobs/{segment(job_id)}/events"
        with self.http.stream("GET", url, headers=headers, timeout=timeout) as response:
            raise_for(response)
            yield from parse_events(lines_of(response.iter_bytes()))


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


def _check_deadline(job_id: str, deadline: float) -> None:
    if time.monotonic() > deadline:
        raise DeadlineExceeded(
            f"The job {job_id} has not ended in time.", hint="Is a worker running?"
        )

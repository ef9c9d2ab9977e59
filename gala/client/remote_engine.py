"""An engine over the HTTP API: uploads inputs, follows the job, downloads its outputs."""

from __future__ import annotations

import asyncio
import math
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, TypeAlias

from gala.client.api_client import GalaClient
from gala.client.connection import RECONNECT_SECONDS
from gala.client.job_events import failure_of, step_of
from gala.client.models import Job, JobEvent
from gala.engine import (
    Made,
    MadeFile,
    MediaOrder,
    OnProgress,
    Source,
    SpeechVoice,
    sources_of,
)
from gala.errors import DeadlineExceeded, GalaError, InvalidJobState, Unavailable, error_of
from gala.event_loop import in_daemon_thread
from gala.job import JobStatus, LogLevel
from gala.media import USUAL_FPS
from gala.render_protocol import Progress
from gala.render_types import all_types

CANCEL_SECONDS: Final = 15.0
"""How long an interrupted :meth:`RemoteEngine.make` waits for its cancelled job to end."""
HURRY_SECONDS: Final = 5.0
"""The time-out of each request once the caller has been interrupted."""
AWAY_SECONDS: Final = 60.0
"""How long a server may be unavailable while a job is followed: it may be restarting."""

_MAX_PAUSE_SECONDS: Final = 5.0

OnLog: TypeAlias = Callable[[str], None]


class RemoteEngine:
    """A :class:`gala.engine.Engine` that makes every order as a job of one server.

    Files uploaded for an order are deleted from the server when the order has ended. ``on_log``
    receives one line at a time about cancellations, reconnections, and what stays on the server;
    it is called in the thread that does the work.
    """

    def __init__(
        self,
        client: GalaClient,
        *,
        on_log: OnLog | None = None,
        away_seconds: float = AWAY_SECONDS,
    ):
        self._client = client
        self._on_log = on_log or _ignore
        self.away_seconds = away_seconds
        self.job_may_continue = False
        """True once a job may still be running on the server that is no longer followed."""

    def make(self, order: MediaOrder, on_progress: OnProgress | None = None) -> Made:
        """Make the order as a job; being interrupted (Ctrl-C, SIGTERM, SIGHUP) cancels the job.

        If the server becomes unavailable, the job continues there; the error's hint names it.
        """
        return self._remote(order, on_progress or _ignore).run()

    async def make_async(self, order: MediaOrder, on_progress: OnProgress | None = None) -> Made:
        """Like :meth:`make`; cancelling the task cancels the job and waits until it has ended."""
        loop = asyncio.get_running_loop()

        def report(progress: Progress) -> None:
            # The loop may have been closed meanwhile.
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(on_progress or _ignore, progress)

        remote = self._remote(order, report)
        running = asyncio.wrap_future(in_daemon_thread(remote.run, name="gala-remote"))
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            cancelling = asyncio.wrap_future(
                in_daemon_thread(remote.cancel, name="gala-remote-cancel")
            )
            threads: set[asyncio.Future[Any]] = {running, cancelling}
            await asyncio.wait(threads)
            for one in threads:
                # Retrieved, so that asyncio does not report an error that nothing awaits.
                one.exception()
            raise

    def lacks(self, what: str) -> str | None:  # noqa: ARG002 - part of the protocol
        """Return ``None``: the server checks when the job is submitted and when it runs."""
        return None

    def voices(self) -> Sequence[SpeechVoice]:
        """Return the voices of the server's speech engines, those of the default one first."""
        return [
            SpeechVoice(
                name=one["id"],
                engine=one["engine"],
                language=one["language"],
                gender=one.get("gender"),
                title=one["name"],
                description=one["description"],
                licence=one.get("licence"),
            )
            for one in self._client.voices()
        ]

    def voice_sample(self, voice: SpeechVoice) -> bytes:
        """Return the server's sample of the voice, an MP3 file."""
        return self._client.voice_sample(voice.name, engine=voice.engine)

    def _remote(self, order: MediaOrder, on_progress: OnProgress) -> _RemoteOrder:
        return _RemoteOrder(self, self._client, order, on_progress, self._on_log)


class _RemoteOrder:
    """One order at the server, from the first upload to the last download."""

    def __init__(
        self,
        engine: RemoteEngine,
        client: GalaClient,
        order: MediaOrder,
        on_progress: OnProgress,
        on_log: OnLog,
    ):
        self._engine = engine
        self._client = client
        self._order = order
        self._on_progress = on_progress
        self._log = on_log
        self._cancelled = threading.Event()
        self._job_id: str | None = None
        self._left_running = False

    def run(self) -> Made:
        """Make the order; called once."""
        self._on_progress(Progress(fraction=0, step="uploading"))
        with self._uploads() as upload:
            self._order = _placed(self._order, upload)
            job = self._submit(_inputs(self._order, upload))
            return self._fetch(self._follow(job))

    def cancel(self) -> None:
        """Cancel the order from another thread; :meth:`run` then raises as soon as it has ended."""
        self._cancelled.set()
        self._cancel_if_submitted()

    def _check_cancelled(self) -> None:
        if self._cancelled.is_set():
            raise _Cancelled

    def _cancel_if_submitted(self) -> None:
        if self._job_id is None:
            return
        try:
            # It may have ended just now.
            with suppress(InvalidJobState):
                self._client.cancel(self._job_id)
        except GalaError as error:
            self._report_left_running(self._job_id, error)

    @contextmanager
    def _uploads(self) -> Iterator[Callable[[Path], str]]:
        """Yield a function that uploads a file and returns its asset id; delete the assets after.

        The same file is uploaded once.
        """
        ids: dict[Path, str] = {}

        def upload(path: Path) -> str:
            self._check_cancelled()
            if path not in ids:
                ids[path] = self._client.upload(path).id
            return ids[path]

        try:
            yield upload
        except GalaError as error:
            raise _with_file_names(error, ids) from error
        except (KeyboardInterrupt, SystemExit):
            self._client.hurry(HURRY_SECONDS)
            raise
        finally:
            remaining = self._delete(ids.values())
            if remaining:
                self._log(f"still on the server: {' '.join(remaining)}")

    def _delete(self, asset_ids: Iterable[str]) -> list[str]:
        """Delete assets, and return those that could not be deleted."""
        remaining: list[str] = []
        # A job that may still be running needs its inputs.
        skip = self._left_running
        for asset_id in asset_ids:
            try:
                if not skip:
                    self._client.delete_asset(asset_id)
                    continue
            except Unavailable:
                # Each further request would wait for its own time-out.
                skip = True
            except GalaError:
                pass
            remaining.append(asset_id)
        return remaining

    def _submit(self, inputs: Mapping[str, Any]) -> Job:
        self._check_cancelled()
        key = uuid.uuid4().hex
        try:
            job = self._post_job(inputs, key)
        except (KeyboardInterrupt, SystemExit):
            self._log("cancelling …")
            self._client.hurry(HURRY_SECONDS)
            try:
                # The server may or may not have received the request; the idempotency key makes
                # this the same job.
                self._cancel_and_wait(self._post_job(inputs, key))
            except GalaError as error:
                self._leave_running()
                self._log(f"a job may go on there, see `gala jobs list`: {error.message}")
            raise
        self._job_id = job.id
        if self._cancelled.is_set():
            # `cancel` may have been called before it could see the job's id.
            self._cancel_if_submitted()
        return job

    def _post_job(self, inputs: Mapping[str, Any], key: str) -> Job:
        order = self._order
        return self._client.submit(
            type=order.type,
            params=order.params,
            inputs=inputs or None,
            output={"format": order.format.model_dump()} if order.format else None,
            idempotency_key=key,
        )

    def _follow(self, job: Job) -> Job:
        """Report the job's progress until it is DONE; raise its error if it ends otherwise."""
        try:
            ended = self._wait(job.id, _ProgressReporter(self._on_progress))
        except (KeyboardInterrupt, SystemExit):
            self._log(f"cancelling {job.id} …")
            self._cancel_and_wait(job)
            raise
        except GalaError as error:
            self._leave_running()
            hint = f"the job continues on the server: `gala jobs show {job.id}`"
            raise _with_hint(error, hint) from error
        self._check_cancelled()
        if ended.status is not JobStatus.DONE:
            raise failure_of(ended)
        return ended

    def _wait(self, job_id: str, report: Callable[[JobEvent], None]) -> Job:
        """Return the job when it has ended, reconnecting to a server that restarts meanwhile."""
        last, outage = None, _Outage(self._engine.away_seconds, self._log)
        while True:
            try:
                if outage.ongoing:
                    self._client.job(job_id)
                    outage.end()
                for event in self._client.events(job_id, after=last):
                    last = event.id or last
                    report(event)
                return self._client.job(job_id)
            except GalaError as error:
                if self._cancelled.is_set():
                    raise
                outage.pause(error)

    def _cancel_and_wait(self, job: Job) -> None:
        self._client.hurry(HURRY_SECONDS)
        try:
            self._client.cancel(job.id)
            self._client.wait(job.id, timeout_seconds=CANCEL_SECONDS)
        except DeadlineExceeded:
            self._log(f"cancellation of {job.id} was requested; the job has not ended yet")
        except GalaError as error:
            self._report_left_running(job.id, error)

    def _report_left_running(self, job_id: str, error: GalaError) -> None:
        self._leave_running()
        self._log(f"{job_id} may go on: {error.message}")

    def _leave_running(self) -> None:
        self._left_running = self._engine.job_may_continue = True

    def _fetch(self, job: Job) -> Made:
        try:
            return self._download(job)
        except GalaError as error:
            hint = f"the outputs are on the server: `gala jobs show {job.id}`"
            raise _with_hint(error, hint) from error

    def _download(self, job: Job) -> Made:
        assets = job.outputs[0].asset_ids if job.outputs else {}
        made = job.outputs[0].files.values() if job.outputs else ()
        order = self._order
        targets = {role: target for role, target in order.outputs.items() if role in assets}
        return Made(
            files={role: self._file(assets[role], target) for role, target in targets.items()},
            texts={role: self._text(assets[role]) for role in order.read if role in assets},
            warnings=tuple(line.msg for line in job.logs if line.level is LogLevel.WARNING),
            speech=tuple(dict.fromkeys(one for file in made for one in file.speech or ())),
            job_id=job.id,
            assets=assets,
        )

    def _file(self, asset_id: str, target: Path) -> MadeFile:
        self._check_cancelled()
        self._client.download(asset_id, target)
        asset = self._client.asset(asset_id)
        return MadeFile(
            path=target,
            mime=asset.mime or "",
            size=target.stat().st_size,
            sha256=asset.checksum or "",
        )

    def _text(self, asset_id: str) -> str:
        with tempfile.TemporaryDirectory(prefix="gala-") as folder:
            file = self._client.download(asset_id, Path(folder) / "text")
            return file.read_text(encoding="utf-8")


class _Cancelled(GalaError):
    """The order was cancelled."""


class _Outage:
    """A period in which the server does not answer: growing pauses up to a total of seconds."""

    def __init__(self, seconds: float, log: OnLog):
        self._seconds = seconds
        self._log = log
        self._deadline = math.inf
        self._pause = RECONNECT_SECONDS

    @property
    def ongoing(self) -> bool:
        """Return True if the server has not answered since the last pause."""
        return self._deadline < math.inf

    def end(self) -> None:
        """Record that the server answers again; a later outage may last its full time."""
        self._deadline, self._pause = math.inf, RECONNECT_SECONDS

    def pause(self, error: GalaError) -> None:
        """Sleep before the next attempt; raise the error if it is permanent or time is up."""
        now = time.monotonic()
        self._deadline = min(self._deadline, now + self._seconds)
        if not error.retryable or now + self._pause > self._deadline:
            raise error
        if self._pause == RECONNECT_SECONDS:
            self._log(f"{error.message}: trying again …")
        time.sleep(self._pause)
        self._pause = min(2 * self._pause, _MAX_PAUSE_SECONDS)


class _ProgressReporter:
    """Reports a job's events as progress that never decreases."""

    def __init__(self, on_progress: OnProgress):
        self._on_progress = on_progress
        self._fraction = 0.0

    def __call__(self, event: JobEvent) -> None:
        step = step_of(event)
        if step is None:
            return
        self._fraction = min(max(self._fraction, float(event.data.get("progress") or 0)), 1.0)
        self._on_progress(Progress(fraction=self._fraction, step=step))


def _placed(order: MediaOrder, upload: Callable[[Path], str]) -> MediaOrder:
    """Return the order of a composition whose files are assets and URLs, as a server wants them."""
    if order.type != "timeline" or not order.inputs:
        return order
    from gala.timeline.reader import read_timeline  # noqa: PLC0415 - other orders do not need it
    from gala.timeline.sources import named_files, renamed  # noqa: PLC0415 - as above

    fps = USUAL_FPS if order.format is None else order.format.fps
    files = list(named_files(read_timeline(order.params, fps)))
    sources = dict.fromkeys(file.source for file in files)
    given = [source for one in order.inputs.values() for source in sources_of(one)]
    ids = [upload(source) if isinstance(source, Path) else source for source in given]
    names = dict(zip(sources, ids, strict=True))
    return replace(order, inputs={}, params=renamed(order.params, files, names))


def _inputs(order: MediaOrder, upload: Callable[[Path], str]) -> dict[str, Any]:
    """Return the job's inputs; files are uploaded, ids of assets are used as they are."""

    def asset_id(source: Source) -> str:
        return upload(source) if isinstance(source, Path) else source

    spec = all_types()[order.type]
    inputs: dict[str, Any] = {}
    for name, files in order.inputs.items():
        ids = [asset_id(source) for source in sources_of(files)]
        if ids and not spec.inputs[name].many and "://" in ids[0]:
            inputs[spec.url_field(name)] = ids[0]
        elif ids:
            inputs[spec.input_field(name)] = ids if spec.inputs[name].many else ids[0]
    return inputs


def _with_file_names(error: GalaError, ids: Mapping[Path, str]) -> GalaError:
    """Return the error with the user's files in place of their temporary assets."""
    message = error.message
    for path, asset_id in ids.items():
        message = message.replace(asset_id, str(path))
    return error_of(error.code, message, hint=error.hint, details=error.details)


def _with_hint(error: GalaError, more: str) -> GalaError:
    """Return the error with a further hint, which names the job."""
    hint = f"{error.hint}; {more}" if error.hint else more
    return error_of(error.code, error.message, hint=hint, details=error.details)


def _ignore(_: object) -> None:
    """Do nothing."""

"""A server as a maker: inputs go up, a job is watched, what it made comes down."""

from __future__ import annotations

import math
import tempfile
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from gala.cli.console import say
from gala.cli.progress import failure_of, step_of
from gala.cli.rendering.work import Work
from gala.client import GalaClient, Job, JobEvent
from gala.client.api_client import RECONNECT_SECONDS
from gala.engine import Made, MadeFile, MediaOrder, OnProgress
from gala.errors import DeadlineExceeded, GalaError, Unavailable, error_of
from gala.job import JobStatus, LogLevel
from gala.render_protocol import Progress
from gala.render_types import all_types

CANCEL_SECONDS: Final = 15.0
"""How long we stay to see a cancelled job end."""
HURRY_SECONDS: Final = 5.0
"""How long we wait for each answer once we were told to end."""
AWAY_SECONDS: Final = 60.0
"""How long a server may not answer while a job is watched: it may start again."""

_MOST_PAUSE_SECONDS: Final = 5.0


class RemoteEngine:
    """Makes orders as jobs of a server. What was uploaded for one is deleted there afterwards.

    ``may_go_on`` tells whether a job may be left there that nobody watches any more.
    """

    def __init__(self, client: GalaClient, *, away_seconds: float = AWAY_SECONDS):
        self._client = client
        self._away_seconds = away_seconds
        self.may_go_on = False

    def make(self, order: MediaOrder, on_progress: OnProgress) -> Work:
        """Have it made there. Being stopped (Ctrl-C, SIGTERM, SIGHUP) cancels the job.

        A server that cannot be asked any more leaves it as it is; the error's hint names the job.
        """
        on_progress(Progress(fraction=0, step="uploading"))
        with self._uploads() as upload:
            job = self._submitted(order, _inputs(order, upload))
            ended = self._watched(job, on_progress)
            return Work(self._fetched(ended, order), ended.id)

    @contextmanager
    def _uploads(self) -> Iterator[Callable[[Path], str]]:
        """Gives a function from a file to its asset; the assets go when the work has ended."""
        ids: dict[Path, str] = {}

        def upload(path: Path) -> str:
            if path not in ids:
                ids[path] = self._client.upload(path).id
            return ids[path]

        try:
            yield upload
        except GalaError as error:
            raise _with_files(error, ids) from error
        except (KeyboardInterrupt, SystemExit):
            self._client.hurry(HURRY_SECONDS)
            raise
        finally:
            left = self._left_of(ids.values())
            if left:
                say(f"still on the server: {' '.join(left)}")

    def _left_of(self, asset_ids: Iterable[str]) -> list[str]:
        """Delete them; those that could not be."""
        left: list[str] = []
        gone = self.may_go_on
        for one in asset_ids:
            try:
                if not gone:
                    self._client.delete_asset(one)
                    continue
            except Unavailable:
                # Others would be waited for as long, one after the other.
                gone = True
            except GalaError:
                pass
            left.append(one)
        return left

    def _submitted(self, order: MediaOrder, inputs: Mapping[str, Any]) -> Job:
        key = uuid.uuid4().hex
        try:
            return self._submit(order, inputs, key)
        except (KeyboardInterrupt, SystemExit):
            say("cancelling …")
            self._client.hurry(HURRY_SECONDS)
            try:
                # Whether it has arrived is not known: under the same key it is the same job.
                self._cancel(self._submit(order, inputs, key))
            except GalaError as error:
                self.may_go_on = True
                say(f"a job may go on there, see `gala jobs list`: {error.message}")
            raise

    def _submit(self, order: MediaOrder, inputs: Mapping[str, Any], key: str) -> Job:
        return self._client.submit(
            type=order.type,
            params=order.params,
            inputs=inputs or None,
            output={"format": order.format.model_dump()} if order.format else None,
            idempotency_key=key,
        )

    def _watched(self, job: Job, on_progress: OnProgress) -> Job:
        try:
            ended = self._ended(job.id, _Teller(on_progress))
        except (KeyboardInterrupt, SystemExit):
            say(f"cancelling {job.id} …")
            self._cancel(job)
            raise
        except GalaError as error:
            self.may_go_on = True
            raise _naming(error, f"the job goes on there: `gala jobs show {job.id}`") from error
        if ended.status is not JobStatus.DONE:
            raise failure_of(ended)
        return ended

    def _ended(self, job_id: str, tell: Callable[[JobEvent], None]) -> Job:
        """The job when it has ended; a server that starts again meanwhile is asked again."""
        last, away = None, _Away(self._away_seconds)
        while True:
            try:
                if away.waited:
                    self._client.job(job_id)
                    away.answered()
                for event in self._client.events(job_id, after=last):
                    last = event.id or last
                    tell(event)
                return self._client.job(job_id)
            except GalaError as error:
                away.wait(error)

    def _cancel(self, job: Job) -> None:
        self._client.hurry(HURRY_SECONDS)
        try:
            self._client.cancel(job.id)
            self._client.wait(job.id, timeout_seconds=CANCEL_SECONDS)
        except DeadlineExceeded:
            say(f"{job.id} was told to end")
        except GalaError as error:
            self.may_go_on = True
            say(f"{job.id} may go on: {error.message}")

    def _fetched(self, job: Job, order: MediaOrder) -> Made:
        try:
            return self._downloaded(job, order)
        except GalaError as error:
            hint = f"what was made is still there: `gala jobs show {job.id}`"
            raise _naming(error, hint) from error

    def _downloaded(self, job: Job, order: MediaOrder) -> Made:
        assets = job.outputs[0].asset_ids if job.outputs else {}
        wanted = {role: target for role, target in order.outputs.items() if role in assets}
        return Made(
            files={role: self._file(assets[role], target) for role, target in wanted.items()},
            texts={role: self._text(assets[role]) for role in order.read if role in assets},
            warnings=tuple(line.msg for line in job.logs if line.level is LogLevel.WARNING),
        )

    def _file(self, asset_id: str, target: Path) -> MadeFile:
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


class _Away:
    """The time that a server does not answer in: ever longer pauses, until it was too long."""

    def __init__(self, seconds: float):
        self._seconds = seconds
        self._deadline = math.inf
        self._pause = RECONNECT_SECONDS

    @property
    def waited(self) -> bool:
        """Whether we have waited and it has not answered since."""
        return self._deadline < math.inf

    def answered(self) -> None:
        """It is back; should it go away again, it has its whole time again."""
        self._deadline = math.inf

    def wait(self, error: GalaError) -> None:
        """Pause before it is asked again; raises the error if that makes no sense (any more)."""
        now = time.monotonic()
        self._deadline = min(self._deadline, now + self._seconds)
        if not error.retryable or now + self._pause > self._deadline:
            raise error
        if self._pause == RECONNECT_SECONDS:
            say(f"{error.message}: asking again …")
        time.sleep(self._pause)
        self._pause = min(2 * self._pause, _MOST_PAUSE_SECONDS)


def _inputs(order: MediaOrder, upload: Callable[[Path], str]) -> dict[str, Any]:
    spec = all_types()[order.type]
    inputs: dict[str, Any] = {}
    for name, files in order.inputs.items():
        ids = [upload(path) for path in ([files] if isinstance(files, Path) else files)]
        if ids:
            inputs[spec.input_field(name)] = ids if spec.inputs[name].many else ids[0]
    return inputs


class _Teller:
    """Tells a job's events as progress, which never falls."""

    def __init__(self, on_progress: OnProgress):
        self._on_progress = on_progress
        self._fraction = 0.0

    def __call__(self, event: JobEvent) -> None:
        step = step_of(event)
        if step is None:
            return
        self._fraction = min(max(self._fraction, float(event.data.get("progress") or 0)), 1.0)
        self._on_progress(Progress(fraction=self._fraction, step=step))


def _with_files(error: GalaError, ids: Mapping[Path, str]) -> GalaError:
    """Files are named as they are here: nobody knows the assets that they were for a moment."""
    message = error.message
    for path, asset_id in ids.items():
        message = message.replace(asset_id, str(path))
    return error_of(error.code, message, hint=error.hint, details=error.details)


def _naming(error: GalaError, where: str) -> GalaError:
    """The error, with a hint that names the job."""
    hint = f"{error.hint}; {where}" if error.hint else where
    return error_of(error.code, error.message, hint=hint, details=error.details)

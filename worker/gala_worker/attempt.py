"""One attempt at a job, from the claim to the cleanup: the way of a job, in order."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.exc import InterfaceError, OperationalError

from gala import ids
from gala.db import pending_assets, stored_objects
from gala.db.engine import Sessions, driver_message, transaction
from gala.db.tables import Asset, Job, JobInput, PendingAsset
from gala.errors import AssetNotFound, ErrorCode, GalaError, RenderFailed
from gala.ids import Prefix, is_id
from gala.job import JobFailure, JobPhase, JobStatus
from gala.job_queue import lease as leases
from gala.job_queue.lease import CancelRequested, Lease, LeaseLost
from gala.log import bound
from gala.media import AssetKind, Format
from gala.render_protocol import Output, RenderRequest, StagedInput, attempt_folder
from gala.render_types import RenderType, find_type
from gala.sniff import check_kind
from gala_storage import StorageRegistry, StoredObject
from gala_worker import cleanup
from gala_worker.heartbeat import Heartbeat, ShuttingDown
from gala_worker.http_fetch import fetcher_of
from gala_worker.input_staging import Stager, StagingFolder
from gala_worker.output_upload import Store
from gala_worker.renderer_client import Renderer, RenderRefused
from gala_worker.settings import WorkerSettings

log = logging.getLogger(__name__)

T = TypeVar("T")

DATABASE_AWAY = (OperationalError, InterfaceError)

STAGED, RENDERED, UPLOADED = 0.05, 0.9, 0.99
"""How far the whole attempt is once the inputs lie ready, the render is done, all is stored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What a worker works with; put together once."""

    settings: WorkerSettings
    sessions: Sessions
    storages: StorageRegistry
    renderer: Renderer
    name: str


class Attempt:
    """One attempt at one job, under a lease."""

    def __init__(self, tools: Tools, job: Job, lease: Lease):
        self._tools = tools
        self._job = job
        self._lease = lease
        self._folder = StagingFolder(
            tools.settings.data_root / attempt_folder(job.id, lease.attempt)
        )
        self._step = JobPhase.STAGING
        settings = tools.settings
        self.heartbeat = Heartbeat(
            tools.sessions,
            lease,
            lease_seconds=settings.worker_lease_seconds,
            interval=settings.heartbeat_seconds,
            deadline_seconds=settings.job_deadline_seconds,
        )

    def run(self) -> None:
        """Do the whole of it. Nothing is raised: however it ends, it is on record.

        Unless the database is away for longer than the lease: then the sweeper records a crash.
        """
        with bound(job_id=self._job.id, attempt=self._lease.attempt):
            try:
                with self.heartbeat:
                    self._work()
            except LeaseLost:
                cleanup.skip("lease lost")
                with suppress(*DATABASE_AWAY):
                    self._patiently(self._count_stale_write)
            except DATABASE_AWAY as error:
                log.warning("database away: %s", driver_message(error))
                cleanup.skip("database away")

    def _work(self) -> None:
        try:
            self._make()
        except CancelRequested:
            self._patiently(self._record_cancel)
        except ShuttingDown:
            self._patiently(self._record_release)
        except LeaseLost:
            raise
        except GalaError as error:
            self._fail(_told_by(error, self._step))
        except DATABASE_AWAY:
            raise
        except Exception:
            # The worker's outer edge: an error of our own ends this attempt, not the worker.
            log.exception("attempt failed by an error of the worker itself")
            self._fail(_own_failure(self._step))

    def _fail(self, failure: JobFailure) -> None:
        self._patiently(self.heartbeat.flush)
        self._patiently(lambda: self._record_failure(failure))

    def _make(self) -> None:
        folder, outputs = self._rendered()
        promised = self._promised(outputs)
        stored = self._upload(folder, outputs)
        self._enter(JobPhase.RECORDING, UPLOADED)
        self._patiently(lambda: self._record_done(outputs, stored, promised))
        log.info("job done outputs=%d", len(outputs))
        if self._tools.settings.worker_cleanup_local:
            cleanup.remove(self._folder.job_path)
        else:
            cleanup.skip("WORKER_CLEANUP_LOCAL is off")

    def _enter(self, phase: JobPhase, progress: float) -> None:
        self.heartbeat.check()
        self._step = phase
        self.heartbeat.report(phase, progress)

    def _rendered(self) -> tuple[StagingFolder, list[Output]]:
        finished = self._folder.finished_before()
        if finished is not None:
            self.heartbeat.tell("an earlier attempt's finished render is used")
            return finished
        self._folder.create()
        request = self._request(self._stage())
        self._enter(JobPhase.RENDERING, STAGED)
        began = time.monotonic()
        outputs = self._tools.renderer.render(request, self.heartbeat, share=(STAGED, RENDERED))
        _check_outputs(self._type, outputs)
        self.heartbeat.tell(f"rendered in {time.monotonic() - began:.1f} s")
        self._folder.keep(outputs)
        return self._folder, outputs

    @property
    def _type(self) -> RenderType:
        found = find_type(self._job.type)
        if found is None:
            raise RenderFailed(
                f"The render type {self._job.type!r} is not installed on this worker.",
                hint="Install the same GALA on API, worker and renderer.",
            )
        return found

    def _stage(self) -> dict[str, tuple[StagedInput, ...]]:
        self._enter(JobPhase.STAGING, 0)
        if not self._job.inputs:
            return {}
        tools = self._tools
        stager = Stager(
            folder=self._folder,
            render_type=self._type,
            storages=tools.storages,
            fetcher=fetcher_of(tools.settings),
            heartbeat=self.heartbeat,
            progress=lambda share: self.heartbeat.report(JobPhase.STAGING, STAGED * share),
        )
        return stager.stage(self._job.inputs, self._patiently(self._input_assets))

    def _input_assets(self) -> dict[str, Asset]:
        with transaction(self._tools.sessions) as session:
            rows = session.scalars(
                select(Asset)
                .join(JobInput, Asset.id == JobInput.asset_id)
                .where(JobInput.job_id == self._job.id)
            )
            found = {asset.id: asset for asset in rows}
        for name, entries in self._job.inputs.items():
            if any(is_id(Prefix.ASSET, entry) and entry not in found for entry in entries):
                raise AssetNotFound(f"An asset of inputs.{name} was deleted before the job ran.")
        return found

    def _request(self, inputs: dict[str, tuple[StagedInput, ...]]) -> RenderRequest:
        return RenderRequest(
            job_id=self._job.id,
            attempt=self._lease.attempt,
            type=self._job.type,
            params=self._job.params,
            inputs=inputs,
            format=self._job.format and Format.model_validate(self._job.format),
            duration_ms=self._job.duration_ms,
            deadline_seconds=max(self.heartbeat.remaining, 0.001),
        )

    def _upload(self, folder: StagingFolder, outputs: Sequence[Output]) -> list[StoredObject]:
        store = Store(self._tools.sessions, self._tools.storages.current)
        stored = []
        for done, output in enumerate(outputs):
            share = RENDERED + (UPLOADED - RENDERED) * done / len(outputs)
            self._enter(JobPhase.UPLOADING, share)
            put = partial(store.put, self._lease, output, folder.file(output), self.heartbeat)
            kept = self._patiently(put)
            self.heartbeat.tell(f"stored {output.role}: {kept.size:,} bytes in {kept.provider}")
            stored.append(kept)
        return stored

    def _promised(self, outputs: Sequence[Output]) -> dict[str, PendingAsset]:
        """What these outputs were promised as, by role; raises UnsupportedMedia for another kind.

        None comes or goes while the job runs, unless it is asked to stop.
        """
        found = self._patiently(self._promises)
        kept = {output.role: found[output.role] for output in outputs if output.role in found}
        for output in outputs:
            if output.role in kept:
                check_kind(AssetKind(kept[output.role].kind), output.mime)
        return kept

    def _promises(self) -> Mapping[str, PendingAsset]:
        with transaction(self._tools.sessions) as session:
            return pending_assets.of_job(session, self._job.id)

    def _record_done(
        self,
        outputs: Sequence[Output],
        stored: Sequence[StoredObject],
        promised: Mapping[str, PendingAsset],
    ) -> None:
        made = [
            (output.role, self._asset(output, kept, promised.get(output.role)))
            for output, kept in zip(outputs, stored, strict=True)
        ]
        with self.heartbeat.unwritten() as report, transaction(self._tools.sessions) as session:
            try:
                leases.finish(session, self._lease, made, new_events=report.news)
            except LeaseLost:
                # The reply to an earlier commit may have been lost with the connection.
                if leases.was_finished(session, self._lease):
                    return
                raise
            pending_assets.remove(session, [promise.id for promise in promised.values()])
            for kept in stored:
                stored_objects.commit(session, kept.provider, kept.object_key)

    def _asset(self, output: Output, kept: StoredObject, promise: PendingAsset | None) -> Asset:
        specs = {spec.role: spec for spec in self._type.outputs}
        kind = specs[output.role].kind if output.role in specs else AssetKind.OTHER
        return Asset(
            id=promise.id if promise else ids.new_id(ids.Prefix.ASSET),
            owner_id=self._job.owner_id,
            kind=promise.kind if promise else kind,
            provider=kept.provider,
            object_key=kept.object_key,
            mime=kept.mime,
            size_bytes=kept.size,
            sha256=kept.sha256,
            label=promise.label if promise else self._job.name,
            filename=promise.filename if promise else None,
            job_id=self._job.id,
        )

    def _record_failure(self, failure: JobFailure) -> None:
        settings = self._tools.settings
        if failure.retryable and self.heartbeat.shutting_down:
            self._record_release()
            return
        with transaction(self._tools.sessions) as session:
            status = leases.fail(
                session,
                self._lease,
                failure,
                max_failures=settings.worker_max_failures,
                backoff=timedelta(seconds=settings.worker_backoff_seconds),
            )
        log.warning("attempt failed code=%s next=%s: %s", failure.code, status, failure.message)
        if status is JobStatus.CANCELLED:
            cleanup.remove(self._folder.job_path)
        else:
            cleanup.skip(f"{self._step} failed")

    def _record_cancel(self) -> None:
        with self.heartbeat.unwritten() as report, transaction(self._tools.sessions) as session:
            leases.cancel(session, self._lease, new_events=report.news)
        self._tidy_cancelled()

    def _record_release(self) -> None:
        with transaction(self._tools.sessions) as session:
            status = leases.release(session, self._lease)
        if status is JobStatus.CANCELLED:
            self._tidy_cancelled()
            return
        log.info("job given back: the worker is shutting down")
        cleanup.skip("job given back")

    def _tidy_cancelled(self) -> None:
        log.info("job cancelled")
        cleanup.remove(self._folder.job_path)

    def _count_stale_write(self) -> None:
        with transaction(self._tools.sessions) as session:
            leases.count_stale_write(session)

    def _patiently(self, do: Callable[[], T]) -> T:
        """Do it again while the database is away, for as long as a lease lasts."""
        give_up = time.monotonic() + self._tools.settings.worker_lease_seconds
        pause = 0.05
        while True:
            try:
                return do()
            except DATABASE_AWAY as error:
                if time.monotonic() + pause > give_up:
                    raise
                log.warning("database away, trying again: %s", driver_message(error))
                time.sleep(pause)
                pause = min(pause * 2, 2.0)


def _check_outputs(render_type: RenderType, outputs: Sequence[Output]) -> None:
    made = {output.role for output in outputs}
    missing = [spec.role for spec in render_type.outputs if spec.required and spec.role not in made]
    if missing:
        raise RenderFailed(f"The renderer did not make: {', '.join(missing)}.")


def _told_by(error: GalaError, step: JobPhase) -> JobFailure:
    if isinstance(error, RenderRefused):
        return error.failure
    return JobFailure.from_error(error, step=step)


def _own_failure(step: JobPhase) -> JobFailure:
    return JobFailure(
        code=ErrorCode.INTERNAL_ERROR,
        message="The worker met an error of its own; its log has the details.",
        step=step,
        retryable=True,
    )

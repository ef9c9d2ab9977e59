"""One attempt at a job, from the claim to the cleanup, in order."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TypeVar

from sqlalchemy import select

from gala import ids
from gala.db import asset_media, pending_assets, stored_objects
from gala.db.engine import Sessions, driver_message, transaction
from gala.db.tables import Asset, Job, JobInput, PendingAsset
from gala.disk_space import disk_space
from gala.errors import AssetNotFound, ErrorCode, GalaError, RenderFailed
from gala.ids import Prefix, is_id
from gala.job import JobFailure, JobPhase, JobStatus
from gala.job_queue import lease as leases
from gala.job_queue.events import waiting_event
from gala.job_queue.lease import CancelRequested, Lease, LeaseLost
from gala.log import bound
from gala.media import AssetKind, Format, MediaFacts
from gala.render_protocol import Output, RenderRequest, StagedInput, attempt_folder
from gala.render_types import RenderType, find_type
from gala.sniff import check_kind
from gala_storage import StorageRegistry, StoredObject
from gala_worker import cleanup
from gala_worker.database_retry import DATABASE_AWAY, retry_while_away
from gala_worker.heartbeat import Heartbeat, ShuttingDown
from gala_worker.http_fetch import create_fetcher
from gala_worker.input_staging import InputStager, StagingFolder
from gala_worker.output_upload import OutputUploader
from gala_worker.renderer_client import Renderer, RendererDiskFull, ReportedFailure
from gala_worker.settings import WorkerSettings

log = logging.getLogger(__name__)

T = TypeVar("T")

STAGED, RENDERED, UPLOADED = 0.05, 0.9, 0.99
"""Progress of the attempt when inputs are staged, outputs are rendered, outputs are stored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerResources:
    """Objects shared by all attempts of a worker, created at start-up."""

    settings: WorkerSettings
    sessions: Sessions
    storages: StorageRegistry
    renderer: Renderer
    name: str
    local_storage: Path | None = None
    """The folder that outputs are stored in, if that is a folder of this machine."""

    def require_disk_space(self) -> None:
        """Raise OutOfDisk if there is too little for any job."""
        needed = self.settings.renderer_min_free_bytes
        disk_space(self.settings.data_root, "DATA_ROOT", needed).require()
        if self.local_storage is not None:
            disk_space(self.local_storage, "STORAGE_LOCAL_ROOT", needed).require()


class Attempt:
    """One attempt at one job, under a lease."""

    def __init__(self, resources: WorkerResources, job: Job, lease: Lease):
        self._resources = resources
        self._job = job
        self._lease = lease
        self._folder = StagingFolder(
            resources.settings.data_root / attempt_folder(job.id, lease.attempt)
        )
        self._step = JobPhase.STAGING
        settings = resources.settings
        self.heartbeat = Heartbeat(
            resources.sessions,
            lease,
            lease_seconds=settings.worker_lease_seconds,
            interval=settings.heartbeat_seconds,
            deadline_seconds=settings.job_deadline_seconds,
        )

    def run(self) -> None:
        """Run the attempt and record its result; raise nothing.

        If the database is away for longer than the lease, nothing is recorded here; the sweeper
        records a crash.
        """
        with bound(job_id=self._job.id, attempt=self._lease.attempt):
            try:
                with self.heartbeat:
                    self._run()
            except LeaseLost:
                cleanup.skip("lease lost")
                with suppress(*DATABASE_AWAY):
                    self._retry(self._count_stale_write)
            except DATABASE_AWAY as error:
                log.warning("database away: %s", driver_message(error))
                cleanup.skip("database away")

    def _run(self) -> None:
        try:
            self._complete()
        except CancelRequested:
            self._retry(self._record_cancel)
        except ShuttingDown:
            self._retry(self._record_release)
        except RendererDiskFull as error:
            self._retry(partial(self._record_release, error))
        except LeaseLost:
            raise
        except GalaError as error:
            self._fail(_failure_of(error, self._step))
        except DATABASE_AWAY:
            raise
        except Exception:
            # The worker's outer edge: a defect of the worker ends this attempt, not the process.
            log.exception("attempt failed because of a defect of the worker")
            self._fail(_unexpected_failure(self._step))

    def _fail(self, failure: JobFailure) -> None:
        self._retry(self.heartbeat.flush)
        self._retry(lambda: self._record_failure(failure))

    def _complete(self) -> None:
        folder, outputs = self._render()
        pending = self._pending_assets(outputs)
        stored = self._upload(folder, outputs)
        self._enter(JobPhase.RECORDING, UPLOADED)
        self._retry(lambda: self._record_done(outputs, stored, pending))
        log.info("job done outputs=%d", len(outputs))
        if self._resources.settings.worker_cleanup_local:
            cleanup.remove(self._folder.job_path)
        else:
            cleanup.skip("WORKER_CLEANUP_LOCAL is off")

    def _enter(self, phase: JobPhase, progress: float) -> None:
        self.heartbeat.check()
        self._step = phase
        self.heartbeat.report(phase, progress)

    def _render(self) -> tuple[StagingFolder, list[Output]]:
        """Return the rendered outputs, those of an earlier attempt if its render is complete."""
        finished = self._folder.find_finished_render()
        if finished is not None:
            self.heartbeat.log("using the finished render of an earlier attempt")
            return finished
        self._folder.create()
        assets = self._retry(self._input_assets) if self._job.inputs else {}
        request = self._request(self._stage(assets))
        self._enter(JobPhase.RENDERING, STAGED)
        began = time.monotonic()
        outputs, inputs = self._resources.renderer.render(
            request, self.heartbeat, share=(STAGED, RENDERED)
        )
        _check_outputs(self._type, outputs)
        self.heartbeat.log(f"rendered in {time.monotonic() - began:.1f} s")
        self._folder.write_manifest(outputs)
        self._record_inputs(self._found_out(request, assets, inputs))
        return self._folder, outputs

    @property
    def _type(self) -> RenderType:
        found = find_type(self._job.type)
        if found is None:
            raise RenderFailed(
                f"The render type {self._job.type!r} is not installed on this worker.",
                hint="Install the same version of GALA on API, worker and renderer.",
            )
        return found

    def _stage(self, assets: Mapping[str, Asset]) -> dict[str, tuple[StagedInput, ...]]:
        self._enter(JobPhase.STAGING, 0)
        if not self._job.inputs:
            return {}
        resources = self._resources
        stager = InputStager(
            folder=self._folder,
            render_type=self._type,
            storages=resources.storages,
            fetcher=create_fetcher(resources.settings),
            heartbeat=self.heartbeat,
            on_progress=lambda share: self.heartbeat.report(JobPhase.STAGING, STAGED * share),
        )
        return stager.stage(self._job.inputs, assets)

    def _found_out(
        self, request: RenderRequest, assets: Mapping[str, Asset], facts: Mapping[str, MediaFacts]
    ) -> dict[str, MediaFacts]:
        """Return the facts about input assets of which none were known, by asset id."""
        return {
            entry: facts[staged.path]
            for name, entries in self._job.inputs.items()
            for entry, staged in zip(entries, request.inputs[name], strict=True)
            if entry in assets and staged.path in facts and not asset_media.is_known(assets[entry])
        }

    def _record_inputs(self, facts: Mapping[str, MediaFacts]) -> None:
        def record() -> None:
            with transaction(self._resources.sessions) as session:
                asset_media.record(session, facts)

        if facts:
            self._retry(record)

    def _input_assets(self) -> dict[str, Asset]:
        with transaction(self._resources.sessions) as session:
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
            deadline_seconds=max(self.heartbeat.remaining_seconds, 0.001),
            describe=True,
        )

    def _upload(self, folder: StagingFolder, outputs: Sequence[Output]) -> list[StoredObject]:
        uploader = OutputUploader(self._resources.sessions, self._resources.storages.current)
        uploaded = []
        for done, output in enumerate(outputs):
            share = RENDERED + (UPLOADED - RENDERED) * done / len(outputs)
            self._enter(JobPhase.UPLOADING, share)
            path = folder.file(output)
            upload = partial(uploader.upload, self._lease, output, path, self.heartbeat)
            stored = self._retry(upload)
            self.heartbeat.log(f"stored {output.role}: {stored.size:,} bytes in {stored.provider}")
            uploaded.append(stored)
        return uploaded

    def _pending_assets(self, outputs: Sequence[Output]) -> dict[str, PendingAsset]:
        """Return the assets that already have an id, by output role.

        Raises UnsupportedMedia if an output is not of the kind of its asset. The rows do not change
        while the job runs, unless a cancel is requested.
        """
        found = self._retry(self._read_pending_assets)
        pending = {output.role: found[output.role] for output in outputs if output.role in found}
        for output in outputs:
            if output.role in pending:
                check_kind(AssetKind(pending[output.role].kind), output.mime)
        return pending

    def _read_pending_assets(self) -> Mapping[str, PendingAsset]:
        with transaction(self._resources.sessions) as session:
            return pending_assets.of_job(session, self._job.id)

    def _record_done(
        self,
        outputs: Sequence[Output],
        stored: Sequence[StoredObject],
        pending: Mapping[str, PendingAsset],
    ) -> None:
        assets = [
            (output.role, self._asset(output, stored_object, pending.get(output.role)))
            for output, stored_object in zip(outputs, stored, strict=True)
        ]
        with (
            self.heartbeat.pending_report() as report,
            transaction(self._resources.sessions) as session,
        ):
            try:
                leases.finish(session, self._lease, assets, new_events=report.events)
            except LeaseLost:
                # The reply to an earlier commit may have been lost with the connection.
                if leases.was_finished(session, self._lease):
                    return
                raise
            pending_assets.remove(session, [asset.id for asset in pending.values()])
            for stored_object in stored:
                stored_objects.commit(session, stored_object.provider, stored_object.object_key)

    def _asset(self, output: Output, stored: StoredObject, pending: PendingAsset | None) -> Asset:
        specs = {spec.role: spec for spec in self._type.outputs}
        kind = specs[output.role].kind if output.role in specs else AssetKind.OTHER
        return Asset(
            id=pending.id if pending else ids.new_id(ids.Prefix.ASSET),
            owner_id=self._job.owner_id,
            kind=pending.kind if pending else kind,
            provider=stored.provider,
            object_key=stored.object_key,
            mime=stored.mime,
            size_bytes=stored.size,
            sha256=stored.sha256,
            label=pending.label if pending else self._job.name,
            filename=pending.filename if pending else None,
            job_id=self._job.id,
            speech=[spoken.model_dump() for spoken in output.speech] or None,
            **(output.media.model_dump() if output.media else {}),
        )

    def _record_failure(self, failure: JobFailure) -> None:
        settings = self._resources.settings
        if failure.retryable and self.heartbeat.shutting_down:
            self._record_release()
            return
        with transaction(self._resources.sessions) as session:
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
        with (
            self.heartbeat.pending_report() as report,
            transaction(self._resources.sessions) as session,
        ):
            leases.cancel(session, self._lease, new_events=report.events)
        self._clean_up_cancelled()

    def _record_release(self, waits_for: GalaError | None = None) -> None:
        """Return the job to the queue, for ``waits_for`` or because the worker shuts down."""
        reason = []
        if waits_for is not None:
            reason.append(waiting_event(waits_for, attempt=self._lease.attempt))
        with transaction(self._resources.sessions) as session:
            status = leases.release(session, self._lease, new_events=reason)
        if status is JobStatus.CANCELLED:
            self._clean_up_cancelled()
            return
        why = waits_for.message if waits_for else "the worker is shutting down"
        log.info("job released: %s", why)
        cleanup.skip("job released")

    def _clean_up_cancelled(self) -> None:
        log.info("job cancelled")
        cleanup.remove(self._folder.job_path)

    def _count_stale_write(self) -> None:
        with transaction(self._resources.sessions) as session:
            leases.count_stale_write(session)

    def _retry(self, action: Callable[[], T]) -> T:
        """Repeat the action while the database is away, for as long as a lease lasts."""
        return retry_while_away(action, seconds=self._resources.settings.worker_lease_seconds)


def _check_outputs(render_type: RenderType, outputs: Sequence[Output]) -> None:
    made = {output.role for output in outputs}
    missing = [spec.role for spec in render_type.outputs if spec.required and spec.role not in made]
    if missing:
        raise RenderFailed(f"The renderer did not produce: {', '.join(missing)}.")


def _failure_of(error: GalaError, step: JobPhase) -> JobFailure:
    if isinstance(error, ReportedFailure):
        return error.failure
    return JobFailure.from_error(error, step=step)


def _unexpected_failure(step: JobPhase) -> JobFailure:
    return JobFailure(
        code=ErrorCode.INTERNAL_ERROR,
        message="The worker failed unexpectedly; see its log.",
        step=step,
        retryable=True,
    )

"""Has the engine make something: here, or on a GALA server as a job."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, TypeAlias

from gala.client import GalaClient, Job
from gala.engine import MediaOrder, local_engine
from gala.errors import (
    EngineMissing,
    GalaError,
    InvalidJobState,
    InvalidRequest,
    RenderFailed,
    Unavailable,
    error_of,
)
from gala.factory.config import FactoryConfig
from gala.factory.models import MediaResult
from gala.generation.task_context import TaskContext
from gala.job import JobStatus
from gala.render_types import find_type

Inputs: TypeAlias = Mapping[str, Sequence[Path | str]]
"""Files by the type's names of its inputs; text is an asset's id."""

_POLL_SECONDS: Final = 0.25


async def make(
    config: FactoryConfig,
    work: TaskContext,
    order: MediaOrder,
    inputs: Inputs,
    needs: str | None = None,
) -> MediaResult:
    """The order's first output. ``needs`` is the voice engine that it cannot do without."""
    if config.api_url is not None:
        key = config.api_key.get_secret_value() if config.api_key else None
        with GalaClient(config.api_url, api_key=key) as client:
            return await _as_job(client, work, order, inputs)
    return await _here(work, order, inputs, needs)


async def _here(
    work: TaskContext, order: MediaOrder, inputs: Inputs, needs: str | None
) -> MediaResult:
    engine = await work.in_thread(local_engine)
    reason = await work.in_thread(lambda: engine.lacks(needs)) if needs else None
    if reason is not None:
        raise EngineMissing(reason)
    role, suffix = _output(order.type)
    files = {name: [_local(name, one) for one in found] for name, found in inputs.items()}
    full = replace(order, inputs=files, outputs={role: work.target(suffix)})
    made = await engine.make_async(full, lambda news: work.progress(news.fraction))
    file = made.files[role]
    return MediaResult(path=file.path, mime=file.mime, size=file.size)


def _output(type_name: str) -> tuple[str, str]:
    found = find_type(type_name)
    assert found is not None  # noqa: S101 - one of ours
    role = found.outputs[0].role
    return role, {"video": ".mp4", "audio": ".wav", "image": ".png"}[role]


def _local(name: str, source: Path | str) -> Path:
    if isinstance(source, Path):
        return source
    raise InvalidRequest(
        f"{name}: {source} is an asset of a server; set api_url to work there.", field=name
    )


async def _as_job(
    client: GalaClient, work: TaskContext, order: MediaOrder, inputs: Inputs
) -> MediaResult:
    names = await work.in_thread(lambda: _uploaded(client, work, order.type, inputs))
    output = {"format": order.format.model_dump()} if order.format else None
    submitting = asyncio.ensure_future(
        asyncio.to_thread(
            client.submit, type=order.type, params=order.params, inputs=names, output=output
        )
    )
    try:
        job = await _ended(client, work, await asyncio.shield(submitting))
    except asyncio.CancelledError:
        await _cancel(client, work, submitting)
        raise
    return _made(job, order.type)


async def _cancel(client: GalaClient, work: TaskContext, submitting: asyncio.Future[Job]) -> None:
    try:
        job = await submitting
    except GalaError:
        # It never became a job.
        return
    with suppress(InvalidJobState):
        await asyncio.to_thread(client.cancel, job.id)
    await _ended(client, work, job)


def _uploaded(
    client: GalaClient, work: TaskContext, type_name: str, inputs: Inputs
) -> dict[str, Any]:
    found = find_type(type_name)
    assert found is not None  # noqa: S101 - one of ours
    names: dict[str, Any] = {}
    for name, sources in inputs.items():
        ids = []
        for source in sources:
            work.checkpoint()
            ids.append(source if isinstance(source, str) else client.upload(source).id)
        many = found.inputs[name].many
        names[f"{name}_asset_ids" if many else f"{name}_asset_id"] = ids if many else ids[0]
    return names


async def _ended(client: GalaClient, work: TaskContext, job: Job) -> Job:
    while not job.ended:
        work.progress(job.progress)
        await asyncio.sleep(_POLL_SECONDS)
        # A server that is away for a moment still has the job.
        with suppress(Unavailable):
            job = await asyncio.to_thread(client.job, job.id)
    return job


def _made(job: Job, type_name: str) -> MediaResult:
    if job.status is not JobStatus.DONE:
        told = job.error
        if told is None:
            raise RenderFailed(f"The job {job.id} ended as {job.status}.")
        raise error_of(told.code, told.message, hint=told.hint)
    role, _ = _output(type_name)
    return MediaResult(asset_id=job.outputs[0].asset_ids[role], job_id=job.id)

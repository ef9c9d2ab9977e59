"""Check a presenter's body by making its previews, as a job that the request waits for."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from gala.db.engine import transaction
from gala.db.tables import JobEvent
from gala.errors import GalaError, InvalidRequest
from gala.job import LogLevel
from gala.render_types.presenter_preview import PreviewPart
from gala_api.dependencies import Services
from gala_api.jobs.synchronous import NotEndedInTime, Outputs, content_of, run_and_wait
from gala_api.models.preview_request import TYPE_NAME, PreviewRequest

_SIMILAR: Final = 0.8
"""The second largest face is as good a guess as the largest from this fraction of its height."""


@dataclass(frozen=True, slots=True)
class CheckedBody:
    """A body that can speak: its previews, and what the uploader should know about it."""

    outputs: Outputs
    warnings: Sequence[str]


@asynccontextmanager
async def checked_body(
    request: Request,
    services: Services,
    owner: str,
    wanted: PreviewRequest,
    part: PreviewPart = PreviewPart.STILL,
) -> AsyncIterator[CheckedBody | None]:
    """Make previews and give them to the block; what it does not keep is deleted afterwards.

    Users wait for the picture first: the clip is made when it is asked for.

    Give None if no worker makes them in ``MODEL_CHECK_SECONDS``. Raise the error of the job, with
    the model's fields, if the body cannot speak: UnprocessableMedia, InvalidRequest, EngineMissing.
    """
    async with AsyncExitStack() as stack:
        yield await _checked(stack, request, services, owner, wanted=wanted, part=part)


async def _checked(
    stack: AsyncExitStack,
    request: Request,
    services: Services,
    owner: str,
    *,
    wanted: PreviewRequest,
    part: PreviewPart,
) -> CheckedBody | None:
    if not await run_in_threadpool(services.renderer_status.responds):
        return None
    job = run_and_wait(
        request,
        services,
        owner,
        type_name=TYPE_NAME,
        params={**wanted.params, "only": part},
        inputs=wanted.inputs,
        wait_seconds=services.settings.model_check_seconds,
    )
    try:
        outputs = await stack.enter_async_context(job)
    except NotEndedInTime:
        return None
    except GalaError as error:
        raise wanted.error_in_model(error) from error
    return await run_in_threadpool(_read, services, outputs, wanted)


def _read(services: Services, outputs: Outputs, wanted: PreviewRequest) -> CheckedBody:
    faces = json.loads(content_of(services, outputs["faces"]))
    refuse_ambiguous(faces, wanted)
    with transaction(services.sessions) as session:
        lines = _warnings(session, outputs["faces"].job_id)
    return CheckedBody(outputs, [wanted.in_model(line) for line in dict.fromkeys(lines)])


def refuse_ambiguous(faces: Sequence[Any], wanted: PreviewRequest) -> None:
    """Raise InvalidRequest if there are several large faces, and the body does not choose one.

    ``faces`` are those of the output of the same name, the largest first.
    """
    if wanted.chooses_face:
        return
    similar = [one for one in faces if one["height"] >= _SIMILAR * faces[0]["height"]]
    if len(similar) < 2:
        return
    places = ", ".join(
        f"{number} is at {(box[0] + box[2]) / 2:.0%} of the width"
        for number, box in enumerate((one["box"] for one in similar), start=1)
    )
    field = wanted.in_model("params.body.face")
    raise InvalidRequest(
        f"{field}: This picture has {len(similar)} faces of about the same size; choose one:"
        f" {places}.",
        field=field,
        rule="ambiguous",
    )


def _warnings(session: Session, job_id: str | None) -> list[str]:
    """Return the warnings in the log of the job."""
    events = session.scalars(
        select(JobEvent.data)
        .where(JobEvent.job_id == job_id, JobEvent.kind == "log")
        .order_by(JobEvent.seq)
    )
    return [data["msg"] for data in events if data["level"] == LogLevel.WARNING]

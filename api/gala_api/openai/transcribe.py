"""A sound comes in with a request, what was said goes out with its answer; in between is a job."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from gala.media import AssetKind
from gala_api.assets import service
from gala_api.dependencies import Services
from gala_api.http.uploads import ReceivedFile, ReceivedUpload
from gala_api.jobs.synchronous import Outputs, content_of, run_and_wait


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What was heard; ``words`` is the output of the type ``transcribe``."""

    words: dict[str, Any]
    captions: str


async def transcribe(
    request: Request, services: Services, owner: str, file: ReceivedFile, params: Mapping[str, Any]
) -> Heard:
    """Have the sound transcribed, and keep nothing of it.

    A client that goes away cancels it. Raises what the job failed with, and what refused it.
    """
    asset_id = await run_in_threadpool(_store, services, owner, file)
    async with run_and_wait(
        request,
        services,
        owner,
        type_name="transcribe",
        params=params,
        inputs={"audio_asset_id": asset_id},
        spent=[asset_id],
    ) as outputs:
        return await run_in_threadpool(_heard, services, outputs)


def _store(services: Services, owner: str, file: ReceivedFile) -> str:
    upload = ReceivedUpload(
        path=file.path,
        size=file.size,
        sha256=file.sha256,
        filename=file.filename,
        fields={"kind": AssetKind.VOICE},
    )
    return service.store_upload(services, owner, upload).id


def _heard(services: Services, outputs: Outputs) -> Heard:
    return Heard(
        words=json.loads(content_of(services, outputs["words"])),
        captions=content_of(services, outputs["captions"]).decode(),
    )

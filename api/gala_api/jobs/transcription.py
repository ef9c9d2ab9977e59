"""Transcribe an uploaded sound while its request waits; nothing of it is kept."""

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
class Transcript:
    """The outputs of a job of the type ``transcribe``."""

    words: dict[str, Any]
    """The document of the output ``words``: text, language, duration, words and segments."""
    captions: str
    """WebVTT."""


async def transcribe(
    request: Request, services: Services, owner: str, file: ReceivedFile, params: Mapping[str, Any]
) -> Transcript:
    """Run a job of the type ``transcribe`` on the file and return what it recognised.

    The upload and the outputs are deleted afterwards. A client that disconnects cancels the job.
    Raise what the submission raises, or the error that the job failed with.
    """
    asset_id = await run_in_threadpool(_store, services, owner, file)
    async with run_and_wait(
        request,
        services,
        owner,
        type_name="transcribe",
        params=params,
        inputs={"audio_asset_id": asset_id},
        temporary=[asset_id],
    ) as outputs:
        return await run_in_threadpool(_transcript, services, outputs)


def _store(services: Services, owner: str, file: ReceivedFile) -> str:
    upload = ReceivedUpload(
        path=file.path,
        size=file.size,
        sha256=file.sha256,
        filename=file.filename,
        fields={"kind": AssetKind.VOICE},
    )
    return service.store_upload(services, owner, upload).id


def _transcript(services: Services, outputs: Outputs) -> Transcript:
    return Transcript(
        words=json.loads(content_of(services, outputs["words"])),
        captions=content_of(services, outputs["captions"]).decode(),
    )

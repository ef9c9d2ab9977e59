"""Speech generation, transcription, and information about audio files."""

from __future__ import annotations

import json
from pathlib import PurePosixPath
from typing import Any, Final

from fastapi import Request
from pydantic import Field
from starlette.concurrency import run_in_threadpool

from gala.errors import AssetNotFound, InvalidRequest
from gala.media import AssetKind
from gala.media_server.ids import MediaType
from gala.media_server.info import audio_info
from gala.permissions import Permission
from gala.render_types.params.kokoro_voices import VOICES, voices_in
from gala.render_types.params.language_tags import LanguageTag
from gala_api.auth.access import allowed
from gala_api.dependencies import OwnerDep, Services, ServicesDep
from gala_api.http.routers import Router
from gala_api.http.uploads import ReceivedFile
from gala_api.jobs.submit import JobSubmission
from gala_api.jobs.synchronous import content_of, run_and_wait
from gala_api.jobs.transcription import transcribe
from gala_api.media_server import files, openapi
from gala_api.media_server.errors import InvalidForm
from gala_api.media_server.files import PendingFile
from gala_api.media_server.forms import FormModel, read, received

router = Router(prefix="/api/v1/media/audio-tools", tags=["Media server"])

SPEECH_FILE: Final = PendingFile("audio", MediaType.AUDIO, ".wav", AssetKind.VOICE)


class KokoroForm(FormModel):
    """Speech with Kokoro."""

    text: str
    voice: str = "af_heart"
    language: LanguageTag | None = Field(
        default=None, description="Of the text. Default: the language of the voice."
    )
    speed: float = Field(default=1.0, ge=0.5, le=2)


class ChatterboxForm(FormModel):
    """Speech with Chatterbox, optionally in the voice of a sample."""

    text: str
    sample_audio_id: str | None = None
    exaggeration: float = Field(default=0.5, ge=0, le=2)
    cfg_weight: float = Field(default=0.5, ge=0, le=1)
    temperature: float = Field(default=0.8, ge=0.05, le=5)
    chunk_chars: int = Field(
        default=1024, ge=1, description="Chunks have at most 280 characters even if this is larger."
    )
    chunk_silence_ms: int = Field(default=350, ge=0, le=5000)


class TranscribeForm(FormModel):
    """Transcription; the language is detected by default."""

    language: str | None = None


def check_voice(voice: str) -> None:
    """Raise InvalidRequest with the media server's message if Kokoro has no such voice."""
    if not all(name in VOICES for name in voices_in(voice)):
        raise InvalidRequest(
            f"Invalid voice: {voice[:100]}. Valid voices: {list(VOICES)}", field="voice"
        )


@router.post(
    "/tts/kokoro",
    summary="Generate speech with Kokoro",
    operation_id="mediaKokoro",
    dependencies=[allowed(Permission.JOBS_WRITE)],
    openapi_extra=openapi.form(KokoroForm),
    responses=openapi.errors(400, 422),
)
async def kokoro(request: Request, services: ServicesDep, owner: OwnerDep) -> dict[str, str]:
    """Generate a WAV file of the text."""
    form = await read(request, services, KokoroForm)
    check_voice(form.voice)
    params: dict[str, Any] = {"engine": "kokoro", "text": form.text, "speed": form.speed}
    if form.language is not None:
        params["language"] = form.language
    if form.language is None or "voice" in form.model_fields_set:
        params["voice"] = form.voice
    submission = JobSubmission(type="tts", params=params)
    (name,) = await run_in_threadpool(files.submit, services, owner, submission, SPEECH_FILE)
    return {"file_id": name}


@router.get(
    "/tts/kokoro/voices",
    summary="List Kokoro's voices",
    operation_id="mediaKokoroVoices",
    dependencies=[allowed(Permission.JOBS_READ)],
    responses=openapi.errors(),
)
def voices() -> dict[str, list[str]]:
    """Return all of Kokoro's voices, in every language."""
    return {"voices": list(VOICES)}


@router.post(
    "/tts/chatterbox",
    summary="Generate speech with Chatterbox",
    operation_id="mediaChatterbox",
    dependencies=[allowed(Permission.JOBS_WRITE)],
    openapi_extra=openapi.form(ChatterboxForm, files=["sample_audio_file"]),
    responses=openapi.errors(400, 404, 413, 422),
)
async def chatterbox(request: Request, services: ServicesDep, owner: OwnerDep) -> dict[str, str]:
    """Generate a WAV file of the text, in the voice of the sample if one is given."""
    async with received(request, services, owner, ChatterboxForm, files={"sample_audio_file"}) as (
        form,
        uploads,
    ):
        sample = uploads.get("sample_audio_file")
        return {"file_id": await run_in_threadpool(_chatterbox, services, owner, form, sample)}


def _chatterbox(
    services: Services, owner: str, form: ChatterboxForm, sample: ReceivedFile | None
) -> str:
    """Submit the job; a sample file takes precedence over a sample's id."""
    if sample is None:
        return _submit_chatterbox(services, owner, form, _sample_asset(services, owner, form))
    if PurePosixPath(sample.filename).suffix.lower() != ".wav":
        raise InvalidRequest("Sample audio file must be a .wav file.", field="sample_audio_file")
    with files.temporary_asset(services, owner, sample, MediaType.AUDIO) as asset_id:
        return _submit_chatterbox(services, owner, form, asset_id)


def _submit_chatterbox(
    services: Services, owner: str, form: ChatterboxForm, asset_id: str | None
) -> str:
    names = ("text", "exaggeration", "cfg_weight", "temperature", "chunk_silence_ms")
    params = {"engine": "chatterbox", **{name: getattr(form, name) for name in names}}
    inputs = {} if asset_id is None else {"sample_asset_id": asset_id}
    submission = JobSubmission(type="tts", params=params, inputs=inputs)
    return files.submit(services, owner, submission, SPEECH_FILE)[0]


def _sample_asset(services: Services, owner: str, form: ChatterboxForm) -> str | None:
    """Return the id of the sample's asset, or None if the form has no sample."""
    if form.sample_audio_id is None:
        return None
    try:
        return files.find(services, owner, form.sample_audio_id).id
    except AssetNotFound:
        raise AssetNotFound(
            f"Sample audio with ID {form.sample_audio_id[:200]} not found."
        ) from None


@router.post(
    "/transcribe",
    summary="Transcribe an audio file",
    operation_id="mediaTranscribe",
    dependencies=[allowed(Permission.JOBS_WRITE)],
    openapi_extra=openapi.form(TranscribeForm, required_files=["audio_file"]),
    responses=openapi.errors(400, 413, 422),
)
async def transcription(request: Request, services: ServicesDep, owner: OwnerDep) -> dict[str, Any]:
    """Return the spoken text; the response is sent when the transcription is finished."""
    async with received(request, services, owner, TranscribeForm, files={"audio_file"}) as (
        form,
        uploads,
    ):
        if "audio_file" not in uploads:
            missing = {"type": "missing", "loc": ["body", "audio_file"], "msg": "Field required"}
            raise InvalidForm([missing])
        params = {"language": form.language} if form.language else {}
        transcript = await transcribe(request, services, owner, uploads["audio_file"], params)
    return {"transcription": transcript.words["text"], "duration": transcript.words["duration"]}


@router.get(
    "/info/{file_id}",
    summary="Get information about an audio file",
    operation_id="mediaAudioInfo",
    dependencies=[allowed(Permission.JOBS_WRITE)],
    responses=openapi.errors(400, 404),
)
async def info(
    file_id: str, request: Request, services: ServicesDep, owner: OwnerDep
) -> dict[str, Any]:
    """Return the duration, channels, sample rate, codec and bit rate."""
    return audio_info(await probed(request, services, owner, file_id))


async def probed(request: Request, services: Services, owner: str, file_id: str) -> dict[str, Any]:
    """Return the output of the render type ``probe`` for a file."""
    asset = await run_in_threadpool(files.find, services, owner, file_id)
    async with run_and_wait(
        request,
        services,
        owner,
        type_name="probe",
        params={},
        inputs={"media_asset_id": asset.id},
    ) as outputs:
        info: dict[str, Any] = json.loads(
            await run_in_threadpool(content_of, services, outputs["info"])
        )
    return info

"""Speaking, listening, and looking into sound files."""

from __future__ import annotations

import json
from pathlib import PurePosixPath
from typing import Any, Final

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.concurrency import run_in_threadpool

from gala.errors import AssetNotFound, InvalidRequest
from gala.media import AssetKind
from gala.media_server.ids import MediaType
from gala.media_server.info import audio_info
from gala.permissions import Permission
from gala.render_types.params.kokoro_voices import VOICES
from gala_api.auth.access import allowed
from gala_api.dependencies import OwnerDep, Services, ServicesDep
from gala_api.http.uploads import ReceivedFile
from gala_api.jobs.submit import JobSubmission
from gala_api.jobs.synchronous import content_of, run_and_wait
from gala_api.jobs.transcription import transcribe
from gala_api.media_server import files, openapi
from gala_api.media_server.errors import InvalidForm
from gala_api.media_server.files import PromisedFile
from gala_api.media_server.forms import FormModel, read, received

router = APIRouter(prefix="/media/audio-tools", tags=["Media server"])

SPOKEN: Final = PromisedFile("audio", MediaType.AUDIO, ".wav", AssetKind.VOICE)


class KokoroForm(FormModel):
    """A text for Kokoro."""

    text: str
    voice: str = "af_heart"
    speed: float = Field(default=1.0, ge=0.5, le=2)


class ChatterboxForm(FormModel):
    """A text for Chatterbox, perhaps in the voice of a sample."""

    text: str
    sample_audio_id: str | None = None
    exaggeration: float = Field(default=0.5, ge=0, le=2)
    cfg_weight: float = Field(default=0.5, ge=0, le=1)
    temperature: float = Field(default=0.8, ge=0.05, le=5)
    chunk_chars: int = Field(
        default=1024, ge=1, description="Chunks are 280 characters at most, whatever this says."
    )
    chunk_silence_ms: int = Field(default=350, ge=0, le=5000)


class TranscribeForm(FormModel):
    """What is spoken in a sound, if that is known."""

    language: str | None = None


def check_voice(voice: str) -> None:
    """Raise InvalidRequest in the old server's words for a voice that Kokoro does not have."""
    names = [part.partition(":")[0].strip() for part in voice.split("+")]
    if not all(name in VOICES for name in names):
        raise InvalidRequest(
            f"Invalid voice: {voice[:100]}. Valid voices: {list(VOICES)}", field="voice"
        )


@router.post(
    "/tts/kokoro",
    summary="Speak with Kokoro",
    operation_id="mediaKokoro",
    dependencies=[allowed(Permission.JOBS_WRITE)],
    openapi_extra=openapi.form(KokoroForm),
    responses=openapi.errors(400, 422),
)
async def kokoro(request: Request, services: ServicesDep, owner: OwnerDep) -> dict[str, str]:
    """A WAV file of the text."""
    asked = await read(request, services, KokoroForm)
    check_voice(asked.voice)
    params = {
        "engine": "kokoro",
        "text": asked.text,
        "voice": asked.voice,
        "speed": asked.speed,
    }
    submission = JobSubmission(type="tts", params=params)
    (name,) = await run_in_threadpool(files.submit, services, owner, submission, SPOKEN)
    return {"file_id": name}


@router.get(
    "/tts/kokoro/voices",
    summary="Kokoro's voices",
    operation_id="mediaKokoroVoices",
    dependencies=[allowed(Permission.JOBS_READ)],
    responses=openapi.errors(),
)
def voices() -> dict[str, list[str]]:
    """All of Kokoro's voices, in every language."""
    return {"voices": list(VOICES)}


@router.post(
    "/tts/chatterbox",
    summary="Speak with Chatterbox",
    operation_id="mediaChatterbox",
    dependencies=[allowed(Permission.JOBS_WRITE)],
    openapi_extra=openapi.form(ChatterboxForm, files=["sample_audio_file"]),
    responses=openapi.errors(400, 404, 413, 422),
)
async def chatterbox(request: Request, services: ServicesDep, owner: OwnerDep) -> dict[str, str]:
    """A WAV file of the text, in the voice of a sample if there is one."""
    async with received(request, services, owner, ChatterboxForm, files={"sample_audio_file"}) as (
        asked,
        given,
    ):
        sample = given.get("sample_audio_file")
        return {"file_id": await run_in_threadpool(_chatterbox, services, owner, asked, sample)}


def _chatterbox(
    services: Services, owner: str, asked: ChatterboxForm, sample: ReceivedFile | None
) -> str:
    """The file's voice is taken before the id's."""
    if sample is None:
        return _speak_like(services, owner, asked, _sample(services, owner, asked))
    if PurePosixPath(sample.filename).suffix.lower() != ".wav":
        raise InvalidRequest("Sample audio file must be a .wav file.", field="sample_audio_file")
    with files.lent(services, owner, sample, MediaType.AUDIO) as asset_id:
        return _speak_like(services, owner, asked, asset_id)


def _speak_like(services: Services, owner: str, asked: ChatterboxForm, asset_id: str | None) -> str:
    words = ("text", "exaggeration", "cfg_weight", "temperature", "chunk_silence_ms")
    params = {"engine": "chatterbox", **{word: getattr(asked, word) for word in words}}
    inputs = {} if asset_id is None else {"sample_asset_id": asset_id}
    submission = JobSubmission(type="tts", params=params, inputs=inputs)
    return files.submit(services, owner, submission, SPOKEN)[0]


def _sample(services: Services, owner: str, asked: ChatterboxForm) -> str | None:
    """The asset with the voice that the form names."""
    if asked.sample_audio_id is None:
        return None
    try:
        return files.find(services, owner, asked.sample_audio_id).id
    except AssetNotFound:
        raise AssetNotFound(
            f"Sample audio with ID {asked.sample_audio_id[:200]} not found."
        ) from None


@router.post(
    "/transcribe",
    summary="Transcribe a sound",
    operation_id="mediaTranscribe",
    dependencies=[allowed(Permission.JOBS_WRITE)],
    openapi_extra=openapi.form(TranscribeForm, required_files=["audio_file"]),
    responses=openapi.errors(400, 413, 422),
)
async def transcription(request: Request, services: ServicesDep, owner: OwnerDep) -> dict[str, Any]:
    """What is said; answers when it is known."""
    async with received(request, services, owner, TranscribeForm, files={"audio_file"}) as (
        asked,
        given,
    ):
        if "audio_file" not in given:
            missing = {"type": "missing", "loc": ["body", "audio_file"], "msg": "Field required"}
            raise InvalidForm([missing])
        params = {"language": asked.language} if asked.language else {}
        transcript = await transcribe(request, services, owner, given["audio_file"], params)
    return {"transcription": transcript.words["text"], "duration": transcript.words["duration"]}


@router.get(
    "/info/{file_id}",
    summary="Look into a sound",
    operation_id="mediaAudioInfo",
    dependencies=[allowed(Permission.JOBS_WRITE)],
    responses=openapi.errors(400, 404),
)
async def info(
    file_id: str, request: Request, services: ServicesDep, owner: OwnerDep
) -> dict[str, Any]:
    """Length, channels, sample rate, codec and bit rate."""
    return audio_info(await probed(request, services, owner, file_id))


async def probed(request: Request, services: Services, owner: str, file_id: str) -> dict[str, Any]:
    """What the type ``probe`` tells of a file."""
    asset = await run_in_threadpool(files.find, services, owner, file_id)
    async with run_and_wait(
        request,
        services,
        owner,
        type_name="probe",
        params={},
        inputs={"media_asset_id": asset.id},
    ) as outputs:
        told: dict[str, Any] = json.loads(
            await run_in_threadpool(content_of, services, outputs["info"])
        )
    return told

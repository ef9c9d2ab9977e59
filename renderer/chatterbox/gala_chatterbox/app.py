"""Chatterbox over HTTP: ``GET /health``, ``POST /synthesize``, ``POST /v1/audio/speech``.

``/synthesize`` takes a form (``text``, optionally a WAV ``sample`` and model params) and responds
with newline-delimited JSON as it speaks: ``{"rate": 24000}``, then for each chunk
``{"done": 0.25, "pcm": "<base64 of 16-bit mono>"}``, and ``{"seconds": 12.3}`` or
``{"error": "…"}`` at the end. The model is loaded once and serves one client at a time; when a
client disconnects, it stops after the current chunk.
"""

from __future__ import annotations

import asyncio
import base64
import io
import json
import logging
import struct
import tempfile
import wave
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator
from contextlib import aclosing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from anyio.to_thread import run_sync
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from gala_renderer.http.origin_guard import OriginGuard, Rejection
from gala_renderer.speech.chatterbox.synthesizer import (
    MOST_CHARACTERS,
    MOST_TEXT,
    ChatterboxModel,
    Chunk,
    GenerationParams,
    NeedsSample,
    VoiceCloner,
    pcm,
)
from gala_renderer.speech.chatterbox.weights import WeightsMissing

_log = logging.getLogger(__name__)

MOST_SAMPLE_BYTES: Final = 32 * 1024**2
MOST_SAMPLE_SECONDS: Final = 120.0
_BODY_SPARE: Final = 256 * 1024
_UNKNOWN_LENGTH: Final = 0xFFFFFFFF


class SynthesisRequest(BaseModel):
    """The text and the model params. A ``chunk_chars`` above 280 counts as 280."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: str = Field(min_length=1, max_length=MOST_TEXT, pattern=r"\S")
    exaggeration: float = Field(default=0.5, ge=0, le=2)
    cfg_weight: float = Field(default=0.5, ge=0, le=1)
    temperature: float = Field(default=0.8, ge=0.05, le=5)
    chunk_chars: int = Field(default=MOST_CHARACTERS, ge=20, le=10_000)
    chunk_silence_ms: int = Field(default=350, ge=0, le=5000)

    @property
    def generation_params(self) -> GenerationParams:
        """The params of the model."""
        return GenerationParams(self.exaggeration, self.cfg_weight, self.temperature)


class OpenAiSpeechRequest(BaseModel):
    """A request in OpenAI's format; fields that Chatterbox does not use are ignored."""

    input: str = Field(min_length=1, max_length=MOST_TEXT, pattern=r"\S")
    response_format: str = Field(default="wav", pattern="^(wav|pcm)$")
    exaggeration: float = Field(default=0.5, ge=0, le=2)
    cfg_weight: float = Field(default=0.5, ge=0, le=1)
    temperature: float = Field(default=0.8, ge=0.05, le=5)


class RequestError(Exception):
    """A request is rejected with an HTTP status and a message."""

    def __init__(self, status: int, message: str):
        super().__init__(message)
        self.status = status
        self.message = message


@dataclass
class _ModelSlot:
    """The model, loaded by the first request, and the lock for its use."""

    load: Callable[[], ChatterboxModel]
    turn: asyncio.Lock
    cloner: VoiceCloner | None = None

    async def ready(self) -> VoiceCloner:
        """Return the loaded model. The caller must hold ``turn``."""
        if self.cloner is None:
            try:
                self.cloner = await run_sync(lambda: VoiceCloner(self.load()))
            except (WeightsMissing, ImportError, OSError) as error:
                raise RequestError(503, f"The model cannot be loaded: {error}") from error
        return self.cloner


def create_app(
    load: Callable[[], ChatterboxModel], *, allowed_hosts: Iterable[str] = ("chatterbox",)
) -> Starlette:
    """Create the server; ``load`` returns the model and is called once, by the first request.

    ``allowed_hosts`` are its host names besides those of this machine.
    """
    app = Starlette(
        routes=[
            Route("/health", _health),
            Route("/synthesize", _synthesize, methods=["POST"]),
            Route("/v1/audio/speech", _speech, methods=["POST"]),
        ],
        exception_handlers={RequestError: _on_refused},
    )
    app.add_middleware(
        OriginGuard, hosts=allowed_hosts, setting="CHATTERBOX_ALLOWED_HOSTS", respond=_rejected
    )
    app.state.voice = _ModelSlot(load, asyncio.Lock())
    return app


async def _health(request: Request) -> Response:
    slot: _ModelSlot = request.app.state.voice
    return JSONResponse({"status": "ok", "loaded": slot.cloner is not None})


async def _synthesize(request: Request) -> Response:
    _check_size(request, MOST_SAMPLE_BYTES + _BODY_SPARE)
    async with request.form(max_files=1, max_fields=10, max_part_size=MOST_TEXT * 4) as form:
        fields = {name: value for name, value in form.items() if isinstance(value, str) and value}
        request_params = _validated(SynthesisRequest, fields)
        sample = await _sample(form.get("sample"))
    return StreamingResponse(
        _lines(request, request_params, sample), media_type="application/x-ndjson"
    )


async def _speech(request: Request) -> Response:
    _check_size(request, MOST_TEXT * 8)
    try:
        body = json.loads(await request.body())
    except ValueError as error:
        raise RequestError(400, "The body is not JSON.") from error
    openai_request = _validated(OpenAiSpeechRequest, body)
    request_params = SynthesisRequest(
        text=openai_request.input,
        exaggeration=openai_request.exaggeration,
        cfg_weight=openai_request.cfg_weight,
        temperature=openai_request.temperature,
    )
    whole = openai_request.response_format == "wav"
    media_type = "audio/wav" if whole else "audio/pcm"
    sound = _sound(request, request_params, with_header=whole)
    # Errors before the first chunk still get their own status.
    first = await anext(sound, b"")
    return StreamingResponse(_prepended(first, sound), media_type=media_type)


async def _lines(
    request: Request, request_params: SynthesisRequest, sample: bytes | None
) -> AsyncGenerator[bytes, None]:
    samples = 0
    rate = 1
    try:
        async for rate, chunk in _spoken(request, request_params, sample):
            if samples == 0:
                yield _line(rate=rate)
            samples += len(chunk.samples)
            encoded = base64.b64encode(pcm(chunk.samples)).decode()
            yield _line(done=chunk.done, pcm=encoded)
    except RequestError as refused:
        yield _line(error=refused.message, status=refused.status)
    else:
        yield _line(seconds=samples / rate)


async def _sound(
    request: Request, request_params: SynthesisRequest, *, with_header: bool
) -> AsyncGenerator[bytes, None]:
    header_sent = not with_header
    async for rate, chunk in _spoken(request, request_params, None):
        yield (b"" if header_sent else _wav_header(rate)) + pcm(chunk.samples)
        header_sent = True


async def _prepended(
    first: bytes, others: AsyncGenerator[bytes, None]
) -> AsyncGenerator[bytes, None]:
    async with aclosing(others):
        yield first
        async for each in others:
            yield each


async def _spoken(
    request: Request, request_params: SynthesisRequest, sample: bytes | None
) -> AsyncGenerator[tuple[int, Chunk], None]:
    slot: _ModelSlot = request.app.state.voice
    async with slot.turn:
        cloner = await slot.ready()
        with _temporary_file(sample) as path:
            speaking = cloner.speak(
                request_params.text,
                request_params.generation_params,
                sample=path,
                most=request_params.chunk_chars,
                silence=request_params.chunk_silence_ms / 1000,
            )
            # A thread cannot be stopped: if the client disconnects, the lock is held to its end.
            while (chunk := await run_sync(_next, speaking)) is not None:
                yield cloner.rate, chunk


def _next(speaking: Iterator[Chunk]) -> Chunk | None:
    try:
        return next(speaking, None)
    except NeedsSample as error:
        raise RequestError(400, "These weights have no built-in voice: send a sample.") from error
    except (RuntimeError, ValueError, AssertionError) as error:
        # Raised by torch and the model, mostly for lack of memory.
        _log.exception("Chatterbox failed")
        raise RequestError(500, f"Chatterbox failed: {str(error)[:300]}") from error


@contextmanager
def _temporary_file(sample: bytes | None) -> Iterator[Path | None]:
    if sample is None:
        yield None
        return
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        file.write(sample)
        file.flush()
        yield Path(file.name)


async def _sample(given: Any) -> bytes | None:
    if not isinstance(given, UploadFile):
        return None
    content = await given.read(MOST_SAMPLE_BYTES + 1)
    if not content:
        return None
    if len(content) > MOST_SAMPLE_BYTES:
        raise RequestError(413, f"The sample is larger than {MOST_SAMPLE_BYTES} bytes.")
    try:
        with wave.open(io.BytesIO(content)) as file:
            seconds = file.getnframes() / file.getframerate()
    except (wave.Error, EOFError, ZeroDivisionError) as error:
        raise RequestError(400, "The sample must be a PCM WAV file.") from error
    if not 0 < seconds <= MOST_SAMPLE_SECONDS:
        raise RequestError(400, f"The sample must last 0 to {MOST_SAMPLE_SECONDS:.0f} seconds.")
    return content


def _check_size(request: Request, most: int) -> None:
    length = request.headers.get("content-length", "")
    if not length.isdigit():
        raise RequestError(411, "The header Content-Length is required.")
    if int(length) > most:
        raise RequestError(413, f"The request is larger than {most} bytes.")


def _validated(model: type[Any], fields: Any) -> Any:
    try:
        return model.model_validate(fields)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise RequestError(422, f"{where}: {first['msg']}") from error


async def _on_refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestError)  # noqa: S101 - registered for this class only
    return JSONResponse({"error": error.message}, status_code=error.status)


def _rejected(rejection: Rejection) -> Response:
    error = f"{rejection.message} {rejection.hint}"
    return JSONResponse({"error": error}, status_code=rejection.status)


def _line(**values: Any) -> bytes:
    return json.dumps(values).encode() + b"\n"


def _wav_header(rate: int) -> bytes:
    """Return the header of a WAV file of unknown length."""
    return struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        *(b"RIFF", _UNKNOWN_LENGTH, b"WAVE", b"fmt ", 16, 1, 1),
        *(rate, rate * 2, 2, 16, b"data", _UNKNOWN_LENGTH),
    )

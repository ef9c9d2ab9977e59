"""The HTTP interface of the renderer."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncGenerator
from dataclasses import asdict
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gala.asgi import (
    CLIENT_CLOSED_REQUEST,
    ClientDisconnected,
    StreamedResponse,
    run_while_connected,
)
from gala.errors import (
    EngineMissing,
    ErrorCode,
    GalaError,
    InvalidRequest,
    PayloadTooLarge,
    Unavailable,
)
from gala.frame_protocol import FRAME_MIMES, TimelineFrameRequest
from gala.installation import version
from gala.render_protocol import NDJSON, RenderEvent, RenderRequest
from gala.speech_protocol import (
    SAMPLE_MIME,
    SPEECH_MIMES,
    SpeechRequest,
    VoiceSampleRequest,
    speaker_headers,
)
from gala.validation import invalid_request
from gala_renderer.chromium import html_problem
from gala_renderer.engine.engine import RenderEngine
from gala_renderer.engine.received_files import ReceivedFiles
from gala_renderer.engine.registry import all_planners
from gala_renderer.ffmpeg.binary import find_ffmpeg, query_capabilities
from gala_renderer.http.frame_preview import FramePreviews, FrameRequest
from gala_renderer.http.origin_guard import OriginGuard, Rejection
from gala_renderer.settings import RendererSettings
from gala_renderer.speech.voice_listing import voice_listing

if TYPE_CHECKING:
    from gala_renderer.engine.frames import TimelineFrames
    from gala_renderer.speech.streaming import SpeechStreams
    from gala_renderer.speech.voice_samples import VoiceSamples

_STATUS: Final = {
    ErrorCode.VALIDATION_ERROR: HTTPStatus.BAD_REQUEST,
    ErrorCode.NOT_FOUND: HTTPStatus.NOT_FOUND,
    ErrorCode.METHOD_NOT_ALLOWED: HTTPStatus.METHOD_NOT_ALLOWED,
    ErrorCode.CONFLICT: HTTPStatus.CONFLICT,
    ErrorCode.PAYLOAD_TOO_LARGE: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    ErrorCode.UNPROCESSABLE_MEDIA: HTTPStatus.UNPROCESSABLE_ENTITY,
    ErrorCode.UNAVAILABLE: HTTPStatus.SERVICE_UNAVAILABLE,
    ErrorCode.ENGINE_MISSING: HTTPStatus.SERVICE_UNAVAILABLE,
    ErrorCode.OUT_OF_DISK: HTTPStatus.INSUFFICIENT_STORAGE,
    ErrorCode.RENDERER_LOST: HTTPStatus.SERVICE_UNAVAILABLE,
}
_SHA256: Final = re.compile("[0-9a-f]{64}")
_Model = TypeVar("_Model", bound=BaseModel)


def create_app(settings: RendererSettings) -> Starlette:
    """Create the ASGI application; ``app.state.engine`` is its :class:`RenderEngine`."""
    engine = RenderEngine(settings, find_ffmpeg(settings.ffmpeg_path))
    app = Starlette(
        routes=[
            Route("/livez", _livez),
            Route("/readyz", _readyz),
            Route("/health", _health),
            Route("/types", _types),
            Route("/render", _render, methods=["POST"]),
            Route("/render/{job_id}/{attempt:int}", _cancel, methods=["DELETE"]),
            Route("/stream", _stream, methods=["POST"]),
            Route("/timeline/frame", _timeline_frame, methods=["POST"]),
            Route("/files/{sha256}", _receive_file, methods=["PUT"]),
            Route("/speech", _speech, methods=["POST"]),
            Route("/voices", _voices),
            Route("/voices/sample", _voice_sample, methods=["POST"]),
            Route("/fonts", _fonts),
        ],
        exception_handlers={
            GalaError: _on_error,
            HTTPException: _on_http_error,
            ClientDisconnected: _on_disconnect,
            ClientDisconnect: _on_disconnect,
            Exception: _on_unexpected,
        },
    )
    app.add_middleware(
        OriginGuard,
        hosts=(*settings.renderer_allowed_hosts, settings.renderer_host),
        setting="RENDERER_ALLOWED_HOSTS",
        respond=_rejected,
    )
    app.state.engine = engine
    app.state.previews = FramePreviews(engine)
    return app


async def _livez(_: Request) -> Response:
    return JSONResponse({"status": "ok"})


async def _readyz(request: Request) -> Response:
    engine = _engine(request)
    if engine.closing:
        raise Unavailable("The renderer is shutting down.")
    if not engine.settings.data_root.is_dir():
        raise Unavailable(f"DATA_ROOT {engine.settings.data_root} does not exist.")
    level = engine.ffmpeg.sandbox.confinement.level
    return JSONResponse({"status": "ok", "sandbox": level, "disk": _disk_check(engine)})


async def _health(request: Request) -> Response:
    body = {"status": "ok", "service": "gala-renderer", "version": version()}
    if request.query_params.get("deep") not in {"true", "1"}:
        return JSONResponse(body)
    checks = await _checks(_engine(request))
    healthy = all(check["ok"] for check in checks.values())
    return JSONResponse(body | {"status": "ok" if healthy else "degraded", "checks": checks})


async def _checks(engine: RenderEngine) -> dict[str, dict[str, Any]]:
    from gala_renderer.text_layout.fonts import installed_fonts  # noqa: PLC0415 - opens font files

    fonts = [font.name for font in await asyncio.to_thread(installed_fonts)]
    return {
        "ffmpeg": await _ffmpeg_check(engine),
        "encoders": await _encoders_check(engine),
        "fonts": {"ok": bool(fonts), "families": fonts},
        "speech": _speech_check(engine),
        "disk": _disk_check(engine),
        "sandbox": _sandbox_check(engine),
        "slots": {
            "ok": True,
            "total": engine.settings.renderer_slots,
            "busy": engine.busy,
            "waiting": engine.waiting,
        },
    }


async def _ffmpeg_check(engine: RenderEngine) -> dict[str, Any]:
    try:
        abilities = await query_capabilities(engine.ffmpeg)
    except Unavailable as error:
        return {"ok": False, "error": error.message}
    return {
        "ok": not abilities.missing,
        "version": abilities.version,
        "missing_encoders": abilities.missing,
        "encoders": sorted(abilities.encoders),
    }


async def _encoders_check(engine: RenderEngine) -> dict[str, Any]:
    """List the working hardware encoders, and why the others fail. Software always works."""
    failures = await engine.services.encoders.failures()
    return {
        "ok": True,
        "hardware": [encoder for encoder, reason in failures.items() if reason is None],
        "without": {encoder: reason for encoder, reason in failures.items() if reason is not None},
    }


def _speech_check(engine: RenderEngine) -> dict[str, Any]:
    """List the default and the available speech engines, and what the others lack."""
    engines = engine.services.speech
    reasons = {name: speaker.available() for name, speaker in engines.all.items()}
    try:
        default = engines.default().name
    except EngineMissing as error:
        return {"ok": False, "error": error.message}
    return {
        "ok": True,
        "default": default,
        "engines": [name for name, reason in reasons.items() if reason is None],
        "backends": engines.backends(),
        "without": {name: reason for name, reason in reasons.items() if reason is not None},
    }


def _sandbox_check(engine: RenderEngine) -> dict[str, Any]:
    """Report the confinement of programs, and why it is not stronger."""
    confinement = engine.ffmpeg.sandbox.confinement
    check = {"ok": True, "level": confinement.level}
    return check | {"why": confinement.why} if confinement.why else check


def _disk_check(engine: RenderEngine) -> dict[str, Any]:
    try:
        space = engine.disk_space()
    except OSError as error:
        return {"ok": False, "error": str(error)}
    check = {"ok": not space.low, **asdict(space)}
    return check | {"error": space.message, "hint": space.remedy} if space.low else check


async def _types(_: Request) -> Response:
    return JSONResponse({"types": sorted(all_planners())})


async def _render(request: Request) -> Response:
    engine = _engine(request)
    body = await _body(request, RenderRequest, engine.settings.renderer_max_body_bytes)
    # Refused with a status, so that the worker keeps the job instead of counting a failure.
    engine.disk_space().require()
    return StreamedResponse(_lines(engine.render(body)), NDJSON)


async def _cancel(request: Request) -> Response:
    path = request.path_params
    await _engine(request).cancel(path["job_id"], path["attempt"])
    return Response(status_code=HTTPStatus.NO_CONTENT)


async def _stream(request: Request) -> Response:
    previews: FramePreviews = request.app.state.previews
    body = await _body(request, FrameRequest, _engine(request).settings.renderer_max_body_bytes)
    chunks = await run_while_connected(request.receive, previews.open(body))
    return StreamedResponse(chunks, body.mime)


async def _timeline_frame(request: Request) -> Response:
    from gala_renderer.http.timeline_frames import frame_order  # noqa: PLC0415 - imports NumPy

    engine = _engine(request)
    body = await _body(request, TimelineFrameRequest, engine.settings.renderer_max_body_bytes)
    order = await asyncio.to_thread(frame_order, body, _received_files(engine))
    picture = await run_while_connected(request.receive, _timeline_frames(request).draw(order))
    return Response(picture, media_type=FRAME_MIMES[body.format])


def _timeline_frames(request: Request) -> TimelineFrames:
    from gala_renderer.engine.frames import TimelineFrames  # noqa: PLC0415 - imports NumPy

    state = request.app.state
    if not hasattr(state, "timeline_frames"):
        state.timeline_frames = TimelineFrames(state.engine)
    frames: TimelineFrames = state.timeline_frames
    return frames


async def _receive_file(request: Request) -> Response:
    engine, sha256 = _engine(request), request.path_params["sha256"]
    if not _SHA256.fullmatch(sha256):
        raise InvalidRequest("sha256: A SHA-256 in hexadecimal is required.", field="sha256")
    engine.disk_space().require()
    await _received_files(engine).receive(sha256, request.stream())
    return Response(status_code=HTTPStatus.NO_CONTENT)


def _received_files(engine: RenderEngine) -> ReceivedFiles:
    return ReceivedFiles(engine.services.frame_files)


async def _speech(request: Request) -> Response:
    limit = _engine(request).settings.renderer_max_body_bytes
    body = await _body(request, SpeechRequest, limit)
    stream = await run_while_connected(request.receive, _speech_streams(request).open(body))
    mime = NDJSON if body.word_times else SPEECH_MIMES[body.format]
    return StreamedResponse(stream.chunks, mime, headers=speaker_headers(stream.by))


def _speech_streams(request: Request) -> SpeechStreams:
    from gala_renderer.speech.streaming import SpeechStreams  # noqa: PLC0415 - imports NumPy

    state = request.app.state
    if not hasattr(state, "speech"):
        state.speech = SpeechStreams(state.engine)
    streams: SpeechStreams = state.speech
    return streams


async def _voices(request: Request) -> Response:
    """List the voices, and say what transcription lacks."""
    services = _engine(request).services
    speech = services.speech
    return JSONResponse(
        {
            "default": speech.default().name,
            **await voice_listing(speech),
            "backends": speech.backends(),
            "transcription_missing": services.whisper.available(),
        }
    )


async def _voice_sample(request: Request) -> Response:
    limit = _engine(request).settings.renderer_max_body_bytes
    body = await _body(request, VoiceSampleRequest, limit)
    sample = await run_while_connected(request.receive, _voice_samples(request).sample(body))
    return Response(sample, media_type=SAMPLE_MIME)


def _voice_samples(request: Request) -> VoiceSamples:
    from gala_renderer.speech.voice_samples import VoiceSamples  # noqa: PLC0415 - imports NumPy

    state = request.app.state
    if not hasattr(state, "voice_samples"):
        state.voice_samples = VoiceSamples(state.engine, _speech_streams(request))
    samples: VoiceSamples = state.voice_samples
    return samples


async def _fonts(request: Request) -> Response:
    """List the fonts, and say what pages in HTML lack and how fast films are rendered."""
    engine = _engine(request)
    fonts = engine.services.fonts
    names = await asyncio.to_thread(fonts.names)
    characters = await asyncio.to_thread(fonts.characters)
    problem = html_problem(engine.settings, engine.ffmpeg.sandbox)
    return JSONResponse(
        {
            "fonts": names,
            "html_problem": problem,
            "characters": characters,
            "film_pace": engine.services.film_pace.current,
        }
    )


async def _lines(events: AsyncGenerator[RenderEvent, None]) -> AsyncGenerator[bytes, None]:
    async with contextlib.aclosing(events):
        async for event in events:
            yield event.model_dump_json().encode() + b"\n"


async def _body(request: Request, model: type[_Model], max_bytes: int) -> _Model:
    content = b""
    async for chunk in request.stream():
        content += chunk
        if len(content) > max_bytes:
            raise PayloadTooLarge(limit_bytes=max_bytes)
    try:
        return model.model_validate_json(content)
    except ValidationError as error:
        raise invalid_request(error) from error


def _engine(request: Request) -> RenderEngine:
    engine: RenderEngine = request.app.state.engine
    return engine


async def _on_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, GalaError)  # noqa: S101 - registered for this class only
    status = _STATUS.get(error.code, HTTPStatus.INTERNAL_SERVER_ERROR)
    hint = {"hint": error.hint} if error.hint else {}
    answer = _envelope(status, error.code, error.message, {**error.details, **hint})
    if isinstance(error, PayloadTooLarge):
        # The rest of the body is not read, so the connection cannot be reused.
        answer.headers["connection"] = "close"
    return answer


async def _on_http_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class only
    codes = {404: ErrorCode.NOT_FOUND, 405: ErrorCode.METHOD_NOT_ALLOWED}
    code = codes.get(error.status_code, ErrorCode.INTERNAL_ERROR)
    return _envelope(error.status_code, code, error.detail, {})


async def _on_disconnect(_: Request, error: Exception) -> Response:
    del error
    return Response(status_code=CLIENT_CLOSED_REQUEST)


async def _on_unexpected(_: Request, error: Exception) -> Response:
    del error  # the server logs it
    code = ErrorCode.INTERNAL_ERROR
    return _envelope(500, code, "The renderer failed unexpectedly; see its log.", {})


def _rejected(rejection: Rejection) -> Response:
    details = {"field": rejection.field, "hint": rejection.hint}
    return _envelope(rejection.status, ErrorCode.FORBIDDEN, rejection.message, details)


def _envelope(status: int, code: str, message: str, details: dict[str, Any]) -> Response:
    body = {"error": {"code": code, "message": message, "details": details}}
    return JSONResponse(body, status_code=status)

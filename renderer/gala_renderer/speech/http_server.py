"""Client code shared by the engines that use a speech server set by the operator."""

from __future__ import annotations

import asyncio
import json
import wave
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import ffmpeg

from gala.errors import (
    DeadlineExceeded,
    EngineMissing,
    GalaError,
    InvalidRequest,
    RenderFailed,
    Unavailable,
)
from gala.net.tls import tls_context
from gala_renderer.ffmpeg import audio_filters
from gala_renderer.ffmpeg.runner import FFmpeg
from gala_renderer.speech.protocol import Speech

if TYPE_CHECKING:
    import httpx

MOST_BYTES: Final = 1024**3
"""The maximum size of the sound in one response."""

# The server may have to load its model, or serve other requests before this one.
_READ_SECONDS: Final = 600.0
_TIMEOUT_SECONDS: Final = 30.0
_TOTAL_SECONDS: Final = 60 * 60.0
_ERROR_BYTES: Final = 4096
_CONVERT_SECONDS: Final = 600.0
# Formats allowed in responses; none of these containers can refer to other files.
_DEMUXERS: Final = "aac,flac,m4a,matroska,mov,mp3,mp4,ogg,w64,wav,webm"


@dataclass(frozen=True, slots=True)
class Server:
    """A speech server: its base URL, its title in messages, and the setting with its URL.

    ``key`` is sent in the ``Authorization`` header and is used nowhere else.
    """

    url: str
    title: str
    setting: str
    key: str | None = field(default=None, repr=False)

    @asynccontextmanager
    async def posted(self, path: str, **body: Any) -> AsyncIterator[httpx.Response]:
        """Send a POST request; the response body is streamed.

        Raise ``Unavailable`` if the server does not respond, else the error for its status.
        """
        import httpx  # noqa: PLC0415 - only if a server is used

        headers = {"authorization": f"Bearer {self.key}"} if self.key else {}
        timeout = httpx.Timeout(_TIMEOUT_SECONDS, read=_READ_SECONDS)
        try:
            async with (
                asyncio.timeout(_TOTAL_SECONDS),
                # Only the configured URL is contacted: no environment proxies, no redirects.
                httpx.AsyncClient(timeout=timeout, trust_env=False, verify=tls_context()) as client,
                client.stream("POST", self.url + path, headers=headers, **body) as response,
            ):
                if response.status_code != 200:
                    raise error_of(
                        self, response.status_code, self._hidden(await _error_message(response))
                    )
                yield response
        except httpx.TimeoutException as error:
            raise Unavailable(f"{self.title} takes too long to respond.") from error
        except httpx.HTTPError as error:
            raise Unavailable(
                f"{self.title} does not respond ({type(error).__name__}).",
                hint=f"Check that it is running and that {self.setting} is correct.",
            ) from error
        except TimeoutError as error:
            raise DeadlineExceeded from error

    def _hidden(self, message: str) -> str:
        # Some servers repeat an invalid key in their error message.
        return message.replace(self.key, "…") if self.key else message

    def count(self, size: int) -> None:
        """Raise ``RenderFailed`` if the server has sent more than ``MOST_BYTES``."""
        if size > MOST_BYTES:
            raise RenderFailed(f"{self.title} sent more than {MOST_BYTES} bytes of sound.")


def error_of(server: Server, status: int, message: str) -> GalaError:
    """Return the error for a response with this status."""
    if status in {401, 403}:
        return EngineMissing(f"{server.title} rejects its configured key (HTTP {status}).")
    if status == 404:
        return EngineMissing(f"{server.title} is not a speech server: Check {server.setting}.")
    if status in {400, 413, 422}:
        return InvalidRequest(f"{server.title} rejects the request: {message}")
    if status in {429, 502, 503, 504}:
        return Unavailable(f"{server.title} is busy or unavailable: {message}")
    return RenderFailed(f"{server.title} failed (HTTP {status}): {message}")


async def _error_message(response: httpx.Response) -> str:
    """Return the message of an error response as one short line."""
    message = b""
    async for block in response.aiter_bytes():
        message += block
        if len(message) > _ERROR_BYTES:
            break
    text = message[:_ERROR_BYTES].decode(errors="replace")
    with suppress(ValueError):
        text = _message(json.loads(message)) or text
    return " ".join(text.split())[:300] or "no reason given"


def _message(body: Any) -> str | None:
    """Return the message in the usual formats: ``{"error": {"message"}}``, ``{"detail"}``."""
    if not isinstance(body, Mapping):
        return None
    found = body.get("error", body.get("detail", body.get("message")))
    if isinstance(found, Mapping):
        found = found.get("message")
    return found if isinstance(found, str) else None


async def as_speech(
    engine: FFmpeg, source: Path, target: Path, *, scratch: Path, tempo: float = 1.0
) -> Speech:
    """Convert a server's sound file to WAV (mono, 16 bit) at ``tempo``; the source is deleted.

    It is decoded in the sandbox, like a user's file. Raise ``RenderFailed`` if it is not sound.
    """
    try:
        await engine.run(
            conversion(source, target, tempo=tempo),
            cwd=scratch,
            limit_seconds=_CONVERT_SECONDS,
            media_seconds=1.0,
            report=lambda _: None,
        )
    except RenderFailed as error:
        raise RenderFailed("The speech server's response is not sound.") from error
    await asyncio.to_thread(source.unlink)
    with wave.open(str(target)) as file:
        rate, frames = file.getframerate(), file.getnframes()
    if frames == 0:
        raise RenderFailed("The speech server's response contains no sound.")
    return Speech(path=target, rate=rate, seconds=frames / rate)


def conversion(source: Path, target: Path, *, tempo: float) -> tuple[str, ...]:
    """Return FFmpeg's arguments that convert a sound file to mono, 16 bit."""
    stream = ffmpeg.input(
        str(source), format_whitelist=_DEMUXERS, protocol_whitelist="file", vn=None
    ).audio
    converted = audio_filters.at_tempo(stream, tempo)
    form = {"f": "wav", "c:a": "pcm_s16le", "ac": 1}
    return tuple(ffmpeg.output(converted, str(target), **form).get_args())

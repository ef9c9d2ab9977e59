"""Speech servers that an operator named: what asking them has in common."""

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
from gala_renderer.ffmpeg import audio_filters
from gala_renderer.ffmpeg.runner import FFmpeg
from gala_renderer.speech.protocol import Speech

if TYPE_CHECKING:
    import httpx

MOST_BYTES: Final = 1024**3
"""Of sound that one answer may have."""

# A model may first have to be loaded, and others may be before us.
_READ_SECONDS: Final = 600.0
_USUAL_SECONDS: Final = 30.0
_WHOLE_SECONDS: Final = 60 * 60.0
_ERROR_BYTES: Final = 4096
_CONVERT_SECONDS: Final = 600.0
# What a speech server may answer with; no container that refers to other files is among them.
_DEMUXERS: Final = "aac,flac,m4a,matroska,mov,mp3,mp4,ogg,w64,wav,webm"


@dataclass(frozen=True, slots=True)
class Server:
    """Where it answers, what people know it as (``setting`` is the variable that names it).

    ``key`` goes into the ``Authorization`` header and nowhere else.
    """

    url: str
    title: str
    setting: str
    key: str | None = field(default=None, repr=False)

    @asynccontextmanager
    async def posted(self, path: str, **body: Any) -> AsyncIterator[httpx.Response]:
        """The answer to a POST, its body to be read as it comes.

        Raises ``Unavailable`` if the server does not answer, otherwise what its refusal means.
        """
        import httpx  # noqa: PLC0415 - who never asks a server does not wait for it

        headers = {"authorization": f"Bearer {self.key}"} if self.key else {}
        timeout = httpx.Timeout(_USUAL_SECONDS, read=_READ_SECONDS)
        try:
            async with (
                asyncio.timeout(_WHOLE_SECONDS),
                # Only what the operator named is asked: no proxy of the environment, no redirect.
                httpx.AsyncClient(timeout=timeout, trust_env=False) as client,
                client.stream("POST", self.url + path, headers=headers, **body) as answer,
            ):
                if answer.status_code != 200:
                    raise translated(self, answer.status_code, self._hidden(await _told(answer)))
                yield answer
        except httpx.TimeoutException as error:
            raise Unavailable(f"{self.title} takes too long to answer.") from error
        except httpx.HTTPError as error:
            raise Unavailable(
                f"{self.title} does not answer ({type(error).__name__}).",
                hint=f"Is it running, and is {self.setting} right?",
            ) from error
        except TimeoutError as error:
            raise DeadlineExceeded from error

    def _hidden(self, said: str) -> str:
        # Some servers repeat the key that they do not know.
        return said.replace(self.key, "…") if self.key else said

    def count(self, size: int) -> None:
        """Raise ``RenderFailed`` if it has sent more than it may."""
        if size > MOST_BYTES:
            raise RenderFailed(f"{self.title} sent more than {MOST_BYTES} bytes of sound.")


def translated(server: Server, status: int, said: str) -> GalaError:
    """What an answer with that status means here."""
    if status in {401, 403}:
        return EngineMissing(f"{server.title} refuses the key that is set for it (HTTP {status}).")
    if status == 404:
        return EngineMissing(f"{server.title} is not a speech server: see {server.setting}.")
    if status in {400, 413, 422}:
        return InvalidRequest(f"{server.title} refuses this: {said}")
    if status in {429, 502, 503, 504}:
        return Unavailable(f"{server.title} cannot answer now: {said}")
    return RenderFailed(f"{server.title} failed (HTTP {status}): {said}")


async def _told(answer: httpx.Response) -> str:
    """What a refusal says, as one short line."""
    said = b""
    async for block in answer.aiter_bytes():
        said += block
        if len(said) > _ERROR_BYTES:
            break
    text = said[:_ERROR_BYTES].decode(errors="replace")
    with suppress(ValueError):
        text = _message(json.loads(said)) or text
    return " ".join(text.split())[:300] or "no reason given"


def _message(body: Any) -> str | None:
    """The sentence in the usual shapes: ``{"error": {"message"}}``, ``{"detail"}``."""
    if not isinstance(body, Mapping):
        return None
    found = body.get("error", body.get("detail", body.get("message")))
    if isinstance(found, Mapping):
        found = found.get("message")
    return found if isinstance(found, str) else None


async def as_speech(
    engine: FFmpeg, source: Path, target: Path, *, scratch: Path, tempo: float = 1.0
) -> Speech:
    """A server's sound file as our WAV (mono, 16 bit), faster or slower; the source goes.

    It is decoded behind the seam like a user's. Raises ``RenderFailed`` if it is no sound.
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
        raise RenderFailed("The speech server answered with something else than sound.") from error
    await asyncio.to_thread(source.unlink)
    with wave.open(str(target)) as file:
        rate, frames = file.getframerate(), file.getnframes()
    if frames == 0:
        raise RenderFailed("The speech server answered with no sound at all.")
    return Speech(path=target, rate=rate, seconds=frames / rate)


def conversion(source: Path, target: Path, *, tempo: float) -> tuple[str, ...]:
    """Arguments that bring any sound file to mono, 16 bit."""
    stream = ffmpeg.input(
        str(source), format_whitelist=_DEMUXERS, protocol_whitelist="file", vn=None
    ).audio
    made = audio_filters.at_tempo(stream, tempo)
    form = {"f": "wav", "c:a": "pcm_s16le", "ac": 1}
    return tuple(ffmpeg.output(made, str(target), **form).get_args())

"""Speech by any server with OpenAI's ``POST /v1/audio/speech``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from gala.errors import EngineMissing, InvalidRequest
from gala.render_types.params.voice_names import OPENAI_VOICES
from gala_renderer.engine.plan import Report
from gala_renderer.ffmpeg.runner import FFmpeg
from gala_renderer.speech.http_server import Server, as_speech
from gala_renderer.speech.protocol import Speech, Utterance, Voice

USUAL_VOICE: Final = "alloy"
_MISSING: Final = "No OpenAI-compatible speech server is set: SPEECH_OPENAI_URL."
_SECONDS_PER_CHARACTER: Final = 0.07


class OpenAiEngine:
    """Uses the server and model set by the operator; the server defines the voices."""

    name: Final = "openai"
    licence: Final = None
    # OpenAI accepts 4096 characters per request.
    chunk_characters: Final = 4000

    def __init__(self, ffmpeg: FFmpeg, *, server: Server | None, model: str):
        self._ffmpeg = ffmpeg
        self._server = server
        self._model = model

    @property
    def version(self) -> str:
        """The server's URL and the model."""
        return f"{self._server.url if self._server else ''} {self._model}"

    def available(self) -> str | None:
        """Return None if a server is set."""
        return None if self._server is not None else _MISSING

    async def voices(self) -> Sequence[Voice]:
        """Return OpenAI's voices; another server may have others, which requests may name too."""
        return tuple(
            Voice(name=name, language="mul", title=name.capitalize()) for name in OPENAI_VOICES
        )

    async def voice_in(self, language: str, like: str | None) -> str | None:
        """Return the same voice, which speaks every language."""
        del language
        return like or USUAL_VOICE

    async def speak(
        self, utterance: Utterance, *, target: Path, scratch: Path, report: Report
    ) -> Speech:
        """Speak; the result has no word times."""
        server = self._server
        if server is None:
            raise EngineMissing(_MISSING)
        if utterance.sample is not None:
            raise InvalidRequest(
                "inputs.sample_asset_id: An OpenAI-compatible server cannot clone a voice; use the"
                " engine chatterbox.",
                field="inputs.sample_asset_id",
            )
        body = {
            "model": self._model,
            "input": utterance.text,
            "voice": utterance.voice or USUAL_VOICE,
            "response_format": "wav",
            "speed": utterance.speed,
        }
        received_file = scratch / f"{target.stem}.openai"
        # The length is unknown in advance; progress is estimated from the text.
        expected = max(1.0, len(utterance.text) * _SECONDS_PER_CHARACTER) * 24_000 * 2
        received = 0
        async with server.posted("/audio/speech", json=body) as response:
            with received_file.open("wb") as file:
                async for block in response.aiter_bytes():
                    received += len(block)
                    server.count(received)
                    file.write(block)
                    report(min(0.95, received / expected))
        return await as_speech(self._ffmpeg, received_file, target, scratch=scratch)


def server_of(url: str, key: str | None) -> Server:
    """Return the server at a URL; ``/v1`` is appended if the URL has no path."""
    stripped = url.rstrip("/")
    base = stripped if urlsplit(stripped).path else f"{stripped}/v1"
    return Server(base, "The speech server", "SPEECH_OPENAI_URL", key)

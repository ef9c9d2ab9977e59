"""Any server that answers ``POST /v1/audio/speech`` as OpenAI's does."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from gala.errors import EngineMissing, InvalidRequest
from gala_renderer.engine.plan import Report
from gala_renderer.ffmpeg.runner import FFmpeg
from gala_renderer.speech.http_server import Server, as_speech
from gala_renderer.speech.protocol import Speech, Utterance, Voice

USUAL_VOICE: Final = "alloy"
_KNOWN: Final = (
    "alloy", "ash", "ballad", "coral", "echo", "fable", "nova", "onyx", "sage", "shimmer", "verse",
)  # fmt: skip
_MISSING: Final = "No OpenAI-compatible speech server is set: SPEECH_OPENAI_URL."
_SECONDS_A_CHARACTER: Final = 0.07


class OpenAiEngine:
    """Asks the operator's server with the operator's model; voices are whatever it has."""

    name: Final = "openai"
    # OpenAI takes 4096 characters at once.
    chunk_characters: Final = 4000

    def __init__(self, ffmpeg: FFmpeg, *, server: Server | None, model: str):
        self._ffmpeg = ffmpeg
        self._server = server
        self._model = model

    @property
    def version(self) -> str:
        """Which server and model."""
        return f"{self._server.url if self._server else ''} {self._model}"

    def available(self) -> str | None:
        """``None`` if a server is set."""
        return None if self._server is not None else _MISSING

    async def voices(self) -> Sequence[Voice]:
        """OpenAI's own; another server may have others, which can be named all the same."""
        return tuple(Voice(name=name, language="mul") for name in _KNOWN)

    async def speak(
        self, utterance: Utterance, *, target: Path, scratch: Path, report: Report
    ) -> Speech:
        """Speak; the words' times are not known."""
        server = self._server
        if server is None:
            raise EngineMissing(_MISSING)
        if utterance.sample is not None:
            raise InvalidRequest(
                "inputs.sample_asset_id: an OpenAI-compatible server clones no voice; use the"
                " engine chatterbox.",
                field="inputs.sample_asset_id",
            )
        asked = {
            "model": self._model,
            "input": utterance.text,
            "voice": utterance.voice or USUAL_VOICE,
            "response_format": "wav",
            "speed": utterance.speed,
        }
        spoken = scratch / f"{target.stem}.openai"
        # Its length is not told; a guess from the text shows that it goes on.
        expected = max(1.0, len(utterance.text) * _SECONDS_A_CHARACTER) * 24_000 * 2
        received = 0
        async with server.posted("/audio/speech", json=asked) as answer:
            with spoken.open("wb") as file:
                async for block in answer.aiter_bytes():
                    received += len(block)
                    server.count(received)
                    file.write(block)
                    report(min(0.95, received / expected))
        return await as_speech(self._ffmpeg, spoken, target, scratch=scratch)


def server_of(url: str, key: str | None) -> Server:
    """The server at an address that has a path (``/v1``), or is given its usual one."""
    stripped = url.rstrip("/")
    base = stripped if urlsplit(stripped).path else f"{stripped}/v1"
    return Server(base, "The speech server", "SPEECH_OPENAI_URL", key)

"""Speech by Chatterbox, in the voice of a sample: over HTTP or in a local worker process."""

from __future__ import annotations

import base64
import json
import wave
from collections.abc import AsyncIterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from gala.errors import EngineMissing, InvalidRequest, RenderFailed
from gala.render_types.params.voice_names import CHATTERBOX_VOICE
from gala_renderer.engine.plan import Report
from gala_renderer.ffmpeg.runner import FFmpeg
from gala_renderer.model_workers.pool import WorkerPool
from gala_renderer.speech.chatterbox.synthesizer import MOST_TEXT
from gala_renderer.speech.http_server import Server, as_speech, error_of
from gala_renderer.speech.protocol import Speech, Utterance, Voice
from gala_renderer.transcription.language_detection import is_latin

if TYPE_CHECKING:
    import httpx

_VOICE: Final = Voice(
    name=CHATTERBOX_VOICE,
    language="en",
    title="Default",
    description="The built-in voice of the weights; send a sample to use another.",
)
_USUAL_RATE: Final = 24_000
_LINE_MAX: Final = 64 * 1024**2
_NOT_SET_UP: Final = (
    "Chatterbox is not set up: start its server (renderer/chatterbox/README.md) and set"
    " CHATTERBOX_URL, or install chatterbox-tts here and set CHATTERBOX_WEIGHTS."
)


class ChatterboxEngine:
    """Voice cloning, English only.

    ``server`` is Chatterbox's own server; without one, ``beside`` is a pool of one worker process
    with the model, if Chatterbox is installed in this environment.
    """

    name: Final = "chatterbox"
    licence: Final = "MIT"
    # Its server splits the text itself, into far shorter chunks.
    chunk_characters: Final = MOST_TEXT

    def __init__(self, ffmpeg: FFmpeg, *, server: Server | None, beside: WorkerPool | None):
        self._ffmpeg = ffmpeg
        self._server = server
        self._beside = beside

    @property
    def version(self) -> str:
        """The package's version and the server; the server does not report its weights."""
        return f"0.1.7 {self._server.url if self._server else 'beside'}"

    def available(self) -> str | None:
        """Return None if a server is set or the model is installed in this environment."""
        if self._server is not None or (self._beside is not None and installed()):
            return None
        return _NOT_SET_UP

    async def voices(self) -> Sequence[Voice]:
        """Return the built-in voice; any other is sent as a sample."""
        return (_VOICE,)

    def voice_language(self, voice: str | None) -> str | None:
        """Return English, its only language."""
        del voice
        return _VOICE.language

    async def voice_in(self, language: str, like: str | None) -> str | None:
        """Return the built-in voice for English; a sample is kept."""
        del like
        return _VOICE.name if language.lower().startswith("en") else None

    async def speak(
        self, utterance: Utterance, *, target: Path, scratch: Path, report: Report
    ) -> Speech:
        """Speak in the sample's voice; the result has no word times."""
        _check(utterance)
        output = scratch / f"{target.stem}.chatterbox.wav"
        if self._server is not None:
            await self._over_http(self._server, utterance, output, report)
        elif self._beside is not None and installed():
            await self._in_process(self._beside, utterance, output, report)
        else:
            raise EngineMissing(_NOT_SET_UP)
        return await as_speech(self._ffmpeg, output, target, scratch=scratch, tempo=utterance.speed)

    async def close(self) -> None:
        """End the worker process."""
        if self._beside is not None:
            await self._beside.close()

    async def _over_http(
        self, server: Server, utterance: Utterance, output: Path, report: Report
    ) -> None:
        fields = {
            "text": utterance.text,
            "exaggeration": f"{utterance.exaggeration:.4f}",
            "cfg_weight": f"{utterance.cfg_weight:.4f}",
            "temperature": f"{utterance.temperature:.4f}",
            "chunk_silence_ms": str(round(utterance.chunk_silence * 1000)),
        }
        files: dict[str, Any] = {name: (None, value) for name, value in fields.items()}
        if utterance.sample is not None:
            files["sample"] = ("sample.wav", utterance.sample.read_bytes(), "audio/wav")
        async with server.posted("/synthesize", files=files) as response:
            await _write_speech(server, response, output, report)

    async def _in_process(
        self, beside: WorkerPool, utterance: Utterance, output: Path, report: Report
    ) -> None:
        request = {
            "text": utterance.text,
            "generation": {
                "exaggeration": utterance.exaggeration,
                "cfg_weight": utterance.cfg_weight,
                "temperature": utterance.temperature,
            },
            "sample": None,
            "silence": utterance.chunk_silence,
        }
        await beside.request(
            request,
            on_event=lambda event: report(event["done"]),
            reads={"sample": utterance.sample} if utterance.sample else {},
            writes={"target": output},
        )


def installed() -> bool:
    """Return True if Chatterbox is installed in this environment."""
    try:
        return find_spec("chatterbox.tts") is not None
    except ModuleNotFoundError:
        return False


def _check(utterance: Utterance) -> None:
    if utterance.voice not in {None, _VOICE.name}:
        raise InvalidRequest(
            f"params.voice: Chatterbox has only the voice {_VOICE.name!r}; send a sample to use"
            " another.",
            field="params.voice",
        )
    language = (utterance.language or "en").lower().replace("_", "-")
    # A guess between languages of Latin letters is no reason to refuse a text.
    guessed = utterance.language_detected and is_latin(utterance.text)
    if language.split("-")[0] != "en" and not guessed:
        raise InvalidRequest(
            f"params.language: Chatterbox speaks English (en), not {utterance.language!r}.",
            field="params.language",
        )


async def _write_speech(
    server: Server, response: httpx.Response, output: Path, report: Report
) -> None:
    """Write the server's speech to a WAV file as it arrives."""
    ended = False
    with wave.open(str(output), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(_USUAL_RATE)
        async for message in _lines(server, response):
            if "rate" in message:
                file.setframerate(message["rate"])
            elif "pcm" in message:
                server.count(file.tell() * 2)
                file.writeframes(base64.b64decode(message["pcm"]))
                report(min(1.0, message["done"]))
            elif "error" in message:
                raise error_of(server, message.get("status", 500), message["error"])
            ended = ended or "seconds" in message
        if file.getnframes() == 0 and ended:
            raise RenderFailed("Chatterbox returned no sound: The text has nothing to speak.")
    if not ended:
        raise RenderFailed(f"{server.title} closed the connection before the end of the speech.")


async def _lines(server: Server, response: httpx.Response) -> AsyncIterator[Mapping[str, Any]]:
    buffer = b""
    async for block in response.aiter_bytes():
        buffer += block
        if len(buffer) > _LINE_MAX:
            raise RenderFailed(f"{server.title} sent a response that is not speech.")
        *lines, buffer = buffer.split(b"\n")
        for line in lines:
            try:
                message: Mapping[str, Any] = json.loads(line)
            except ValueError as error:
                raise RenderFailed(f"{server.title} sent a response that is not speech.") from error
            yield message

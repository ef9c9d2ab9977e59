"""Chatterbox: speaks in the voice of a sample, over HTTP to its own server or beside us."""

from __future__ import annotations

import base64
import json
import wave
from collections.abc import AsyncIterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from gala.errors import EngineMissing, InvalidRequest, RenderFailed
from gala_renderer.engine.plan import Report
from gala_renderer.ffmpeg.runner import FFmpeg
from gala_renderer.model_workers.pool import WorkerPool
from gala_renderer.speech.chatterbox.synthesizer import MOST_TEXT
from gala_renderer.speech.http_server import Server, as_speech, error_of
from gala_renderer.speech.protocol import Speech, Utterance, Voice

if TYPE_CHECKING:
    import httpx

_VOICE: Final = Voice(
    name="default", language="en", description="The weights' own; send a sample for another."
)
_USUAL_RATE: Final = 24_000
_LINE_MAX: Final = 64 * 1024**2
_MISSING: Final = (
    "Chatterbox is not set up: start its server (renderer/chatterbox/README.md) and set"
    " CHATTERBOX_URL, or install chatterbox-tts beside and set CHATTERBOX_WEIGHTS."
)


class ChatterboxEngine:
    """Voice cloning, English only.

    ``server`` is where its own server answers; without one, ``beside`` is a warm process with the
    model, if Chatterbox is installed in this environment.
    """

    name: Final = "chatterbox"
    # Its server cuts the text itself, far shorter.
    chunk_characters: Final = MOST_TEXT

    def __init__(self, ffmpeg: FFmpeg, *, server: Server | None, beside: WorkerPool | None):
        self._ffmpeg = ffmpeg
        self._server = server
        self._beside = beside

    @property
    def version(self) -> str:
        """Of the package, and which server; whose weights it has is not told."""
        return f"0.1.7 {self._server.url if self._server else 'beside'}"

    def available(self) -> str | None:
        """``None`` if a server is set, or the model is installed beside."""
        if self._server is not None or (self._beside is not None and installed()):
            return None
        return _MISSING

    async def voices(self) -> Sequence[Voice]:
        """The weights' own; any other comes as a sample."""
        return (_VOICE,)

    async def speak(
        self, utterance: Utterance, *, target: Path, scratch: Path, report: Report
    ) -> Speech:
        """Speak in the sample's voice; the words' times are not known."""
        _check(utterance)
        spoken = scratch / f"{target.stem}.chatterbox.wav"
        if self._server is not None:
            await self._over_http(self._server, utterance, spoken, report)
        elif self._beside is not None and installed():
            await self._in_process(self._beside, utterance, spoken, report)
        else:
            raise EngineMissing(_MISSING)
        return await as_speech(self._ffmpeg, spoken, target, scratch=scratch, tempo=utterance.speed)

    async def close(self) -> None:
        """End the process beside."""
        if self._beside is not None:
            await self._beside.close()

    async def _over_http(
        self, server: Server, utterance: Utterance, spoken: Path, report: Report
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
        async with server.posted("/synthesize", files=files) as answer:
            await _received(server, answer, spoken, report)

    async def _in_process(
        self, beside: WorkerPool, utterance: Utterance, spoken: Path, report: Report
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
            writes={"target": spoken},
        )


def installed() -> bool:
    """Return True if Chatterbox's package is in this environment."""
    try:
        return find_spec("chatterbox.tts") is not None
    except ModuleNotFoundError:
        return False


def _check(utterance: Utterance) -> None:
    if utterance.voice not in {None, _VOICE.name}:
        raise InvalidRequest(
            f"params.voice: chatterbox has the voice {_VOICE.name!r} only; any other comes as a"
            " sample.",
            field="params.voice",
        )
    language = (utterance.language or "en").lower().replace("_", "-")
    if language.split("-")[0] != "en":
        raise InvalidRequest(
            f"params.language: chatterbox speaks English (en), not {utterance.language!r}.",
            field="params.language",
        )


async def _received(server: Server, answer: httpx.Response, spoken: Path, report: Report) -> None:
    """Write what the server speaks, as it comes."""
    ended = False
    with wave.open(str(spoken), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(_USUAL_RATE)
        async for told in _lines(server, answer):
            if "rate" in told:
                file.setframerate(told["rate"])
            elif "pcm" in told:
                server.count(file.tell() * 2)
                file.writeframes(base64.b64decode(told["pcm"]))
                report(min(1.0, told["done"]))
            elif "error" in told:
                raise error_of(server, told.get("status", 500), told["error"])
            ended = ended or "seconds" in told
        if file.getnframes() == 0 and ended:
            raise RenderFailed("Chatterbox spoke nothing: there is nothing to say in this text.")
    if not ended:
        raise RenderFailed(f"{server.title} broke off in the middle of the speech.")


async def _lines(server: Server, answer: httpx.Response) -> AsyncIterator[Mapping[str, Any]]:
    held = b""
    async for block in answer.aiter_bytes():
        held += block
        if len(held) > _LINE_MAX:
            raise RenderFailed(f"{server.title} answered with something else than speech.")
        *lines, held = held.split(b"\n")
        for line in lines:
            try:
                told: Mapping[str, Any] = json.loads(line)
            except ValueError as error:
                raise RenderFailed(
                    f"{server.title} answered with something else than speech."
                ) from error
            yield told

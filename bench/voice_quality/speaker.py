"""GALA's engine with one speech engine: the files that a user gets, their times and the memory."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import psutil

from gala.render_types.params.voice import SpeechEngineName
from gala.speech_protocol import SpeechFormat, SpeechRequest
from gala_renderer.speech.streaming import SpeechStreams
from tests.support.engine import EngineHarness

KOKORO: Final = "kokoro"
KOKORO_TORCH: Final = "kokoro-torch"
ENGINES: Final = {"espeak": "espeak", KOKORO: KOKORO, KOKORO_TORCH: KOKORO}
"""Names in this benchmark, and those of the engines."""
_BACKENDS: Final = {KOKORO: "onnx", KOKORO_TORCH: "torch"}


@dataclass(frozen=True, slots=True)
class Spoken:
    """A spoken text: the file, the seconds from the request, and the CPU seconds of the model."""

    path: Path
    took: float
    cpu: float


class Speaker:
    """Speaks texts one by one with one engine of :data:`ENGINES`."""

    def __init__(self, name: str, weights: Path, folder: Path, voice: str | None):
        self._engine = ENGINES[name]
        self._voice = voice
        self._harness = EngineHarness(
            folder, gala_weights_dir=weights, kokoro_backend=_BACKENDS.get(name, "auto")
        )

    def missing(self) -> str | None:
        """Return what to install for this engine, or None."""
        return self._harness.engine.services.speech.all[self._engine].available()

    def speak(self, text: str, language: str) -> Spoken:
        """Speak a text as the job ``tts`` does, at the usual loudness."""
        params: dict[str, Any] = {"text": text, "language": language, "engine": self._engine}
        if self._voice:
            params["voice"] = self._voice
        cpu, began = self._cpu(), time.perf_counter()
        made = self._harness.make("tts", params, seconds=600)
        took = time.perf_counter() - began
        return Spoken(made.path("audio"), took, self._cpu() - cpu)

    def first_sound(self, text: str, language: str) -> float:
        """Return the seconds until the first sound of a text that is streamed while it is spoken.

        In PCM the first bytes are sound.
        """
        request = SpeechRequest(
            text=text,
            language=language,
            engine=SpeechEngineName(self._engine),
            voice=self._voice,
            format=SpeechFormat.PCM,
        )

        async def listen() -> float:
            began = time.perf_counter()
            stream = await SpeechStreams(self._harness.engine).open(request)
            await anext(stream.chunks)
            took = time.perf_counter() - began
            await stream.chunks.aclose()
            return took

        return self._harness.run(listen())

    def peak_megabytes(self) -> float:
        """Return the peak memory of the processes that keep the model; 0 without any."""
        return sum(_peak(process.pid) for process in self._models()) / 1e6

    def close(self) -> None:
        """End the processes."""
        self._harness.close()

    def _cpu(self) -> float:
        times = [process.cpu_times() for process in self._models()]
        return sum(one.user + one.system for one in times)

    def _models(self) -> list[psutil.Process]:
        return psutil.Process().children(recursive=True)


def _peak(pid: int) -> float:
    """Return the most bytes of memory that a process had."""
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        return float(psutil.Process(pid).memory_info().rss)
    peaks = [line.split()[1] for line in status.read_text().splitlines() if "VmHWM" in line]
    return sum(float(peak) * 1024 for peak in peaks)

"""Speech to text as the renderer uses it: Whisper, loaded once, in a process that stays warm."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from gala.errors import EngineMissing
from gala_renderer.engine.plan import Report
from gala_renderer.model_workers.pool import PoolStatus, WorkerPool
from gala_renderer.sandbox.runner import Sandbox
from gala_renderer.transcription.whisper import RecognizedWord, Segment, WhisperTranscript, missing

_CHILD: Final = "gala_renderer.transcription.whisper_child"


class WhisperWorker:
    """Transcribes, one sound at a time; more wait their turn.

    ``model`` is a size (``small``) whose weights lie in ``weights``/whisper-<size>, or a folder.
    """

    def __init__(
        self,
        sandbox: Sandbox,
        *,
        model: str,
        weights: Path,
        device: str,
        compute_type: str,
        idle_seconds: float = 900.0,
    ):
        self._sandbox = sandbox
        self._device = device
        self._compute_type = compute_type
        self._idle_seconds = idle_seconds
        named = Path(model)
        self.folder = named if named.is_absolute() else weights / f"whisper-{model}"
        self.model = named.name

    @property
    def version(self) -> str:
        """Changes when the same sound may be heard otherwise; part of the cache's key.

        Raises ``EngineMissing`` if it cannot listen here.
        """
        self.require()
        model = (self.folder / "model.bin").stat()
        weights = f"{self.folder} {model.st_size} {model.st_mtime_ns}"
        return f"{version('faster-whisper')} {weights} {self._compute_type}"

    @property
    def status(self) -> PoolStatus:
        """How its process is, and where it computes."""
        return self._pool.status

    def available(self) -> str | None:
        """``None`` if it can listen here, or one sentence that says what to install or set."""
        return missing(self.folder, self.model)

    def require(self) -> None:
        """Raise ``EngineMissing`` with that sentence if it cannot listen here."""
        if reason := self.available():
            raise EngineMissing(reason)

    async def transcribe(
        self,
        path: Path,
        language: str | None = None,
        beam_size: int = 5,
        *,
        word_timestamps: bool = True,
        vad: bool = False,
        report: Report = lambda _: None,
    ) -> WhisperTranscript:
        """What is said in a WAV file of ours (mono, 16 bit, 16 kHz); cancelling stops the work.

        Raises ``EngineMissing``, ``InvalidRequest`` naming ``params.language``, ``RenderFailed``.
        """
        self.require()
        segments: list[Segment] = []

        def on_event(event: Mapping[str, Any]) -> None:
            if "progress" in event:
                report(event["progress"])
            else:
                segments.append(_segment(event["segment"]))

        request = {
            "language": language,
            "beam_size": beam_size,
            "word_timestamps": word_timestamps,
            "vad": vad,
        }
        answer = await self._pool.request(request, on_event=on_event, reads={"path": path})
        return WhisperTranscript(
            answer["language"], answer["probability"], answer["seconds"], tuple(segments)
        )

    async def close(self) -> None:
        """End the process, if it runs."""
        if "_pool" in self.__dict__:
            await self._pool.close()

    @cached_property
    def _pool(self) -> WorkerPool:
        options = {
            "folder": str(self.folder),
            "device": self._device,
            "compute_type": self._compute_type,
        }
        return WorkerPool(self._sandbox, _CHILD, options, idle_seconds=self._idle_seconds)


def _segment(told: Mapping[str, Any]) -> Segment:
    words = tuple(RecognizedWord(**word) for word in told["words"])
    return Segment(told["text"], told["start"], told["end"], words)

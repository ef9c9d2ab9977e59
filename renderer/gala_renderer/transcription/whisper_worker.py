"""Speech to text by Whisper, in a worker process that keeps the model loaded."""

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
    """Transcribes one file at a time; further calls wait.

    ``model`` is a size (``small``) with weights in ``weights``/whisper-<size>, or an absolute path.
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
        model_path = Path(model)
        self.folder = model_path if model_path.is_absolute() else weights / f"whisper-{model}"
        self.model = model_path.name

    @property
    def version(self) -> str:
        """A string that changes when results may differ; part of the cache key.

        Raise ``EngineMissing`` if Whisper cannot run here.
        """
        self.require()
        model = (self.folder / "model.bin").stat()
        weights = f"{self.folder} {model.st_size} {model.st_mtime_ns}"
        return f"{version('faster-whisper')} {weights} {self._compute_type}"

    @property
    def status(self) -> PoolStatus:
        """The state of the worker process and its device."""
        return self._pool.status

    def available(self) -> str | None:
        """Return None if Whisper can run here, else a sentence that says what to install or set."""
        return missing(self.folder, self.model)

    def require(self) -> None:
        """Raise ``EngineMissing`` with the reason if Whisper cannot run here."""
        if reason := self.available():
            raise EngineMissing(reason)

    async def transcribe(
        self,
        path: Path,
        language: str | None = None,
        beam_size: int = 5,
        *,
        translate: bool = False,
        word_timestamps: bool = True,
        vad: bool = False,
        report: Report = lambda _: None,
    ) -> WhisperTranscript:
        """Transcribe a decoded WAV file (mono, 16 bit, 16 kHz); cancelling stops the work.

        Raise ``EngineMissing``, ``RenderFailed``, or ``InvalidRequest`` naming ``params.language``
        or ``params.translate``.
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
            "translate": translate,
            "word_timestamps": word_timestamps,
            "vad": vad,
        }
        answer = await self._pool.request(request, on_event=on_event, reads={"path": path})
        return WhisperTranscript(
            answer["language"], answer["probability"], answer["seconds"], tuple(segments)
        )

    async def close(self) -> None:
        """End the worker process if it is running."""
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


def _segment(event: Mapping[str, Any]) -> Segment:
    words = tuple(RecognizedWord(**word) for word in event["words"])
    return Segment(event["text"], event["start"], event["end"], words)

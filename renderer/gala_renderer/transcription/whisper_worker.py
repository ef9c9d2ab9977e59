"""Speech to text by Whisper, in a worker process that keeps the model loaded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from gala.errors import EngineMissing
from gala_renderer.engine.plan import Report
from gala_renderer.model_workers.pool import PoolStatus, WorkerPool
from gala_renderer.sandbox.runner import Sandbox
from gala_renderer.transcription.whisper import RecognizedWord, Segment, WhisperTranscript, missing
from gala_renderer.transcription.whisper_models import MODEL_FILE, WhisperModels

_CHILD: Final = "gala_renderer.transcription.whisper_child"


class WhisperWorker:
    """Transcribes one file at a time with each model; further calls wait.

    ``model`` is a size (``small``) with weights in ``weights``/whisper-<size>, an absolute path, or
    None for the best model in ``weights``. A request may name another one of those.
    """

    def __init__(
        self,
        sandbox: Sandbox,
        *,
        model: str | None,
        weights: Path,
        device: str,
        compute_type: str,
        idle_seconds: float = 900.0,
    ):
        self._sandbox = sandbox
        self._device = device
        self._compute_type = compute_type
        self._idle_seconds = idle_seconds
        self._models = WhisperModels(weights, model)
        self._pools: dict[Path, WorkerPool] = {}
        self._last: WorkerPool | None = None

    def version(self, model: str | None = None) -> str:
        """Return a string that changes when results may differ; part of the cache key.

        Raise as :meth:`require` does.
        """
        folder = self.require(model)
        file = (folder / MODEL_FILE).stat()
        weights = f"{folder} {file.st_size} {file.st_mtime_ns}"
        return f"{version('faster-whisper')} {weights} {self._compute_type}"

    @property
    def status(self) -> PoolStatus:
        """The state of the worker process that was used last, and its device."""
        return PoolStatus(up=0, busy=0, started=0) if self._last is None else self._last.status

    def available(self) -> str | None:
        """Return None if Whisper can run here, else a sentence that says what to install or set."""
        return missing(self._models)

    def require(self, model: str | None = None) -> Path:
        """Return the folder of a model; of the default one for None.

        Raise ``EngineMissing`` with the reason if Whisper cannot run here, or ``InvalidRequest``
        naming ``params.model`` if there is no such model.
        """
        folder = self._models.folder(model)
        if reason := missing(replace(self._models, configured=str(folder))):
            raise EngineMissing(reason)
        return folder

    async def transcribe(
        self,
        path: Path,
        language: str | None = None,
        beam_size: int = 5,
        *,
        model: str | None = None,
        translate: bool = False,
        word_timestamps: bool = True,
        vad: bool = False,
        report: Report = lambda _: None,
    ) -> WhisperTranscript:
        """Transcribe a decoded WAV file (mono, 16 bit, 16 kHz); cancelling stops the work.

        Raise ``EngineMissing``, ``RenderFailed``, or ``InvalidRequest`` naming ``params.language``,
        ``params.translate`` or ``params.model``.
        """
        pool = self._last = self._pool(self.require(model))
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
        answer = await pool.request(request, on_event=on_event, reads={"path": path})
        return WhisperTranscript(segments=tuple(segments), **answer)

    async def close(self) -> None:
        """End the worker processes that are running."""
        for pool in self._pools.values():
            await pool.close()

    def _pool(self, folder: Path) -> WorkerPool:
        if folder not in self._pools:
            options = {
                "folder": str(folder),
                "device": self._device,
                "compute_type": self._compute_type,
            }
            self._pools[folder] = WorkerPool(
                self._sandbox, _CHILD, options, idle_seconds=self._idle_seconds
            )
        return self._pools[folder]


def _segment(event: Mapping[str, Any]) -> Segment:
    words = tuple(RecognizedWord(**word) for word in event["words"])
    return Segment(event["text"], event["start"], event["end"], words)

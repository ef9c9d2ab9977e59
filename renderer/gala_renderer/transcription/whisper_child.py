"""Whisper in a worker process: see :mod:`gala_renderer.model_workers.pool`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from gala_renderer.model_workers.child import RequestChannel
from gala_renderer.transcription.whisper import WhisperTranscriber


class _WhisperHandler:
    def __init__(self, options: Mapping[str, Any]):
        self._whisper = WhisperTranscriber(
            Path(options["folder"]),
            device=options["device"],
            compute_type=options["compute_type"],
        )
        self.about = {"device": self._whisper.device, "compute_type": self._whisper.compute_type}

    def __call__(self, request: Mapping[str, Any], channel: RequestChannel) -> Mapping[str, Any]:
        transcript = self._whisper.transcribe(
            Path(request["path"]),
            request["language"],
            request["beam_size"],
            translate=request["translate"],
            word_timestamps=request["word_timestamps"],
            vad=request["vad"],
            report=lambda part: channel.send_event({"progress": part}),
            check=channel.raise_if_cancelled,
        )
        for segment in transcript.segments:
            channel.send_event({"segment": asdict(segment)})
        return {
            "language": transcript.language,
            "probability": transcript.probability,
            "seconds": transcript.seconds,
            "model": transcript.model,
        }


def serve(options: Mapping[str, Any]) -> _WhisperHandler:
    """Load the model of ``options``: ``folder``, ``device``, ``compute_type``."""
    return _WhisperHandler(options)

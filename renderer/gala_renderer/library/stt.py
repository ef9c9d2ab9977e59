"""Speech to text."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from gala.engine import MediaOrder, OnProgress
from gala_renderer.library.engine_call import PathLike, captions_of, make


class STT:
    """Transcribes with Faster Whisper (``WHISPER_MODEL``, ``WHISPER_COMPUTE_TYPE``), which is
    loaded once per process."""

    def transcribe(
        self,
        path: PathLike,
        language: str | None = None,
        beam_size: int = 5,
        *,
        on_progress: OnProgress | None = None,
    ) -> tuple[list[dict[str, Any]], float]:
        """Return the words of an audio or video file with their times, and its duration in seconds.

        Raise ``EngineMissing`` naming the package to install, ``InvalidRequest``, and
        ``UnprocessableMedia`` if the file has no audio.
        """
        order = MediaOrder(
            type="transcribe",
            params={"language": language, "beam_size": beam_size},
            inputs={"audio": Path(path)},
            read=("words",),
        )
        transcript = json.loads(make(order, on_progress).texts["words"])
        return captions_of(transcript["words"]), float(transcript["duration"])

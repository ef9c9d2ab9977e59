"""Speech to text."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from gala.engine import MediaOrder, OnProgress
from gala_renderer.library.engine_call import PathLike, captions_of, make


class STT:
    """Listens with Faster Whisper (``WHISPER_MODEL``, ``WHISPER_COMPUTE_TYPE``), loaded once."""

    def transcribe(
        self,
        path: PathLike,
        language: str | None = None,
        beam_size: int = 5,
        *,
        on_progress: OnProgress | None = None,
    ) -> tuple[list[dict[str, Any]], float]:
        """What is said in a sound or video: words with their times, and its length in seconds.

        Raises ``EngineMissing`` naming what to install, ``InvalidRequest``, and
        ``UnprocessableMedia`` for a file without sound.
        """
        order = MediaOrder(
            type="transcribe",
            params={"language": language, "beam_size": beam_size},
            inputs={"audio": Path(path)},
            read=("words",),
        )
        heard = json.loads(make(order, on_progress).texts["words"])
        return captions_of(heard["words"]), float(heard["duration"])

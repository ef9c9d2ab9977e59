"""Generate speech into a file, and probe media files."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from gala.engine import MediaOrder, OnProgress
from gala_renderer.library.engine_call import PathLike, captions_of, make

_FORMATS = {".wav": "wav", ".mp3": "mp3", ".m4a": "m4a", ".ogg": "ogg", ".flac": "flac"}


def generate_speech(
    order: MediaOrder, output_path: PathLike, on_progress: OnProgress | None
) -> list[dict[str, Any]]:
    """Execute a ``tts`` order in the format of the path's suffix (WAV if the suffix is unknown),
    and return the words with their times."""
    path = Path(output_path)
    params = {**order.params, "audio_format": _FORMATS.get(path.suffix.lower(), "wav")}
    order = replace(order, params=params, outputs={"audio": path}, read=("words",))
    result = make(order, on_progress)
    return captions_of(json.loads(result.texts["words"]))


def probe(path: PathLike, ffmpeg: Path | None = None) -> dict[str, Any]:
    """Return the output of the render type ``probe`` for a media file."""
    order = MediaOrder(type="probe", inputs={"media": Path(path)}, read=("info",))
    info: dict[str, Any] = json.loads(make(order, ffmpeg=ffmpeg).texts["info"])
    return info

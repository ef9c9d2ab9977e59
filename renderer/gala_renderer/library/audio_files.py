"""Speech into a file, and how long it is."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from gala.engine import MediaOrder, OnProgress
from gala_renderer.library.engine_call import PathLike, captions_of, make

_FORMATS = {".wav": "wav", ".mp3": "mp3", ".m4a": "m4a", ".ogg": "ogg", ".flac": "flac"}


def speak(
    order: MediaOrder, output_path: PathLike, on_progress: OnProgress | None
) -> list[dict[str, Any]]:
    """Make a ``tts`` order in the format of the path's suffix (WAV if none is known by it)."""
    path = Path(output_path)
    params = {**order.params, "audio_format": _FORMATS.get(path.suffix.lower(), "wav")}
    wanted = replace(order, params=params, outputs={"audio": path}, read=("words",))
    made = make(wanted, on_progress)
    return captions_of(json.loads(made.texts["words"]))


def probe(path: PathLike, ffmpeg: Path | None = None) -> dict[str, Any]:
    """What the engine sees in a media file."""
    order = MediaOrder(type="probe", inputs={"media": Path(path)}, read=("info",))
    found: dict[str, Any] = json.loads(make(order, ffmpeg=ffmpeg).texts["info"])
    return found

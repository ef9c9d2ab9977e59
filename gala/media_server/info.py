"""What a look into a file (the render type ``probe``) is told as, in the media server's shapes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gala.errors import UnprocessableMedia


def video_info(probed: Mapping[str, Any]) -> dict[str, Any]:
    """``{"duration", "width", "height", "fps": "25", "aspect_ratio": "9:16", "codec"}``.

    Raises ``UnprocessableMedia`` for a file without pictures.
    """
    if not probed.get("video"):
        raise UnprocessableMedia("This file has no video stream.")
    shown = {name: probed[name] for name in ("duration", "width", "height", "fps")}
    return {**shown, "aspect_ratio": probed["aspect_ratio"], "codec": probed["video"]["codec"]}


def audio_info(probed: Mapping[str, Any]) -> dict[str, Any]:
    """``{"duration", "channels", "sample_rate": "24000", "codec", "bitrate": "384000"}``.

    Raises ``UnprocessableMedia`` for a file without sound.
    """
    sound = probed.get("audio")
    if not sound:
        raise UnprocessableMedia("This file has no audio stream.")
    bitrate = sound["bitrate"] or probed.get("bitrate")
    seconds = sound["duration"] or probed["duration"]
    return {
        "duration": None if seconds is None else round(seconds, 6),
        "channels": sound["channels"],
        "sample_rate": str(sound["sample_rate"]),
        "codec": sound["codec"],
        "bitrate": None if bitrate is None else str(bitrate),
    }

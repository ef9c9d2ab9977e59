"""The output of the render type ``probe`` in the format of the media server's info routes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gala.errors import UnprocessableMedia


def video_info(probed: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``{"duration", "width", "height", "fps": "25", "aspect_ratio": "9:16", "codec"}``.

    Raise ``UnprocessableMedia`` if the file has no video stream.
    """
    if not probed.get("video"):
        raise UnprocessableMedia("This file has no video stream.")
    values = {name: probed[name] for name in ("duration", "width", "height", "fps")}
    return {**values, "aspect_ratio": probed["aspect_ratio"], "codec": probed["video"]["codec"]}


def audio_info(probed: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``{"duration", "channels", "sample_rate": "24000", "codec", "bitrate": "384000"}``.

    Raise ``UnprocessableMedia`` if the file has no audio stream.
    """
    audio = probed.get("audio")
    if not audio:
        raise UnprocessableMedia("This file has no audio stream.")
    bitrate = audio["bitrate"] or probed.get("bitrate")
    seconds = audio["duration"] or probed["duration"]
    return {
        "duration": None if seconds is None else round(seconds, 6),
        "channels": audio["channels"],
        "sample_rate": str(audio["sample_rate"]),
        "codec": audio["codec"],
        "bitrate": None if bitrate is None else str(bitrate),
    }

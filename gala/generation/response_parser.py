"""Finds the file in a service's JSON response, in any of the common formats."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from gala.errors import RenderFailed

_NAMES: Final = (
    *("b64_json", "image_base64", "video_base64", "audio_base64", "base64"),
    *("image", "video", "audio", "url", "image_url", "video_url", "audio_url"),
    *("data", "images", "videos", "audios", "result", "output", "outputs"),
)  # fmt: skip
_MAX_DEPTH: Final = 8


def unpack(path: Path) -> str | None:
    """Replace the JSON in a file by the first file that it holds; return a URL if it has one."""
    name, value = _first("data", _parse(path), _MAX_DEPTH)
    if value.startswith("data:"):
        value = value.partition(",")[2]
    elif value.startswith(("http://", "https://")) or name.endswith("url"):
        return value
    try:
        path.write_bytes(base64.b64decode("".join(value.split()), validate=True))
    except (binascii.Error, ValueError) as error:
        raise RenderFailed("The service's response is neither base64 nor a URL.") from error
    return None


def _parse(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise RenderFailed(
            "The service's response is not the JSON that it claims to be."
        ) from error


def _first(name: str, value: Any, depth: int) -> tuple[str, str]:
    if isinstance(value, str) and value:
        return name, value
    if isinstance(value, list) and value and depth:
        return _first(name, value[0], depth - 1)
    if isinstance(value, Mapping) and depth:
        for known in _NAMES:
            if value.get(known):
                return _first(known, value[known], depth - 1)
        raise RenderFailed(f"The service's response holds no medium: {_summary(value)}.")
    raise RenderFailed("The service's response holds no medium.")


def _summary(response: Mapping[str, Any]) -> str:
    problem = response.get("error") or response.get("detail") or response.get("message")
    return str(problem or f"it has {', '.join(map(str, response)) or 'nothing'}")

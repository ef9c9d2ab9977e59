"""Where the medium is in a service's JSON answer, in any of the usual forms."""

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
_DEEPEST: Final = 8


def unpack(path: Path) -> str | None:
    """Put the first medium of the JSON in a file there instead; the URL, if it only names one."""
    name, value = _first("data", _loaded(path), _DEEPEST)
    if value.startswith("data:"):
        value = value.partition(",")[2]
    elif value.startswith(("http://", "https://")) or name.endswith("url"):
        return value
    try:
        path.write_bytes(base64.b64decode("".join(value.split()), validate=True))
    except (binascii.Error, ValueError) as error:
        raise RenderFailed("The service's answer is neither base64 nor a URL.") from error
    return None


def _loaded(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise RenderFailed("The service's answer is no JSON, although it says so.") from error


def _first(name: str, value: Any, depth: int) -> tuple[str, str]:
    if isinstance(value, str) and value:
        return name, value
    if isinstance(value, list) and value and depth:
        return _first(name, value[0], depth - 1)
    if isinstance(value, Mapping) and depth:
        for known in _NAMES:
            if value.get(known):
                return _first(known, value[known], depth - 1)
        raise RenderFailed(f"The service's answer holds no medium: {_shown(value)}.")
    raise RenderFailed("The service's answer holds no medium.")


def _shown(answer: Mapping[str, Any]) -> str:
    problem = answer.get("error") or answer.get("detail") or answer.get("message")
    return str(problem or f"it has {', '.join(map(str, answer)) or 'nothing'}")

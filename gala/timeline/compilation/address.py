"""Content addresses of scenes: equal where the same is shown and spoken."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any, Final

from gala.media import Format
from gala.timeline.compilation.layers import Layer
from gala.timeline.measurements import Measurements

_VERSION: Final = 1
"""Changes when the same scene is drawn in another way."""
_ELSEWHERE: Final = frozenset({"name", "start", "duration", "elements"})
"""Fields of elements that say nothing about the picture once times are resolved."""


def scene_address(
    layers: Sequence[Layer],
    *,
    first_frame: int,
    frames: int,
    background: str,
    frame: Format,
    measurements: Measurements,
) -> str:
    """Return the SHA-256 of all that a scene's picture and sound are made of.

    Times count from ``first_frame``, so that a scene keeps its address when others change.
    """
    content = {
        "version": _VERSION,
        "frame": frame.model_dump(),
        "frames": frames,
        "background": background,
        "layers": [_described(layer, first_frame, measurements) for layer in layers],
    }
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _described(layer: Layer, first_frame: int, measurements: Measurements) -> dict[str, Any]:
    source = getattr(layer.element, "src", None)
    media = measurements.media(source) if source else None
    speech = layer.speech
    return {
        "element": layer.element.model_dump(mode="json", exclude=set(_ELSEWHERE)),
        "groups": [
            part.element.model_dump(mode="json", exclude=set(_ELSEWHERE)) for part in _groups(layer)
        ],
        "frames": [layer.first_frame - first_frame, layer.end_frame - first_frame],
        "box": None if layer.placement is None else [list(layer.placement.box)],
        "file": media.identity if media else "",
        "voice": None if speech is None else speech.voice.model_dump(mode="json"),
    }


def _groups(layer: Layer) -> list[Any]:
    found, group = [], layer.group
    while group is not None:
        found.append(group)
        group = group.group
    return found

"""Filters and chroma keys of an edit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from gala.render_types.params.colors import parse_color
from gala.timeline.exchange.shotstack.values import Json, number, obj

FILTERS: Final[Mapping[str, Mapping[str, Any]]] = {
    "blur": {"blur": "1%"},
    "boost": {"filters": {"contrast": 1.2, "saturation": 1.4}},
    "contrast": {"filters": {"contrast": 1.4}},
    "darken": {"filters": {"brightness": 0.6}},
    "greyscale": {"filters": {"grayscale": 1}},
    "lighten": {"filters": {"brightness": 1.4}},
    "muted": {"filters": {"contrast": 0.85, "saturation": 0.6}},
    "negative": {"filters": {"invert": 1}},
}
"""Fields of pictures and videos that look about like Shotstack's filters."""
_LARGEST_THRESHOLD: Final = 255.0
_USUAL_THRESHOLD: Final = 150.0
_SIMILARITY: Final = 0.25
"""That of a threshold of 255."""


def look_of(clip: Json, asset: Json) -> dict[str, Any]:
    """Return the look of a clip with a picture or a video."""
    return {**FILTERS.get(str(clip.get("filter")), {}), **_key_of(asset)}


def _key_of(asset: Json) -> dict[str, Any]:
    given = obj(asset.get("chromaKey"))
    if not given:
        return {}
    try:
        color = parse_color(str(given.get("color")))
    except ValueError:
        return {}
    threshold = number(given.get("threshold"), 0, _LARGEST_THRESHOLD)
    halo = number(given.get("halo"), 0, _LARGEST_THRESHOLD) or 0.0
    part = (_USUAL_THRESHOLD if threshold is None else threshold) / _LARGEST_THRESHOLD
    similarity = max(0.01, round(part * _SIMILARITY, 3))
    blend = round(halo / _LARGEST_THRESHOLD * _SIMILARITY, 3)
    return {"chroma_key": {"color": color, "similarity": similarity, "blend": blend}}

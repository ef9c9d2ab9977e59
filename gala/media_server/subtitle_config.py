"""The Python library's ``subtitle_config`` as :class:`CaptionParams`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pydantic import ValidationError

from gala.errors import InvalidRequest
from gala.media_server.caption_form import CAPTION_FIELDS, captions_from_form
from gala.render_types.params.captions import CaptionParams, CaptionPlace
from gala.validation import first_problem

_PARAMS: Final[Mapping[str, str]] = {
    "font": "font",
    "font_size": "font_size",
    "bold": "bold",
    "color": "color",
    "outline_color": "stroke_color",
    "outline_width": "stroke_width",
    "shadow": "shadow_blur",
    "max_lines": "max_lines",
    "max_length": "max_chars",
    "alignment": "position",
}
_DEFAULTS: Final[Mapping[str, Any]] = {
    "max_lines": 2,
    "max_chars": 15,
    "font_size": 80,
    "bold": True,
    "color": "#ffffff",
    "position": CaptionPlace.BOTTOM,
}
"""Where the library differs from the media server's form."""
_ALIGNMENTS: Final[Mapping[int, CaptionPlace]] = {
    2: CaptionPlace.BOTTOM,
    5: CaptionPlace.TOP,
    10: CaptionPlace.CENTER,
}


def captions_from_subtitle_config(config: Mapping[str, Any] | None) -> CaptionParams:
    """Return the captions that a ``subtitle_config`` describes.

    ``alignment`` is 2 (bottom), 5 (top) or 10 (center). ``shadow`` is the blur in pixels, or a bool
    that turns the shadow on or off. A value that is ``None`` or empty counts as absent. Raise
    ``InvalidRequest`` naming an unknown or invalid field.
    """
    params = {**captions_from_form({}).model_dump(exclude_unset=True), **_DEFAULTS}
    for name, value in (config or {}).items():
        if name not in _PARAMS:
            raise _invalid(name, f"There is no such field; the fields are {', '.join(_PARAMS)}.")
        if value is not None and value != "":
            params |= _param(name, value)
    try:
        return CaptionParams.model_validate(params, strict=False)
    except ValidationError as error:
        path, message = first_problem(error)
        names = {param: name for name, param in _PARAMS.items()}
        raise _invalid(names.get(path[0], path[0]), message) from error


def _param(name: str, value: Any) -> dict[str, Any]:
    if name == "alignment":
        return {"position": _position(value)}
    if name == "shadow" and (isinstance(value, bool) or not value):
        # A bool turns the shadow on or off and does not set its blur.
        return {} if value else {"shadow_opacity": 0.0}
    param = _PARAMS[name]
    return {param: _within_bounds(name, param, value)}


def _position(value: Any) -> CaptionPlace:
    place = _ALIGNMENTS.get(int(value)) if value in tuple(_ALIGNMENTS) else None
    if place is None:
        raise _invalid("alignment", "Must be 2 (bottom), 5 (top) or 10 (center).")
    return place


def _within_bounds(name: str, param: str, value: Any) -> Any:
    """Return ``value``; a number is rounded, as the form takes whole numbers only."""
    bounds = next((one.bounds for one in CAPTION_FIELDS.values() if one.param == param), None)
    if bounds is None:
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _invalid(name, "Must be a number.")
    if not bounds[0] <= value <= bounds[1]:
        raise _invalid(name, f"Must be {bounds[0]} to {bounds[1]}.")
    return round(value)


def _invalid(name: str, message: str) -> InvalidRequest:
    field = f"subtitle_config.{name}"
    return InvalidRequest(f"{field}: {message}", field=field)

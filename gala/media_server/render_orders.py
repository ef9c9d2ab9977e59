"""What the media server's forms mean to the engine: the same behind every door."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from gala.engine import MediaOrder
from gala.errors import InvalidRequest
from gala.media import Format
from gala.media_server.caption_form import (
    CAPTION_BOUNDS,
    CAPTION_PREFIX,
    caption_params,
    captioned_params,
)
from gala.media_service.models import Voice
from gala.render_types import find_type
from gala.render_types.captioned_video import TYPE as CAPTIONED_VIDEO
from gala.validation import invalid_request

USUAL_VOICE: Final = "af_heart"

_CAPTION_FIELDS: Final[Mapping[str, str]] = {
    "font": "font_name",
    "font_size": "font_size",
    "bold": "font_bold",
    "color": "font_color",
    "outline_color": "stroke_color",
    "outline_width": "stroke_size",
    "shadow": "shadow_blur",
    "max_lines": "line_count",
    "max_length": "line_max_length",
    "alignment": "subtitle_position",
}
_USUAL_LOOK: Final[Mapping[str, Any]] = {
    "line_count": 2,
    "line_max_length": 15,
    "font_size": 80,
    "font_bold": True,
    "font_color": "#ffffff",
    "subtitle_position": "bottom",
}
_POSITIONS: Final[Mapping[int, str]] = {2: "bottom", 5: "top", 10: "center"}


def speech_order(text: str, voice: Voice, sample: Path | None = None) -> MediaOrder:
    """A speech as WAV."""
    params: dict[str, Any] = {"text": text, "engine": voice.speaker, "speed": voice.speed}
    name = voice.voice or (USUAL_VOICE if voice.speaker == "kokoro" else None)
    if name and voice.speaker != "chatterbox":
        params["voice"] = name
    if voice.speaker == "chatterbox":
        params |= {
            "exaggeration": voice.exaggeration,
            "cfg_weight": voice.cfg_weight,
            "temperature": voice.temperature,
        }
    return checked("tts", params, {"sample": sample} if sample else {})


def captioned_order(
    *,
    image: Path,
    audio: Path,
    text: str | None,
    captions: Mapping[str, Any],
    width: int,
    height: int,
    image_effect: str,
) -> MediaOrder:
    """A captioned video; ``captions`` are ``caption_config_*`` fields without that prefix."""
    params = captioned_params(text=text, captions=captions, image_effect=image_effect)
    inputs = {"background": image, "voice": audio}
    return checked("captioned_video", params, inputs, frame(width, height))


def merge_order(videos: list[Path], music: Path | None, volume: float) -> MediaOrder:
    """Clips joined, with music if there is some."""
    inputs: dict[str, Any] = {"videos": videos}
    params: dict[str, Any] = {}
    if music is not None:
        inputs["music"] = music
        params["music_volume"] = float(volume)
    return checked("merge", params, inputs)


def frame(width: int, height: int) -> Format:
    """A frame of that size in pixels; raises ``InvalidRequest`` naming the side."""
    fps = CAPTIONED_VIDEO.format.fps if CAPTIONED_VIDEO.format else 30
    try:
        return Format(width=width, height=height, fps=fps)
    except ValidationError as error:
        raise invalid_request(error) from error


def caption_fields(config: Mapping[str, Any] | None) -> dict[str, Any]:
    """A ``subtitle_config`` as ``caption_config_*`` fields without that prefix.

    ``alignment`` is 2 (bottom), 5 (top) or 10 (center); ``shadow`` a number of pixels, or whether
    there is one. Raises ``InvalidRequest`` naming the field.
    """
    fields = dict(_USUAL_LOOK)
    for name, value in (config or {}).items():
        if name not in _CAPTION_FIELDS:
            raise _refused(name, f"there is none; there are {', '.join(_CAPTION_FIELDS)}")
        if value is None or value == "":
            continue
        if name == "alignment":
            fields["subtitle_position"] = _position(value)
        elif name == "shadow" and (isinstance(value, bool) or not value):
            # Whether there is one, not how far it reaches.
            fields |= {} if value else {"shadow_transparency": 1.0}
        else:
            fields[_CAPTION_FIELDS[name]] = _bounded(name, value)
    return _checked_look(fields)


def _checked_look(fields: dict[str, Any]) -> dict[str, Any]:
    """Refuse here what the engine or a server would refuse later, by the name that callers know."""
    try:
        caption_params(fields)
    except InvalidRequest as error:
        sent, _, said = error.message.partition(": ")
        ours = {theirs: name for name, theirs in _CAPTION_FIELDS.items()}
        name = ours.get(sent.removeprefix(CAPTION_PREFIX), sent)
        raise _refused(name, said.rstrip(".")) from error
    return fields


def _position(value: Any) -> str:
    if value not in _POSITIONS:
        raise _refused("alignment", "must be 2 (bottom), 5 (top) or 10 (center)")
    return _POSITIONS[value]


def _bounded(name: str, value: Any) -> Any:
    bounds = CAPTION_BOUNDS.get(_CAPTION_FIELDS[name])
    if bounds is None:
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _refused(name, "must be a number")
    if not bounds[0] <= value <= bounds[1]:
        raise _refused(name, f"must be {bounds[0]} to {bounds[1]}")
    return round(value)


def _refused(name: str, why: str) -> InvalidRequest:
    field = f"subtitle_config.{name}"
    return InvalidRequest(f"{field}: {why}.", field=field)


def checked(
    type_name: str,
    params: Mapping[str, Any],
    inputs: Mapping[str, Any],
    form: Format | None = None,
) -> MediaOrder:
    """An order whose params the type takes; raises ``InvalidRequest`` naming the field."""
    render_type = find_type(type_name)
    assert render_type is not None  # noqa: S101 - one of ours
    try:
        render_type.params.parse(params)
    except ValidationError as error:
        raise invalid_request(error) from error
    return MediaOrder(type=type_name, params=params, inputs=inputs, format=form)

"""The caption fields of the media server's form (``caption_config_*``) as :class:`CaptionParams`.

The API receives this form, and the client sends it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pydantic import ValidationError

from gala.errors import InvalidRequest
from gala.render_types.params.captions import CaptionParams, CaptionStyle
from gala.render_types.params.motion import Effect
from gala.validation import first_problem

CAPTION_PREFIX: Final = "caption_config_"
"""How the names of the form's caption fields begin."""


@dataclass(frozen=True, slots=True)
class CaptionField:
    """A field of the form: the caption parameter that it sets, its default and its bounds."""

    param: str
    default: Any
    bounds: tuple[int, int] | None = None


_TRANSPARENCY: Final = "shadow_transparency"
CAPTION_FIELDS: Final[Mapping[str, CaptionField]] = {
    "line_count": CaptionField("max_lines", 1, (1, 5)),
    "line_max_length": CaptionField("max_chars", 1, (1, 200)),
    "font_size": CaptionField("font_size", 120, (8, 200)),
    "font_name": CaptionField("font", None),
    "font_bold": CaptionField("bold", True),
    "font_italic": CaptionField("italic", False),
    "font_color": CaptionField("color", "#fff"),
    "subtitle_position": CaptionField("position", "top"),
    "shadow_color": CaptionField("shadow_color", "#000"),
    _TRANSPARENCY: CaptionField("shadow_opacity", 0.4, (0, 1)),
    "shadow_blur": CaptionField("shadow_blur", 10, (0, 20)),
    "stroke_color": CaptionField("stroke_color", "#000"),
    "stroke_size": CaptionField("stroke_width", 5, (0, 10)),
}
"""By field name without the prefix. ``shadow_transparency`` is 1 - ``shadow_opacity``."""

_UNAVAILABLE_FONTS: Final = frozenset({"arial", "helvetica"})
"""Fonts that clients name by habit. They are not free and rarely installed, so the default font is
used instead of rejecting the video."""
_MOVING: Final = frozenset({Effect.KEN_BURNS, Effect.PAN})


def captions_from_form(fields: Mapping[str, Any]) -> CaptionParams:
    """Return the captions that the form's fields describe; names are without the prefix.

    Values may be strings, as in a form. A field that is absent, empty or ``None`` has the form's
    default (one large word at a time). Raise ``InvalidRequest`` naming an unknown or invalid field.
    """
    values = {name: field.default for name, field in CAPTION_FIELDS.items()}
    for name, value in fields.items():
        if name not in CAPTION_FIELDS:
            raise _invalid(name, "There is no such field.")
        if value is not None and value != "":
            values[name] = value
    values[_TRANSPARENCY] = _complement(values[_TRANSPARENCY])
    params = {CAPTION_FIELDS[name].param: value for name, value in values.items()}
    if params["font"] is None:
        del params["font"]
    fixed = {"style": CaptionStyle.CLASSIC, "min_seconds": 0.0}
    try:
        return CaptionParams.model_validate({**fixed, **params}, strict=False)
    except ValidationError as error:
        path, message = first_problem(error)
        raise _invalid(_field_name(path[0]), message) from error


def captions_to_form(captions: CaptionParams) -> dict[str, str]:
    """Return the form's fields for ``captions``, without those that have the form's default."""
    defaults = captions_from_form({})
    fields: dict[str, str] = {}
    for name, field in CAPTION_FIELDS.items():
        value = getattr(captions, field.param)
        if value == getattr(defaults, field.param):
            continue
        if name == _TRANSPARENCY:
            value = _complement(value)
        fields[name] = _form_value(value, field.default)
    return fields


def caption_params(captions: CaptionParams) -> dict[str, Any]:
    """Return ``captions`` as JSON params of a render type; an unavailable font is left out."""
    params = captions.model_dump(mode="json", exclude_unset=True)
    if str(params.get("font") or "").strip().lower() in _UNAVAILABLE_FONTS:
        del params["font"]
    return params


def captioned_video_params(
    *, text: str | None, captions: CaptionParams, image_effect: str
) -> dict[str, Any]:
    """Return the params of a ``captioned_video``; a blank text is left out."""
    params = {
        "captions": caption_params(captions),
        "motion": {"effect": motion_effect(image_effect)},
    }
    return {**params, "text": text} if text and text.strip() else params


def motion_effect(image_effect: str) -> str:
    """Return ``ken_burns`` or ``pan`` if it is one of them; any other effect is ``still``."""
    return image_effect if image_effect in _MOVING else Effect.STILL


def _field_name(param: str) -> str:
    return next((name for name, field in CAPTION_FIELDS.items() if field.param == param), param)


def _complement(value: Any) -> float:
    """Return the opacity for a transparency, or the other way round."""
    try:
        return round(1 - float(value), 6)
    except (TypeError, ValueError) as error:
        raise _invalid(_TRANSPARENCY, "Must be a number.") from error


def _form_value(value: Any, default: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    # The form takes whole numbers only in the fields whose default is one.
    return str(round(value) if isinstance(default, int) else value)


def _invalid(name: str, message: str) -> InvalidRequest:
    field = CAPTION_PREFIX + name
    return InvalidRequest(f"{field}: {message}", field=field)

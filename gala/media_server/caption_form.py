"""What the media server's forms say of a captioned video, in the engine's words.

The server reads forms with it, and the library what it would send to a server.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pydantic import ValidationError

from gala.errors import InvalidRequest
from gala.render_types.params.captions import CAPTION_CONFIG, from_caption_config
from gala.render_types.params.motion import Effect
from gala.validation import first_problem

CAPTION_PREFIX: Final = "caption_config_"
"""How the form's fields about captions begin."""

CAPTION_BOUNDS: Final[Mapping[str, tuple[int, int]]] = {
    "line_count": (1, 5),
    "line_max_length": (1, 200),
    "font_size": (8, 200),
    "shadow_transparency": (0, 1),
    "shadow_blur": (0, 20),
    "stroke_size": (0, 10),
}
"""What the form takes of its numbers about captions, from and to."""

_USUAL_FONTS: Final = frozenset({"arial", "helvetica"})
"""What clients name without having thought of it. They are not free, so that nobody has them for
sure; the usual font is drawn instead of refusing a video for the sake of its font."""
_MOVING: Final = frozenset({Effect.KEN_BURNS, Effect.PAN})
_FORM_NAMES: Final = {ours: theirs for theirs, ours in CAPTION_CONFIG.items()}


def captioned_params(
    *, text: str | None, captions: Mapping[str, Any], image_effect: str
) -> dict[str, Any]:
    """The params of a ``captioned_video``; a blank text is absent, as an empty one is.

    ``captions`` are as in :func:`caption_params`, and so are the errors.
    """
    params = {
        "captions": caption_params(captions),
        "motion": {"effect": motion_effect(image_effect)},
    }
    return {**params, "text": text} if text and text.strip() else params


def caption_params(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The engine's params of ``caption_config_*`` fields, which are named without that prefix.

    An empty field is absent. Raises ``InvalidRequest`` naming the form's field.
    """
    if str(fields.get("font_name") or "").strip().lower() in _USUAL_FONTS:
        fields = {**fields, "font_name": None}
    try:
        return from_caption_config(fields).model_dump(mode="json", exclude_unset=True)
    except ValidationError as error:
        where, said = first_problem(error)
        field = CAPTION_PREFIX + _FORM_NAMES.get(where[0], where[0])
        raise InvalidRequest(f"{field}: {said}", field=field) from error
    except ValueError as error:
        field = CAPTION_PREFIX + str(error).partition(":")[0].removeprefix(CAPTION_PREFIX)
        said = str(error).partition(": ")[2]
        raise InvalidRequest(f"{field}: {said}", field=field) from error


def motion_effect(image_effect: str) -> str:
    """``ken_burns`` and ``pan`` are known, everything else stands still."""
    return image_effect if image_effect in _MOVING else Effect.STILL

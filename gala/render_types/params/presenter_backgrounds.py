"""What is behind a presenter, said in one word as a person would say it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from gala.render_types.params.presenters import PresenterBackground

_WORDS: Final = frozenset(PresenterBackground) - {PresenterBackground.REPLACE}
_TRANSPARENT: Final = {".webm": "webm", ".mov": "mov", ".zip": "png"}
"""Transparent formats by the ending of the output file."""


def background_choice(
    background: str | None, output_ending: str
) -> tuple[dict[str, Any], Path | None]:
    """Return the params of a background, and its file if it is one.

    ``background`` is ``keep``, ``blur``, ``none`` (transparent, in the format of the output file's
    ending), the path of a picture or video, or a color; None leaves it open.
    """
    if background is None:
        return {}, None
    if background == PresenterBackground.NONE:
        transparent = _TRANSPARENT.get(output_ending, "webm")
        return {"background": background, "transparent_format": transparent}, None
    if background in _WORDS:
        return {"background": background}, None
    path = Path(background)
    if path.exists():
        return {}, path
    return {"background": PresenterBackground.REPLACE.value, "background_color": background}, None

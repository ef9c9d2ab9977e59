"""The look of a brand in a composition: its captions and its font, where an element has none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from gala.brand_kits import BrandKit

_WITH_FONT: Final = frozenset({"text", "countdown", "chart"})
_LISTS: Final = ("scenes", "tracks", "clips", "elements")


def with_brand_look(kit: BrandKit, document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a composition, not checked yet, that looks as the kit says and has its fonts.

    What it sets itself is kept.
    """
    found = with_look_of(kit, document)
    own = found.get("fonts", {})
    if kit.fonts.files and isinstance(own, Mapping):
        found["fonts"] = {**kit.fonts.model_dump(mode="json")["files"], **own}
    return found


def with_look_of(kit: BrandKit, document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a composition, not checked yet, whose captions and texts look as the kit says.

    What captions and texts set themselves is kept.
    """
    found = {name: _each(kit, name, value) for name, value in document.items()}
    if found.get("type") in _WITH_FONT and kit.fonts.body is not None:
        found.setdefault("font", kit.fonts.body)
    if found.get("type") == "caption":
        found = {**kit.caption_look, **found}
    look = found.get("captions")
    if look is True and kit.caption_look:
        found["captions"] = kit.caption_look
    elif isinstance(look, Mapping):
        found["captions"] = {**kit.caption_look, **look}
    return found


def _each(kit: BrandKit, name: str, value: Any) -> Any:
    """Return a field's value; scenes, tracks and elements with the look of the kit."""
    if name not in _LISTS or not isinstance(value, list):
        return value
    return [with_look_of(kit, one) if isinstance(one, Mapping) else one for one in value]

"""Captions of a composition where the player of a target does not cover them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from gala.render_types.params.captions import CaptionPlace
from gala.render_types.params.safe_margins import SafeMargins
from gala.targets import Target
from gala.timeline.document.values import written_percent

_LISTS: Final = ("scenes", "tracks", "clips", "elements")


def with_captions_for(target: Target, document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a composition, not checked yet, with its captions in what the target leaves free.

    Captions that have a place of their own keep it.
    """
    free = SafeMargins(**asdict(target.safe_area)).free_place()
    return _placed({name: written_percent(part) for name, part in free.items()}, document)


def _placed(place: Mapping[str, str], document: Mapping[str, Any]) -> dict[str, Any]:
    found = {name: _each(place, name, value) for name, value in document.items()}
    look = found.get("captions")
    if look is True and not place:
        return found
    if look is True or isinstance(look, Mapping):
        found["captions"] = _look(place, {} if look is True else look)
    return _look(place, found) if found.get("type") == "caption" else found


def _look(place: Mapping[str, str], own: Mapping[str, Any]) -> dict[str, Any]:
    """Return a look with the place that is free; ``bottom`` is where captions are without one."""
    if own.get("position") == CaptionPlace.BOTTOM and "position" in place:
        own = {name: value for name, value in own.items() if name != "position"}
    return {**place, **own}


def _each(place: Mapping[str, str], name: str, value: Any) -> Any:
    if name not in _LISTS or not isinstance(value, list):
        return value
    return [_placed(place, one) if isinstance(one, Mapping) else one for one in value]

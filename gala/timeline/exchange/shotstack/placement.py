"""Where clips are, how they move, and how they appear."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from gala.timeline.exchange.shotstack.values import (
    Json,
    Losses,
    Path,
    Size,
    array,
    number,
    obj,
    percent,
)

_SPEEDS: Final = {"Slow": 2.0, "Fast": 0.5, "VeryFast": 0.25}
_QUICK: Final = {"Slow": 2.0, "Fast": 0.25, "VeryFast": 0.25}
_SHORTEST: Final = 0.04
"""Seconds that a change lasts at least."""
_SLIDE: Final = 0.025
"""How far a slide moves, in parts of the frame."""
_EFFECTS: Final = {
    "zoomIn": ("zoom-in", {"Slow": 0.1, "": 0.3, "Fast": 0.7}),
    "zoomOut": ("zoom-out", {"Slow": 0.1, "": 0.3, "Fast": 0.7}),
    "slideLeft": ("pan-left", {"Slow": 0.06, "": 0.24, "Fast": 0.4}),
    "slideRight": ("pan-right", {"Slow": 0.06, "": 0.24, "Fast": 0.4}),
    "slideUp": ("pan-up", {"Slow": 0.06, "": 0.24, "Fast": 0.4}),
    "slideDown": ("pan-down", {"Slow": 0.06, "": 0.24, "Fast": 0.4}),
}
_EASINGS: Final = {
    "easeIn": "ease-in",
    "easeOut": "ease-out",
    "easeInOut": "ease-in-out",
    "ease": "ease",
    # As easings.net has them.
    "easeInSine": "cubic-bezier(0.12, 0, 0.39, 0)",
    "easeOutSine": "cubic-bezier(0.61, 1, 0.88, 1)",
    "easeInOutSine": "cubic-bezier(0.37, 0, 0.63, 1)",
    "easeInQuad": "cubic-bezier(0.11, 0, 0.5, 0)",
    "easeOutQuad": "cubic-bezier(0.5, 1, 0.89, 1)",
    "easeInOutQuad": "cubic-bezier(0.45, 0, 0.55, 1)",
    "easeInCubic": "cubic-bezier(0.32, 0, 0.67, 0)",
    "easeOutCubic": "cubic-bezier(0.33, 1, 0.68, 1)",
    "easeInOutCubic": "cubic-bezier(0.65, 0, 0.35, 1)",
    "easeInQuart": "cubic-bezier(0.5, 0, 0.75, 0)",
    "easeOutQuart": "cubic-bezier(0.25, 1, 0.5, 1)",
    "easeInOutQuart": "cubic-bezier(0.76, 0, 0.24, 1)",
    "easeInQuint": "cubic-bezier(0.64, 0, 0.78, 0)",
    "easeOutQuint": "cubic-bezier(0.22, 1, 0.36, 1)",
    "easeInOutQuint": "cubic-bezier(0.83, 0, 0.17, 1)",
    "easeInExpo": "cubic-bezier(0.7, 0, 0.84, 0)",
    "easeOutExpo": "cubic-bezier(0.16, 1, 0.3, 1)",
    "easeInOutExpo": "cubic-bezier(0.87, 0, 0.13, 1)",
    "easeInCirc": "cubic-bezier(0.55, 0, 1, 0.45)",
    "easeOutCirc": "cubic-bezier(0, 0.55, 0.45, 1)",
    "easeInOutCirc": "cubic-bezier(0.85, 0, 0.15, 1)",
    "easeInBack": "cubic-bezier(0.36, 0, 0.66, -0.56)",
    "easeOutBack": "cubic-bezier(0.34, 1.56, 0.64, 1)",
    "easeInOutBack": "cubic-bezier(0.68, -0.6, 0.32, 1.6)",
}


@dataclass(frozen=True, slots=True)
class Anchored:
    """The word of a position as parts of the frame, from its top left corner."""

    x: float
    y: float
    word: str


def anchored(value: Any) -> Anchored:
    """Return what a position such as ``bottomRight`` means; the middle for another value."""
    words = re.findall(r"top|bottom|left|right", str(value or "").lower())
    x = 0.0 if "left" in words else 1.0 if "right" in words else 0.5
    y = 0.0 if "top" in words else 1.0 if "bottom" in words else 0.5
    across = {0.0: "left", 0.5: "", 1.0: "right"}[x]
    down = {0.0: "top", 0.5: "", 1.0: "bottom"}[y]
    return Anchored(x, y, "-".join(filter(None, (down, across))) or "center")


@dataclass(frozen=True, slots=True)
class Tween:
    """A change of a value over time, in seconds from the clip's start."""

    start: float
    end: float
    first: float
    last: float
    easing: str


def tweens(value: Any) -> list[Tween]:
    """Return the changes of a value that is a list of them."""
    found = []
    for one in map(obj, array(value)):
        first, last = number(one.get("from")), number(one.get("to"))
        start = number(one.get("start"), 0) or 0.0
        length = number(one.get("length"), _SHORTEST) or _SHORTEST
        if first is not None and last is not None:
            easing = _EASINGS.get(str(one.get("easing")), "linear")
            found.append(Tween(start, start + length, first, last, easing))
    return found


def first_value(value: Any, usual: float) -> float:
    """Return a value, or what it is at the start if it changes."""
    found = number(value)
    changes = tweens(value)
    return changes[0].first if changes else usual if found is None else found


class Movement:
    """Keyframes of an element, as they are found."""

    def __init__(self, length: float | None) -> None:
        self._length = length
        """Of the element in seconds, if it is known; keyframes are not later."""
        self._frames: dict[float, dict[str, Any]] = {}

    def add(self, name: str, changes: list[Tween], write: Any) -> None:
        """Add the changes of a value; ``write`` returns it as GALA writes it."""
        for change in changes:
            if self._length is not None and change.start >= self._length:
                continue
            self._set(change.start, name, write(change.first), change.easing)
            self._set(change.end, name, write(change.last), None)

    def _set(self, at: float, name: str, value: Any, easing: str | None) -> None:
        at = round(at if self._length is None else min(at, self._length), 6)
        frame = self._frames.setdefault(at, {"time": at})
        frame[name] = value
        if easing is not None:
            frame["easing"] = easing

    @property
    def fields(self) -> dict[str, Any]:
        """The field of an element, if anything moves."""
        frames = [self._frames[at] for at in sorted(self._frames)]
        return {"keyframes": frames} if frames else {}


def appearance(
    clip: Json, path: Path, length: float | None, losses: Losses
) -> tuple[dict[str, Any], dict[str, list[Tween]]]:
    """Return the fades of a clip, and the changes of ``x`` and ``y`` at its start and end."""
    fields: dict[str, Any] = {}
    moves: dict[str, list[Tween]] = {"x": [], "y": []}
    transition = obj(clip.get("transition"))
    for side, name in (("in", "fade_in"), ("out", "fade_out")):
        value = transition.get(side)
        if not isinstance(value, str) or value == "none":
            continue
        kind, speed = _split(value)
        seconds = _seconds(kind, speed)
        if length is not None:
            seconds = min(seconds, length / 2)
        fields[name] = round(seconds, 6)
        for axis, tween in _slide(kind, side, seconds, length):
            moves[axis].append(tween)
        if kind != "fade" and not kind.startswith("slide"):
            losses.add((*path, "transition", side), f"{value} became a fade.")
    return fields, moves


def _split(value: str) -> tuple[str, str]:
    found = re.fullmatch(r"(.*?)(VeryFast|Fast|Slow)?", value)
    return (found[1], found[2] or "") if found else (value, "")


def _seconds(kind: str, speed: str) -> float:
    if kind == "zoom":
        return 0.4
    if kind.startswith(("carousel", "slide")):
        return _QUICK.get(speed, 0.5)
    return _SPEEDS.get(speed, 1.0)


def _slide(
    kind: str, side: str, seconds: float, length: float | None
) -> Iterator[tuple[str, Tween]]:
    """Yield how a slide moves, by parts of the frame."""
    if not kind.startswith("slide") or (side == "out" and length is None):
        return
    axis = "x" if kind in {"slideLeft", "slideRight"} else "y"
    ahead = -_SLIDE if kind in {"slideLeft", "slideUp"} else _SLIDE
    if side == "in":
        yield axis, Tween(0.0, seconds, -ahead, 0.0, "linear")
    elif length is not None:
        yield axis, Tween(length - seconds, length, 0.0, ahead, "ease")


def motion(clip: Json, path: Path, losses: Losses) -> dict[str, Any]:
    """Return the camera motion of a clip with a picture."""
    value = clip.get("effect")
    if not isinstance(value, str) or value == "none":
        return {}
    kind, speed = _split(value)
    if kind not in _EFFECTS:
        losses.add((*path, "effect"), f"The effect {value[:40]!r} was left out.")
        return {}
    name, amounts = _EFFECTS[kind]
    return {"motion": {"type": name, "amount": percent(amounts.get(speed, amounts[""]))}}


def box_of(clip: Json, frame: Size, scale: float) -> dict[str, Any]:
    """Return width and height of a clip that has a size or a scale; none if it fills the frame."""
    width, height = number(clip.get("width"), 1), number(clip.get("height"), 1)
    if width is None and height is None and scale == 1:
        return {}
    return {
        "width": percent((width or frame.width) * scale / frame.width, 0.0001, 10),
        "height": percent((height or frame.height) * scale / frame.height, 0.0001, 10),
    }


def place_of(clip: Json, moves: dict[str, list[Tween]], movement: Movement) -> dict[str, Any]:
    """Return the place of a clip, and add how it moves to ``movement``."""
    anchor = anchored(clip.get("position"))
    offset = obj(clip.get("offset"))
    changes = {"x": tweens(offset.get("x")), "y": tweens(offset.get("y"))}
    x = anchor.x + first_value(offset.get("x"), 0.0)
    y = anchor.y - first_value(offset.get("y"), 0.0)
    movement.add("x", changes["x"], lambda part: percent(anchor.x + part))
    movement.add("y", changes["y"], lambda part: percent(anchor.y - part))
    for axis, at in (("x", x), ("y", y)):
        if not changes[axis]:
            movement.add(axis, moves[axis], lambda part, at=at: percent(at + part))
    is_moved = any(changes.values()) or any(moves.values())
    if (x, y) == (anchor.x, anchor.y) and not is_moved:
        return {} if anchor.word == "center" else {"position": anchor.word}
    found = {"x": percent(x), "y": percent(y)}
    return found if anchor.word == "center" else {**found, "anchor": anchor.word}

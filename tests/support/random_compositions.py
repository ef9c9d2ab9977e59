"""Compositions that nobody thought of: elements with fields that are drawn by lot.

Most are right; some are refused, as elements that start after their scene has ended are.
"""

from __future__ import annotations

from random import Random
from typing import Any, Final

TEXTS: Final = (
    "Hola", "Uno\n\ndos", "مرحبا بالعالم", "こんにちは世界", "👍🎉 fiesta", "x",
    "a long line of text that has to be broken somewhere in its middle",
    [{"text": "9 €", "strikethrough": True}, {"text": " 5 €", "box_color": "navy"}],
)  # fmt: skip
_TRANSITIONS: Final = (
    "fade", "fade-black", "wipe-left", "slide-down", "push-up", "zoom", "circle", "clock",
    "pixelate", "none",
)  # fmt: skip
_EASINGS: Final = ("linear", "ease-in-out", "step-end", "ease-out-bounce", "ease-out-back")
_ANIMATIONS: Final = ("fade", "rise", "slide-left", "pop", "typewriter")
_MOTIONS: Final = ("ken-burns", "zoom-out", "pan-left", "none")
_MASKS: Final = ("circle", "star", {"text": "AB"}, {"shape": "hexagon", "invert": True})
_DRAWING: Final = "<svg viewBox='0 0 4 4'><circle cx='2' cy='2' r='2' fill='red'/></svg>"


class Lot(Random):
    """A source of chance."""

    def happens(self, part: float) -> bool:
        """Return True in that part of all cases."""
        return self.random() < part

    def per_cent(self, low: int, high: int) -> str:
        """Return a length."""
        return f"{self.randint(low, high)}%"


def composition(seed: int) -> dict[str, Any]:
    """Return a composition of media ``video``, ``silent``, ``picture`` and ``sound``."""
    lot = Lot(seed)
    found: dict[str, Any] = {"quality": "production"}
    if lot.happens(0.7):
        found["scenes"] = [_scene(lot, number) for number in range(lot.randint(1, 3))]
    if "scenes" not in found or lot.happens(0.4):
        found["tracks"] = [{"clips": _clips(lot)} for _ in range(lot.randint(1, 2))]
    if lot.happens(0.2):
        found["background"] = "navy"
    return found


def _scene(lot: Lot, number: int) -> dict[str, Any]:
    scene: dict[str, Any] = {"elements": [element(lot) for _ in range(lot.randint(1, 3))]}
    scene["duration"] = round(lot.uniform(0.4, 1.2), 2)
    if lot.happens(0.4):
        scene["background"] = lot.choice(["navy", "maroon", "white"])
    if number and lot.happens(0.6):
        scene["transition"] = {"type": lot.choice(_TRANSITIONS), "duration": 0.2}
    return scene


def _clips(lot: Lot) -> list[dict[str, Any]]:
    clips = [element(lot) for _ in range(lot.randint(1, 3))]
    for clip in clips[1:]:
        clip.pop("start", None)
        if lot.happens(0.3):
            clip["transition"] = {"type": lot.choice(_TRANSITIONS), "duration": 0.2}
    return clips


def element(lot: Lot, *, depth: int = 0) -> dict[str, Any]:
    """Return an element; a group has others."""
    kinds = ["video", "video", "image", "text", "text", "shape", "svg", "chart", "countdown"]
    kind = lot.choice([*kinds, *(["group", "audio"] if depth == 0 else [])])
    found: dict[str, Any] = {"type": kind, "duration": round(lot.uniform(0.4, 1.2), 2)}
    found |= _content(lot, kind, depth)
    if kind != "audio":
        found |= _place(lot, kind)
    if lot.happens(0.2):
        found["start"] = round(lot.uniform(0, 0.3), 2)
    return found


def _content(lot: Lot, kind: str, depth: int) -> dict[str, Any]:
    match kind:
        case "video":
            played = [{}, {"loop": True}, {"reverse": True}, {"trim": {"start": 0.3}}]
            return {"src": lot.choice(["video", "silent"]), **lot.choice(played)}
        case "image":
            return {"src": "picture", "motion": lot.choice(_MOTIONS)}
        case "audio":
            return {"src": "sound", **lot.choice([{}, {"loop": True}, {"fade_out": 0.2}])}
        case "text":
            appears = {"animation_in": {"type": lot.choice(_ANIMATIONS), "duration": 0.3}}
            return {"text": lot.choice(TEXTS), **lot.choice([{}, appears])}
        case "shape":
            return {"color": lot.choice(["gold", "teal", "white"])}
        case "svg":
            return {"svg": _DRAWING, "width": lot.per_cent(10, 40)}
        case "chart":
            values = [{"label": f"{at}", "value": lot.randint(1, 9)} for at in range(3)]
            return {"chart": lot.choice(["bar", "column", "line", "donut"]), "values": values}
        case "countdown":
            return {"from": 2}
    return {"elements": [element(lot, depth=depth + 1) for _ in range(2)]}


def _place(lot: Lot, kind: str) -> dict[str, Any]:
    turned = lot.randint(-90, 90)
    moves = [
        {"time": 0, "scale": 0.5, "rotation": 0, "easing": lot.choice(_EASINGS)},
        {"time": "100%", "scale": 1.5, "rotation": turned},
    ]
    fits = {"fit": lot.choice(["cover", "contain", "fill", "blur"])}
    possible: list[tuple[float, dict[str, Any]]] = [
        (0.5, {"x": lot.per_cent(0, 100), "y": lot.per_cent(0, 100)}),
        (0.4, {"width": lot.per_cent(10, 100)}),
        (0.2, {"opacity": round(lot.random(), 2)}),
        (0.15, {"mask": lot.choice(_MASKS)}),
        (0.15, {"blend": lot.choice(["multiply", "screen", "soft-light"])}),
        (0.3, fits if kind in {"video", "image"} else {}),
        (0.2, {"fade_in": 0.2}),
        (0.4, lot.choice([{"rotation": turned}, {"keyframes": moves}])),
    ]
    found: dict[str, Any] = {}
    for part, fields in possible:
        found |= fields if lot.happens(part) else {}
    return found

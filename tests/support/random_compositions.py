"""Random compositions: elements whose fields are chosen by a seeded generator.

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


class Choices(Random):
    """The generator."""

    def happens(self, part: float) -> bool:
        """Return True with that probability."""
        return self.random() < part

    def per_cent(self, low: int, high: int) -> str:
        """Return a length."""
        return f"{self.randint(low, high)}%"


def composition(seed: int) -> dict[str, Any]:
    """Return a composition of media ``video``, ``silent``, ``picture`` and ``sound``."""
    rng = Choices(seed)
    found: dict[str, Any] = {"quality": "production"}
    if rng.happens(0.7):
        found["scenes"] = [_scene(rng, number) for number in range(rng.randint(1, 3))]
    if "scenes" not in found or rng.happens(0.4):
        found["tracks"] = [{"clips": _clips(rng)} for _ in range(rng.randint(1, 2))]
    if rng.happens(0.2):
        found["background"] = "navy"
    return found


def _scene(rng: Choices, number: int) -> dict[str, Any]:
    scene: dict[str, Any] = {"elements": [element(rng) for _ in range(rng.randint(1, 3))]}
    scene["duration"] = round(rng.uniform(0.4, 1.2), 2)
    if rng.happens(0.4):
        scene["background"] = rng.choice(["navy", "maroon", "white"])
    if number and rng.happens(0.6):
        scene["transition"] = {"type": rng.choice(_TRANSITIONS), "duration": 0.2}
    return scene


def _clips(rng: Choices) -> list[dict[str, Any]]:
    clips = [element(rng) for _ in range(rng.randint(1, 3))]
    for clip in clips[1:]:
        clip.pop("start", None)
        if rng.happens(0.3):
            clip["transition"] = {"type": rng.choice(_TRANSITIONS), "duration": 0.2}
    return clips


def element(rng: Choices, *, depth: int = 0) -> dict[str, Any]:
    """Return an element; a group has others."""
    kinds = ["video", "video", "image", "text", "text", "shape", "svg", "chart", "countdown"]
    kind = rng.choice([*kinds, *(["group", "audio"] if depth == 0 else [])])
    found: dict[str, Any] = {"type": kind, "duration": round(rng.uniform(0.4, 1.2), 2)}
    found |= _content(rng, kind, depth)
    if kind != "audio":
        found |= _place(rng, kind)
    if rng.happens(0.2):
        found["start"] = round(rng.uniform(0, 0.3), 2)
    return found


def _content(rng: Choices, kind: str, depth: int) -> dict[str, Any]:
    match kind:
        case "video":
            played = [{}, {"loop": True}, {"reverse": True}, {"trim": {"start": 0.3}}]
            return {"src": rng.choice(["video", "silent"]), **rng.choice(played)}
        case "image":
            return {"src": "picture", "motion": rng.choice(_MOTIONS)}
        case "audio":
            return {"src": "sound", **rng.choice([{}, {"loop": True}, {"fade_out": 0.2}])}
        case "text":
            appears = {"animation_in": {"type": rng.choice(_ANIMATIONS), "duration": 0.3}}
            return {"text": rng.choice(TEXTS), **rng.choice([{}, appears])}
        case "shape":
            return {"color": rng.choice(["gold", "teal", "white"])}
        case "svg":
            return {"svg": _DRAWING, "width": rng.per_cent(10, 40)}
        case "chart":
            values = [{"label": f"{at}", "value": rng.randint(1, 9)} for at in range(3)]
            return {"chart": rng.choice(["bar", "column", "line", "donut"]), "values": values}
        case "countdown":
            return {"from": 2}
    return {"elements": [element(rng, depth=depth + 1) for _ in range(2)]}


def _place(rng: Choices, kind: str) -> dict[str, Any]:
    turned = rng.randint(-90, 90)
    moves = [
        {"time": 0, "scale": 0.5, "rotation": 0, "easing": rng.choice(_EASINGS)},
        {"time": "100%", "scale": 1.5, "rotation": turned},
    ]
    fits = {"fit": rng.choice(["cover", "contain", "fill", "blur"])}
    possible: list[tuple[float, dict[str, Any]]] = [
        (0.5, {"x": rng.per_cent(0, 100), "y": rng.per_cent(0, 100)}),
        (0.4, {"width": rng.per_cent(10, 100)}),
        (0.2, {"opacity": round(rng.random(), 2)}),
        (0.15, {"mask": rng.choice(_MASKS)}),
        (0.15, {"blend": rng.choice(["multiply", "screen", "soft-light"])}),
        (0.3, fits if kind in {"video", "image"} else {}),
        (0.2, {"fade_in": 0.2}),
        (0.4, rng.choice([{"rotation": turned}, {"keyframes": moves}])),
    ]
    found: dict[str, Any] = {}
    for part, fields in possible:
        found |= fields if rng.happens(part) else {}
    return found

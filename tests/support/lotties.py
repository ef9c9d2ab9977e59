"""Lottie animations, written for tests."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any

SIDE = 20


def jumping_square(color: tuple[float, float, float]) -> dict[str, Any]:
    """Return an animation of a second in which a square is left, then right."""
    still = {name: {"a": 0, "k": value} for name, value in
             {"o": 100, "r": 0, "a": [0, 0], "s": [100, 100]}.items()}  # fmt: skip
    place = {"a": 1, "k": [{"t": 0, "s": [5, 10], "h": 1}, {"t": 5, "s": [15, 10], "h": 1}]}
    items = [
        {"ty": "rc", "p": {"a": 0, "k": [0, 0]}, "s": {"a": 0, "k": [10, 20]},
         "r": {"a": 0, "k": 0}},
        {"ty": "fl", "c": {"a": 0, "k": [*color]}, "o": {"a": 0, "k": 100}},
        {"ty": "tr", "p": {"a": 0, "k": [0, 0]}, **still},
    ]  # fmt: skip
    layer = {"ty": 4, "ip": 0, "op": 10, "st": 0, "ks": {"p": place, **still},
             "shapes": [{"ty": "gr", "it": items}]}  # fmt: skip
    return {"v": "5.7", "w": SIDE, "h": SIDE, "fr": 10, "ip": 0, "op": 10, "layers": [layer]}


def dotlottie(colors: Mapping[str, tuple[float, float, float]]) -> bytes:
    """Return a dotLottie file with an animation for each color, under its name."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        manifest = {"version": "2", "animations": [{"id": name} for name in colors]}
        archive.writestr("manifest.json", json.dumps(manifest))
        for name, color in colors.items():
            archive.writestr(f"a/{name}.json", json.dumps(jumping_square(color)))
    return content.getvalue()

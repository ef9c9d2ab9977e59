"""The film as a composition."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench.timeline.material import (
    SCENE_SECONDS,
    SCENES,
    TITLE_CENTER,
    TRANSITION_SECONDS,
    ZOOM,
    Material,
)
from tests.support.engine import EngineHarness, Made

FORMAT = (1080, 1920, 30)


def composition(
    material: Material, *, scenes: int = SCENES, last_title: str | None = None
) -> dict[str, Any]:
    """Return the composition, with another title in its last scene if one is given."""
    titles = [material.title(at) for at in range(scenes)]
    if last_title is not None:
        titles[-1] = last_title
    logo = {"type": "image", "src": "logo", "width": "15%", "position": "top-right", "margin": "5%"}
    return {
        "scenes": [_scene(at, title) for at, title in enumerate(titles)],
        "tracks": [{"clips": [logo]}, {"clips": [{"type": "audio", "src": "music"}]}],
    }


def beginning(material: Material, seconds: float) -> dict[str, Any]:
    """Return the composition of the first seconds of the first scene."""
    whole = composition(material, scenes=1)
    return {**whole, "scenes": [{**whole["scenes"][0], "duration": seconds}]}


def media_of(material: Material, params: Mapping[str, Any]) -> list[Path]:
    """Return the files of a composition in its order."""
    first, *others = material.pictures[: len(params["scenes"])]
    return [first, material.voice, *others, material.logo, material.music]


def make(harness: EngineHarness, material: Material, params: Mapping[str, Any]) -> Made:
    """Render the composition."""
    media = media_of(material, params)
    made = harness.make("timeline", params, size=FORMAT, seconds=600, media=media)
    assert made.outputs, made.events[-1]
    return made


def _scene(at: int, title: str) -> dict[str, Any]:
    picture: dict[str, Any] = {"type": "video", "src": f"picture {at}"}
    if at % 2 == 0:
        motion = {"type": "zoom-in", "amount": f"{ZOOM:.0%}"}
        picture = {"type": "image", "src": f"picture {at}", "motion": motion}
    place = {"x": "50%", "y": f"{TITLE_CENTER:.0%}"}
    text = {"type": "text", "text": title, "font_size": "8%", **place}
    scene = {"elements": [picture, text], "voice": {"src": "voice"}, "duration": SCENE_SECONDS}
    if at == 0:
        return {**scene, "duration": SCENE_SECONDS - TRANSITION_SECONDS}
    return {**scene, "transition": {"type": "fade", "duration": TRANSITION_SECONDS}}

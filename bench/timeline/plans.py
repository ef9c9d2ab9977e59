"""How long the plan of a composition takes.

The same compositions are planned in this process (read, compiled, written as JSON) and by the API
of a running GALA, which looks up the asset that they name (``POST /timeline/plan``).
"""

from __future__ import annotations

import io
import json
import statistics
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from PIL import Image

from bench.platform.report import Figure, Section, seconds
from bench.platform.setup import Bench, start_bench
from gala.media import Format
from gala.timeline.compilation.compiler import compile_timeline
from gala.timeline.measurements import KnownMeasurements
from gala.timeline.plan import TimelinePlan
from gala.timeline.reader import read_timeline
from gala.timeline.render_time import render_seconds

_FRAME: Final = Format(width=1080, height=1920, fps=30)
_ROUNDS: Final = 30
_AIM_MS: Final = 30
_SENTENCE: Final = "This sentence takes about ten seconds when a calm voice speaks it: " * 2
_METHOD: Final = (
    f"Medians of {_ROUNDS} plans for 1080 x 1920 at 30 fps, warm. Each scene has a picture with"
    " motion, a text with keyframes, a voice and captions; a logo and music lie over all of them."
)


def section(folder: Path) -> Section:
    """Measure the plans with a GALA that is started in the folder."""
    with start_bench(folder) as bench:
        asset_id = _upload(bench)
        figures = [
            figure
            for scenes in (6, 60)
            for figure in _measure(bench, _composition(scenes, asset_id), scenes)
        ]
    return Section(title="Plans of compositions", method=_METHOD, figures=figures)


def _measure(bench: Bench, composition: Mapping[str, Any], scenes: int) -> list[Figure]:
    aim = {"below": float(_AIM_MS)} if scenes == 6 else {}
    return [
        Figure(
            what=f"{scenes} scenes, in this process",
            unit="ms",
            ours=_median_ms(lambda: _plan(composition)),
            **aim,
        ),
        Figure(
            what=f"{scenes} scenes, POST /timeline/plan",
            unit="ms",
            ours=_median_ms(lambda: _post(bench, composition)),
            **aim,
        ),
    ]


def _median_ms(work: Callable[[], object]) -> float:
    work()
    return 1000 * statistics.median(seconds(work) for _ in range(_ROUNDS))


def _plan(composition: Mapping[str, Any]) -> str:
    timeline, known = read_timeline(composition), KnownMeasurements()
    compiled = compile_timeline(timeline, _FRAME, known)
    took = render_seconds(timeline, compiled, known)
    return TimelinePlan.of(compiled, render_seconds=took).model_dump_json()


def _post(bench: Bench, composition: Mapping[str, Any]) -> None:
    body = {"params": composition, "output": {"format": _FRAME.model_dump()}}
    answer = bench.client.post("/timeline/plan", content=json.dumps(body),
                               headers={"content-type": "application/json"})  # fmt: skip
    answer.raise_for_status()


def _upload(bench: Bench) -> str:
    content = io.BytesIO()
    Image.new("RGB", (1600, 1200)).save(content, "PNG")
    files = {"file": ("sea.png", content.getvalue())}
    answer = bench.client.post("/assets", files=files, data={"kind": "background"})
    asset_id: str = answer.raise_for_status().json()["asset"]["id"]
    return asset_id


def _composition(scenes: int, asset_id: str) -> dict[str, Any]:
    picture = {"type": "image", "src": asset_id}
    title = {
        "type": "text",
        "text": "A title",
        "keyframes": [{"time": 0, "y": "0%"}, {"time": "100%", "y": "50%"}],
    }
    scene = {
        "elements": [{**picture, "motion": "ken-burns"}, title],
        "voice": _SENTENCE,
        "transition": "fade",
    }
    first = {name: value for name, value in scene.items() if name != "transition"}
    logo = {**picture, "width": "15%", "position": "top-right"}
    return {
        "captions": True,
        "scenes": [first, *[scene] * (scenes - 1)],
        "tracks": [{"clips": [logo]}, {"clips": [{"type": "audio", "src": "https://e.org/a.mp3"}]}],
    }

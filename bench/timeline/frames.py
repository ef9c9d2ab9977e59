"""How long one frame of the film of six scenes takes (``POST /timeline/frame``), warm."""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from bench.platform.report import Figure, Section, seconds
from bench.platform.setup import Bench, start_bench
from bench.timeline import material, ours
from gala.render_types.timeline import TYPE
from gala.timeline.document.timeline import TimelineParams
from gala.timeline.sources import sources_of
from tests.support.engine import EngineHarness

_TIMES: Final = {"a photo that grows": 5.0, "a clip": 12.5, "a fade between scenes": 9.7}
_OTHERS: Final = (11.6, 11.9, 12.2, 12.7, 13.0, 13.3, 13.5)
_LATER: Final = 0.1
"""Seconds after one of these times."""
_ROUNDS: Final = 9
_AIM_MS: Final = 300
_METHOD: Final = (
    f"Medians of {_ROUNDS} requests for a PNG of 1080 x 1920 of the film of six scenes, from a"
    " client through API and renderer, at a time that was drawn before, as while something else is"
    " edited; other times of a clip are decoded from its last key frame on, 60 to 120 frames"
    f" before, and those {_LATER:g} s after them were decoded with them. The first request sends"
    " the files to the renderer and inspects them."
)


def section(folder: Path) -> Section:
    """Measure the frames with a GALA that is started in the folder."""
    harness = EngineHarness(folder / "frames-material", renderer_slots=1)
    try:
        made = material.prepare(folder / "frames-files", harness)
    finally:
        harness.close()
    root = folder / "frames"
    root.mkdir(mode=0o711)
    with start_bench(root) as bench:
        composition = _uploaded(bench, made)
        first = 1000 * seconds(lambda: _draw(bench, composition, 30.0))
        figures = [
            Figure(what=what, unit="ms", ours=_median_ms(bench, composition, at), below=_AIM_MS)
            for what, at in _TIMES.items()
        ]
        figures += [
            Figure(what="a clip, at other times", unit="ms", ours=_once_ms(bench, composition, 0)),
            Figure(
                what="a clip, just after them",
                unit="ms",
                ours=_once_ms(bench, composition, _LATER),
                below=_AIM_MS,
            ),
        ]
    return Section(
        title="One frame of a film",
        method=_METHOD,
        figures=[Figure(what="the first request", unit="ms", ours=first), *figures],
    )


def _median_ms(bench: Bench, composition: Mapping[str, Any], at: float) -> float:
    _draw(bench, composition, at)
    took = [seconds(lambda: _draw(bench, composition, at)) for _ in range(_ROUNDS)]
    return 1000 * statistics.median(took)


def _once_ms(bench: Bench, composition: Mapping[str, Any], later: float) -> float:
    """Return the median of the other times, each drawn once, ``later`` seconds after them."""
    took = [seconds(lambda at=at: _draw(bench, composition, at + later)) for at in _OTHERS]
    return 1000 * statistics.median(took)


def _draw(bench: Bench, composition: Mapping[str, Any], at: float) -> None:
    width, height, fps = ours.FORMAT
    body = {
        "params": composition,
        "output": {"format": {"width": width, "height": height, "fps": fps}},
    }
    bench.client.post("/timeline/frame", params={"at": at}, json=body).raise_for_status()


def _uploaded(bench: Bench, made: material.Material) -> dict[str, Any]:
    """Upload the files; return the composition with the ids of their assets."""
    composition = ours.composition(made)
    params = TYPE.params.parse(composition)
    assert isinstance(params, TimelineParams)
    files = ours.media_of(made, composition)
    ids = {
        source: _upload(bench, path) for source, path in zip(sources_of(params), files, strict=True)
    }
    named: dict[str, Any] = _named(composition, ids)
    return named


def _named(value: Any, ids: Mapping[str, str]) -> Any:
    if isinstance(value, list):
        return [_named(one, ids) for one in value]
    if not isinstance(value, dict):
        return value
    return {name: ids[one] if name == "src" else _named(one, ids) for name, one in value.items()}


def _upload(bench: Bench, path: Path) -> str:
    with path.open("rb") as file:
        answer = bench.client.post(
            "/assets", files={"file": (path.name, file)}, data={"kind": "other"}
        )
    asset_id: str = answer.raise_for_status().json()["asset"]["id"]
    return asset_id

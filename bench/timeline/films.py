"""A film of 60 s made by GALA, by FFmpeg and by MoviePy, and a second time with one change."""

from __future__ import annotations

import json
import subprocess
from dataclasses import asdict
from pathlib import Path
from typing import Final

from rich.console import Console

from bench.media.setup import moviepy_python
from bench.platform.report import Figure, Section, seconds
from bench.timeline import material, ours, plain_ffmpeg
from bench.timeline.material import Material
from tests.support.engine import EngineHarness

_MOVIEPY_SCRIPT: Final = Path(__file__).with_name("moviepy_side.py")
_METHOD: Final = (
    "60 s of 1080 x 1920 at 30 fps in six scenes: three photos that grow by 15 %, three clips that"
    " cover the frame, fades of 0.5 s, titles, a logo, a voice in each scene and ducked music."
    " x264 veryfast; GALA in quality `standard`, without a cache but in the last row, which changes"
    " the title of the last scene. MoviePy and FFmpeg get the titles' font or PNGs. Each once."
)


def section(folder: Path) -> Section:
    """Make the films in the folder."""
    harness = EngineHarness(folder / "films", renderer_slots=1)
    try:
        made = material.prepare(folder / "material", harness)
        figures = _figures(harness, made, folder)
    finally:
        harness.close()
    return Section(
        title="A film of six scenes", method=_METHOD, against="the other", figures=figures
    )


def _figures(harness: EngineHarness, made: Material, folder: Path) -> list[Figure]:
    whole = ours.composition(made)
    mine = _told("GALA", seconds(lambda: ours.make(harness, made, whole)))
    ffmpeg = seconds(lambda: plain_ffmpeg.make(made, folder / "ffmpeg.mp4"))
    _told("FFmpeg", ffmpeg)
    first, again = _changed(made, folder / "cached")
    _told("GALA again, with one title changed", again)
    moviepy = _moviepy(made, folder / "moviepy.mp4")
    return [
        Figure(what="beside FFmpeg", unit="s", ours=mine, reference=ffmpeg, most_ratio=1.15),
        Figure(what="beside MoviePy", unit="s", ours=mine, reference=moviepy, most_ratio=0.1),
        Figure(
            what="one title changed, beside the whole",
            unit="s",
            ours=again,
            reference=first,
            most_ratio=0.25,
        ),
    ]


def _told(what: str, took: float) -> float:
    """Tell what was measured while the rest goes on: MoviePy takes more than eight minutes."""
    Console(stderr=True).print(f"measured: {what}, {took:.1f} s", style="dim", highlight=False)
    return took


def _moviepy(made: Material, target: Path) -> float:
    values = {
        "pictures": [str(path) for path in made.pictures],
        "titles": [made.title(at) for at in range(material.SCENES)],
        **{name: str(asdict(made)[name]) for name in ("voice", "music", "logo", "font")},
        "target": str(target),
        "size": [material.WIDTH, material.HEIGHT],
        "fps": material.FPS,
        "seconds": material.SCENE_SECONDS,
        "overlap": material.TRANSITION_SECONDS,
        "zoom": material.ZOOM,
    }
    command = [moviepy_python(), str(_MOVIEPY_SCRIPT), json.dumps(values)]
    # MoviePy writes the sound to its working directory first.
    done = subprocess.run(command, check=True, cwd=target.parent, stdout=subprocess.PIPE, text=True)
    return float(done.stdout.strip().splitlines()[-1])


def _changed(made: Material, root: Path) -> tuple[float, float]:
    """Return the seconds of the film, and of the film with another title, with GALA's cache on."""
    harness = EngineHarness(root, renderer_slots=1, renderer_cache_bytes=1_000_000_000)
    try:
        first = seconds(lambda: ours.make(harness, made, ours.composition(made)))
        other = ours.composition(made, last_title="The end")
        return first, seconds(lambda: ours.make(harness, made, other))
    finally:
        harness.close()

"""A film of 60 s made by GALA and by FFmpeg, and a second time with one change; and its beginning
beside programs that take minutes."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Final

from rich.console import Console

from bench.media.setup import moviepy_python
from bench.platform.peak_memory import PeakMemory
from bench.platform.report import Figure, Section, seconds
from bench.timeline import hyperframes, material, ours, plain_ffmpeg
from bench.timeline.material import Material
from tests.support.engine import EngineHarness

_MOVIEPY_SCRIPT: Final = Path(__file__).with_name("moviepy_side.py")
_SLOW_SCENES: Final = 2
"""Of the film, for HyperFrames."""
_SLOWEST_SECONDS: Final = 5.0
"""Of the first scene, for MoviePy, which takes minutes for two scenes."""
_LIMIT_SECONDS: Final = 600.0
_MEGABYTES: Final = 600
_METHOD: Final = (
    "60 s of 1080 x 1920 at 30 fps in six scenes: three photos that grow by 15 %, three clips that"
    " cover the frame, fades of 0.5 s, titles, a logo, a voice in each scene and ducked music."
    " FFmpeg uses x264 veryfast at CRF 20, GALA quality `standard`, which has nearly the same VMAF;"
    " GALA has no cache but where one title changed, that of the last scene."
    f" Beside HyperFrames, both make the first {_SLOW_SCENES} scenes only"
    f" ({material.seconds_of(_SLOW_SCENES):.0f} s), beside MoviePy the first"
    f" {_SLOWEST_SECONDS:.0f} s, {_LIMIT_SECONDS / 60:.0f} minutes at most."
    " MoviePy and FFmpeg get the titles' font or PNGs, HyperFrames HTML with GSAP; it runs with its"
    " own settings for standard quality. Each once. Memory is the peak of the sum of all"
    " processes (PSS)."
)


def section(folder: Path) -> Section:
    """Make the films in the folder."""
    notes: list[str] = []
    with closing(EngineHarness(folder / "voices", renderer_slots=1)) as harness:
        made = material.prepare(folder / "material", harness)
    # Alone: another renderer would count as memory of this one.
    figures = list(_changed_figures(made, folder / "cached"))
    with closing(EngineHarness(folder / "films", renderer_slots=1)) as harness:
        figures += _figures(harness, made, folder, notes)
    return Section(
        title="A film of six scenes",
        method=" ".join([_METHOD, *notes]),
        against="the other",
        figures=figures,
    )


def _changed_figures(made: Material, root: Path) -> Iterator[Figure]:
    first, again, megabytes = _changed(made, root)
    _told("GALA again, with one title changed", again)
    yield Figure(
        what="one title changed, beside the whole",
        unit="s",
        ours=again,
        reference=first,
        most_ratio=0.25,
    )
    yield Figure(what="memory", unit="MB", ours=megabytes, below=_MEGABYTES)


def _figures(
    harness: EngineHarness, made: Material, folder: Path, notes: list[str]
) -> Iterator[Figure]:
    whole = ours.composition(made)
    mine = _told("GALA", seconds(lambda: ours.make(harness, made, whole)))
    ffmpeg = _told("FFmpeg", seconds(lambda: plain_ffmpeg.make(made, folder / "ffmpeg.mp4")))
    yield Figure(what="beside FFmpeg", unit="s", ours=mine, reference=ffmpeg, most_ratio=1.15)
    part = ours.composition(made, scenes=_SLOW_SCENES)
    short = _told("GALA, first scenes", seconds(lambda: ours.make(harness, made, part)))
    try:
        other = hyperframes.installed().render(
            made, folder, scenes=_SLOW_SCENES, limit=_LIMIT_SECONDS
        )
        yield _beside("HyperFrames", short, other, most_ratio=0.125)
    except hyperframes.Unavailable as error:
        notes.append(f"HyperFrames did not run: {error}.")
        _say(notes[-1])
    start = ours.beginning(made, _SLOWEST_SECONDS)
    shortest = _told("GALA, first seconds", seconds(lambda: ours.make(harness, made, start)))
    other = _moviepy(made, folder / "moviepy.mp4")
    yield _beside("MoviePy", shortest, other, most_ratio=0.1, part="first seconds")


def _beside(
    name: str,
    mine: float,
    took: float | None,
    *,
    most_ratio: float,
    part: str = "first scenes",
) -> Figure:
    """Return the figure beside a slow program; one that was stopped has taken at least so long."""
    stopped = took is None
    other = _LIMIT_SECONDS if took is None else took
    _told(f"{name}, stopped" if stopped else name, other)
    minutes = f", stopped after {_LIMIT_SECONDS / 60:.0f} min" if stopped else ""
    what = f"{part}, beside {name}{minutes}"
    return Figure(what=what, unit="s", ours=mine, reference=other, most_ratio=most_ratio)


def _told(what: str, took: float) -> float:
    """Tell what was measured while the rest goes on, which takes minutes."""
    _say(f"measured: {what}, {took:.1f} s")
    return took


def _say(line: str) -> None:
    Console(stderr=True).print(line, style="dim", highlight=False, markup=False)


def _moviepy(made: Material, target: Path) -> float | None:
    """Return the seconds that the beginning takes in MoviePy, None if it was stopped."""
    values = {
        "pictures": [str(made.pictures[0])],
        "titles": [made.title(0)],
        **{name: str(asdict(made)[name]) for name in ("voice", "music", "logo", "font")},
        "target": str(target),
        "size": [material.WIDTH, material.HEIGHT],
        "fps": material.FPS,
        "seconds": _SLOWEST_SECONDS + material.TRANSITION_SECONDS,
        "overlap": material.TRANSITION_SECONDS,
        "zoom": material.ZOOM,
    }
    command = [moviepy_python(), str(_MOVIEPY_SCRIPT), json.dumps(values)]
    try:
        # MoviePy writes the sound to its working directory first.
        done = subprocess.run(
            command, check=True, cwd=target.parent, stdout=subprocess.PIPE, text=True,
            timeout=_LIMIT_SECONDS,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return None
    return float(done.stdout.strip().splitlines()[-1])


def _changed(made: Material, root: Path) -> tuple[float, float, float]:
    """Return the seconds of the film and of the film with another title, with GALA's cache on, and
    the megabytes of memory of the first."""
    caching = EngineHarness(root, renderer_slots=1, renderer_cache_bytes=1_000_000_000)
    with closing(caching) as harness:
        with PeakMemory() as memory:
            first = seconds(lambda: ours.make(harness, made, ours.composition(made)))
        other = ours.composition(made, last_title="The end")
        again = seconds(lambda: ours.make(harness, made, other))
    return first, again, memory.megabytes

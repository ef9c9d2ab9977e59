"""Sound and pictures over ten minutes: how far they drift apart, and whether joins click."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from bench.platform.report import Figure, Section, seconds
from tests.support import sync_film
from tests.support.engine import EngineHarness

_SCENES: Final = 80
_SECONDS: Final = 7.5
_METHOD: Final = (
    f"A film of {_SCENES} scenes of {_SECONDS:g} s, each encoded by itself and joined by copying,"
    " that flash and beep at the same moments over a steady tone. Roughness is the largest second"
    " difference of samples around the joins, divided by that between them: a click makes it large."
)


def section(folder: Path) -> Section:
    """Make the film in the folder and measure it."""
    root = folder / "sync"
    root.mkdir()
    harness = EngineHarness(root / "engine", renderer_slots=1, renderer_cache_bytes=1_000_000_000)
    made: list[Path] = []
    try:
        media = sync_film.files(root, scenes=_SCENES, seconds=_SECONDS)
        film = sync_film.composition(scenes=_SCENES, seconds=_SECONDS)
        took = seconds(
            lambda: made.append(
                harness.make("timeline", film, size=sync_film.SIZE, seconds=600, media=media).path(
                    "video"
                )
            )
        )
        found = sync_film.measured(made[0], scenes=_SCENES, seconds=_SECONDS)
    finally:
        harness.close()
    latest = max(abs(one) for one in found.late)
    figures = [
        Figure(what="the film of 10 min", unit="s", ours=took),
        Figure(what="beep after flash, at most", unit="ms", ours=1000 * latest, below=20),
        Figure(what="drift over 10 min", unit="ms", ours=1000 * found.drift, below=20),
        Figure(what="roughness at joins", unit="", ours=found.roughness, below=1.1),
    ]
    return Section(title="Sound and pictures over ten minutes", method=_METHOD, figures=figures)

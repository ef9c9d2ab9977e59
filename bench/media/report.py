"""One piece of work, done by several programs, and the ratios between them."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from rich.console import Console
from rich.table import Table

from bench.platform.report import seconds

RUNS: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Seconds that the same work took; the aims are ours divided by the other's, at most."""

    what: str
    ours: float
    moviepy: float | None = None
    moviepy_aim: float | None = None
    ffmpeg: float | None = None
    ffmpeg_aim: float | None = None
    below: float | None = None
    """An aim for ours alone, in seconds."""
    shown: str = ""
    """What proves that it is right, e.g. how the frames at the ends compare with the source's."""

    @property
    def met(self) -> bool | None:
        """Whether every aim was met; ``None`` without any."""
        pairs = ((self.moviepy, self.moviepy_aim), (self.ffmpeg, self.ffmpeg_aim))
        verdicts = [self.ours <= aim * other for other, aim in pairs if other and aim]
        if self.below is not None:
            verdicts.append(self.ours < self.below)
        return all(verdicts) if verdicts else None


def typical(work: Callable[[], object], *, runs: int = RUNS) -> float:
    """The median of how long it takes, in seconds."""
    return statistics.median(seconds(work) for _ in range(runs))


def show(rows: Sequence[Row], console: Console) -> None:
    """Print them as a table, with a verdict each."""
    table = Table(title="seconds, and ours divided by theirs", title_justify="left")
    table.add_column("", min_width=36)
    for heading in ("GALA", "MoviePy", "ratio (aim)", "FFmpeg", "ratio (aim)"):
        table.add_column(heading, justify="right")
    table.add_column("", min_width=6)
    for row in rows:
        verdict = {None: "", True: "[green]met[/]", False: "[red]missed[/]"}[row.met]
        table.add_row(
            row.what,
            f"{row.ours:.3f}",
            *_beside(row.ours, row.moviepy, row.moviepy_aim),
            *_beside(row.ours, row.ffmpeg, row.ffmpeg_aim),
            verdict or ("" if row.below is None else f"< {row.below}"),
        )
    console.print(table)
    for row in rows:
        if row.shown:
            console.print(f"{row.what}: {row.shown}", highlight=False)


def _beside(ours: float, other: float | None, aim: float | None) -> tuple[str, str]:
    if other is None:
        return "", ""
    told = "" if aim is None else f" (≤ {aim:g})"
    return f"{other:.2f}", f"{ours / other:.3f}{told}"

"""Times of the same operation in several programs, and their ratios."""

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
    """Seconds of one operation; an aim is the maximum of our time divided by the other's."""

    what: str
    ours: float
    moviepy: float | None = None
    moviepy_aim: float | None = None
    ffmpeg: float | None = None
    ffmpeg_aim: float | None = None
    below: float | None = None
    """Maximum of our time in seconds."""
    shown: str = ""
    """Evidence that the result is correct, such as a comparison of frames with the source."""

    @property
    def met(self) -> bool | None:
        """True if all aims were met; ``None`` without aims."""
        pairs = ((self.moviepy, self.moviepy_aim), (self.ffmpeg, self.ffmpeg_aim))
        verdicts = [self.ours <= aim * other for other, aim in pairs if other and aim]
        if self.below is not None:
            verdicts.append(self.ours < self.below)
        return all(verdicts) if verdicts else None


def typical(work: Callable[[], object], *, runs: int = RUNS) -> float:
    """Return the median duration in seconds."""
    return statistics.median(seconds(work) for _ in range(runs))


def show(rows: Sequence[Row], console: Console) -> None:
    """Print the rows as a table with a verdict for each."""
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
    aim_text = "" if aim is None else f" (≤ {aim:g})"
    return f"{other:.2f}", f"{ours / other:.3f}{aim_text}"

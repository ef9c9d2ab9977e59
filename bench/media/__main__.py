"""``python3 run.py bench media [SUBJECT …]``: all subjects, or some, from one run."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from rich.console import Console

from bench.media import cuts, films, kokoro
from bench.media.report import Row, show
from bench.media.setup import Bench, start_bench
from bench.platform.report import seconds

SUBJECTS: Mapping[str, Callable[[Bench], Iterator[Row]]] = {
    "cuts": cuts.rows,
    "films": films.rows,
    "still": films.still_rows,
    "kokoro": kokoro.rows,
}

_WIDTH = 120


def main() -> None:
    """Measure and print; remove all files but MoviePy's environment."""
    parser = argparse.ArgumentParser(prog="run.py bench media", description=__doc__)
    parser.add_argument("subjects", nargs="*", metavar="SUBJECT", help=", ".join(SUBJECTS))
    options = parser.parse_args()
    chosen = options.subjects or list(SUBJECTS)
    if unknown := set(chosen) - set(SUBJECTS):
        parser.error(f"unknown: {', '.join(unknown)}; choose from: {', '.join(SUBJECTS)}")
    console = Console(width=max(Console().width, _WIDTH))
    load = " ".join(f"{value:.2f}" for value in os.getloadavg())
    console.print(f"{os.cpu_count()} cores, load {load}, Python {sys.version.split()[0]}")
    with tempfile.TemporaryDirectory(prefix="gala-bench-") as folder:
        took = seconds(lambda: _measure(Path(folder), chosen, console))
    console.print(f"\ntook {took:.0f} s", highlight=False)


def _measure(folder: Path, chosen: list[str], console: Console) -> None:
    rows: list[Row] = []
    with start_bench(folder) as bench:
        for name in chosen:
            for row in SUBJECTS[name](bench):
                rows.append(row)
                console.print(f"measured: {row.what}", style="dim")
    show(rows, console)


if __name__ == "__main__":
    main()

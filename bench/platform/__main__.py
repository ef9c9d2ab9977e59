"""``python3 run.py bench platform [SUBJECT …]``: all subjects, or some, from one run."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from rich.console import Console

from bench.platform import claims, crowd, jobs, latency, memory, process, streaming
from bench.platform.report import Section, machine, seconds, show
from bench.platform.setup import Bench, private_folder, start_bench

SUBJECTS: Mapping[str, Callable[[Bench], Section]] = {
    "streaming": streaming.measure,
    "jobs": jobs.measure,
    "claims": claims.measure,
    "crowd": crowd.measure,
    "latency": latency.measure,
    "memory": memory.measure,
    "process": process.measure,
}

_WIDTH = 100


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print; remove all files afterwards."""
    parser = argparse.ArgumentParser(prog="run.py bench platform", description=__doc__)
    parser.add_argument("subjects", nargs="*", metavar="SUBJECT", help=", ".join(SUBJECTS))
    parser.add_argument(
        "--folder",
        type=Path,
        default=Path("/tmp"),
        help="working folder, on a real disk with a short path (default: /tmp)",
    )
    options = parser.parse_args(arguments)
    unknown = set(options.subjects) - set(SUBJECTS)
    if unknown:
        parser.error(f"unknown: {', '.join(unknown)}; choose from: {', '.join(SUBJECTS)}")
    console = Console(width=max(Console().width, _WIDTH))
    # Also clean up when the benchmark is terminated.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    with private_folder(options.folder) as folder:
        console.print(machine(folder), highlight=False)
        took = seconds(lambda: _measure(folder, options.subjects or list(SUBJECTS), console))
    console.print(f"\ntook {took:.0f} s", highlight=False)


def _measure(folder: Path, subjects: Sequence[str], console: Console) -> None:
    with start_bench(folder) as bench:
        for name in subjects:
            with console.status(name):
                section = SUBJECTS[name](bench)
            show(section, console)


if __name__ == "__main__":
    main()

"""``python3 run.py bench avatar``: speed of presenters, and the proof of their lips.

Films of 60 seconds of speech are drawn and encoded at 1080x1920 and 30 frames a second, of a
painted portrait and of the drawn character. ``--proof`` looks at rendered films with the model that
finds faces instead, ``--drift`` at the first and the last minute of a long one.
"""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from bench.avatar import speed
from bench.avatar.setup import CACHE, start_bench
from bench.platform.report import machine, show
from bench.platform.setup import private_folder


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    options = _options(arguments)
    # Also clean up when the benchmark is terminated.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    console = Console(width=120, highlight=False)
    with private_folder(Path("/tmp")) as folder:
        console.print(machine(folder))
        with start_bench(folder, options.weights) as bench:
            for section in speed.sections(bench, options.seconds):
                show(section, console)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="run.py bench avatar", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="of speech (default: 60)")
    parser.add_argument("--weights", type=Path, default=CACHE / "weights")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()

"""``python3 run.py bench avatar``: speed of presenters, and the proof of their lips.

Films of 60 seconds of speech are drawn and encoded at 1080x1920 and 30 frames a second, of a
painted portrait and of the drawn character. ``--proof`` looks at rendered films with the model that
finds faces instead, ``--drift`` at the first and the last minute of a long one. ``--preview``
measures only the previews.
"""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from bench.avatar import drift, proof, speed
from bench.avatar.setup import CACHE, painted_portrait, start_bench
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
        if options.proof:
            pictures = _pictures(options.pictures) or [painted_portrait()]
            proof.show(folder, options.weights, pictures, options.repeats, console)
            return
        with start_bench(folder, options.weights) as bench:
            if options.drift:
                show(drift.section(bench, options.seconds, options.weights), console)
                return
            if options.preview:
                for section in speed.previews(bench, options.body or speed.BODIES):
                    show(section, console)
                return
            for section in speed.sections(bench, options.seconds, options.body or speed.BODIES):
                show(section, console)


def _pictures(folder: Path | None) -> list[Path]:
    """Return the pictures of a folder."""
    if folder is None:
        return []
    return sorted(path for path in folder.iterdir() if path.suffix in {".png", ".jpg", ".jpeg"})


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="run.py bench avatar", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="of speech (default: 60)")
    parser.add_argument("--body", action="append", choices=speed.BODIES, help="only this kind")
    parser.add_argument("--preview", action="store_true", help="only the previews")
    parser.add_argument("--proof", action="store_true", help="look at lips, lids and sharpness")
    parser.add_argument("--pictures", type=Path, help="folder of portraits for --proof")
    parser.add_argument("--repeats", type=int, default=1, help="of the text of --proof")
    parser.add_argument("--drift", action="store_true", help="look at the ends of a long film")
    parser.add_argument("--weights", type=Path, default=CACHE / "weights")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()

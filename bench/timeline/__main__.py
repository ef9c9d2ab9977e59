"""``python3 run.py bench timeline [SUBJECT …]``: plans and films of compositions."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from rich.console import Console

from bench.platform.report import Section, machine, show
from bench.platform.setup import private_folder
from bench.timeline import camera, films, frames, plans, sync

SUBJECTS: Final[Mapping[str, Callable[[Path], Section]]] = {
    "plans": plans.section,
    "frames": frames.section,
    "films": films.section,
    "camera": camera.section,
    "sync": sync.section,
}


def main() -> None:
    """Measure and print; remove all files but the environments of other programs."""
    parser = argparse.ArgumentParser(prog="run.py bench timeline", description=__doc__)
    parser.add_argument("subjects", nargs="*", metavar="SUBJECT", help=", ".join(SUBJECTS))
    chosen = parser.parse_args().subjects or list(SUBJECTS)
    if unknown := set(chosen) - set(SUBJECTS):
        parser.error(f"unknown: {', '.join(unknown)}; choose from: {', '.join(SUBJECTS)}")
    console = Console(width=max(Console().width, 100))
    with private_folder(Path("/tmp")) as folder:
        console.print(machine(folder), highlight=False)
        for name in chosen:
            show(SUBJECTS[name](folder), console)


if __name__ == "__main__":
    main()

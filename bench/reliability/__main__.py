"""``python3 run.py bench reliability [kills|bursts] …``: what happens when processes are killed.

``kills`` kills workers, the renderer, its programs, the API, Valkey, PostgreSQL and the supervisor
at random while jobs run, and checks that no accepted job was lost, failed, doubled or stuck and
that nothing was left behind. ``bursts`` sends busy workers five SIGTERMs at once. The exit status
is 1 if an aim is missed.
"""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from bench.platform.report import Section, machine, show
from bench.platform.setup import private_folder
from bench.reliability import bursts, kills
from bench.reliability.victims import KINDS

_WIDTH = 100


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; remove all files afterwards, unless they are to be kept."""
    options = _parser().parse_args(arguments)
    console = Console(width=max(Console().width, _WIDTH))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    sections = []
    with private_folder(options.folder) as folder:
        console.print(machine(folder), highlight=False)
        if options.subject in {"bursts", "all"}:
            (folder / "bursts").mkdir(mode=0o711)
            sections.append(
                bursts.measure(folder / "bursts", console, bursts=options.bursts, seed=options.seed)
            )
            show(sections[-1], console)
        if options.subject in {"kills", "all"}:
            sections.append(_kills(folder, console, options))
            show(sections[-1], console)
    return int(any(figure.met is False for one in sections for figure in one.figures))


def _kills(folder: Path, console: Console, options: argparse.Namespace) -> Section:
    home = folder / "kills"
    home.mkdir(mode=0o711)
    whisper = _whisper(folder) if options.whisper else None
    try:
        return kills.measure(
            home,
            console,
            kills=options.kills,
            kinds=options.only or tuple(KINDS),
            seed=options.seed,
            whisper=whisper,
        )
    finally:
        if options.log is not None:
            options.log.write_bytes((home / "log").read_bytes())


def _whisper(folder: Path) -> Path:
    from tests.support.whisper_weights import make_whisper

    return make_whisper(folder / "whisper-tiny")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="run.py bench reliability", description=__doc__)
    parser.add_argument("subject", nargs="?", choices=("all", "kills", "bursts"), default="all")
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument(
        "--only", action="append", choices=KINDS, help="kill this kind only; may be repeated"
    )
    parser.add_argument("--bursts", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1, help="of victims and jobs (default: 1)")
    parser.add_argument(
        "--no-whisper",
        dest="whisper",
        action="store_false",
        help="no transcriptions: without the extra `whisper`",
    )
    parser.add_argument("--log", type=Path, help="keep the log of all processes in this file")
    parser.add_argument(
        "--folder",
        type=Path,
        default=Path("/tmp"),
        help="working folder, on a real disk with a short path (default: /tmp)",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())

"""``python3 run.py bench avatar-sheet --out FOLDER``: contact sheets of portraits, to be looked at.

Two PNG files for each picture: its head in every pose at the size of the picture, on its own and
on a new background; and mouth and eyes enlarged. The pictures are portraits and drawings by our
own code, the paintings in ``--faces`` and any file in ``--photo``. What can be measured is printed:
the sharpness around the mouth as a share of the picture's, the difference of a portrait at rest
from its picture, and the distance of the landmarks from those in ``landmarks.json``, if that is in
the folder of the paintings.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import cv2
from rich.console import Console

from bench.avatar_sheet import sheet
from bench.avatar_sheet.measures import Measures, known_points, measured, table
from bench.avatar_sheet.subjects import subjects
from bench.media.setup import ROOT
from gala.cli.weights.install import pull
from gala.cli.weights.registry import find
from gala_renderer.avatars.faces import FaceFinder


def main(arguments: Sequence[str] | None = None) -> None:
    """Draw, measure and print."""
    options = _options(arguments)
    console = Console(width=110, highlight=False)
    pull(find("faces"), options.weights)
    finder = FaceFinder.installed(options.weights)
    options.out.mkdir(parents=True, exist_ok=True)
    known = known_points(options.faces)
    found: list[Measures] = []
    for subject in subjects(finder, options.faces, options.photo, options.only):
        for suffix, draw in (("", sheet.heads), ("-details", sheet.details)):
            path = options.out / f"{subject.name}{suffix}.png"
            cv2.imwrite(str(path), cv2.cvtColor(draw(subject), cv2.COLOR_RGB2BGR))
        found.append(measured(subject, known))
        console.print(f"{subject.name} …", style="dim")
    console.print(table(found))


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="run.py bench avatar-sheet", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="the folder for the PNG files")
    parser.add_argument("--faces", type=Path, help="a folder with paintings")
    parser.add_argument("--photo", type=Path, action="append", default=[], help="a picture")
    parser.add_argument("--only", action="append", default=[], help="a part of a name")
    parser.add_argument("--weights", type=Path, default=ROOT / ".gala" / "bench" / "weights")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()

"""The pictures of the sheets, prepared as for a job."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from gala_renderer.avatars.faces import Face, FaceFinder, corrected
from gala_renderer.avatars.portrait.prepared import Prepared, prepare
from tests.support.portraits import DRAWINGS, PORTRAITS, drawn, painted

Picture = NDArray[np.uint8]
Points = Mapping[str, tuple[float, float]]

PAINTINGS: Final = ("mona-lisa.png", "pearl-earring.jpg", "rembrandt-wtenbogaert.jpg")
"""What ``--faces`` is searched for."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A picture with a face in it, and how long its preparation took in seconds."""

    name: str
    picture: Picture
    face: Face
    prepared: Prepared
    seconds: float


def subjects(
    finder: FaceFinder, folder: Path | None, photos: Sequence[Path], only: Sequence[str]
) -> Iterator[Subject]:
    """Yield the pictures whose names contain one of ``only``; all if that is empty."""
    for name, load in _sources(folder, photos).items():
        if not only or any(part in name for part in only):
            picture, points = load()
            yield _subject(finder, name, picture, points)


def _sources(
    folder: Path | None, photos: Sequence[Path]
) -> dict[str, Callable[[], tuple[Picture, Points]]]:
    files = [*photos]
    if folder is not None:
        files += [folder / name for name in PAINTINGS]
    found: dict[str, Callable[[], tuple[Picture, Points]]] = {
        path.stem: lambda path=path: (_read(path), {}) for path in files
    }
    found |= {f"painted-{name}": lambda name=name: (painted(name), {}) for name in PORTRAITS}
    found |= {f"drawn-{name}": lambda name=name: _drawing(name) for name in DRAWINGS}
    return found


def _read(path: Path) -> Picture:
    return np.asarray(Image.open(path).convert("RGB"))


def _drawing(name: str) -> tuple[Picture, Points]:
    found = drawn(name)
    return found.picture, found.points


def _subject(finder: FaceFinder, name: str, picture: Picture, points: Points) -> Subject:
    before = time.perf_counter()
    faces = finder.find(picture)
    if points:
        given = {key: list(at) for key, at in points.items()}
        face = corrected(faces[0], given) if faces else finder.face_at(given)
    elif faces:
        face = faces[0]
    else:
        raise SystemExit(f"{name}: no face was found")
    prepared = prepare(picture, face, finder.person_mask(picture, face))
    return Subject(name, picture, face, prepared, time.perf_counter() - before)

"""What can be measured of portraits that are drawn: sharpness, stillness, landmarks, time."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from rich.table import Table

from bench.avatar_sheet.sheet import Model, Picture
from bench.avatar_sheet.subjects import Subject
from gala_renderer.avatars.faces import points as named
from gala_renderer.avatars.pose import REST, Pose

KnownPoints = Mapping[str, NDArray[np.float64]]
AIM_SHARPNESS: Final = 0.9
AIM_LANDMARKS: Final = 0.02
"""In heights of the face."""
_SLIGHTLY_OPEN: Final = replace(REST, shut=0.0, jaw=0.12)
_FRAMES: Final = 30


@dataclass(frozen=True, slots=True)
class Measures:
    """Measurements of one subject."""

    name: str
    face: float
    """Height of the face in pixels."""
    rest: float
    """Sharpness around the mouth, as a share of the picture's."""
    opened: float
    """The same with the lips a little open."""
    difference: float
    """The mean difference of the light from that of the picture at rest, 0 to 255."""
    landmarks: float | None
    """The largest distance from the known points, in heights of the face."""
    prepared: float
    """Seconds to find the face and prepare the portrait."""
    frame: float
    """Milliseconds to draw a frame in which head and mouth move."""


def known_points(folder: Path | None) -> KnownPoints:
    """Return the points in ``landmarks.json`` of a folder by the name of the picture."""
    path = None if folder is None else folder / "landmarks.json"
    if path is None or not path.is_file():
        return {}
    return {
        Path(name).stem: np.array(entry["points"])
        for name, entry in json.loads(path.read_text()).items()
    }


def measured(subject: Subject, known: KnownPoints) -> Measures:
    """Measure one subject."""
    model = Model(subject, replaced=False)
    rest, opened = model.drawn("", REST).picture, model.drawn("", _SLIGHTLY_OPEN).picture
    height, width = subject.picture.shape[:2]
    shown = rest[:height, :width]
    before = sharpness(subject, subject.picture)
    points = known.get(subject.name)
    return Measures(
        name=subject.name,
        face=subject.face.height,
        rest=sharpness(subject, shown) / before,
        opened=sharpness(subject, opened) / before,
        difference=float(np.abs(_grey(shown) - _grey(subject.picture)).mean()),
        landmarks=None if points is None else _furthest(subject, points),
        prepared=subject.seconds,
        frame=_milliseconds(model),
    )


def sharpness(subject: Subject, picture: Picture) -> float:
    """Return the variance of the Laplacian around the mouth, but for what is between the lips."""
    middle, width = subject.face.points[[13, 14], :2].mean(0), subject.face.mouth_width
    left, top = np.rint(middle - np.array([0.8, 0.6]) * width).astype(int)
    right, bottom = np.rint(middle + np.array([0.8, 0.6]) * width).astype(int)
    between = np.zeros(picture.shape[:2], np.uint8)
    lips = subject.face.contour(*named.LIPS_INNER_UPPER, *named.LIPS_INNER_LOWER[::-1])
    cv2.polylines(between, [np.rint(lips).astype(np.int32)], True, 1, round(0.12 * width) + 1)
    cv2.fillPoly(between, [np.rint(lips).astype(np.int32)], 1)
    found = cv2.Laplacian(_grey(picture), cv2.CV_32F)
    around = np.s_[max(top, 0) : bottom, max(left, 0) : right]
    return float(found[around][between[around] == 0].var())


def _grey(picture: Picture) -> NDArray[np.float32]:
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.float32)


def _furthest(subject: Subject, points: NDArray[np.float64]) -> float:
    away = np.linalg.norm(subject.face.points[:, :2] - points, axis=1)
    return float(away.max() / subject.face.height)


def _milliseconds(model: Model) -> float:
    poses = [
        Pose(shut=0, jaw=0.5 + 0.4 * np.sin(at), yaw=3 * np.sin(at / 3), blink_left=at % 2)
        for at in range(_FRAMES)
    ]
    before = time.perf_counter()
    for pose in poses:
        model.paint(pose)
    return (time.perf_counter() - before) / _FRAMES * 1000


def table(rows: list[Measures]) -> Table:
    """Return the measurements as a table."""
    found = Table(
        "picture", "face", "sharp at rest", "opened", "difference", "landmarks", "prepared", "frame"
    )
    for row in rows:
        landmarks = (
            ""
            if row.landmarks is None
            else _judged(f"{row.landmarks:.2%}", good=row.landmarks <= AIM_LANDMARKS)
        )
        found.add_row(
            row.name,
            f"{row.face:.0f} px",
            _judged(f"{row.rest:.2f}", good=row.rest >= AIM_SHARPNESS),
            _judged(f"{row.opened:.2f}", good=row.opened >= AIM_SHARPNESS),
            f"{row.difference:.2f}",
            landmarks,
            f"{row.prepared:.2f} s",
            f"{row.frame:.1f} ms",
        )
    return found


def _judged(text: str, *, good: bool) -> str:
    return text if good else f"[red]{text}[/red]"

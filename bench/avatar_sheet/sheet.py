"""Drawing of sheets: the head in every pose, and its mouth and eyes enlarged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.avatar_sheet.subjects import Subject
from gala_renderer.avatars.body import Frame, Placement
from gala_renderer.avatars.faces import points as named
from gala_renderer.avatars.motion.visemes import FIELDS, SHAPES, Viseme
from gala_renderer.avatars.portrait.portrait_body import Portrait
from gala_renderer.avatars.pose import REST, Pose
from tests.support.planes import new_frame, rgb

Picture = NDArray[np.uint8]

_LOUD: Final = 1.12
"""The strength of stressed vowels, see ``motion.mouth``."""
_COLUMNS: Final = 6
_MOUTH_WIDTH: Final = 260
"""Width of mouths in pixels where they are shown enlarged."""
_LABEL: Final = (255, 230, 60)


def _pose(viseme: Viseme, strength: float = 1.0) -> Pose:
    values = dict(zip(FIELDS, (shape.value for shape in SHAPES[viseme]), strict=True))
    return replace(Pose(**values), shut=0.0, jaw=values["jaw"] * strength)


POSES: Final[Mapping[str, Pose]] = {
    "rest": REST,
    "a": _pose(Viseme.AA, _LOUD),
    "e": _pose(Viseme.E, _LOUD),
    "i": _pose(Viseme.IH, _LOUD),
    "o": _pose(Viseme.OH, _LOUD),
    "u": _pose(Viseme.OU),
    "m": replace(_pose(Viseme.PP), shut=1.0, press=0.5),
    "f": replace(_pose(Viseme.FF), lip_to_teeth=1.0),
    "s": _pose(Viseme.SS),
    "blink": replace(REST, blink_left=1.0, blink_right=1.0),
    "turned left": replace(REST, yaw=-7.0, roll=-2.0),
    "turned right": replace(_pose(Viseme.E), yaw=7.0, pitch=3.0, roll=2.0),
}
"""What the sheets show: the vowels are stressed ones, as loud as they become."""
_HALF: Final = replace(REST, blink_left=0.5, blink_right=0.5)
_ASIDE: Final = replace(REST, gaze_x=0.8)


@dataclass(frozen=True)
class Drawn:
    """One pose of a subject in the whole picture."""

    label: str
    picture: Picture


class Model:
    """A subject as it is drawn at the size of its picture, before a background."""

    def __init__(self, subject: Subject, *, replaced: bool) -> None:
        body = Portrait(subject.prepared)
        self.size = (body.size[0] + 1) // 2 * 2, (body.size[1] + 1) // 2 * 2
        whole = Placement(1.0, 0.0, 0.0)
        own = body.own_background(self.size, whole)
        background = new_background(self.size) if replaced else own
        self._painter = body.painter(self.size, whole, background)
        self._frame: Frame = new_frame(self.size)

    def drawn(self, label: str, pose: Pose) -> Drawn:
        """Return the whole picture in a pose."""
        self.paint(pose)
        return Drawn(label, rgb(self._frame))

    def paint(self, pose: Pose) -> None:
        """Draw a pose into the frame that is kept."""
        self._painter.paint(pose, self._frame)


def new_background(size: tuple[int, int]) -> Picture:
    """Return a background on which every fringe is seen: from a light corner to a deep colour."""
    width, height = size
    across = np.linspace(0, 1, width)[None] * 0.6 + np.linspace(0, 1, height)[:, None] * 0.4
    light, deep = np.array([246, 240, 226]), np.array([16, 104, 112])
    return np.asarray(light + (deep - light) * across[..., None], np.uint8)


def heads(subject: Subject) -> Picture:
    """Return the head in all poses at the size of the picture, on its own and a new background."""
    rows, columns = _head_box(subject)
    shown = []
    for replaced in (False, True):
        model = Model(subject, replaced=replaced)
        drawn = [model.drawn(label, pose) for label, pose in POSES.items()]
        shown += [_labelled(one.picture[rows, columns], one.label) for one in drawn]
    return _tiled(shown, _COLUMNS)


def details(subject: Subject) -> Picture:
    """Return the mouth in all poses enlarged, then the eyes open, half shut, shut and aside."""
    model = Model(subject, replaced=False)
    drawn = [model.drawn(label, pose) for label, pose in POSES.items()]
    eyes = [*drawn[:1], model.drawn("half", _HALF), drawn[9], model.drawn("aside", _ASIDE)]
    mouths = [_labelled(_mouth(subject, one.picture), one.label) for one in drawn]
    pairs = [_labelled(_eyes(subject, one.picture), one.label) for one in eyes]
    top, bottom = _tiled(mouths, 4), _tiled(pairs, 2)
    scale = top.shape[1] / bottom.shape[1]
    bottom = _enlarged(bottom, scale)
    return np.vstack([top, bottom[:, : top.shape[1]]])


def _head_box(subject: Subject) -> tuple[slice, slice]:
    face = subject.face
    mesh = face.points[: named.MESH_COUNT, :2]
    margin = np.array([0.5, 0.55]) * face.height
    return _slices(mesh.min(0) - margin, mesh.max(0) + margin * (1, 0.75), subject.picture)


def _mouth(subject: Subject, picture: Picture) -> Picture:
    middle = subject.face.points[[13, 14], :2].mean(0)
    width = subject.face.mouth_width
    box = _slices(middle - np.array([1.0, 0.75]) * width, middle + np.array([1.0, 1.05]) * width)
    return _enlarged(_cut(picture, *box), _MOUTH_WIDTH / width)


def _eyes(subject: Subject, picture: Picture) -> Picture:
    face = subject.face
    at = face.contour(*named.LEFT_EYE_UPPER, *named.RIGHT_EYE_UPPER, *named.LEFT_EYE_LOWER)
    reach = 0.16 * face.height
    box = _slices(at.min(0) - reach, at.max(0) + reach * np.array([1, 1.1]))
    return _enlarged(_cut(picture, *box), 2 * _MOUTH_WIDTH / (0.62 * face.height))


def _slices(
    low: NDArray[np.floating], high: NDArray[np.floating], within: Picture | None = None
) -> tuple[slice, slice]:
    (left, top), (right, bottom) = np.rint(low).astype(int), np.rint(high).astype(int)
    if within is None:
        return slice(top, bottom), slice(left, right)
    return (
        slice(max(top, 0), min(bottom, within.shape[0])),
        slice(max(left, 0), min(right, within.shape[1])),
    )


def _cut(picture: Picture, rows: slice, columns: slice) -> Picture:
    """Return a part of the picture, grey where there is none."""
    height, width = picture.shape[:2]
    room = 2 * max(height, width)
    padded = np.pad(picture, ((room, room), (room, room), (0, 0)), constant_values=90)
    return padded[rows.start + room : rows.stop + room, columns.start + room : columns.stop + room]


def _enlarged(picture: Picture, scale: float) -> Picture:
    how = cv2.INTER_CUBIC if scale > 1 else cv2.INTER_AREA
    return np.asarray(cv2.resize(picture, None, fx=scale, fy=scale, interpolation=how), np.uint8)


def _labelled(picture: Picture, label: str) -> Picture:
    shown = np.ascontiguousarray(picture)
    for colour, thickness in (((20, 20, 20), 3), (_LABEL, 1)):
        cv2.putText(shown, label, (6, 16), cv2.FONT_HERSHEY_SIMPLEX, 0.5, colour, thickness)
    return shown


def _tiled(pictures: list[Picture], columns: int) -> Picture:
    return np.vstack([np.hstack(row) for row in _rows(pictures, columns)])


def _rows(pictures: list[Picture], columns: int) -> Iterator[list[Picture]]:
    for first in range(0, len(pictures), columns):
        row = pictures[first : first + columns]
        yield row + [np.zeros_like(row[0])] * (columns - len(row))

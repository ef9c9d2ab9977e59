"""A face in a picture: its points, and measures that follow from them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from gala_renderer.avatars.body import Box
from gala_renderer.avatars.faces import points as named
from gala_renderer.avatars.faces.head import HeadAngles, head_angles


@dataclass(frozen=True)
class Face:
    """A face in a picture."""

    points: NDArray[np.float32]
    """Shape [478, 3]: x and y in pixels from the picture's top left corner, and depth in the same
    unit (smaller is nearer, zero is about the middle of the head). Numbered as in ``points.py``."""
    score: float = 1.0
    """How sure the model is that this is a face, 0 to 1; 1 if a person gave the points."""

    @cached_property
    def box(self) -> Box:
        """The box of the mesh, from the hairline to the chin."""
        mesh = self.points[: named.MESH_COUNT, :2]
        (left, top), (right, bottom) = mesh.min(0).tolist(), mesh.max(0).tolist()
        return Box(left, top, right, bottom)

    @property
    def height(self) -> float:
        """Distance from the top of the forehead to the chin in pixels, also of a tilted face."""
        return float(np.hypot(*(self.points[named.CHIN] - self.points[named.FOREHEAD])[:2]))

    @cached_property
    def angles(self) -> HeadAngles:
        """The turn of the head in degrees; see :class:`HeadAngles`."""
        return head_angles(self.points)

    @property
    def mouth_open(self) -> float:
        """Distance between the lips in the picture, as a fraction of the mouth's width."""
        upper = self.points[list(named.LIPS_INNER_UPPER[3:8]), :2]
        lower = self.points[list(named.LIPS_INNER_LOWER[3:8]), :2]
        return float(np.hypot(*(lower - upper).T).mean()) / self.mouth_width

    @property
    def mouth_width(self) -> float:
        """Distance between the corners of the mouth in pixels."""
        corners = self.points[[named.MOUTH_LEFT, named.MOUTH_RIGHT], :2]
        return max(float(np.hypot(*(corners[1] - corners[0]))), 1e-6)

    def contour(self, *numbers: int) -> NDArray[np.float32]:
        """Return the x and y of some points, shape [n, 2]: ``contour(*FACE_OVAL)``."""
        found: NDArray[np.float32] = self.points[list(numbers), :2]
        return found

    def scaled(self, factor: float) -> Face:
        """Return the same face in a picture that is larger by a factor."""
        return Face(self.points * np.float32(factor), self.score)

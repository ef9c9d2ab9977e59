"""A body made from one portrait."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from gala_renderer.avatars.body import Box, Placement
from gala_renderer.avatars.faces import points as named
from gala_renderer.avatars.portrait.painter import PortraitPainter
from gala_renderer.avatars.portrait.prepared import Prepared
from gala_renderer.avatars.portrait.surroundings import surroundings

_SHOWN: Final = 128
"""Opacity from which a pixel belongs to the person."""


class Portrait:
    """The :class:`gala_renderer.avatars.body.Body` of a prepared portrait."""

    def __init__(self, prepared: Prepared) -> None:
        self._prepared = prepared

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the picture in pixels."""
        return self._prepared.size

    @property
    def face(self) -> Box:
        """The face from chin to hairline."""
        mesh = self._prepared.points[: named.MESH_COUNT, :2]
        (left, top), (right, bottom) = mesh.min(0).tolist(), mesh.max(0).tolist()
        return Box(left, top, right, bottom)

    @property
    def head_top(self) -> float:
        """Where what belongs to the person ends above the face, without a gap."""
        face, alpha = self.face, self._prepared.alpha
        first = max(round(face.top), 0)
        columns = slice(max(round(face.left), 0), max(round(face.right), 1))
        shown = (alpha[:first, columns] >= _SHOWN).any(1)
        gaps = np.flatnonzero(~shown)
        return float(gaps[-1] + 1) if len(gaps) else 0.0

    @property
    def must_cover(self) -> bool:
        """False: the picture's background is continued beyond it."""
        return False

    def own_background(self, size: tuple[int, int], placement: Placement) -> NDArray[np.uint8]:
        """Return the picture without the person; see :class:`gala_renderer.avatars.body.Body`."""
        return surroundings(self._prepared, size, placement)

    def painter(
        self, size: tuple[int, int], placement: Placement, background: NDArray[np.uint8] | None
    ) -> PortraitPainter:
        """Return a painter; see :meth:`gala_renderer.avatars.body.Body.painter`."""
        return PortraitPainter(self._prepared, size, placement, background)

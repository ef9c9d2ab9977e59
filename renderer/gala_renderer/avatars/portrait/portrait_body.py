"""A body made from one portrait."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from gala_renderer.avatars.body import Box, Placement
from gala_renderer.avatars.faces import points as named
from gala_renderer.avatars.portrait.arrays import u8
from gala_renderer.avatars.portrait.painter import PortraitPainter
from gala_renderer.avatars.portrait.prepared import Prepared


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

    def own_background(self, size: tuple[int, int], placement: Placement) -> NDArray[np.uint8]:
        """Return the picture without the person; see :class:`gala_renderer.avatars.body.Body`."""
        shift = 0.5 * placement.scale - 0.5
        matrix = np.array(
            [[placement.scale, 0, placement.x + shift], [0, placement.scale, placement.y + shift]]
        )
        how = cv2.INTER_AREA if placement.scale < 1 else cv2.INTER_CUBIC
        return u8(
            cv2.warpAffine(
                self._prepared.background, matrix, size, flags=how, borderMode=cv2.BORDER_REPLICATE
            )
        )

    def painter(
        self, size: tuple[int, int], placement: Placement, background: NDArray[np.uint8] | None
    ) -> PortraitPainter:
        """Return a painter; see :meth:`gala_renderer.avatars.body.Body.painter`."""
        return PortraitPainter(self._prepared, size, placement, background)

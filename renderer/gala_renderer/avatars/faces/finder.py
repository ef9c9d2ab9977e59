"""Finding of faces, and of the person they belong to, in pictures."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gala.errors import EngineMissing
from gala_renderer.avatars.faces import points as named
from gala_renderer.avatars.faces.canonical import canonical_face
from gala_renderer.avatars.faces.correction import GivenPoints, placed
from gala_renderer.avatars.faces.detector import Detection, Detector, overlap
from gala_renderer.avatars.faces.face import Face
from gala_renderer.avatars.faces.mask import drawing_mask, person_mask
from gala_renderer.avatars.faces.mesh import Fit, Mesh, moved, square_of
from gala_renderer.avatars.faces.square import Picture, Pyramid
from gala_renderer.avatars.faces.tflite import Model

ATTENTION_MESH: Final = "face_landmark_with_attention.tflite"
PLAIN_MESHES: Final = ("face_landmark.tflite", "face_landmark_float32.tflite")
DETECTOR: Final = "face_detection_short_range.tflite"
CANONICAL_FACE: Final = "geometry_pipeline_metadata_landmarks.binarypb"
SEGMENTATION: Final = "selfie_segmentation.tflite"

_LOG: Final = logging.getLogger(__name__)
_MOST_PIXELS: Final = 16_000_000
"""Larger pictures are searched at this size."""
_THRESHOLD: Final = 0.5
_UNSTEADY: Final = 0.065
"""Faces move by 0.01 to 0.035 of their height, those in profile by 0.055; cats and coins by 0.08
and more."""
_VIEWS: Final = (1.0, 1.4, 2.0)
_SURE: Final = 0.65
_SEEN_THERE: Final = 0.1
_SAME_FACE: Final = 0.3
_SMALL: Final = 0.2
"""Height of a face, as a share of the picture's, below which its surroundings are searched."""
_AROUND: Final = ((2.2, 1.8), (2.2, 5.0))
"""The surroundings left and above, and right and below its middle, in heights of the face."""
_PERSON: Final = 0.6
"""The mean of a mask within a face that is a person's, at least."""
_MOST_FACES: Final = 12


class FaceFinder:
    """Finds faces with the weights of a folder, which ``gala weights pull faces`` fills.

    Nothing is loaded before it is needed, or :meth:`load` is called. Not for several threads at
    a time.
    """

    def __init__(self, weights: Path) -> None:
        self.weights = weights
        """The folder of the weights."""

    @classmethod
    def installed(cls, weights_dir: Path) -> FaceFinder:
        """Return a finder with what is installed: the weights ``faces``, else ``faces:plain``."""
        plain = weights_dir / "faces-plain"
        faces = weights_dir / "faces"
        return cls(plain if plain.is_dir() and not faces.is_dir() else faces)

    def load(self) -> None:
        """Load the models that are installed, which is done at their first use otherwise."""
        with suppress(EngineMissing):
            _ = self._detector, self._mesh, self._segmentation

    def find(self, picture: Picture) -> list[Face]:
        """Return the faces in a picture (sRGB, uint8, [height, width, 3]), the largest first.

        Faces of 2 % of the picture's longer side and more are found, the small ones only if there
        is no larger one. The list is empty if there is none, as in pictures of animals; see
        :meth:`face_at` for these.

        Raises:
            EngineMissing: the weights are missing.
        """
        shrunk, scale = _shrunk(picture)
        pyramid = Pyramid(shrunk)
        for squares in self._detector.searches(*shrunk.shape[:2]):
            faces = self._confirmed(pyramid, self._detector.detect(pyramid, squares))
            if faces:
                return [face.scaled(1 / scale) for face in faces]
        return []

    def follow(self, picture: Picture, before: Face) -> Face:
        """Return the face in the next picture of a film; it moved by less than its own size.

        Raises:
            EngineMissing: the weights are missing.
        """
        fit = self._mesh.at(Pyramid(picture), square_of(before.points))
        return Face(fit.points, fit.score)

    def segment(self, picture: Picture) -> NDArray[np.float32]:
        """Return where a person is as :meth:`person_mask` does, but without looking at a face.

        Its shape is that of the picture as it is searched. May run beside :meth:`find`.

        Raises:
            EngineMissing: the weights are missing.
        """
        return person_mask(self._segmentation, _shrunk(picture)[0])

    def person_mask(
        self,
        picture: Picture,
        face: Face | None = None,
        *,
        segmented: NDArray[np.float32] | None = None,
    ) -> NDArray[np.float32]:
        """Return where the person is, 0 to 1, shape [height, width]; the edge follows hair.

        If no person is seen where the ``face`` is, as in drawings and pictures of animals, it is
        the figure before an even background, or else the whole picture. ``segmented`` is what
        :meth:`segment` found, if it was called already.

        Raises:
            EngineMissing: the weights are missing.
        """
        shrunk, scale = _shrunk(picture)
        mask = self.segment(picture) if segmented is None else segmented
        if face is not None:
            near = face.scaled(scale)
            if near.height < _SMALL * shrunk.shape[0]:
                mask = self._closer_mask(shrunk, near, mask)
            outline = near.contour(*named.FACE_OVAL)
            if _mean_within(mask, outline) < _PERSON:
                mask = drawing_mask(shrunk, outline)
        return mask if scale == 1 else _resized(mask, picture)

    def _closer_mask(
        self, picture: Picture, face: Face, mask: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """Return a mask in which head and shoulders are found in a part of the picture.

        The model sees only 256 x 256 pixels, too few for a face that is small in the whole.
        """
        middle = face.points[: named.MESH_COUNT, :2].mean(0)
        low = np.maximum(middle - np.array(_AROUND[0]) * face.height, 0).astype(int)
        high = (middle + np.array(_AROUND[1]) * face.height).astype(int)
        rows, columns = slice(low[1], high[1]), slice(low[0], high[0])
        part = np.ascontiguousarray(picture[rows, columns])
        found = mask.copy()
        found[rows, columns] = person_mask(self._segmentation, part)
        return found

    def face_at(self, given: GivenPoints) -> Face:
        """Return a face at points that a person gave, for drawings and animals.

        ``given`` are positions in pixels by name, ``left_eye``, ``right_eye``, ``mouth_left`` and
        ``mouth_right`` at least; the names are those of ``correction.GIVEN``. A face that was
        found only in part right is corrected by :func:`corrected` instead.

        Raises:
            InvalidRequest: a name is unknown or missing, or the points are no face.
            EngineMissing: the weights are missing.
        """
        return placed(self._canonical, given)

    def _confirmed(self, picture: Pyramid, detections: Sequence[Detection]) -> list[Face]:
        """Return the faces that the mesh confirms, without those found twice, largest first."""
        faces: list[Face] = []
        for detection in sorted(detections, key=lambda it: -it.square.side)[:_MOST_FACES]:
            fit = self._mesh.fit(picture, detection.square)
            square = square_of(fit.points)
            known = any(overlap(square, square_of(face.points)) > _SAME_FACE for face in faces)
            if not known and self._is_face(picture, fit):
                refined = self._mesh.refined(picture, fit)
                faces.append(Face(refined.points, refined.score))
        return sorted(faces, key=lambda face: -face.height)

    def _is_face(self, picture: Pyramid, fit: Fit) -> bool:
        """Return True if both models, looking at the fitted face again, still see a face.

        Each of them alone is sure of a face in many a cat, coin or cloud.
        """
        if fit.score < _THRESHOLD:
            return False
        again = self._mesh.steadiness(picture, fit)
        if again.score < _THRESHOLD or moved(fit.points, again.points) > _UNSTEADY:
            return False
        square = square_of(fit.points)
        views = [square.grown(factor) for factor in _VIEWS]
        seen = self._detector.detect(picture, views)
        return any(it.score > _SURE and overlap(it.square, square) > _SEEN_THERE for it in seen)

    @cached_property
    def _detector(self) -> Detector:
        return Detector(self._model(DETECTOR))

    @cached_property
    def _mesh(self) -> Mesh:
        if (self.weights / ATTENTION_MESH).is_file():
            return Mesh(self._model(ATTENTION_MESH))
        _LOG.warning(
            "%s has no %s: lips, eyes and irises are found less exactly."
            " `gala weights pull faces` installs it.",
            self.weights, ATTENTION_MESH,
        )  # fmt: skip
        return Mesh(self._model(*PLAIN_MESHES))

    @cached_property
    def _segmentation(self) -> Model:
        return self._model(SEGMENTATION)

    @cached_property
    def _canonical(self) -> NDArray[np.float32]:
        return canonical_face(self._installed_file(CANONICAL_FACE))

    def _model(self, *names: str) -> Model:
        return Model.load(self._installed_file(*names))

    def _installed_file(self, *names: str) -> Path:
        """Return the first of these files that is installed."""
        found = [path for name in names if (path := self.weights / name).is_file()]
        if not found:
            raise EngineMissing(
                f"{self.weights} has no {names[0]}, which finds faces and people in pictures.",
                hint="run `gala weights pull faces`",
            )
        return found[0]


def _shrunk(picture: Picture) -> tuple[Picture, float]:
    """Return the picture, smaller if it is huge, and its scale."""
    height, width = picture.shape[:2]
    scale = (_MOST_PIXELS / (height * width)) ** 0.5
    if scale >= 1:
        return picture, 1.0
    import cv2  # noqa: PLC0415 - heavy, and optional

    size = max(round(width * scale), 1), max(round(height * scale), 1)
    smaller = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    return np.asarray(smaller, np.uint8), scale


def _mean_within(mask: NDArray[np.float32], outline: NDArray[np.float32]) -> float:
    import cv2  # noqa: PLC0415 - heavy, and optional

    area = np.zeros(mask.shape, np.uint8)
    cv2.fillPoly(area, [np.rint(outline).astype(np.int32)], 1)
    return float(mask[area > 0].mean()) if area.any() else 0.0


def _resized(mask: NDArray[np.float32], picture: Picture) -> NDArray[np.float32]:
    import cv2  # noqa: PLC0415 - heavy, and optional

    height, width = picture.shape[:2]
    return np.asarray(cv2.resize(mask, (width, height)), np.float32)

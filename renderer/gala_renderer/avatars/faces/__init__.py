"""Faces in pictures: their points, and the mask of the person; offline, on a CPU.

The weights are MediaPipe's (``gala weights pull faces``, Apache-2.0), run by ``tflite`` here.
"""

from gala_renderer.avatars.faces.correction import GivenPoints, corrected
from gala_renderer.avatars.faces.face import Face
from gala_renderer.avatars.faces.finder import FaceFinder
from gala_renderer.avatars.faces.head import HeadAngles
from gala_renderer.avatars.faces.lips import LipSeam, lip_seam
from gala_renderer.avatars.faces.preview import draw_landmarks

__all__ = [
    "Face",
    "FaceFinder",
    "GivenPoints",
    "HeadAngles",
    "LipSeam",
    "corrected",
    "draw_landmarks",
    "lip_seam",
]

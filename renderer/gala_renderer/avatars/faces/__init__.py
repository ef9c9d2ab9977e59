"""Faces in pictures: their points, and the mask of the person; offline, on a CPU.

The weights are MediaPipe's (``gala weights pull faces``, Apache-2.0), run by ``tflite`` here.
"""

from gala_renderer.avatars.faces.face import Face
from gala_renderer.avatars.faces.finder import FaceFinder
from gala_renderer.avatars.faces.head import HeadAngles

__all__ = ["Face", "FaceFinder", "HeadAngles"]

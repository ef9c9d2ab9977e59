"""Running of TensorFlow Lite models in NumPy and OpenCV: the operators that face models need."""

from gala_renderer.avatars.faces.tflite.flatbuffer import MalformedModel
from gala_renderer.avatars.faces.tflite.model import Model

__all__ = ["MalformedModel", "Model"]

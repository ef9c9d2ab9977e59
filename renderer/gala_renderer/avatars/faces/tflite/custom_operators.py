"""MediaPipe's own operators: a turned crop around landmarks, sampled from a tensor.

The semantics are those of version 2 in ``mediapipe/util/tflite/operations``. A matrix [1, 4, 4]
maps pixels of the crop to pixels of the tensor; only its first two rows are used.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from gala_renderer.avatars.faces.tflite.flatbuffer import MalformedModel
from gala_renderer.avatars.faces.tflite.flexbuffer import Value
from gala_renderer.avatars.faces.tflite.operators import product

Tensor: TypeAlias = NDArray[np.float32]
Kernel: TypeAlias = Callable[..., Tensor]
Options: TypeAlias = Mapping[str, Value]


def landmarks_to_matrix(options: Options) -> Kernel:
    """Return the operator that gives the matrix of a crop around some landmarks.

    The crop is turned so that the line between two landmarks has a given angle.
    """
    left, right = (
        int(_number(options, "left_rotation_idx")),
        int(_number(options, "right_rotation_idx")),
    )
    target = _number(options, "target_rotation_radians")
    size = _number(options, "output_width"), _number(options, "output_height")
    scale = _number(options, "scale_x"), _number(options, "scale_y")
    subset = options.get("subset_idxs")
    if not isinstance(subset, tuple):
        raise MalformedModel("an operator lacks the option subset_idxs")
    members = np.array(subset, np.intp)

    def run(landmarks: Tensor) -> Tensor:
        points = landmarks.reshape(-1, landmarks.shape[-1])[:, :2].astype(np.float64)
        along = points[right] - points[left]
        turn = target - math.atan2(along[1], along[0])
        rotation = np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])
        upright = points[members] @ rotation.T
        low, high = upright.min(0), upright.max(0)
        linear = rotation.T * (np.array(scale) * (high - low) / np.array(size))
        matrix = np.eye(4, dtype=np.float32)[None]
        matrix[0, :2, :2] = linear
        matrix[0, :2, 3] = rotation.T @ ((low + high) / 2) - linear @ (np.array(size) / 2)
        return matrix

    return run


def sampling(options: Options) -> Kernel:
    """Return the operator that samples a crop bilinearly; outside of the tensor it is zero."""
    width, height = int(_number(options, "output_width")), int(_number(options, "output_height"))

    def run(data: Tensor, matrix: Tensor) -> Tensor:
        ys, xs = np.mgrid[0:height, 0:width] + 0.5
        x = matrix[0, 0, 0] * xs + matrix[0, 0, 1] * ys + matrix[0, 0, 3] - 0.5
        y = matrix[0, 1, 0] * xs + matrix[0, 1, 1] * ys + matrix[0, 1, 3] - 0.5
        rows, columns = data.shape[1:3]
        inside = (x >= 0) & (x <= columns - 1) & (y >= 0) & (y <= rows - 1)
        left = np.clip(np.floor(x).astype(np.intp), 0, max(columns - 2, 0))
        top = np.clip(np.floor(y).astype(np.intp), 0, max(rows - 2, 0))
        right, below = np.minimum(left + 1, columns - 1), np.minimum(top + 1, rows - 1)
        to_right, down = (x - left)[..., None], (y - top)[..., None]
        plane = data[0]
        upper = plane[top, left] * (1 - to_right) + plane[top, right] * to_right
        lower = plane[below, left] * (1 - to_right) + plane[below, right] * to_right
        found = (upper * (1 - down) + lower * down) * inside[..., None]
        return np.asarray(found[None], np.float32)

    return run


def transformed_landmarks(landmarks: Tensor, matrix: Tensor) -> Tensor:
    """Map landmarks by the matrix; a depth stays as it is."""
    found = landmarks.copy()
    found[..., :2] = landmarks[..., :2] @ matrix[0, :2, :2].T + matrix[0, :2, 3]
    return found


def transposed_convolution(stride_x: int, stride_y: int) -> Kernel:
    """Return the transposed convolution with a bias whose windows do not overlap.

    The kernel has the shape [out, height, width, in]. Its size is the stride, so that the result
    is one matrix product, whatever the padding is.
    """

    def run(data: Tensor, kernel: Tensor, bias: Tensor) -> Tensor:
        outputs, height, width, inputs = kernel.shape
        if (height, width) != (stride_y, stride_x):
            raise MalformedModel("transposed convolutions that overlap are not known")
        batch, rows, columns, _ = data.shape
        found = product(data.reshape(-1, inputs), kernel.reshape(-1, inputs).T)
        blocks = found.reshape(batch, rows, columns, outputs, height, width)
        blocks = blocks.transpose(0, 1, 4, 2, 5, 3) + bias
        return blocks.reshape(batch, rows * height, columns * width, outputs)

    return run


KERNELS: Final[Mapping[str, Callable[[Options], Kernel]]] = {
    "Landmarks2TransformMatrix": landmarks_to_matrix,
    "TransformTensorBilinear": sampling,
    "TransformLandmarks": lambda _: transformed_landmarks,
}


def _number(options: Options, name: str) -> float:
    value = options.get(name)
    if not isinstance(value, int | float):
        raise MalformedModel(f"an operator lacks the option {name}")
    return value

"""The ordinary operators of TensorFlow Lite on float32 tensors [batch, height, width, channels].

Those with options are factories, which take them (a table of the model) and return the function.
The semantics are those of TensorFlow Lite's reference kernels.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce
from typing import Final, TypeAlias

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from gala_renderer.avatars.faces.tflite.flatbuffer import MalformedModel, Table

Tensor: TypeAlias = NDArray[np.float32]
Indices: TypeAlias = NDArray[np.int32]
Kernel: TypeAlias = Callable[..., Tensor]

_SAME: Final = 0
_ACTIVATIONS: Final[Mapping[int, tuple[float, float] | None]] = {
    0: None,
    1: (0.0, np.inf),
    2: (-1.0, 1.0),
    3: (0.0, 6.0),
}


def convolution(options: Table) -> Kernel:
    """Return CONV_2D: kernel [out, height, width, in], bias [out]."""
    stride = options.number(1, "i"), options.number(2, "i")
    padding = options.number(0, "b")
    _require_no_dilation(options, 4)
    activation = _activation(options.number(3, "b"))

    def run(data: Tensor, kernel: Tensor, bias: Tensor) -> Tensor:
        outputs, height, width, inputs = kernel.shape
        if (height, width) == (1, 1):
            windows = data[:, :: stride[1], :: stride[0]]
        else:
            data = _padded(data, (height, width), stride, padding)
            views = sliding_window_view(data, (height, width), (1, 2))
            windows = views[:, :: stride[1], :: stride[0]].transpose(0, 1, 2, 4, 5, 3)
        shape = windows.shape[:3]
        flat = windows.reshape(-1, height * width * inputs)
        found = product(flat, kernel.reshape(outputs, -1).T)
        found += bias
        return activation(found.reshape(*shape, outputs))

    return run


def depthwise_convolution(options: Table) -> Kernel:
    """Return DEPTHWISE_CONV_2D: kernel [1, height, width, channels], bias [channels]."""
    stride = options.number(1, "i"), options.number(2, "i")
    padding = options.number(0, "b")
    if options.number(3, "i") != 1:
        raise MalformedModel("depthwise convolutions with a multiplier are not known")
    _require_no_dilation(options, 5)
    activation = _activation(options.number(4, "b"))

    def run(data: Tensor, kernel: Tensor, bias: Tensor) -> Tensor:
        _, height, width, channels = kernel.shape
        data = _padded(data, (height, width), stride, padding)
        batch, rows, columns = (
            len(data),
            (data.shape[1] - height) // stride[1] + 1,
            (data.shape[2] - width) // stride[0] + 1,
        )
        # Whole rows are multiplied at a time: NumPy is slow at many short inner loops.
        found = np.tile(bias, (batch, rows, columns))
        weights = np.tile(kernel[0], columns)
        product = np.empty_like(found)
        phases = [
            np.ascontiguousarray(data[:, :, x :: stride[0]]).reshape(batch, data.shape[1], -1)
            for x in range(stride[0])
        ]
        for x in range(width):
            phase = phases[x % stride[0]]
            start = x // stride[0] * channels
            for y in range(height):
                part = phase[:, y : y + rows * stride[1] : stride[1]]
                inner = part[:, :rows, start : start + columns * channels]
                np.multiply(inner, weights[y, x], out=product)
                found += product
        return activation(found.reshape(batch, rows, columns, channels))

    return run


def max_pooling(options: Table) -> Kernel:
    """Return MAX_POOL_2D."""
    stride = options.number(1, "i"), options.number(2, "i")
    width, height = options.number(3, "i"), options.number(4, "i")
    padding = options.number(0, "b")

    def run(data: Tensor) -> Tensor:
        data = _padded(data, (height, width), stride, padding, -np.inf)
        rows = data.shape[1] - height + 1
        columns = data.shape[2] - width + 1
        parts = (
            data[:, y : y + rows : stride[1], x : x + columns : stride[0]]
            for y in range(height)
            for x in range(width)
        )
        return reduce(np.maximum, parts)

    return run


def average_pooling(options: Table) -> Kernel:
    """Return AVERAGE_POOL_2D without padding."""
    stride = options.number(1, "i"), options.number(2, "i")
    width, height = options.number(3, "i"), options.number(4, "i")
    padding = options.number(0, "b")

    def run(data: Tensor) -> Tensor:
        if padding == _SAME and data.shape[1:3] != (height, width):
            raise MalformedModel("average pooling with padding is not known")
        windows = sliding_window_view(data, (height, width), (1, 2))
        found: Tensor = windows[:, :: stride[1], :: stride[0]].mean((-2, -1), dtype=np.float32)
        return found

    return run


def addition(options: Table) -> Kernel:
    """Return ADD."""
    activation = _activation(options.number(0, "b"))
    return lambda left, right: activation(np.add(left, right))


def multiplication(options: Table) -> Kernel:
    """Return MUL."""
    activation = _activation(options.number(0, "b"))
    return lambda left, right: activation(np.multiply(left, right))


def concatenation(options: Table) -> Kernel:
    """Return CONCATENATION."""
    axis = options.number(0, "i")
    activation = _activation(options.number(1, "b"))
    return lambda *parts: activation(np.concatenate(parts, axis))


def reshaping(options: Table) -> Kernel:
    """Return RESHAPE; the first dimension stays the batch."""
    fixed = options.numbers(0)

    def run(data: Tensor, shape: Indices | None = None) -> Tensor:
        target = fixed if shape is None else tuple(shape.tolist())
        return data.reshape(len(data), *target[1:])

    return run


def enlarging(options: Table) -> Kernel:
    """Return RESIZE_BILINEAR."""
    align_corners, half_pixels = options.number(2, "b"), options.number(3, "b")

    def run(data: Tensor, size: Indices) -> Tensor:
        for axis, length in ((1, int(size[0])), (2, int(size[1]))):
            old = data.shape[axis]
            at = np.arange(length, dtype=np.float32)
            if half_pixels:
                at = (at + 0.5) * (old / length) - 0.5
            elif align_corners and length > 1:
                at *= (old - 1) / (length - 1)
            else:
                at *= old / length
            low = np.clip(np.floor(at).astype(np.int32), 0, old - 1)
            high = np.clip(low + 1, 0, old - 1)
            part = np.clip(at - low, 0, 1).astype(np.float32)
            part = part.reshape([-1 if it == axis else 1 for it in range(data.ndim)])
            below = np.take(data, low, axis)
            data = below + (np.take(data, high, axis) - below) * part
        return data

    return run


def slicing(options: Table) -> Kernel:
    """Return STRIDED_SLICE for ranges of all dimensions."""
    open_begins, open_ends = options.number(0, "i"), options.number(1, "i")
    if any(options.number(field, "i") for field in (2, 3, 4)):
        raise MalformedModel("slices that change the number of dimensions are not known")

    def run(data: Tensor, begins: Indices, ends: Indices, steps: Indices) -> Tensor:
        ranges = tuple(
            slice(
                None if open_begins >> axis & 1 else int(begins[axis]),
                None if open_ends >> axis & 1 else int(ends[axis]),
                int(steps[axis]),
            )
            for axis in range(data.ndim)
        )
        return data[ranges]

    return run


def rectified(data: Tensor) -> Tensor:
    """Apply RELU."""
    return np.maximum(data, np.float32(0))


def parametrically_rectified(data: Tensor, slope: Tensor) -> Tensor:
    """Apply PRELU: negative values times a factor of their channel."""
    return np.maximum(data, 0) + np.minimum(data, 0) * slope


def hard_swish(data: Tensor) -> Tensor:
    """Apply HARD_SWISH: x · min(max(x + 3, 0), 6) / 6."""
    found: Tensor = data * (np.clip(data + np.float32(3), 0, 6) * np.float32(1 / 6))
    return found


def sigmoid(data: Tensor) -> Tensor:
    """Apply LOGISTIC: 1 / (1 + exp(-x)), without overflow."""
    found: Tensor = 0.5 * np.tanh(0.5 * data) + np.float32(0.5)
    return found


def _without_options(kernel: Kernel) -> Callable[[Table], Kernel]:
    return lambda _: kernel


def product(rows: Tensor, matrix: Tensor) -> Tensor:
    """Return rows @ matrix, in parts so small that OpenBLAS starts no threads for them.

    Its threads wait for each other by spinning, which on a busy machine takes a hundred times as
    long as the work. The result does not depend on the number of cores, either.
    """
    inner, columns = matrix.shape
    height = max(_SINGLE_THREADED // (inner * columns), 1)
    whole = len(rows) // height * height
    found = np.empty((len(rows), columns), np.float32)
    parts = rows[:whole].reshape(-1, height, inner)
    np.matmul(parts, matrix, out=found[:whole].reshape(-1, height, columns))
    np.matmul(rows[whole:], matrix, out=found[whole:])
    return found


_SINGLE_THREADED: Final = 65_536 * 4
"""Multiplications up to which OpenBLAS uses one thread (``interface/gemm.c``)."""

KERNELS: Final[Mapping[int, Callable[[Table], Kernel]]] = {
    0: addition,
    1: average_pooling,
    2: concatenation,
    3: convolution,
    4: depthwise_convolution,
    14: _without_options(sigmoid),
    17: max_pooling,
    18: multiplication,
    19: _without_options(rectified),
    22: reshaping,
    23: enlarging,
    34: _without_options(np.pad),
    45: slicing,
    54: _without_options(parametrically_rectified),
    117: _without_options(hard_swish),
}
"""The operators by their numbers in TensorFlow Lite's schema."""


def _activation(number: int) -> Callable[[Tensor], Tensor]:
    if number not in _ACTIVATIONS:
        raise MalformedModel(f"the activation {number} is not known")
    limits = _ACTIVATIONS[number]
    if limits is None:
        return lambda data: data
    low, high = limits
    return lambda data: np.clip(data, low, high, out=data)


def _padded(
    data: Tensor,
    window: tuple[int, int],
    stride: tuple[int, int],
    padding: int,
    value: float = 0.0,
) -> Tensor:
    """Return the data with the margin that the padding SAME asks for; ``stride`` is x, y."""
    if padding != _SAME:
        return data
    margins = []
    for length, size, step in zip(data.shape[1:3], window, stride[::-1], strict=True):
        total = max((-(-length // step) - 1) * step + size - length, 0)
        margins.append((total // 2, total - total // 2))
    if not any(map(any, margins)):
        return data
    # What numpy.pad does, in a fifth of the time.
    (top, bottom), (left, right) = margins
    batch, height, width, channels = data.shape
    found = np.full((batch, top + height + bottom, left + width + right, channels), value, "f4")
    found[:, top : top + height, left : left + width] = data
    return found


def _require_no_dilation(options: Table, field: int) -> None:
    if (options.number(field, "i", 1), options.number(field + 1, "i", 1)) != (1, 1):
        raise MalformedModel("dilated convolutions are not known")

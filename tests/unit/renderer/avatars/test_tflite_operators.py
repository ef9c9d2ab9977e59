"""The operators of face models, against loops that follow TensorFlow Lite's definitions."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from gala_renderer.avatars.faces.tflite import MalformedModel, Model, operators
from gala_renderer.avatars.faces.tflite import custom_operators as custom
from gala_renderer.avatars.faces.tflite.flatbuffer import Table
from gala_renderer.avatars.faces.tflite.flexbuffer import options

SAME, VALID = 0, 1


def _floats(values: Any) -> NDArray[np.float32]:
    return np.array(values, np.float32)


def _table(*numbers: int) -> Table:
    """Return a table whose fields are int32, as the options of operators may be."""
    fields = len(numbers)
    header = struct.pack(
        f"<HH{fields}H", 4 + 2 * fields, 4 + 4 * fields, *range(4, 4 + 4 * fields, 4)
    )
    return Table(header + struct.pack(f"<i{fields}i", len(header), *numbers), len(header))


def _random(*shape: int) -> operators.Tensor:
    return np.random.default_rng(7).normal(size=shape).astype(np.float32)


def _margin(length: int, size: int, stride: int, padding: int) -> tuple[int, int]:
    """Return the margin before the data, and the length of the result."""
    if padding == VALID:
        return 0, (length - size) // stride + 1
    result = -(-length // stride)
    return max((result - 1) * stride + size - length, 0) // 2, result


def _windows(
    data: operators.Tensor, size: int, stride: int, padding: int
) -> Sequence[Sequence[operators.Tensor]]:
    """Return the part of the data that each pixel of the result sees, without what is outside."""
    before_y, rows = _margin(data.shape[1], size, stride, padding)
    before_x, columns = _margin(data.shape[2], size, stride, padding)
    padded = np.full((data.shape[1] + 2 * size, data.shape[2] + 2 * size, data.shape[3]), np.nan)
    padded[size : size + data.shape[1], size : size + data.shape[2]] = data[0]
    return [
        [
            padded[y : y + size, x : x + size]
            for x in range(size - before_x, size - before_x + columns * stride, stride)
        ]
        for y in range(size - before_y, size - before_y + rows * stride, stride)
    ]


@pytest.mark.parametrize("padding", [SAME, VALID])
@pytest.mark.parametrize(("size", "stride"), [(1, 1), (3, 1), (3, 2), (5, 2), (2, 2)])
def test_convolutions_are_sums_over_windows(size: int, stride: int, padding: int) -> None:
    data, kernel, bias = _random(1, 9, 8, 3), _random(4, size, size, 3), _random(4)
    found = operators.convolution(_table(padding, stride, stride, 0, 1, 1))(data, kernel, bias)
    expected = [
        [[np.nansum(part * one) for one in kernel] + bias for part in row]
        for row in _windows(data, size, stride, padding)
    ]
    np.testing.assert_allclose(found[0], expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("padding", [SAME, VALID])
@pytest.mark.parametrize(("size", "stride"), [(3, 1), (3, 2), (5, 2), (5, 1)])
def test_depthwise_convolutions_keep_channels_apart(size: int, stride: int, padding: int) -> None:
    data, kernel, bias = _random(1, 9, 8, 3), _random(1, size, size, 3), _random(3)
    run = operators.depthwise_convolution(_table(padding, stride, stride, 1, 0, 1, 1))
    expected = [
        [np.nansum(part * kernel[0], (0, 1)) + bias for part in row]
        for row in _windows(data, size, stride, padding)
    ]
    np.testing.assert_allclose(run(data, kernel, bias)[0], expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("padding", [SAME, VALID])
def test_the_maximum_ignores_what_lies_outside(padding: int) -> None:
    data = _random(1, 5, 7, 2) - 9
    found = operators.max_pooling(_table(padding, 2, 2, 2, 2, 0))(data)
    expected = [[np.nanmax(part, (0, 1)) for part in row] for row in _windows(data, 2, 2, padding)]
    np.testing.assert_array_equal(found[0], _floats(expected))


def test_a_batch_gives_what_its_pictures_give_alone() -> None:
    data, kernel, bias = _random(3, 6, 6, 4), _random(1, 3, 3, 4), _random(4)
    run = operators.depthwise_convolution(_table(SAME, 2, 2, 1, 0, 1, 1))
    alone = [run(data[index : index + 1], kernel, bias) for index in range(3)]
    np.testing.assert_array_equal(run(data, kernel, bias), np.concatenate(alone))


def test_enlarging_samples_between_the_centres_of_pixels() -> None:
    data = _floats([[0, 4], [8, 12]]).reshape(1, 2, 2, 1)
    half_pixels = operators.enlarging(_table(0, 0, 0, 1))
    found = half_pixels(data, np.array([4, 4], np.int32))[0, ..., 0]
    row = _floats([0, 1, 3, 4])
    np.testing.assert_allclose(found, row + _floats([0, 2, 6, 8])[:, None])


def test_means_sums_and_curves_are_those_of_their_definitions() -> None:
    data = _floats([[-4, -1], [0, 5]]).reshape(1, 2, 2, 1)
    mean = operators.average_pooling(_table(VALID, 2, 2, 2, 2, 0))(data)
    assert mean.item() == 0.0
    assert operators.hard_swish(data).ravel().tolist() == pytest.approx([0, -1 / 3, 0, 5])
    slope = np.full((1, 1, 1), 0.5, np.float32)
    assert operators.parametrically_rectified(data, slope).ravel().tolist() == [-2, -0.5, 0, 5]
    limited = operators.addition(_table(3))(data, _floats([2]))
    assert limited.ravel().tolist() == [0, 1, 2, 6]
    assert operators.sigmoid(_floats([-200, 0, 200])).tolist() == [0, 0.5, 1]


def test_slices_and_shapes_follow_their_options() -> None:
    data = np.arange(24, dtype=np.float32).reshape(1, 4, 6)
    cut = operators.slicing(_table(1, 2, 0, 0, 0))
    found = cut(data, *(np.array(it, np.int32) for it in ([7, 1, 1], [1, 0, 5], [1, 1, 2])))
    np.testing.assert_array_equal(found, data[:1, 1:, 1:5:2])
    batch = np.zeros((3, 1, 1, 12), np.float32)
    assert operators.reshaping(_table())(batch, np.array([1, 4, 3], np.int32)).shape == (3, 4, 3)


def test_a_transposed_convolution_puts_blocks_side_by_side() -> None:
    data, kernel = _random(1, 3, 2, 4), _random(2, 2, 2, 4)
    found = custom.transposed_convolution(2, 2)(data, kernel, _floats([1, -1]))
    assert found.shape == (1, 6, 4, 2)
    for y, x, out in ((0, 0, 0), (3, 2, 1), (5, 3, 0)):
        expected = data[0, y // 2, x // 2] @ kernel[out, y % 2, x % 2] + (1, -1)[out]
        assert found[0, y, x, out] == pytest.approx(expected, rel=1e-4)


def test_a_crop_is_turned_until_its_landmarks_are_level() -> None:
    upright = _floats([[2, 3], [6, 3], [4, 9]])
    centre, turn = _floats([4, 6]), _floats([[0, -1], [1, 0]])  # a quarter, clockwise
    landmarks = np.column_stack([(upright - centre) @ turn.T + centre, np.ones(3)])
    matrix = custom.landmarks_to_matrix(
        {
            "left_rotation_idx": 0, "right_rotation_idx": 1, "target_rotation_radians": 0.0,
            "output_width": 8, "output_height": 12, "scale_x": 2.0, "scale_y": 2.0,
            "subset_idxs": (0, 1, 2, 0),
        }
    )(landmarks[None].astype(np.float32))  # fmt: skip
    # The box of 4 by 6 fills the middle half of the crop.
    crop = _floats([[[2, 3], [6, 3], [4, 9]]])
    found = custom.transformed_landmarks(crop, matrix)
    np.testing.assert_allclose(found[0], landmarks[:, :2], atol=1e-5)


def test_sampling_is_bilinear_and_zero_outside() -> None:
    data = _floats([[0, 10, 20], [30, 40, 50]]).reshape(1, 2, 3, 1)
    matrix = np.eye(4, dtype=np.float32)[None]
    matrix[0, :2, 3] = 0.5
    run = custom.sampling({"output_width": 3, "output_height": 2})
    np.testing.assert_allclose(run(data, matrix)[0, ..., 0], [[20, 30, 0], [0, 0, 0]])


def test_options_are_read_from_a_flexible_buffer() -> None:
    data = b"output_height\0output_width\0\x02\x1c\x0f\x02\x01\x02\x10\x10\x04\x04\x04$\x01"
    assert options(data) == {"output_height": 16, "output_width": 16}
    assert options(b"") == {}
    for length in range(1, 16):
        with pytest.raises(MalformedModel):
            options(data[-length:])


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x08\0\0\0TFL3",
        b"\xff\xff\xff\xffTFL3" + b"\xff" * 60,
        b"\x10\0\0\0ABCD" + b"\0" * 40,
    ],
)
def test_other_files_are_refused_as_models(data: bytes) -> None:
    with pytest.raises(MalformedModel):
        Model(data)


def test_operators_that_are_not_known_are_refused_when_a_model_is_loaded() -> None:
    with pytest.raises(MalformedModel, match="dilated"):
        operators.convolution(_table(SAME, 1, 1, 0, 2, 2))
    with pytest.raises(MalformedModel, match="activation 9"):
        operators.addition(_table(9))

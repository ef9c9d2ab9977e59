"""Tables of colors: reading files, which may be hostile, and computing filters."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gala.timeline.document.looks import ColorFilters
from gala_renderer.timeline.cubes import MAX_BYTES, filtered, read_cube, table, write_cube

IDENTITY = "LUT_3D_SIZE 2\n" + "\n".join(
    f"{red} {green} {blue}" for blue in (0, 1) for green in (0, 1) for red in (0, 1)
)
COLORS = np.asarray([[0.2, 0.5, 0.9], [1.0, 0.0, 0.4]])


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "look.cube"
    path.write_text(text)
    return path


def test_a_table_is_read_and_interpolated(tmp_path: Path) -> None:
    text = f'# made by hand\nTITLE "a b"\nDOMAIN_MIN 0 0 0\nDOMAIN_MAX 1 1 1\n\n{IDENTITY}\n'
    cube = read_cube(written(tmp_path, text))
    assert cube.colors(COLORS) == pytest.approx(COLORS)


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    cube = table(ColorFilters(sepia=0.7, contrast=1.3), None, 1)
    write_cube(cube, tmp_path / "own.cube")
    assert read_cube(tmp_path / "own.cube").values == pytest.approx(cube.values, abs=1e-6)


def test_curves_of_channels_become_a_table(tmp_path: Path) -> None:
    cube = read_cube(written(tmp_path, "LUT_1D_SIZE 3\n0 0 0\n0.25 0.5 0.5\n1 1 0"))
    assert cube.colors(np.asarray([[0.5, 0.25, 1.0]]))[0] == pytest.approx(
        [0.25, 0.25, 0], abs=0.01
    )


def test_a_look_is_mixed_in_by_its_strength(tmp_path: Path) -> None:
    black = "LUT_3D_SIZE 2\n" + "0 0 0\n" * 8
    cube = table(None, read_cube(written(tmp_path, black)), 0.25)
    assert cube.colors(COLORS) == pytest.approx(COLORS * 0.75)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "LUT_3D_SIZE"),
        ("LUT_3D_SIZE 3\n0 0 0", "1 values instead of 27"),
        ("LUT_3D_SIZE 999999999999\n", "no size"),
        ("LUT_3D_SIZE 66\n", "not from 2 to 65"),
        ("LUT_3D_SIZE ²\n", "no size"),
        ("LUT_3D_SIZE 2\nLUT_1D_SIZE 2\n", "one LUT_3D_SIZE"),
        (IDENTITY.replace("1 1 1", "1 1 nan"), "not a color"),
        (IDENTITY.replace("1 1 1", "1 1 1e999"), "not a color"),
        (IDENTITY.replace("1 1 1", "1 1"), "three numbers"),
        (IDENTITY.replace("1 1 1", "1 1 0x1p3"), "three numbers"),
        (f"{IDENTITY}\n0 0 0", "9 values instead of 8"),
        (f"DOMAIN_MIN 1 1 1\n{IDENTITY}", "DOMAIN_MAX"),
        ("LUT_3D_SIZE 2\n" + "0 " * 400, "too long"),
    ],
)
def test_a_file_that_is_not_a_table_is_refused_with_a_reason(
    tmp_path: Path, text: str, reason: str
) -> None:
    with pytest.raises(ValueError, match=reason):
        read_cube(written(tmp_path, text))


def test_files_that_are_large_or_no_text_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "look.cube"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ValueError, match="not a text file"):
        read_cube(path)
    with path.open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    with pytest.raises(ValueError, match="larger"):
        read_cube(path)


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, COLORS[0]),
        ({"brightness": 0.5}, COLORS[0] / 2),
        ({"contrast": 2}, [0, 0.5, 1]),
        ({"saturation": 0}, [0.46512] * 3),
        ({"grayscale": 1}, [0.46512] * 3),
        ({"invert": 1}, 1 - COLORS[0]),
        ({"hue": 360}, COLORS[0]),
        ({"sepia": 1}, [0.6332, 0.564, 0.4393]),
    ],
)
def test_filters_are_those_of_css(filters: dict[str, float], expected: list[float]) -> None:
    found = filtered(COLORS, ColorFilters(**filters))
    assert found[0] == pytest.approx(expected, abs=0.002)

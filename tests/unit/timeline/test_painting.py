"""Figures are painted by parts of a pixel."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gala.timeline.document.easing import Easing
from gala_renderer.timeline.drawing.figures import (
    Arc,
    Bar,
    Curve,
    Figure,
    Figures,
    Growth,
    Label,
    Slice,
)
from gala_renderer.timeline.drawing.painting import frames, rounded

SIZE = (60, 40)
LINEAR = Growth(first=0, frames=10, easing=Easing.LINEAR)


def painted(*figures: Figure, skipped: int = 0) -> list[float]:
    """Return how many pixels are covered in each picture."""
    found = frames(Figures(figures=figures), SIZE, skipped)
    return [float(one[..., 3].sum()) / 255 for one in found]


def test_a_rectangle_covers_its_area_wherever_it_is() -> None:
    for left, width in ((3.0, 10.0), (3.3, 10.4), (7.5, 0.5), (7.25, 0.5)):
        assert rounded(left, 2.25, width, 8.5, 0)[1].sum() == pytest.approx(width * 8.5, rel=0.01)
    disc = rounded(3.3, 2.6, 20, 20, 10)[1].sum()
    assert disc == pytest.approx(np.pi * 100, rel=0.01)


def test_a_bar_grows_and_is_painted_no_more_once_it_has() -> None:
    bar = Bar(left=5, top=5, width=20, height=10, radius=0, color="#ff0000", growth=LINEAR)
    assert painted(bar) == pytest.approx([number * 20 for number in range(11)], abs=0.5)
    assert painted(bar, skipped=30) == pytest.approx([200], abs=0.5)


def test_a_ring_is_filled_to_its_turn() -> None:
    ring = Arc(center=(30, 20), radius=15, thickness=4, turn=0.5, color="#ff0000", growth=LINEAR)
    covered = painted(ring)
    # Half a ring, and half a circle at each end.
    assert covered[-1] == pytest.approx(np.pi * 15 * 4 + np.pi * 4, rel=0.02)
    assert covered[5] == pytest.approx(np.pi * 7.5 * 4 + np.pi * 4, rel=0.03)


@pytest.mark.parametrize(("start", "end"), [(0, 0.2), (0.3, 0.55), (0.1, 0.9), (0, 1)])
@pytest.mark.parametrize("inner", [0, 10])
def test_a_slice_covers_its_share_less_the_gap(start: float, end: float, inner: float) -> None:
    piece = Slice(center=(30, 20), inner=inner, outer=18, start=start, end=end, gap=1,
                  color="#ff0000")  # fmt: skip
    gap = 0 if end - start == 1 else 18 - inner
    expected = (end - start) * np.pi * (18**2 - inner**2) - gap
    assert painted(piece) == pytest.approx([expected], abs=3)


def test_slices_are_uncovered_in_turn_and_painted_no_more_once_they_are() -> None:
    one, other = (
        Slice(center=(30, 20), inner=0, outer=15, start=start, end=start + 0.5, gap=0,
              color="#ff0000", growth=LINEAR)
        for start in (0, 0.5)
    )  # fmt: skip
    assert painted(one, other) == pytest.approx(
        [np.pi * 225 * number / 10 for number in range(11)], abs=3
    )
    assert (one.complete_from, other.complete_from) == (5, 10)


def test_a_column_grows_down_from_its_upper_edge() -> None:
    bar = Bar(left=5, top=5, width=20, height=10, radius=0, color="#ff0000", toward="down",
              growth=LINEAR)  # fmt: skip
    half = list(frames(Figures(figures=(bar,)), SIZE, 0))[5][..., 3]
    assert (half[5:10, 5:25] == 255).all()
    assert half[10:].sum() == 0


def test_the_area_of_a_line_is_on_both_sides_of_a_floor_that_it_crosses() -> None:
    line = Curve(points=((5, 5), (55, 35)), thickness=1, color="#ff0000", floor=20)
    alpha = next(frames(Figures(figures=(line,)), SIZE, 0))[..., 3]
    assert alpha[12, 7] > 10
    assert alpha[28, 53] > 10
    assert alpha[28, 7] == alpha[12, 53] == 0


def test_a_line_is_drawn_from_left_to_right() -> None:
    line = Curve(points=((5, 20), (55, 20)), thickness=4, color="#ff0000", floor=20, growth=LINEAR)
    pictures = list(frames(Figures(figures=(line,)), SIZE, 0))
    half = np.flatnonzero(pictures[5][20, :, 3] > 128)
    assert (half.min(), half.max()) == pytest.approx((1, 31), abs=1)


def test_a_text_is_shown_in_its_frames(tmp_path: Path) -> None:
    Image.new("RGBA", (4, 4), "#ffffff").save(tmp_path / "one.png")
    label = Label(path=tmp_path / "one.png", left=2, top=2, first=2, until=4)
    assert painted(label) == [0, 0, 16, 16, 0]

"""Figures are painted by parts of a pixel."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gala.timeline.document.easing import Easing
from gala_renderer.timeline.drawing.figures import Arc, Bar, Curve, Figures, Growth, Label
from gala_renderer.timeline.drawing.painting import frames, rounded

SIZE = (60, 40)
LINEAR = Growth(first=0, frames=10, easing=Easing.LINEAR)


def painted(*figures: Bar | Arc | Curve | Label, skipped: int = 0) -> list[float]:
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


def test_a_line_is_drawn_from_left_to_right() -> None:
    line = Curve(points=((5, 20), (55, 20)), thickness=4, color="#ff0000", floor=20, growth=LINEAR)
    pictures = list(frames(Figures(figures=(line,)), SIZE, 0))
    half = np.flatnonzero(pictures[5][20, :, 3] > 128)
    assert (half.min(), half.max()) == pytest.approx((1, 31), abs=1)


def test_a_text_is_shown_in_its_frames(tmp_path: Path) -> None:
    Image.new("RGBA", (4, 4), "#ffffff").save(tmp_path / "one.png")
    label = Label(path=tmp_path / "one.png", left=2, top=2, first=2, until=4)
    assert painted(label) == [0, 0, 16, 16, 0]

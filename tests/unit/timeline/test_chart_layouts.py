"""Where the parts of charts of several values are."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

import pytest
from PIL import Image

from gala.timeline.document.charts import MAX_SHARES, ChartElement
from gala.timeline.reader import read_timeline
from gala_renderer.text_layout.font_registry import FontRegistry
from gala_renderer.timeline.charts.bars import bars
from gala_renderer.timeline.charts.lettering import Lettering
from gala_renderer.timeline.charts.palette import shades, slice_colors
from gala_renderer.timeline.charts.pies import pie
from gala_renderer.timeline.charts.plots import columns, line
from gala_renderer.timeline.charts.sheet import Sheet
from gala_renderer.timeline.drawing.figures import Bar, Curve, Figure, Label, Slice

FONTS = FontRegistry(system_emoji=False)
DRAW = {"pie": pie, "donut": pie, "bar": bars, "column": columns, "line": line}
LONG = [
    "Comida y bebidas no alcohólicas",
    "الطاقة الكهرومائية من السدود الكبيرة",
    "衣料・ファッション雑貨",
]
Box = tuple[float, float, float, float]


def chart_of(**fields: Any) -> ChartElement:
    film = read_timeline({"tracks": [{"clips": [{"type": "chart", "grow": 0, **fields}]}]})
    return cast(ChartElement, film.tracks[0].clips[0])


def figures(folder: Path, size: tuple[float, float] = (900, 500), **fields: Any) -> list[Figure]:
    chart = chart_of(**fields)
    chain = FONTS.chain(None, bold=False, italic=False)
    text, bold = (Lettering(folder / name, chain, "#ffffff") for name in ("text", "bold"))
    for one in (text, bold):
        one.folder.mkdir(exist_ok=True)
    sheet = Sheet(chart, *size, 900.0, Fraction(30), 5.0, text, bold)
    return list(DRAW[chart.chart](sheet))


def ink(label: Label) -> Box:
    """Return left, top, right and bottom of what is seen of a text."""
    with Image.open(label.path) as picture:
        box = picture.getchannel("A").getbbox()
    assert box is not None
    return label.left + box[0], label.top + box[1], label.left + box[2], label.top + box[3]


def boxes(found: Sequence[Figure]) -> list[Box]:
    """Return the boxes of texts, dots and the disc."""
    texts = [ink(one) for one in found if isinstance(one, Label)]
    dots = [(one.left, one.top, one.left + one.width, one.top + one.height)
            for one in found if isinstance(one, Bar)]  # fmt: skip
    (x, y), outer = next((one.center, one.outer) for one in found if isinstance(one, Slice))
    return [*texts, *dots, (x - outer, y - outer, x + outer, y + outer)]


def meet(one: Box, other: Box) -> bool:
    return (min(one[2], other[2]) - max(one[0], other[0]) > 1
            and min(one[3], other[3]) - max(one[1], other[1]) > 1)  # fmt: skip


@pytest.mark.parametrize("size", [(1700, 700), (900, 500), (900, 900), (900, 1400), (300, 260)])
@pytest.mark.parametrize("label", LONG)
@pytest.mark.parametrize("count", [1, 5, MAX_SHARES])
def test_nothing_of_a_pie_overlaps_or_leaves_its_box(
    size: tuple[float, float], label: str, count: int, tmp_path: Path
) -> None:
    values = [{"value": 1 + at * at, "label": f"{label} {at}"} for at in range(count)]
    found = boxes(figures(tmp_path, size, chart="pie", values=values, suffix=" millones"))
    assert len(found) == 3 * count + 1
    for at, one in enumerate(found):
        assert not [other for other in found[:at] if meet(one, other)]
        assert one[0] >= -1
        assert one[1] >= -1
        assert one[2] <= size[0] + 1
        assert one[3] <= size[1] + 1


@pytest.mark.parametrize("count", [1, MAX_SHARES])
def test_a_disc_is_seen_in_the_smallest_box(count: int, tmp_path: Path) -> None:
    values = [{"value": 1, "label": "Viento"}] * count
    for size in ((60, 60), (90, 60)):
        piece = next(one for one in figures(tmp_path, size, chart="pie", values=values)
                     if isinstance(one, Slice))  # fmt: skip
        assert piece.outer > 10


def test_slices_are_clockwise_as_given_and_fill_the_disc(tmp_path: Path) -> None:
    found = figures(tmp_path, chart="pie", values=[1, 0, 2, 5], show_values=False)
    slices = [one for one in found if isinstance(one, Slice)]
    assert [one.end for one in slices] == pytest.approx([1 / 8, 3 / 8, 1])
    assert [one.start for one in slices] == [0, *(one.end for one in slices[:-1])]
    assert {one.outer for one in slices} == {250}


def test_values_of_a_pie_may_be_as_large_as_numbers_are(tmp_path: Path) -> None:
    (one, other) = (
        one for one in figures(tmp_path, chart="donut", values=[1e15, 1e-300, 1e15])
        if isinstance(one, Slice) and one.end - one.start > 0.1
    )  # fmt: skip
    assert (one.end, other.end) == pytest.approx((0.5, 1))


def test_a_legend_of_arabic_is_on_the_left_of_its_disc(tmp_path: Path) -> None:
    values = [{"value": 1, "label": "الرياح"}, {"value": 2, "label": "أخرى"}]
    found = figures(tmp_path, chart="donut", values=values)
    disc = next(one for one in found if isinstance(one, Slice))
    assert all(ink(one)[2] < disc.center[0] - disc.outer for one in found if isinstance(one, Label))


def test_slices_have_colors_of_a_palette_or_shades_of_the_color_of_the_chart() -> None:
    values = [1, {"value": 2, "color": "#ffffff"}, 3]
    palette = slice_colors(chart_of(chart="pie", values=values))
    assert len(set(palette)) == 3
    assert palette[1] == "#ffffff"
    assert slice_colors(chart_of(chart="pie", values=values, color="#3a86ff"))[0] == "#3a86ff"
    # Away from the background, which differs from the text.
    assert shades("#0057b8", "#ffffff", 3)[2] > shades("#0057b8", "#ffffff", 3)[1] > "#0057b8"
    assert shades("#3a86ff", "#000000", 2)[1] < "#3a86ff"
    # Unless the color is nearly as dark as the text.
    assert shades("#0057b8", "#000000", 2)[1] > "#0057b8"


@pytest.mark.parametrize(
    ("values", "zero"), [([4, -2], 2 / 3), ([-1, -3], 0), ([0, -1], 0), ([2, 3], None)]
)
def test_columns_go_both_ways_from_a_line_at_zero(
    values: list[float], zero: float | None, tmp_path: Path
) -> None:
    found = figures(tmp_path, chart="column", values=values, show_values=False, radius="0%")
    bars_ = [one for one in found if isinstance(one, Bar) and one.width < 450]
    lines = [one for one in found if isinstance(one, Bar) and one.width == 900]
    assert [one.toward for one in bars_] == ["up" if one > 0 else "down" for one in values if one]
    if zero is None:
        assert not lines
        return
    (axis,) = lines
    assert axis.top + axis.height / 2 == pytest.approx(zero * 500, abs=2)
    for one in bars_:
        start = one.top if one.toward == "down" else one.top + one.height
        assert start == pytest.approx(zero * 500)


def test_numbers_are_at_the_ends_of_columns_and_do_not_meet_labels(tmp_path: Path) -> None:
    values = [{"value": one, "label": "Mes"} for one in (4, -2, -4)]
    found = figures(tmp_path, chart="column", values=values, suffix=" %")
    numbers = [
        ink(one) for one in found if isinstance(one, Label) and one.path.parent.name == "bold"
    ]
    labels = [
        ink(one) for one in found if isinstance(one, Label) and one.path.parent.name == "text"
    ]
    columns_ = [one for one in found if isinstance(one, Bar) and one.width < 300]
    assert numbers[0][3] <= columns_[0].top + 1
    for number, column in list(zip(numbers, columns_, strict=True))[1:]:
        assert number[1] >= column.top + column.height - 1
    assert max(one[3] for one in numbers) < min(one[1] for one in labels)


@pytest.mark.parametrize("label", ["Norte", "الشمال"])
def test_bars_below_zero_go_the_other_way(label: str, tmp_path: Path) -> None:
    values = [{"value": one, "label": label} for one in (3, -1)]
    found = figures(tmp_path, chart="bar", values=values, radius="0%")
    up, down = (one for one in found
                if isinstance(one, Bar) and one.opacity == 1 and one.width > 10)  # fmt: skip
    mirrored = label != "Norte"
    assert (up.width, down.width) == pytest.approx((675, 225))
    assert (up.toward, down.toward) == (("left", "right") if mirrored else ("right", "left"))
    assert up.left == pytest.approx(0 if mirrored else 225)
    assert down.left == pytest.approx(675 if mirrored else 0)


def test_a_line_fills_the_area_to_zero_and_its_numbers_are_not_crossed(tmp_path: Path) -> None:
    found = figures(tmp_path, chart="line", values=[4.2, -2.6, -0.9, 3.1])
    (curve,) = (one for one in found if isinstance(one, Curve))
    (axis,) = (one for one in found if isinstance(one, Bar))
    assert axis.top < curve.floor < axis.top + axis.height
    above = [y < curve.floor for _, y in curve.points]
    assert above == [True, False, False, True]
    for label in (ink(one) for one in found if isinstance(one, Label)):
        assert not label[1] < curve.floor < label[3]


def test_shares_appear_in_turn(tmp_path: Path) -> None:
    found = figures(tmp_path, chart="pie", values=[1, 1, 2], grow=1, easing="linear")
    slices = [one for one in found if isinstance(one, Slice)]
    assert [one.complete_from for one in slices] == pytest.approx([8, 15, 30], abs=1)
    texts = [one.appears.first for one in found if isinstance(one, Label)]
    assert texts == sorted(texts)
    assert all(after > before for before, after in pairwise(texts))
    assert math.isclose(texts[0], 0)


def test_labels_of_many_bars_are_large_enough_and_keep_clear_of_the_bars(tmp_path: Path) -> None:
    values = [{"label": "HHHH", "value": at + 1} for at in range(8)]
    found = figures(tmp_path, (900, 600), chart="bar", values=values, show_values=False)
    texts = [ink(one) for one in found if isinstance(one, Label)]
    # Capitals are 0.7 em high; 3.6 % of 900 pixels are asked for.
    assert all(bottom - top > 0.65 * 0.034 * 900 for _, top, _, bottom in texts)
    drawn = [
        (one.left, one.top, one.left + one.width, one.top + one.height)
        for one in found
        if isinstance(one, Bar)
    ]
    assert not any(meet(one, other) for one in texts for other in drawn)
    assert max(bottom for *_, bottom in drawn) <= 600

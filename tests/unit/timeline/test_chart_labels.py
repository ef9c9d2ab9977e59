"""Labels of charts of one number."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import cast

import pytest
from PIL import Image

from gala.timeline.document.charts import ChartElement
from gala.timeline.reader import read_timeline
from gala_renderer.text_layout.font_registry import FontRegistry
from gala_renderer.timeline.charts.lettering import Lettering
from gala_renderer.timeline.charts.sheet import Sheet
from gala_renderer.timeline.charts.single import counter, ring
from gala_renderer.timeline.drawing.figures import Figure, Label

FONTS = FontRegistry(system_emoji=False)


@pytest.mark.parametrize(
    ("kind", "draw", "height"), [("counter", counter, 100.0), ("ring", ring, 250.0)]
)
def test_a_label_in_a_small_chart_can_still_be_read(
    kind: str, draw: Callable[[Sheet], Iterator[Figure]], height: float, tmp_path: Path
) -> None:
    clip = {"type": "chart", "chart": kind, "value": 7, "label": "HHH", "grow": 0}
    film = read_timeline({"tracks": [{"clips": [clip]}]})
    chart = cast(ChartElement, film.tracks[0].clips[0])
    chain = FONTS.chain(None, bold=False, italic=False)
    text, bold = (Lettering(tmp_path / name, chain, "#ffffff") for name in ("text", "bold"))
    for one in (text, bold):
        one.folder.mkdir()
    sheet = Sheet(chart, 300.0, height, 1080.0, Fraction(30), 1.0, text, bold)
    (label,) = (
        one for one in draw(sheet) if isinstance(one, Label) and one.path.parent == text.folder
    )
    with Image.open(label.path) as picture:
        box = picture.getchannel("A").getbbox()
    assert box is not None
    # Capital letters are 0.71 em high.
    assert box[3] - box[1] >= round(0.71 * 0.02 * 1080)

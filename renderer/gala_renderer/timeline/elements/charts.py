"""Charts: laid out here, and painted beside FFmpeg while they grow."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final, cast

from gala.timeline.compilation.layers import Layer
from gala.timeline.document.charts import ChartElement, ChartKind
from gala_renderer.program_jobs import job_text
from gala_renderer.timeline.charts import bars, pies, plots, single
from gala_renderer.timeline.charts.lettering import Lettering
from gala_renderer.timeline.charts.sheet import Sheet
from gala_renderer.timeline.drawing.figures import Figure, Figures
from gala_renderer.timeline.drawing.job import Material
from gala_renderer.timeline.elements.moved import Rest, material_size
from gala_renderer.timeline.studio import Studio

_LAYOUTS: Final[Mapping[ChartKind, Callable[[Sheet], Iterator[Figure]]]] = {
    ChartKind.BAR: bars.bars,
    ChartKind.COLUMN: plots.columns,
    ChartKind.LINE: plots.line,
    ChartKind.PIE: pies.pie,
    ChartKind.DONUT: pies.pie,
    ChartKind.COUNTER: single.counter,
    ChartKind.PROGRESS: single.progress,
    ChartKind.RING: single.ring,
}


def rest(layer: Layer, studio: Studio, zoom: float) -> Rest | None:
    """Return a chart that grows, ready to be painted."""
    chart, placement = cast(ChartElement, layer.element), layer.placement
    if placement is None:
        return None
    size, scale = material_size(placement.box, zoom)
    folder = studio.path(layer, "-chart")
    folder.mkdir(exist_ok=True)
    text, bold = (_lettering(layer, chart, studio, bold=bold) for bold in (False, True))
    sheet = Sheet(
        chart=chart,
        width=size[0],
        height=size[1],
        short_side=studio.short_side * scale,
        rate=studio.rate,
        seconds=float(layer.length),
        text=text,
        bold=bold,
    )
    figures = Figures(figures=tuple(_LAYOUTS[chart.chart](sheet)))
    studio.missing |= text.missing | bold.missing
    path = folder / "figures.json"
    path.write_text(job_text(figures))
    material = Material(kind="figures", path=path, width=size[0], height=size[1], alpha=True)
    return Rest(material, placement.box)


def _lettering(layer: Layer, chart: ChartElement, studio: Studio, *, bold: bool) -> Lettering:
    folder = studio.path(layer, "-chart") / ("bold" if bold else "text")
    folder.mkdir(exist_ok=True)
    field = f"{layer.pointer}/font"
    chain = studio.fonts.chain(chart.font, bold=bold, italic=False, field=field)
    # Numbers are not broken, but what is written instead of them is.
    is_number = bold and all(one.shown is None for one in chart.values)
    return Lettering(folder, tuple(chain), chart.text_color, max_lines=1 if is_number else None)

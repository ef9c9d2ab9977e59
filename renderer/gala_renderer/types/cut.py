"""Plans ``cut``: several ranges of a file, kept or removed."""

from __future__ import annotations

from typing import Final, cast

from gala.errors import InvalidRequest
from gala.render_types.cut import CutMode, CutParams
from gala_renderer.cutting.plan import cut_plan, to_cut
from gala_renderer.cutting.ranges import Span, clipped, complement, within_limits, worth_showing
from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.order import RenderOrder
from gala_renderer.engine.plan import Plan

NAME: Final = "cut"


async def plan(order: RenderOrder, context: RenderContext) -> Plan:
    """Plan to splice where that is safe, else to encode everything."""
    params = cast(CutParams, order.params)
    (file,) = order.files("media")
    media = await to_cut(context, file)
    length = media.length
    spans = clipped(
        (Span(one.start, length if one.end is None else one.end) for one in params.ranges), length
    )
    if params.mode is CutMode.REMOVE:
        # Of what is asked for, at least one frame is shown; not so of what is left between.
        spans = worth_showing(media, complement(spans, length))
    if not spans:
        raise InvalidRequest(
            f"params.ranges: nothing is left of the file, which is {length:.3f} s long.",
            field="params.ranges",
        )
    within_limits(sum(span.seconds for span in spans), "params.ranges")
    return cut_plan(context, media, spans, params)

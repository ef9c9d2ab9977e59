"""Plans ``trim``: one range of a file."""

from __future__ import annotations

from typing import Final, cast

from gala.render_types.trim import TrimMode, TrimParams
from gala_renderer.cutting.keyframe_copy import copy_plan
from gala_renderer.cutting.plan import cut_plan, to_cut
from gala_renderer.cutting.ranges import single_span
from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.order import RenderOrder
from gala_renderer.engine.plan import Plan

NAME: Final = "trim"


async def plan(order: RenderOrder, context: RenderContext) -> Plan:
    """Plan to splice where that is safe, else to encode everything; or to copy if requested."""
    params = cast(TrimParams, order.params)
    (file,) = order.files("media")
    media = await to_cut(context, file)
    span = single_span(media, params.start, params.stop, field="params.start")
    if params.mode is TrimMode.KEYFRAME:
        return copy_plan(context, media, span, params)
    return cut_plan(context, media, [span], params)

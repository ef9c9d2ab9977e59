"""Planner of ``test_film``."""

from __future__ import annotations

from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.order import RenderOrder
from gala_renderer.engine.plan import FFmpegStep, Plan

NAME = "test_film"


async def plan(order: RenderOrder, context: RenderContext) -> Plan:
    """Plan an FFmpeg run that reads its source in real time."""
    seconds = order.params.seconds
    size = f"{order.format.width}x{order.format.height}"
    source = f"testsrc=size={size}:rate={order.format.fps}:duration={seconds}"
    arguments = (
        *("-re", "-f", "lavfi", "-i", source),
        *("-c:v", "libx264", "-preset", "ultrafast", "-f", "mp4", str(context.part("film.mp4"))),
    )
    return Plan(steps=(FFmpegStep("filming", arguments, seconds),), outputs={"video": "film.mp4"})

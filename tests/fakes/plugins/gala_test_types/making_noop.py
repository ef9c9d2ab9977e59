"""Planner of ``test_noop``."""

from __future__ import annotations

import asyncio
import os

from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.order import RenderOrder
from gala_renderer.engine.plan import Plan, PythonStep, Report

NAME = "test_noop"


async def plan(order: RenderOrder, context: RenderContext) -> Plan:
    """Plan one step that writes random bytes."""
    size = order.params.size

    async def write(report: Report) -> None:
        await asyncio.to_thread(context.part("noop.bin").write_bytes, os.urandom(size))
        report(1.0)

    return Plan(steps=(PythonStep("writing", write),), outputs={"video": "noop.bin"})

"""Planner of ``test_hostile``."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from gala.errors import RenderFailed
from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.order import RenderOrder
from gala_renderer.engine.plan import Plan, PythonStep, Report

NAME = "test_hostile"
PROGRAM = str(Path(__file__).with_name("hostile_program.py"))
_SECONDS = 60.0


async def plan(order: RenderOrder, context: RenderContext) -> Plan:
    """Plan one step that runs the hostile program like any other."""
    told: dict[str, str] = {}
    words = [json.dumps(order.params.known), *order.params.attacks]
    command = [sys.executable, "-I", "-S", PROGRAM, *words]

    async def attack(report: Report) -> None:
        ended = await context.ffmpeg.sandbox.run(
            command,
            cwd=context.scratch,
            seconds=_SECONDS,
            on_line=lambda line: told.update(json.loads(line)),
        )
        if not ended.ok:
            raise RenderFailed(f"The hostile program ended: {ended.last_error}")
        context.part("report.json").write_text(json.dumps(told))
        report(1.0)

    return Plan(steps=(PythonStep("attacking", attack),), outputs={"report": "report.json"})

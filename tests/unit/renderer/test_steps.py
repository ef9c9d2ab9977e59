"""Steps that are run at the same time."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from gala_renderer.engine.plan import PythonStep, Report, StepsAtOnce
from gala_renderer.engine.steps import run_step
from gala_renderer.ffmpeg.runner import FFmpeg
from gala_renderer.sandbox.runner import ProcessLimits, Sandbox


def run(group: StepsAtOnce, report: Report) -> None:
    ffmpeg = FFmpeg(Path("/unused"), Sandbox(ProcessLimits()))
    asyncio.run(run_step(group, ffmpeg, cwd=Path("/"), limit_seconds=10, report=report))


def test_steps_at_once_run_together_and_report_what_is_done_of_all() -> None:
    begun = asyncio.Barrier(2)
    reported: list[float] = []

    async def work(report: Report) -> None:
        async with asyncio.timeout(10):
            await begun.wait()
        report(0.5)
        report(1.0)

    steps = (PythonStep("one", work, 1.0), PythonStep("other", work, 3.0))
    run(StepsAtOnce("both", steps), reported.append)
    assert reported == sorted(reported)
    assert reported[-1] == pytest.approx(1.0)
    assert len(reported) == 4


def test_the_first_step_to_fail_ends_the_others() -> None:
    ended: list[str] = []

    async def wait(report: Report) -> None:
        try:
            await asyncio.sleep(60)
        finally:
            ended.append("waiting")

    async def fail(report: Report) -> None:
        report(0.1)
        await asyncio.sleep(0)
        raise ValueError("failed")

    steps = (PythonStep("waiting", wait), PythonStep("failing", fail))
    with pytest.raises(ValueError, match="failed"):
        run(StepsAtOnce("both", steps), lambda _: None)
    assert ended == ["waiting"]

"""Run the steps of plans."""

from __future__ import annotations

from pathlib import Path

from gala_renderer.engine.plan import PythonStep, Report, Step
from gala_renderer.ffmpeg.runner import FFmpeg


async def run_step(
    step: Step, ffmpeg: FFmpeg, *, cwd: Path, limit_seconds: float, report: Report
) -> None:
    """Run a step to its end, reporting the fraction done; the limit is that of FFmpeg."""
    if isinstance(step, PythonStep):
        await step.work(report)
        return
    await ffmpeg.run(
        step.arguments,
        cwd=cwd,
        limit_seconds=limit_seconds,
        media_seconds=step.seconds,
        report=report,
        feeder=step.feeder,
    )

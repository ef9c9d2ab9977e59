"""Run the steps of plans."""

from __future__ import annotations

from pathlib import Path

from gala_renderer.engine.plan import PythonStep, Report, Step, StepsAtOnce
from gala_renderer.engine.together import together
from gala_renderer.ffmpeg.runner import FFmpeg


async def run_step(
    step: Step, ffmpeg: FFmpeg, *, cwd: Path, limit_seconds: float, report: Report
) -> None:
    """Run a step to its end, reporting the fraction done; the limit is that of FFmpeg."""
    if isinstance(step, PythonStep):
        await step.work(report)
        return
    if isinstance(step, StepsAtOnce):
        reports = _shares(step, report)
        await together(
            run_step(one, ffmpeg, cwd=cwd, limit_seconds=limit_seconds, report=share)
            for one, share in zip(step.steps, reports, strict=True)
        )
        return
    await ffmpeg.run(
        step.arguments,
        cwd=cwd,
        limit_seconds=limit_seconds,
        media_seconds=step.seconds,
        report=report,
        feeder=step.feeder,
    )


def _shares(group: StepsAtOnce, report: Report) -> list[Report]:
    """Return a report for each of the steps; together they report what is done of all."""
    whole = sum(step.weight for step in group.steps)
    done = [0.0] * len(group.steps)

    def share_of(number: int) -> Report:
        def report_share(part: float) -> None:
            done[number] = part * group.steps[number].weight / whole
            report(sum(done))

        return report_share

    return [share_of(number) for number in range(len(done))]

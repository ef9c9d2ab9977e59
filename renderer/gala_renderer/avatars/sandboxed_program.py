"""Runs the programs that prepare bodies, in the sandbox."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from gala.errors import EngineMissing, GalaError, RenderFailed
from gala.installation import install_hint
from gala_renderer.engine.context import RenderContext
from gala_renderer.sandbox.runner import ProcessResult

PREPARATION_SECONDS: Final = 120.0


async def last_line(context: RenderContext, module: str, job: Path, *, failure: str) -> str:
    """Return the last line that a module prints for a job file.

    Raise ``EngineMissing`` without OpenCV, and ``RenderFailed`` that begins with ``failure``,
    also if it takes longer than ``PREPARATION_SECONDS``.
    """
    lines: list[str] = []
    try:
        result = await context.ffmpeg.sandbox.run(
            [sys.executable, "-I", "-m", module, str(job)],
            cwd=context.scratch,
            seconds=PREPARATION_SECONDS,
            on_line=lines.append,
        )
    except TimeoutError as error:
        raise RenderFailed(
            f"{failure}: it took longer than {PREPARATION_SECONDS:.0f} seconds"
        ) from error
    if result.ok and lines:
        return lines[-1]
    raise program_error(result, failure)


def program_error(result: ProcessResult, failure: str) -> GalaError:
    """Return the error of a program that failed, whose message begins with ``failure``."""
    if "No module named 'cv2'" in result.stderr:
        return EngineMissing("Presenters need OpenCV.", hint=install_hint("avatars"))
    return RenderFailed(f"{failure}: {result.last_error}")

"""Prepares a portrait, then draws its preview: both programs in one, started before its work.

Run as a separate program in the sandbox: ``python -m gala_renderer.avatars.preview_program
<folder of weights>``. Its jobs come as lines of JSON on stdin, when they are known: users wait for
the picture, and much of a start is spent on importing. The first one is a :class:`PreparationJob`,
which is answered as :mod:`gala_renderer.avatars.preparation_program` does. The second one is a
:class:`FrameJob`, and never comes if the portrait cannot speak.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from gala.garbage_collection import paused

with paused():
    from gala_renderer.avatars import frame_program, preparation_program
    from gala_renderer.avatars.faces import FaceFinder
    from gala_renderer.avatars.frame_job import FrameJob
    from gala_renderer.avatars.preparation_job import PreparationJob
    from gala_renderer.program_jobs import read_job


def main(arguments: Sequence[str]) -> None:
    """Do the jobs that are sent."""
    finder = FaceFinder.installed(Path(arguments[0]))
    finder.load()
    if line := sys.stdin.readline():
        preparation_program.run(read_job(PreparationJob, line), finder)
    if line := sys.stdin.readline():
        frame_program.run(read_job(FrameJob, line))


if __name__ == "__main__":
    main(sys.argv[1:])

"""Prepares a portrait, then draws its preview: both programs in one, started before its work.

Run as a separate program in the sandbox: ``python -m gala_renderer.avatars.preview_program
<folder of weights>``. Its jobs come as lines of JSON on stdin, each a :class:`PreviewTask`, when
they are known: users wait for the picture, and much of a start is spent on importing. To prepare is
answered as :mod:`gala_renderer.avatars.preparation_program` does; to draw is the last one.
"""

from __future__ import annotations

import sys
from pathlib import Path

from gala.garbage_collection import paused

with paused():
    from gala_renderer.avatars import frame_program, preparation_program
    from gala_renderer.avatars.faces import FaceFinder
    from gala_renderer.avatars.preparation_job import PreviewTask
    from gala_renderer.program_jobs import read_job


def main(weights: str) -> None:
    """Do the jobs that are sent."""
    finder = FaceFinder.installed(Path(weights))
    finder.load()
    for line in sys.stdin:
        task = read_job(PreviewTask, line)
        if task.prepare is not None:
            preparation_program.run(task.prepare, finder)
        if task.draw is not None:
            frame_program.run(task.draw)
            return


if __name__ == "__main__":
    main(*sys.argv[1:])

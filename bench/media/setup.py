"""Setup of the media benchmark: files, our engine, MoviePy in a separate environment."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import imageio_ffmpeg

from bench.platform.environments import python_with
from tests.support.engine import EngineHarness, Made

ROOT: Final = Path(__file__).parents[2]
MOVIEPY: Final = "moviepy==2.2.1"
_SCRIPT: Final = Path(__file__).with_name("moviepy_side.py")


@dataclass(frozen=True, slots=True)
class Bench:
    """The folder with the files, the engine (without a result cache), and a Python with MoviePy."""

    folder: Path
    harness: EngineHarness
    moviepy_python: str

    def ffmpeg(self, *arguments: str) -> None:
        """Run plain FFmpeg, the same program that our engine and MoviePy use."""
        command = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-v", "error", "-y", *arguments]
        subprocess.run(command, check=True, cwd=self.folder)

    def moviepy(self, task: str, **values: Any) -> float:
        """Return the seconds that MoviePy takes for a task, without its start and import."""
        command = [self.moviepy_python, str(_SCRIPT), task, json.dumps(values)]
        done = subprocess.run(
            command, check=True, cwd=self.folder, stdout=subprocess.PIPE, text=True
        )
        return float(done.stdout.strip().splitlines()[-1])

    def ours(
        self,
        type_name: str,
        params: Mapping[str, Any],
        *,
        size: tuple[int, int, int] | None = None,
        **inputs: Path | Iterable[Path],
    ) -> Made:
        """Render with our engine, including the probe of inputs and the checksums of outputs."""
        made = self.harness.make(type_name, params, size=size, seconds=600, **inputs)
        assert made.outputs, made.events
        return made


@contextmanager
def start_bench(folder: Path) -> Iterator[Bench]:
    """Prepare everything; the engine does one render at a time, on all cores."""
    harness = EngineHarness(folder / "engine", renderer_slots=1)
    try:
        yield Bench(folder, harness, moviepy_python())
    finally:
        harness.close()


def moviepy_python() -> str:
    """Return a Python with MoviePy, in a separate environment as it needs an older Pillow."""
    return python_with("moviepy", MOVIEPY, "imageio-ffmpeg")

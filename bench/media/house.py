"""Where the work is done: files to work on, our engine, MoviePy in an environment of its own."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import imageio_ffmpeg

from tests.support.engine import EngineHarness, Made

ROOT: Final = Path(__file__).parents[2]
MOVIEPY: Final = "moviepy==2.2.1"
_SCRIPT: Final = Path(__file__).with_name("moviepy_side.py")


@dataclass(frozen=True, slots=True)
class House:
    """``folder`` holds the files; the cache of results is off unless a subject makes its own."""

    folder: Path
    room: EngineHarness
    moviepy_python: str

    def ffmpeg(self, *arguments: str) -> None:
        """Run plain FFmpeg, the same one that ours and MoviePy use."""
        command = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-v", "error", "-y", *arguments]
        subprocess.run(command, check=True, cwd=self.folder)

    def moviepy(self, task: str, **values: Any) -> float:
        """How many seconds MoviePy takes for that task; its start and import do not count."""
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
        """Have our engine do it, looking into the inputs and hashing the outputs included."""
        made = self.room.make(type_name, params, size=size, seconds=600, **inputs)
        assert made.outputs, made.events
        return made


@contextmanager
def house(folder: Path) -> Iterator[House]:
    """Everything made ready; the engine has both cores for one render."""
    room = EngineHarness(folder / "engine", renderer_slots=1)
    try:
        yield House(folder, room, moviepy_python())
    finally:
        room.close()


def moviepy_python() -> str:
    """A Python that has MoviePy: it needs an older Pillow than we have, so it lives apart."""
    folder = ROOT / ".gala" / "bench" / "moviepy"
    python = folder / "bin" / "python"
    if not python.exists():
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        install = [str(python), "-m", "pip", "install", "-q", MOVIEPY, "imageio-ffmpeg"]
        subprocess.run(install, check=True)
    return str(python)

"""The only place where a render reads and writes: its attempt's folder."""

from __future__ import annotations

import shutil
import stat
from pathlib import Path

from gala.errors import RenderFailed
from gala.render_protocol import attempt_folder

_PART = ".part"


class AttemptDir:
    """``<data_root>/jobs/<job>/<attempt>``: inputs under ``in/``, outputs under ``out/``.

    Outputs grow under another name and get their own only when all of them are whole. Scratch files
    live in ``tmp/``, where programs stand; it goes when the attempt ends. No symbolic link is
    followed, so that nothing outside can be reached through a name inside.
    """

    def __init__(self, root: Path):
        self.root = root
        self.inputs = root / "in"
        self.outputs = root / "out"
        self.scratch = root / "tmp"

    @classmethod
    def of(cls, data_root: Path, job_id: str, attempt: int) -> AttemptDir:
        """The folder of that attempt, which the worker has made.

        Raises ``RenderFailed`` if it is not there.
        """
        root = data_root / attempt_folder(job_id, attempt)
        if not root.is_dir():
            raise RenderFailed(
                "The attempt's folder is not there.",
                hint="Worker and renderer must share one DATA_ROOT.",
            )
        return cls(_without_links(root))

    def __enter__(self) -> AttemptDir:
        self.outputs.mkdir(exist_ok=True)
        _without_links(self.outputs)
        self._clear()
        self.scratch.mkdir()
        return self

    def __exit__(self, *_: object) -> None:
        self._clear()

    def input(self, relative: str) -> Path:
        """A staged file, by its path under the attempt's folder.

        Raises ``RenderFailed`` if it is missing, no regular file, or a link.
        """
        path = self.root / relative
        if not path.is_file():
            raise RenderFailed(f"The staged file {relative} is not there.")
        return _without_links(path)

    def part(self, name: str) -> Path:
        """Where the output ``name`` grows."""
        return self.outputs / f"{name}{_PART}"

    def start_again(self) -> None:
        """Forget every unfinished output and scratch file."""
        self._clear()
        self.scratch.mkdir()

    def publish(self, name: str) -> Path:
        """Give a finished output its name.

        Raises ``RenderFailed`` if it is anything but a file: whoever took a program over may have
        left a link instead, for us to follow.
        """
        part = self.part(name)
        if not stat.S_ISREG(part.lstat().st_mode):
            raise RenderFailed(f"The output {name} is no file.")
        return part.replace(self.outputs / name)

    def _clear(self) -> None:
        for part in self.outputs.glob(f"*{_PART}"):
            part.unlink(missing_ok=True)
        if self.scratch.is_symlink():
            self.scratch.unlink()
        shutil.rmtree(self.scratch, ignore_errors=True)


def _without_links(path: Path) -> Path:
    if path.resolve(strict=True) != path:
        raise RenderFailed("A symbolic link stands in the way of the attempt's files.")
    return path

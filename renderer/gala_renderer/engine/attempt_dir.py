"""The folder of an attempt, the only place where a render reads and writes."""

from __future__ import annotations

import shutil
import stat
from pathlib import Path

from gala.errors import RenderFailed
from gala.render_protocol import attempt_folder

_PART = ".part"


class AttemptDir:
    """``<data_root>/jobs/<job>/<attempt>``: inputs under ``in/``, outputs under ``out/``.

    Outputs are written under a temporary name and renamed only when all of them are complete.
    Scratch files live in ``tmp/``, the working directory of programs; it is removed when the
    attempt ends. Symbolic links are refused, so that no name inside leads outside.
    """

    def __init__(self, root: Path):
        self.root = root
        self.inputs = root / "in"
        self.outputs = root / "out"
        self.scratch = root / "tmp"

    @classmethod
    def existing(cls, data_root: Path, job_id: str, attempt: int) -> AttemptDir:
        """Return the folder of that attempt, which the worker has created.

        Raises ``RenderFailed`` if it does not exist.
        """
        root = data_root / attempt_folder(job_id, attempt)
        if not root.is_dir():
            raise RenderFailed(
                "The attempt's folder does not exist.",
                hint="The worker and the renderer must share one DATA_ROOT.",
            )
        return cls(_refuse_links(root))

    def __enter__(self) -> AttemptDir:
        self.outputs.mkdir(exist_ok=True)
        _refuse_links(self.outputs)
        self._clear()
        self.scratch.mkdir()
        return self

    def __exit__(self, *_: object) -> None:
        self._clear()

    def input(self, relative: str) -> Path:
        """Return the path of a staged file, given relative to the attempt's folder.

        Raises ``RenderFailed`` if it is missing, not a regular file, or a link.
        """
        path = self.root / relative
        if not path.is_file():
            raise RenderFailed(f"The staged file {relative} does not exist.")
        return _refuse_links(path)

    def part(self, name: str) -> Path:
        """Return the temporary path at which the output ``name`` is written."""
        return self.outputs / f"{name}{_PART}"

    def reset(self) -> None:
        """Remove every unfinished output and scratch file."""
        self._clear()
        self.scratch.mkdir()

    def publish(self, name: str) -> Path:
        """Rename a finished output to its final name.

        Raises ``RenderFailed`` unless it is a regular file: a compromised program may have left a
        link for the renderer to follow.
        """
        part = self.part(name)
        if not stat.S_ISREG(part.lstat().st_mode):
            raise RenderFailed(f"The output {name} is not a regular file.")
        return part.replace(self.outputs / name)

    def _clear(self) -> None:
        for part in self.outputs.glob(f"*{_PART}"):
            part.unlink(missing_ok=True)
        if self.scratch.is_symlink():
            self.scratch.unlink()
        shutil.rmtree(self.scratch, ignore_errors=True)


def _refuse_links(path: Path) -> Path:
    if path.resolve(strict=True) != path:
        raise RenderFailed("The path to the attempt's files contains a symbolic link.")
    return path

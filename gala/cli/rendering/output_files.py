"""Files on their way to where they are wanted: they appear whole, all at once, or not at all."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from gala.cli.rendering.input_files import check_name
from gala.cli.rendering.output_paths import OUT, STDOUT
from gala.cli.stdio import stdout_is_closed
from gala.errors import InvalidRequest

_HIDDEN: Final = ".gala-"


class AtomicOutputs:
    """Keeps what is made in hidden folders beside the targets, so that putting it there is a
    rename. Nothing is ever replaced unless ``force``; a context that is left takes along what was
    not delivered.
    """

    def __init__(self, *, force: bool):
        self._force = force
        self._folders: dict[Path, Path] = {}
        self._places: dict[tuple[Path, str], Path] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for folder in self._folders.values():
            shutil.rmtree(folder, ignore_errors=True)

    def refuse_taken(self, targets: Iterable[Path]) -> None:
        """Raise ``InvalidRequest`` for targets that cannot be written, before any work is done."""
        for target in targets:
            if target == STDOUT:
                _check_stdout()
                continue
            check_name(target, OUT)
            if target.is_dir():
                raise InvalidRequest(f"{OUT}: {target} is a folder", field=OUT)
            if (target.is_symlink() or target.exists()) and not self._force:
                raise _taken(target)
            self._folder(target)

    def place(self, target: Path, role: str = "") -> Path:
        """Where the file for that target is to be made.

        Standard output has a place for each role: which of them is made, only the work tells.
        """
        key = (target, role if target == STDOUT else "")
        if key not in self._places:
            folder = self._folder(target)
            self._places[key] = folder / f"{len(self._places)}{target.suffix}"
        return self._places[key]

    def settle(self, targets: Iterable[Path]) -> None:
        """Put these, which are all made, where they belong."""
        settled: list[Path] = []
        # What went to standard output cannot be taken back: that comes last.
        for target in sorted(set(targets), key=lambda one: one == STDOUT):
            try:
                self._settle(target)
            except BaseException:
                if not self._force:
                    for before in settled:
                        before.unlink(missing_ok=True)
                raise
            settled.append(target)

    def _settle(self, target: Path) -> None:
        if target == STDOUT:
            self._pour()
            return
        made = self._places[target, ""]
        target.parent.mkdir(parents=True, exist_ok=True)
        if self._force:
            made.replace(target)
            return
        try:
            # Unlike a rename, this fails if somebody has put a file there meanwhile.
            target.hardlink_to(made)
        except FileExistsError as error:
            raise _taken(target) from error
        except OSError:
            # This file system knows no second names.
            if target.exists():
                raise _taken(target) from None
            made.replace(target)

    def _pour(self) -> None:
        for (target, _), made in self._places.items():
            if target == STDOUT and made.exists():
                with made.open("rb") as content:
                    shutil.copyfileobj(content, sys.stdout.buffer)
        sys.stdout.buffer.flush()

    def _folder(self, target: Path) -> Path:
        parent = None if target == STDOUT else _existing(target.parent)
        key = parent or STDOUT
        if key not in self._folders:
            try:
                self._folders[key] = Path(tempfile.mkdtemp(prefix=_HIDDEN, dir=parent))
            except OSError as error:
                raise InvalidRequest(
                    f"{OUT}: nothing can be written to {parent}: {error.strerror}", field=OUT
                ) from error
        return self._folders[key]


def _existing(folder: Path) -> Path:
    """The folder, or the nearest above it that is there: it is made when something goes in."""
    for above in (folder, *folder.parents):
        if above.is_dir():
            return above
        if above.exists():
            raise InvalidRequest(f"{OUT}: {above} is no folder", field=OUT)
    return Path()


def _check_stdout() -> None:
    if stdout_is_closed():
        raise InvalidRequest(f"{OUT} -: standard output is closed", field=OUT)
    if sys.stdout.isatty():
        raise InvalidRequest(
            f"{OUT} -: a terminal shows no media", field=OUT, hint="pipe it somewhere"
        )


def _taken(target: Path) -> InvalidRequest:
    return InvalidRequest(
        f"{OUT}: {target} is there already",
        field=OUT,
        hint="name another file with -o, or replace it with --force",
    )

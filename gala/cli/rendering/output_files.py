"""Output files that appear complete and all at once, or not at all."""

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

_PREFIX: Final = ".gala-"


class AtomicOutputs:
    """Temporary files in hidden folders next to their targets, so that delivery is a rename.

    An existing file is replaced only with ``force``. Leaving the context deletes what was not
    delivered.
    """

    def __init__(self, *, force: bool):
        self._force = force
        self._folders: dict[Path, Path] = {}
        self._paths: dict[tuple[Path, str], Path] = {}

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

    def check_writable(self, targets: Iterable[Path]) -> None:
        """Raise ``InvalidRequest`` for a target that cannot be written, before any work starts."""
        for target in targets:
            if target == STDOUT:
                _check_stdout()
                continue
            check_name(target, OUT)
            if target.is_dir():
                raise InvalidRequest(f"{OUT}: {target} is a folder", field=OUT)
            if (target.is_symlink() or target.exists()) and not self._force:
                raise _exists(target)
            self._folder(target)

    def path(self, target: Path, role: str = "") -> Path:
        """Return the temporary path of a target.

        Standard output has one for each role: which role is made is known only afterwards.
        """
        key = (target, role if target == STDOUT else "")
        if key not in self._paths:
            folder = self._folder(target)
            self._paths[key] = folder / f"{len(self._paths)}{target.suffix}"
        return self._paths[key]

    def commit(self, targets: Iterable[Path]) -> None:
        """Move the files of these targets, which must all exist, to their places."""
        committed: list[Path] = []
        # Standard output comes last: what was written to it cannot be undone.
        for target in sorted(set(targets), key=lambda one: one == STDOUT):
            try:
                self._commit(target)
            except BaseException:
                if not self._force:
                    for earlier in committed:
                        earlier.unlink(missing_ok=True)
                raise
            committed.append(target)

    def _commit(self, target: Path) -> None:
        if target == STDOUT:
            self._write_stdout()
            return
        made = self._paths[target, ""]
        target.parent.mkdir(parents=True, exist_ok=True)
        if self._force:
            made.replace(target)
            return
        try:
            # Unlike a rename, a link fails if the target has been created meanwhile.
            target.hardlink_to(made)
        except FileExistsError as error:
            raise _exists(target) from error
        except OSError:
            # This file system has no hard links.
            if target.exists():
                raise _exists(target) from None
            made.replace(target)

    def _write_stdout(self) -> None:
        for (target, _), made in self._paths.items():
            if target == STDOUT and made.exists():
                with made.open("rb") as content:
                    shutil.copyfileobj(content, sys.stdout.buffer)
        sys.stdout.buffer.flush()

    def _folder(self, target: Path) -> Path:
        parent = None if target == STDOUT else _existing(target.parent)
        key = parent or STDOUT
        if key not in self._folders:
            try:
                self._folders[key] = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=parent))
            except OSError as error:
                raise InvalidRequest(
                    f"{OUT}: nothing can be written to {parent}: {error.strerror}", field=OUT
                ) from error
        return self._folders[key]


def _existing(folder: Path) -> Path:
    """Return the folder or its nearest existing parent; missing ones are created on delivery."""
    for above in (folder, *folder.parents):
        if above.is_dir():
            return above
        if above.exists():
            raise InvalidRequest(f"{OUT}: {above} is not a folder", field=OUT)
    return Path()


def _check_stdout() -> None:
    if stdout_is_closed():
        raise InvalidRequest(f"{OUT} -: standard output is closed", field=OUT)
    if sys.stdout.isatty():
        raise InvalidRequest(
            f"{OUT} -: a terminal cannot show media",
            field=OUT,
            hint="pipe the output into a program or a file",
        )


def _exists(target: Path) -> InvalidRequest:
    return InvalidRequest(
        f"{OUT}: {target} already exists",
        field=OUT,
        hint="name another file with -o, or replace it with --force",
    )

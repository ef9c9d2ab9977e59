"""Standard streams that may be closed at the start, or become unusable while a command runs.

Writing to a terminal that was closed fails with EIO. Clean-up after that must not fail because of
its own messages.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, suppress
from pathlib import Path
from typing import IO, Any, TextIO, cast


@contextmanager
def durable_streams() -> Iterator[None]:
    """Replace closed streams by the null device, and ignore failing writes to standard error."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            # Opened in this order, they get the file descriptors 0, 1 and 2 that were closed.
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115
    try:
        with redirect_stderr(cast(TextIO, _DurableStream(sys.stderr))):
            yield
    finally:
        _discard_unwritable_output()


def stdout_is_closed() -> bool:
    """Return True if the command was started without a standard output (``>&-``)."""
    return getattr(sys.stdout, "name", None) == os.devnull


class _DurableStream:
    """A stream that ignores errors of writing: its reader may have gone."""

    def __init__(self, stream: IO[str]):
        self._stream = stream

    def write(self, text: str) -> int:
        with suppress(OSError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError):
            self._stream.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def _discard_unwritable_output() -> None:
    """Redirect unwritable streams to the null device.

    Python flushes them at exit, and would change the exit status if that failed.
    """
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            with suppress(OSError), Path(os.devnull).open("wb") as null:
                os.dup2(null.fileno(), stream.fileno())

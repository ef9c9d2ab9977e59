"""The standard streams that a command was started with: some may be closed, or go away meanwhile.

A terminal that was closed refuses every word (EIO); what has to be ended and tidied up after it was
closed is ended all the same.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, suppress
from pathlib import Path
from typing import IO, Any, TextIO, cast


@contextmanager
def lasting_streams() -> Iterator[None]:
    """Streams that are there, and a standard error that nobody who speaks to it can fail at."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            # In this order they take the places of those that were closed: no other file does.
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115
    try:
        with redirect_stderr(cast(TextIO, _Lasting(sys.stderr))):
            yield
    finally:
        _drop_what_nobody_takes()


def stdout_is_closed() -> bool:
    """Whether the command was started without a standard output (``>&-``)."""
    return getattr(sys.stdout, "name", None) == os.devnull


class _Lasting:
    """A stream whose reader may go away."""

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


def _drop_what_nobody_takes() -> None:
    """Python itself flushes once more at its end, and changes the exit status if that fails."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            with suppress(OSError), Path(os.devnull).open("wb") as nowhere:
                os.dup2(nowhere.fileno(), stream.fileno())

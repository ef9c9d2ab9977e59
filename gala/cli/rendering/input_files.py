"""Files that a user names: whether they can be read, and what they are."""

from __future__ import annotations

import errno
import os
import re
import sys
from pathlib import Path
from typing import Final

from gala.errors import InvalidRequest
from gala.media import MediaClass, media_class

STDIN: Final = "-"
_URL: Final = re.compile(r"(https?:)/+(.*)", re.DOTALL)
"""As a path has it, with one slash."""
_SHOWN: Final = 60
_MOST_BYTES: Final = 1024**2
"""Of a text; the types' own limits are lower, and tell by how much."""


def check_name(path: Path, label: str) -> None:
    """Raise ``InvalidRequest`` for a name that could not be told to anybody, printed or sent."""
    try:
        str(path).encode()
    except UnicodeEncodeError as error:
        told = os.fsencode(path).decode(errors="backslashreplace")
        raise InvalidRequest(
            f"{label}: the name {told} is not UTF-8", field=label, hint="rename the file"
        ) from error
    try:
        path.lstat()
    except ValueError as error:
        raise InvalidRequest(f"{label}: no file has such a name", field=label) from error
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            told = f"{str(path)[:_SHOWN]}…"
            raise InvalidRequest(f"{label}: the name {told} is too long", field=label) from error


def check_readable(path: Path, label: str, *, once: bool = False) -> None:
    """Raise ``InvalidRequest`` unless it is a file with something in it that may be read.

    What is read only ``once`` may be a pipe: ``<(echo Hi)``.
    """
    _refuse_url(path, label)
    check_name(path, label)
    why = None
    try:
        if not path.exists():
            why = "there is no such file"
        elif once and path.is_fifo():
            pass
        elif not path.is_file():
            why = "this is a folder" if path.is_dir() else "this is no regular file"
        elif not path.stat().st_size:
            why = "this file is empty"
        elif not os.access(path, os.R_OK):
            why = "this file may not be read by you"
    except OSError as error:
        why = error.strerror
    except ValueError:
        why = "no file has such a name"
    if why:
        raise InvalidRequest(f"{label}: {str(path)!r}: {why}", field=label)


def _refuse_url(path: Path, label: str) -> None:
    if url := _URL.match(str(path)):
        raise InvalidRequest(
            f"{label}: {url[1]}//{url[2]} is no file",
            field=label,
            hint="download it; or let a server fetch it: gala submit TYPE -i NAME=URL",
        )


def kind_of(path: Path, label: str) -> MediaClass:
    """Whether it is a picture, a video, a sound, told from its first bytes."""
    check_readable(path, label)
    from gala.sniff import sniff  # noqa: PLC0415 - only where a file is looked at

    try:
        return media_class(sniff(path))
    except ModuleNotFoundError:
        # Rare formats are known only where the engine is; whoever makes it looks closer.
        return MediaClass.OTHER


def read_text(text: str | None, file: Path | None, *, text_called: str) -> str | None:
    """The text itself, that of standard input for ``-``, or that of a file; at most one of them.

    Raises ``InvalidRequest`` for both, and for what is not UTF-8.
    """
    if text is not None and file is not None:
        raise InvalidRequest(f"{text_called}: give it, or --file, not both", field=text_called)
    if text == STDIN or (file is not None and str(file) == STDIN):
        return _decoded(sys.stdin.buffer.read(_MOST_BYTES), "standard input")
    if file is not None:
        check_readable(file, "--file", once=True)
        with file.open("rb") as content:
            return _decoded(content.read(_MOST_BYTES), "--file")
    return text


def _decoded(content: bytes, label: str) -> str:
    if len(content) == _MOST_BYTES:
        raise InvalidRequest(f"{label}: this text is too long", field=label)
    try:
        # Editors on Windows put a mark before the text.
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidRequest(
            f"{label}: this is no text in UTF-8 (byte {error.start})", field=label
        ) from error

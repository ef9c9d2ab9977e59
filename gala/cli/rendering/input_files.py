"""Files that a user names as input: whether they can be read, and what kind they are."""

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
"""A URL that was parsed as a path, which collapses its slashes."""
_SHOWN_CHARACTERS: Final = 60
_MAX_TEXT_BYTES: Final = 1024**2
"""The render types' own limits are lower, and their messages more precise."""


def check_name(path: Path, label: str) -> None:
    """Raise ``InvalidRequest`` if the name cannot be printed, sent, or used by the file system."""
    try:
        str(path).encode()
    except UnicodeEncodeError as error:
        shown = os.fsencode(path).decode(errors="backslashreplace")
        raise InvalidRequest(
            f"{label}: the name {shown} is not UTF-8", field=label, hint="rename the file"
        ) from error
    try:
        path.lstat()
    except ValueError as error:
        raise InvalidRequest(f"{label}: this is not a valid file name", field=label) from error
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            shown = f"{str(path)[:_SHOWN_CHARACTERS]}…"
            raise InvalidRequest(f"{label}: the name {shown} is too long", field=label) from error


def check_readable(path: Path, label: str, *, once: bool = False) -> None:
    """Raise ``InvalidRequest`` unless the path is a readable file that is not empty.

    With ``once``, the file is read only once, so it may be a pipe: ``<(echo Hi)``.
    """
    _refuse_url(path, label)
    check_name(path, label)
    problem = None
    try:
        if not path.exists():
            problem = "there is no such file"
        elif once and path.is_fifo():
            pass
        elif not path.is_file():
            problem = "this is a folder" if path.is_dir() else "this is not a regular file"
        elif not path.stat().st_size:
            problem = "this file is empty"
        elif not os.access(path, os.R_OK):
            problem = "you have no permission to read this file"
    except OSError as error:
        problem = error.strerror
    except ValueError:
        problem = "this is not a valid file name"
    if problem:
        raise InvalidRequest(f"{label}: {str(path)!r}: {problem}", field=label)


def _refuse_url(path: Path, label: str) -> None:
    if url := _URL.match(str(path)):
        raise InvalidRequest(
            f"{label}: {url[1]}//{url[2]} is a URL, not a file",
            field=label,
            hint="download it first, or let a server download it: gala submit TYPE -i NAME=URL",
        )


def kind_of(path: Path, label: str) -> MediaClass:
    """Return the kind of a file (picture, video, sound, …), detected from its first bytes."""
    check_readable(path, label)
    from gala.sniff import sniff  # noqa: PLC0415 - only for commands that inspect files

    try:
        return media_class(sniff(path))
    except ModuleNotFoundError:
        # Rare formats are detected only where the renderer is installed; the engine, here or on
        # a server, inspects the file in any case.
        return MediaClass.OTHER


def read_text(text: str | None, file: Path | None, *, text_label: str) -> str | None:
    """Return the text itself, standard input for ``-``, or the content of the file.

    Raise ``InvalidRequest`` if both are given, or if the content is not UTF-8.
    """
    if text is not None and file is not None:
        raise InvalidRequest(f"{text_label}: give it, or --file, not both", field=text_label)
    if text == STDIN or (file is not None and str(file) == STDIN):
        return _decode(sys.stdin.buffer.read(_MAX_TEXT_BYTES), "standard input")
    if file is not None:
        check_readable(file, "--file", once=True)
        with file.open("rb") as content:
            return _decode(content.read(_MAX_TEXT_BYTES), "--file")
    return text


def _decode(content: bytes, label: str) -> str:
    if len(content) == _MAX_TEXT_BYTES:
        raise InvalidRequest(f"{label}: this text is too long", field=label)
    try:
        # Editors on Windows write a byte order mark.
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidRequest(
            f"{label}: this is not UTF-8 text (byte {error.start})", field=label
        ) from error

"""Inspects the files of a request with :mod:`gala_renderer.probe.program`, in the sandbox.

Starting the program takes most of an inspection of an ordinary file: the files of a request are
inspected together, in as few starts as possible.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Sequence
from math import ceil
from pathlib import Path
from typing import Any, Final, TypeAlias

from gala.errors import UnprocessableMedia
from gala_renderer.engine.order import InputFile
from gala_renderer.engine.together import together
from gala_renderer.probe.media import DEMUXERS, MAX_INPUT_SECONDS, MAX_PIXELS, Media, media_from
from gala_renderer.sandbox.runner import Sandbox

_PROGRAM: Final = str(Path(__file__).with_name("program.py"))
_FILE_SECONDS: Final = 30.0
"""Time limit for one file."""
_FILES_PER_START: Final = 8
"""More files are divided among several programs that run in parallel."""

_TOO_SLOW: Final = "it takes too long to read"
_OVER_LIMIT: Final = "it could not be read within the limits of this server"

_Answer: TypeAlias = dict[str, Any]
"""A line of the program: ``{"media": {…}}`` or ``{"refused": "<reason>"}``."""
_LIMIT: Final = "at most"
"""Part of the reasons that name a limit."""
_CONVERT: Final = (
    "Is it complete? If so, convert it to a common format such as MP4, JPEG, PNG or MP3."
)
_REDUCE: Final = "Choose a smaller or shorter file."


class Inspector:
    """Inspects staged files; each file is inspected once.

    ``files`` are those of the request, which are all inspected at the first call. ``threads`` is
    the number of programs that may run at the same time, ``cwd`` the folder that they run in.
    """

    def __init__(self, sandbox: Sandbox, *, cwd: Path, threads: int, files: Sequence[InputFile]):
        self._sandbox = sandbox
        self._cwd = cwd
        self._threads = threads
        self._files = files
        self._answers: dict[Path, _Answer] = {}
        self._lock = asyncio.Lock()

    async def inspect(self, file: InputFile) -> Media:
        """Return what the file contains.

        Raises ``UnprocessableMedia``, naming the request's field, if it is damaged, of a format
        that is not accepted, or too large.
        """
        return await self._inspect(file, self._files)

    async def inspect_all(self, files: Sequence[InputFile]) -> list[Media]:
        """Return what each file contains; raise ``UnprocessableMedia`` for the first bad one."""
        together = [*self._files, *files]
        return [await self._inspect(file, together) for file in files]

    @property
    def known(self) -> dict[Path, Media]:
        """The files that were inspected and can be used, by path."""
        return {
            path: media_from(path, answer["media"])
            for path, answer in self._answers.items()
            if "media" in answer
        }

    async def _inspect(self, file: InputFile, together: Sequence[InputFile]) -> Media:
        async with self._lock:
            if file.path not in self._answers:
                # The file that is needed now comes first: others may end the program.
                paths = dict.fromkeys([file.path, *(other.path for other in together)])
                await self._inspect_paths([path for path in paths if path not in self._answers])
            return _media(file, self._answers[file.path])

    async def _inspect_paths(self, paths: Sequence[Path]) -> None:
        size = max(_FILES_PER_START, ceil(len(paths) / self._threads))
        groups = [paths[at : at + size] for at in range(0, len(paths), size)]
        await together(self._inspect_group(group) for group in groups)

    async def _inspect_group(self, paths: Sequence[Path]) -> None:
        """Inspect files in one start, and a file that ends the program once more by itself.

        After a file that also fails by itself, the others wait for a later call: the request is
        probably refused before one is needed.
        """
        while paths:
            answers, reason = await self._run_program(paths)
            self._answers.update(zip(paths, answers, strict=False))
            culprit, paths = paths[len(answers) :][:1], paths[len(answers) + 1 :]
            if not culprit:
                return
            alone: list[_Answer] = []
            if answers and reason != _TOO_SLOW:
                # The memory that earlier files took may have been the cause.
                alone, reason = await self._run_program(culprit)
            self._answers[culprit[0]] = alone[0] if alone else {"refused": reason}
            if not alone:
                return

    async def _run_program(self, paths: Sequence[Path]) -> tuple[list[_Answer], str]:
        """Return the answers up to the file that ended the program, and why it ended there."""
        lines: list[str] = []
        loop = asyncio.get_running_loop()
        command = [
            sys.executable, "-I", _PROGRAM,
            str(MAX_PIXELS), str(MAX_INPUT_SECONDS), ",".join(DEMUXERS), *map(str, paths),
        ]  # fmt: skip
        try:
            async with asyncio.timeout(_FILE_SECONDS) as file_timeout:

                def on_line(line: str) -> None:
                    lines.append(line)
                    file_timeout.reschedule(loop.time() + _FILE_SECONDS)

                await self._sandbox.run(
                    command, cwd=self._cwd, seconds=_FILE_SECONDS * len(paths), on_line=on_line
                )
        except TimeoutError:
            return _parsed(lines), _TOO_SLOW
        return _parsed(lines), _OVER_LIMIT


def _parsed(lines: Sequence[str]) -> list[_Answer]:
    """Parse the answers; a line that the end of the program cut short is not one."""
    answers = []
    for line in lines:
        try:
            answers.append(json.loads(line))
        except ValueError:
            break
    return answers


def _media(file: InputFile, answer: _Answer) -> Media:
    if "refused" in answer:
        raise _refused(file, answer["refused"])
    found = answer["media"]
    seconds = found.get("seconds")
    if seconds is not None and seconds > MAX_INPUT_SECONDS:
        limit = f"at most {MAX_INPUT_SECONDS / 3600:.0f} hours are accepted"
        raise _refused(file, f"it is {seconds / 3600:.1f} hours long; {limit}")
    return media_from(file.path, found)


def _refused(file: InputFile, reason: str) -> UnprocessableMedia:
    within_limits = _LIMIT not in reason
    return UnprocessableMedia(
        f"{file.field}: this file cannot be used: {reason}.",
        hint=_CONVERT if within_limits else _REDUCE,
        field=file.field,
    )

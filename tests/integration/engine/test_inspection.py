"""The files of a request are inspected together, and a bad one harms no other."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from gala.errors import UnprocessableMedia
from gala_renderer.engine.order import InputFile
from gala_renderer.probe.inspector import Inspector
from gala_renderer.sandbox.runner import ProcessResult, Sandbox

Samples = Callable[[str], Path]


class CountingSandbox(Sandbox):
    """Counts the programs that it starts."""

    starts = 0

    async def run(self, argv: Sequence[str], **options: Any) -> ProcessResult:
        self.starts += 1
        return await super().run(argv, **options)


def files(*paths: Path) -> list[InputFile]:
    return [InputFile(path, "", f"inputs.{path.name}") for path in paths]


def inspector(
    sandbox: Sandbox, folder: Path, request: Sequence[InputFile], threads: int = 2
) -> Inspector:
    return Inspector(sandbox, cwd=folder, threads=threads, files=request)


def test_all_files_of_a_request_are_inspected_in_one_start(
    samples: Samples, tmp_path: Path
) -> None:
    sandbox = CountingSandbox()
    request = files(samples("picture"), samples("video"), samples("picture"))

    async def each() -> list[str]:
        here = inspector(sandbox, tmp_path, request)
        return [(await here.inspect(file)).demuxer for file in request]

    picture, video, again = asyncio.run(each())
    assert picture == again != video
    assert sandbox.starts == 1


def test_many_files_are_divided_among_the_threads(samples: Samples, tmp_path: Path) -> None:
    sandbox = CountingSandbox()
    request = []
    for number in range(20):
        copy = tmp_path / f"{number}.png"
        copy.hardlink_to(samples("picture"))
        request += files(copy)
    found = asyncio.run(inspector(sandbox, tmp_path, request).inspect_all(request))
    assert [media.path for media in found] == [file.path for file in request]
    assert sandbox.starts == 2


def test_a_file_that_ends_the_program_harms_no_other(samples: Samples, tmp_path: Path) -> None:
    sandbox = CountingSandbox()
    # The program does not catch the error of a file that is missing: it ends there.
    first, killer, last = files(samples("picture"), tmp_path / "missing", samples("video"))
    here = inspector(sandbox, tmp_path, [first, killer, last])

    async def each() -> None:
        assert (await here.inspect(first)).picture
        assert (await here.inspect(last)).picture
        with pytest.raises(UnprocessableMedia, match="missing"):
            await here.inspect(killer)

    asyncio.run(each())
    # Together, the missing one by itself, and what was left.
    assert sandbox.starts == 3


def test_a_file_of_the_request_that_nobody_needs_may_be_refused(
    samples: Samples, tmp_path: Path
) -> None:
    text = tmp_path / "captions.srt"
    text.write_text("1\n00:00:00,000 --> 00:00:01,000\nhi\n")
    request = files(text, samples("video"))
    media = asyncio.run(inspector(Sandbox(), tmp_path, request).inspect(request[1]))
    assert media.picture

"""Hardware encoders are detected by encoding; these tests run with and without hardware."""

from __future__ import annotations

import asyncio
import shlex
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

import pytest

from gala.render_types.params.video_encoding import Encoder, Quality
from gala_renderer.ffmpeg.binary import find_ffmpeg
from gala_renderer.ffmpeg.encoder_options import VideoEncoding, software
from gala_renderer.ffmpeg.hardware_encoders import Encoders, trial
from gala_renderer.ffmpeg.runner import FFmpeg
from gala_renderer.sandbox.runner import ProcessLimits, Sandbox
from tests.support.engine import EngineHarness

T = TypeVar("T")


def run(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(work)


def found(encoders: Encoders) -> dict[Encoder, str | None]:
    return dict(run(encoders.failures()))


@pytest.fixture(scope="module")
def ffmpeg() -> FFmpeg:
    return FFmpeg(find_ffmpeg(None), Sandbox(ProcessLimits()))


@pytest.fixture(scope="module")
def encoders(ffmpeg: FFmpeg) -> Encoders:
    return Encoders(ffmpeg)


@pytest.fixture
def counted(ffmpeg: FFmpeg, tmp_path: Path) -> tuple[FFmpeg, Callable[[], int]]:
    """The real FFmpeg, wrapped by a program that logs a line per run."""
    log = tmp_path / "runs"
    log.touch()
    program = tmp_path / "ffmpeg"
    program.write_text(
        f"#!/bin/sh\necho run >> {shlex.quote(str(log))}\n"
        f'exec {shlex.quote(str(ffmpeg.executable))} "$@"\n'
    )
    program.chmod(0o755)
    return FFmpeg(program, ffmpeg.sandbox), lambda: len(log.read_text().splitlines())


def test_every_chip_is_either_working_or_has_a_reason(encoders: Encoders) -> None:
    assert set(found(encoders)) == set(Encoder) - {Encoder.SOFTWARE, Encoder.AUTO}
    assert all(reason is None or reason.strip() for reason in found(encoders).values())


def test_an_encoder_that_works_passes_the_same_trial(ffmpeg: FFmpeg, tmp_path: Path) -> None:
    async def ends_well(encoding: VideoEncoding) -> bool:
        ended = await ffmpeg.sandbox.run(
            ffmpeg.command(trial(encoding)), cwd=tmp_path, seconds=20, on_line=lambda _: None
        )
        return ended.ok

    assert run(ends_well(software(Quality.PREVIEW)))
    assert not run(ends_well(VideoEncoding("h264_nothing", ())))


def test_auto_takes_a_chip_that_works_or_software_and_never_complains(encoders: Encoders) -> None:
    chosen = run(encoders.choose(Encoder.AUTO, Quality.DRAFT))
    works = any(reason is None for reason in found(encoders).values())
    assert (chosen.encoding == software(Quality.DRAFT)) is not works
    assert chosen.warnings == ()


@pytest.mark.parametrize("chip", sorted(set(Encoder) - {Encoder.SOFTWARE, Encoder.AUTO}))
def test_a_chip_that_does_not_work_is_replaced_with_a_line_that_says_why(
    encoders: Encoders, chip: Encoder
) -> None:
    reason = found(encoders)[chip]
    chosen = run(encoders.choose(chip, Quality.PRODUCTION))
    if reason is None:
        assert chosen.warnings == ()
        return
    assert chosen.encoding == software(Quality.PRODUCTION)
    assert chosen.warnings == (
        f"params.encoder: {chip} does not work here ({reason}); encoded in software",
    )


def test_vaapi_is_not_even_tried_without_a_device(ffmpeg: FFmpeg, tmp_path: Path) -> None:
    reason = found(Encoders(ffmpeg, devices=tmp_path))[Encoder.VAAPI]
    assert reason == f"there is no {tmp_path}/renderD*"


def test_chips_are_tried_once_however_many_ask_at_the_same_time(
    counted: tuple[FFmpeg, Callable[[], int]], tmp_path: Path
) -> None:
    ffmpeg, runs = counted
    encoders = Encoders(ffmpeg, devices=tmp_path)

    async def ask() -> None:
        await asyncio.gather(*(encoders.choose(Encoder.AUTO, Quality.DRAFT) for _ in range(5)))

    run(ask())
    tried = {Encoder.NVENC, Encoder.QSV}  # VAAPI has no device there
    assert runs() == len(tried) + (sys.platform == "darwin")


def test_software_is_chosen_without_trying_anything(
    counted: tuple[FFmpeg, Callable[[], int]],
) -> None:
    ffmpeg, runs = counted
    run(Encoders(ffmpeg).choose(Encoder.SOFTWARE, Quality.DRAFT))
    assert runs() == 0


def test_a_chip_that_fails_in_the_middle_of_a_render_is_replaced(
    ffmpeg: FFmpeg, samples: Callable[[str], Path], tmp_path: Path
) -> None:
    # NVENC out of sessions: the trial succeeds, and later runs fail.
    program = tmp_path / "ffmpeg"
    program.write_text(
        '#!/bin/sh\ncase "$*" in *color=c=gray*h264_nvenc*) exit 0;; esac\n'
        'case "$*" in *h264_nvenc*) echo "OpenEncodeSessionEx failed" >&2; exit 1;; esac\n'
        f'exec {shlex.quote(str(ffmpeg.executable))} "$@"\n'
    )
    program.chmod(0o755)
    (tmp_path / "data").mkdir()
    harness = EngineHarness(tmp_path / "data", ffmpeg_path=program)
    try:
        made = harness.make(
            "reframe", {"encoder": "auto"}, size=(64, 64, 10), video=samples("video")
        )
    finally:
        harness.close()
    assert made.path("video").stat().st_size > 0
    assert any("OpenEncodeSessionEx failed" in line for line in made.logs)
    assert made.fractions == sorted(made.fractions)
    assert made.fractions[-1] == 1

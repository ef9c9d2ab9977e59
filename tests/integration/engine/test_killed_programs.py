"""A program that is killed from outside is no fault of the media: the attempt can be repeated."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from gala.errors import ErrorCode
from gala.render_types import find_type
from tests.support.engine import EngineHarness, Made
from tests.support.program_killer import killing_first

Samples = Callable[[str], Path]
_MORE = 3
"""How often an example is run again whose program had ended before it was seen."""


@pytest.fixture(scope="module")
def engine(
    whisper_weights: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[EngineHarness]:
    """An engine with a Whisper of its own."""
    harness = EngineHarness(
        tmp_path_factory.mktemp("engine"),
        gala_weights_dir=whisper_weights.parent,
        whisper_model="tiny",
    )
    yield harness
    harness.close()


def example_files(samples: Samples, type_name: str) -> dict[str, Any]:
    """Return the sample files of a render type's example, by input."""
    inputs = find_type(type_name).example_inputs
    return {name: [samples(one) for one in names] for name, names in inputs.items()}


def example(engine: EngineHarness, used: dict[str, Any], type_name: str) -> Made:
    """Run the example of a render type, small."""
    render_type = find_type(type_name)
    size = (64, 112, 10) if render_type.format else None
    return engine.make(type_name, render_type.example, size=size, duration_ms=300, **used)


@pytest.mark.parametrize(
    ("type_name", "program"),
    [
        ("probe", "probe/program.py"),
        ("hello_render", "ffmpeg"),
        ("slideshow", "ken_burns_program.py"),
        pytest.param("slideshow", "ffmpeg", marks=pytest.mark.exhaustive),
        ("presenter", "avatars.frame_program"),
        ("trim", "splice_program.py"),
        ("caption_video", "captions/reading/program.py"),
        ("tts", "espeak/program.py"),
        ("align", "sphinx_program.py"),
        pytest.param("detect_silence", "ffmpeg", marks=pytest.mark.exhaustive),
        ("transcribe", "whisper_child"),
    ],
)
def test_an_attempt_whose_program_is_killed_may_be_repeated_and_then_succeeds(
    engine: EngineHarness, samples: Samples, type_name: str, program: str
) -> None:
    # Before: FFmpeg makes them, too.
    files = example_files(samples, type_name)
    with killing_first(psutil.Process(), program) as killed:
        made = example(engine, files, type_name)
        for _ in range(_MORE):
            if not killed:
                made = example(engine, files, type_name)
    error = made.error
    assert killed, error
    assert (error.code, error.retryable) == (ErrorCode.RENDERER_LOST, True)
    assert error.message == "A program of the renderer was killed from outside (SIGKILL)."
    assert example(engine, files, type_name).outputs


def test_a_terminated_ffmpeg_does_not_blame_the_media(engine: EngineHarness) -> None:
    with killing_first(psutil.Process(), "ffmpeg", signum=signal.SIGTERM) as killed:
        error = engine.make(
            "hello_render", {"text": "hi"}, size=(64, 112, 10), duration_ms=60_000
        ).error
    assert killed, error
    assert error.retryable

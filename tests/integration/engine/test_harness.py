"""The test harness itself, with ``hello_render``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.engine import EngineHarness
from tests.support.processes import started_since


def test_a_render_leaves_its_outputs_and_tells_its_progress(
    engine: EngineHarness, samples: Callable[[str], Path]
) -> None:
    made = engine.make(
        "hello_render", {"text": "hi"}, size=(64, 64, 10), duration_ms=500, bg=samples("picture")
    )
    assert made.path("video").stat().st_size == made.outputs["video"].size
    assert made.fractions == sorted(made.fractions)
    assert made.fractions[-1] == 1


def test_an_attempt_that_is_asked_for_twice_at_once_is_rendered_once(engine: EngineHarness) -> None:
    first, second = engine.make_twice("hello_render", {"text": "hi"}, size=(64, 64, 10))
    assert first.outputs
    assert second.error.code == "CONFLICT"


def test_when_one_of_many_files_is_refused_no_look_into_another_goes_on(
    engine: EngineHarness,
    samples: Callable[[str], Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(engine.engine, "threads", 3)
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"\x89PNG\r\n\x1a\n")
    started = started_since()
    pictures = [broken, samples("picture"), samples("video")]
    made = engine.make("slideshow", {}, size=(64, 64, 10), pictures=pictures)
    assert started() == []
    assert made.error.code == "UNPROCESSABLE_MEDIA"

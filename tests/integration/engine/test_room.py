"""The harness itself, with the type that is always there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.support.engine import EngineRoom


def test_a_render_leaves_its_outputs_and_tells_its_progress(
    engine: EngineRoom, samples: Callable[[str], Path]
) -> None:
    made = engine.make(
        "hello_render", {"text": "hi"}, size=(64, 64, 10), duration_ms=500, bg=samples("picture")
    )
    assert made.path("video").stat().st_size == made.outputs["video"].size
    assert made.fractions == sorted(made.fractions)
    assert made.fractions[-1] == 1


def test_an_attempt_that_is_asked_for_twice_at_once_is_rendered_once(engine: EngineRoom) -> None:
    first, second = engine.make_twice("hello_render", {"text": "hi"}, size=(64, 64, 10))
    assert first.outputs
    assert second.error.code == "CONFLICT"

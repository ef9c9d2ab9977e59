"""Long work tells how far it is, and stops in the middle without leaving anything."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from gala.types import all_types
from tests.support.engine import EngineRoom
from tests.support.processes import started_since
from tests.support.waiting import wait_until

SENTENCE = "A long way to go, and many words to say on it. "


class Long(NamedTuple):
    """Work that takes a while."""

    type_name: str
    params: dict[str, Any]
    inputs: Mapping[str, tuple[str, ...]] = {}
    size: tuple[int, int, int] | None = None


LONG = [
    Long("add_text", {"text": "hi", "quality": "production"}, {"video": ("video",)}),
    Long("audio_normalize", {}, {"audio": ("song",)}),
    Long("captioned_video", {"text": SENTENCE * 4, "engine": "espeak"}, size=(540, 960, 30)),
    Long("concatenate", {"fit": "blur"}, {"clips": ("video", "other_video", "video")}),
    Long("dialogue", {"turns": [{"text": SENTENCE * 6, "engine": "espeak"}] * 8}),
    Long("merge", {"quality": "production"}, {"videos": ("other_video", "video")}),
    Long("reframe", {"width": 1280, "height": 720}, {"video": ("video",)}),
    Long("reverse", {"quality": "production"}, {"video": ("video",)}),
    Long("slideshow", {"seconds_each": 2}, {"pictures": ("picture",) * 4}, (640, 360, 30)),
    Long("speed", {"factor": 0.5}, {"video": ("video",)}),
    Long("tts", {"text": SENTENCE * 120, "engine": "espeak"}),
]


def given(one: Long, samples: Callable[[str], Path]) -> dict[str, Any]:
    return {
        "size": one.size,
        **{name: [samples(sample) for sample in used] for name, used in one.inputs.items()},
    }


@pytest.mark.parametrize("one", LONG, ids=lambda one: one.type_name)
def test_progress_rises_steadily_to_the_end(
    one: Long, engine: EngineRoom, samples: Callable[[str], Path]
) -> None:
    assert one.type_name in all_types()
    made = engine.make(one.type_name, one.params, **given(one, samples))
    assert made.outputs
    assert made.fractions == sorted(made.fractions)
    assert made.fractions[-1] == 1
    assert max(after - before for before, after in pairwise(made.fractions)) < 0.9
    assert len(set(made.fractions)) >= 3


@pytest.mark.parametrize("one", LONG, ids=lambda one: one.type_name)
def test_what_is_cancelled_in_the_middle_leaves_nothing(
    one: Long, engine: EngineRoom, samples: Callable[[str], Path]
) -> None:
    started = started_since()
    folder = engine.cancelled(one.type_name, one.params, **given(one, samples))
    left = [path for path in folder.rglob("*") if path.is_file() and path.parent.name != "in"]
    assert left == []
    wait_until(lambda: not started(), 10, what="no process left")

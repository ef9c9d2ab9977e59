"""Long renders report progress, and leave nothing behind when they are cancelled."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from gala.render_protocol import Progress
from gala.render_types import all_types
from tests.fakes.media_files import make
from tests.support.engine import EngineHarness
from tests.support.processes import started_since
from tests.support.wait import wait_until

SENTENCE = "A long way to go, and many words to say on it. "


class Long(NamedTuple):
    """Renders that take a while."""

    type_name: str
    params: dict[str, Any]
    inputs: Mapping[str, tuple[str, ...]] = {}
    size: tuple[int, int, int] | None = None


LONG = [
    Long("add_text", {"text": "hi", "quality": "production"}, {"video": ("video",)}),
    Long("audio_normalize", {}, {"audio": ("song",)}),
    Long("captioned_video", {"text": SENTENCE * 4, "engine": "espeak"}, size=(540, 960, 30)),
    Long("concatenate", {"fit": "blur"}, {"clips": ("video", "other_video", "video")}),
    Long("dialogue", {"turns": [{"text": SENTENCE * 3, "engine": "espeak"}] * 8}),
    Long("merge", {"quality": "production"}, {"videos": ("other_video", "video")}),
    Long("reframe", {"width": 1280, "height": 720}, {"video": ("video",)}),
    Long("reverse", {"quality": "production"}, {"video": ("video",)}),
    Long("slideshow", {"seconds_each": 2}, {"pictures": ("picture",) * 4}, (640, 360, 30)),
    Long("speed", {"factor": 0.5}, {"video": ("video",)}),
    Long("tts", {"text": SENTENCE * 40, "engine": "espeak"}),
]


ENCODED_ALIKE = {"merge", "reframe", "reverse", "speed"}
"""Their programs report as that of ``add_text`` does."""
CASES = [
    pytest.param(
        one,
        id=one.type_name,
        marks=[pytest.mark.exhaustive] if one.type_name in ENCODED_ALIKE else [],
    )
    for one in LONG
]


def given(one: Long, samples: Callable[[str], Path]) -> dict[str, Any]:
    return {
        "size": one.size,
        **{name: [samples(sample) for sample in used] for name, used in one.inputs.items()},
    }


@pytest.mark.parametrize("one", CASES)
def test_progress_rises_steadily_to_the_end(
    one: Long, engine: EngineHarness, samples: Callable[[str], Path]
) -> None:
    assert one.type_name in all_types()
    made = engine.make(one.type_name, one.params, **given(one, samples))
    assert made.outputs
    assert made.fractions == sorted(made.fractions)
    assert made.fractions[-1] == 1
    assert max(after - before for before, after in pairwise(made.fractions)) < 0.9
    assert len(set(made.fractions)) >= 3


def test_what_is_done_anew_has_its_share_of_the_progress(
    engine: EngineHarness, samples: Callable[[str], Path], tmp_path: Path
) -> None:
    # Frames hidden by an edit list make splicing unsafe, which is only noticed half-way.
    source = ("-ss", "0.5", "-i", str(samples("video")), "-c", "copy")
    made = engine.make("cut", {"ranges": [{"start": 0.3}]}, media=make(tmp_path / "h.mp4", *source))
    assert any("encoded whole" in line for line in made.logs)
    told = [event for event in made.events if isinstance(event, Progress)]
    assert next(one.fraction for one in told if one.step == "encoding") < 0.5


@pytest.mark.parametrize("one", CASES)
def test_what_is_cancelled_in_the_middle_leaves_nothing(
    one: Long, engine: EngineHarness, samples: Callable[[str], Path]
) -> None:
    started = started_since()
    folder = engine.cancelled(one.type_name, one.params, **given(one, samples))
    left = [path for path in folder.rglob("*") if path.is_file() and path.parent.name != "in"]
    assert left == []
    wait_until(lambda: not started(), 10, what="no process left")

"""Films are cut at the frames that timecodes name."""

from __future__ import annotations

from tests.support.engine import EngineHarness
from tests.support.films import SIZE, frames_of, is_near, made, shape


def test_elements_are_seen_in_the_frames_that_their_timecodes_name(engine: EngineHarness) -> None:
    assert SIZE[2] == 20
    clips = [
        shape("red", duration="00:00:00:07"),
        shape("blue", duration="00:00:00:19"),
        shape("lime", start="00:00:01:08", duration="00:00:00:03"),
    ]
    frames = frames_of(made(engine, {"tracks": [{"clips": clips}]}).path("video"))
    seen = ["".join(name for name, color in (
        ("r", (255, 0, 0)), ("b", (0, 0, 255)), ("l", (0, 255, 0)), ("-", (0, 0, 0)),
    ) if is_near(frame[60, 80], color, 40)) for frame in frames]  # fmt: skip
    assert "".join(seen) == "r" * 7 + "b" * 19 + "-" * 2 + "l" * 3

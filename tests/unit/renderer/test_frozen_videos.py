"""Which frame of a video that stands still is seen, in each part of a film."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from gala.timeline.compilation.layers import Hold
from gala.timeline.document.timing import Freeze
from gala_renderer.speech.words import Word
from gala_renderer.timeline.frozen import frame_holds, played_frame, repeats
from gala_renderer.timeline.listening import Recording

FREEZES = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 12)), max_size=4)


def holds_of(freezes: list[tuple[int, int]]) -> list[Hold]:
    """Return holds at 10 frames per second of frames of the video, each for some frames."""
    found, earlier = [], 0
    for at, count in sorted(freezes):
        found.append(Hold(Fraction(at + earlier, 10), Fraction(count, 10)))
        earlier += count
    return found


def watched(freezes: list[tuple[int, int]], frames: int) -> list[int]:
    """Return the frames of the video that are seen, one after the other."""
    seen: list[int] = []
    for number in range(frames):
        repeated = sum(count for at, count in freezes if at == number)
        seen += [number] * (1 + repeated)
    return seen[:frames]


@given(FREEZES, st.integers(0, 60), st.integers(1, 60))
def test_every_part_of_a_film_shows_the_frames_that_the_whole_shows(
    freezes: list[tuple[int, int]], first: int, count: int
) -> None:
    holds, whole = frame_holds(holds_of(freezes), Fraction(10)), watched(freezes, first + count)
    part = whole[first:]
    assert [played_frame(first + at, holds) for at in range(count)] == part
    found = dict.fromkeys(range(part[-1] - part[0] + 1), 1)
    for at, more in repeats(holds, first, first + count):
        found[at] += more
    assert [at + part[0] for at, times in found.items() for _ in range(times)] == part


def test_what_is_rounded_to_frames_does_not_add_up() -> None:
    third = Fraction(1, 3)
    holds = [Hold(Fraction(at, 10) + at * third, third) for at in range(30)]
    found = frame_holds(holds, Fraction(10))
    assert sum(one.end - one.first for one in found) in {99, 100, 101}


def test_captions_of_a_video_wait_while_it_stands_still() -> None:
    freezes = (Freeze(time=2.0, duration=3.0),)
    spoken = Recording("/a", "a.mp4", None, None, begins=1.0, speed=2.0, freezes=freezes)
    words = [Word(text=text, start=at, end=at + 0.5) for text, at in (("a", 1.0), ("b", 2.0))]
    assert [(one.start, one.end) for one in spoken.words(words)] == [(0, 0.25), (3.5, 3.75)]

"""Texts appear and disappear whole, by lines, by words and by letters."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from tests.support.engine import EngineHarness
from tests.support.films import SIZE, Frames, frames_of, made

RATE = SIZE[2]
SECONDS = 1.6
WORDS = "One two six"


def text(**fields: Any) -> dict[str, Any]:
    return {"type": "text", "text": WORDS, "font_size": "18%", **fields}


def film(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"scenes": [{"elements": list(elements), "duration": SECONDS}], "background": "#000000"}


def shown(engine: EngineHarness, **fields: Any) -> Frames:
    return frames_of(made(engine, {**film(text(**fields)), "quality": "production"}).path("video"))


def ink(frame: Frames) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Return the columns in which anything is written."""
    return np.asarray((frame.max(axis=2) > 120).any(axis=0))


def middle_row(frame: Frames) -> float:
    """Return the middle of the rows in which anything is written."""
    return float(np.flatnonzero((frame.max(axis=2) > 100).any(axis=1)).mean())


@pytest.fixture(scope="module")
def still(engine: EngineHarness) -> Frames:
    """A frame of the text without animations."""
    found: Frames = shown(engine)[RATE]
    return found


def words_of(still: Frames) -> list[slice]:
    """Return the columns of the three words: they are parted by the widest gaps."""
    columns = np.flatnonzero(ink(still))
    gaps = np.diff(columns)
    cuts = sorted(np.argsort(gaps)[-2:])
    edges = [columns[0], *(columns[at + 1] for at in cuts), columns[-1] + 1]
    return [slice(int(a), int(b) - 1) for a, b in pairwise(edges)]


def test_words_appear_one_after_another_and_stand_as_a_text_that_does_not_move(
    engine: EngineHarness, still: Frames
) -> None:
    frames = shown(engine, animation_in={"type": "fade", "duration": 1})
    seen = [[bool(ink(frame)[word].any()) for word in words_of(still)] for frame in frames]
    assert seen[0] == [False, False, False]
    assert [True, False, False] in seen
    assert [True, True, False] in seen
    assert seen[RATE + 1] == [True, True, True]
    # None is hidden again.
    assert sorted(seen) == seen
    assert np.abs(frames[RATE + 2].astype(int) - still).max() < 40
    assert np.abs(frames[RATE + 2].astype(int) - still).mean() < 1


def test_words_disappear_one_after_another_until_nothing_is_seen(
    engine: EngineHarness, still: Frames
) -> None:
    frames = shown(engine, animation_out={"type": "fade", "duration": 1})
    seen = [[bool(ink(frame)[word].any()) for word in words_of(still)] for frame in frames]
    assert seen[5] == [True, True, True]
    assert [False, True, True] in seen
    assert [False, False, True] in seen
    assert not ink(frames[-1]).any() or frames[-1].max() < 160


@pytest.mark.parametrize(("name", "below"), [("rise", 1), ("drop", -1)])
def test_a_text_comes_from_one_side_and_goes_on_to_the_other(
    engine: EngineHarness, still: Frames, name: str, below: int
) -> None:
    animation = {"type": name, "by": "text", "duration": 0.6}
    frames = shown(engine, animation_in=animation, animation_out=animation)
    rest = middle_row(still)
    early, late = middle_row(frames[4]), middle_row(frames[-3])
    assert (early - rest) * below > 1
    assert (late - rest) * below < -1
    assert middle_row(frames[RATE * 4 // 5]) == pytest.approx(rest, abs=0.6)


@pytest.mark.parametrize(("name", "side"), [("slide-left", 1), ("slide-right", -1)])
def test_a_text_slides_in_from_the_side(
    engine: EngineHarness, still: Frames, name: str, side: int
) -> None:
    frames = shown(engine, animation_in={"type": name, "by": "text", "duration": 1})
    middles = [np.flatnonzero(ink(frame)).mean() for frame in (frames[10], still)]
    assert (middles[0] - middles[1]) * side > 1


def test_what_pops_becomes_larger_than_it_stays(engine: EngineHarness, still: Frames) -> None:
    frames = shown(engine, animation_in={"type": "pop", "by": "text", "duration": 1})
    widths = [int(np.ptp(np.flatnonzero(ink(frame)))) for frame in frames if ink(frame).any()]
    rest = int(np.ptp(np.flatnonzero(ink(still))))
    assert widths[0] < 0.8 * rest
    assert max(widths) > 1.04 * rest
    assert abs(widths[-1] - rest) <= 1


def test_a_typewriter_writes_letter_after_letter_where_they_stay(
    engine: EngineHarness, still: Frames
) -> None:
    frames = shown(engine, animation_in={"type": "typewriter", "duration": 1})
    ends = [int(np.flatnonzero(ink(frame))[-1]) for frame in frames]
    assert ends == sorted(ends)
    assert len(set(ends)) == len(WORDS.replace(" ", ""))
    first = {int(np.flatnonzero(ink(frame))[0]) for frame in frames}
    assert max(abs(at - int(np.flatnonzero(ink(still))[0])) for at in first) <= 1


def test_a_very_long_text_moves_by_words_instead_of_letters(engine: EngineHarness) -> None:
    animation = {"type": "typewriter", "by": "letter", "duration": 1}
    frames = shown(engine, text="word " * 150, font_size="3%", animation_in=animation)
    inked = [int((frame.max(axis=2) > 60).sum()) for frame in frames]
    assert inked == sorted(inked)
    assert 0 < inked[2] < inked[RATE + 2] / 2


def test_lines_follow_one_another(engine: EngineHarness) -> None:
    animation = {"type": "fade", "by": "line", "duration": 1}
    frames = shown(engine, text="One\nTwo", animation_in=animation)
    upper, lower = (
        [bool((frame[rows].max(axis=2) > 120).any()) for frame in frames]
        for rows in (slice(0, 60), slice(60, 120))
    )
    assert upper.index(True) + 5 < lower.index(True)


def test_a_text_from_right_to_left_begins_at_its_right(engine: EngineHarness) -> None:
    animation = {"type": "typewriter", "duration": 1}
    frames = shown(engine, text="مرحبا بالعالم", animation_in=animation)
    columns = np.flatnonzero(ink(frames[2]))
    whole = np.flatnonzero(ink(frames[RATE + 4]))
    # Letters of a word are joined, so that they come together.
    assert columns[-1] == whole[-1]
    assert columns[0] > whole.mean() - 10


def test_the_box_behind_a_text_is_there_until_its_last_word_has_gone(engine: EngineHarness) -> None:
    animation = {"type": "fade", "duration": 0.8}
    look = {"box_color": "#0000ff", "box_opacity": 1.0, "box_padding": "6%"}
    frames = shown(engine, animation_in=animation, animation_out=animation, **look)
    white = [bool((frame.min(axis=2) > 130).any()) for frame in frames]
    blue = [bool(((frame[..., 2] > 90) & (frame[..., 0] < 60)).any()) for frame in frames]
    assert any(white)
    assert all(box for word, box in zip(white, blue, strict=True) if word)


def test_animations_longer_than_the_text_become_shorter(engine: EngineHarness) -> None:
    animation = {"type": "fade", "by": "text", "duration": 4}
    frames = shown(engine, animation_in=animation, animation_out=animation)
    levels = [int(frame.max()) for frame in frames]
    assert levels[len(frames) // 2] > 230
    assert levels[1] < 90
    assert levels[-1] < 90


def test_an_animation_goes_on_in_a_text_that_moves_and_over_parts_of_a_film(
    engine: EngineHarness,
) -> None:
    moving = text(
        animation_in={"type": "rise", "duration": 2},
        keyframes=[{"time": 0, "x": "40%"}, {"time": "100%", "x": "55%"}],
    )
    scenes = [{"duration": 0.8, "background": color} for color in ("#000000", "#000001")]
    composition = {"scenes": scenes, "tracks": [{"clips": [{**moving, "duration": "end"}]}]}
    done = made(engine, {**composition, "quality": "production"})
    assert "parts of the film: 2 rendered, 0 as rendered before" in done.logs
    parts = frames_of(done.path("video"))
    whole = {**composition, "scenes": [], "duration": 1.6, "quality": "production"}
    expected = frames_of(made(engine, whole).path("video"))
    assert np.abs(parts.astype(int) - expected).mean() < 1.5
    right = [int(np.flatnonzero(ink(frame))[-1]) for frame in parts[12:]]
    assert right == sorted(right)

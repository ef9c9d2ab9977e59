"""Where films are divided into parts that are encoded by themselves."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from gala.media import Format
from gala.timeline.compilation.compiler import compile_timeline
from gala.timeline.compilation.layers import CompiledTimeline
from gala.timeline.measurements import KnownMeasurements, Media
from gala.timeline.reader import read_timeline
from gala_renderer.timeline.film_parts import Identities, film_parts, part_spans

FRAME = Format(width=160, height=90, fps=10)
MOST = 4


def compiled(film: dict[str, Any]) -> CompiledTimeline:
    known = KnownMeasurements({"a.mp4": Media(Fraction(60))})
    return compile_timeline(read_timeline(film), FRAME, known)


def edges(film: CompiledTimeline) -> list[int]:
    spans = part_spans(film)
    assert [span.end for span in spans[:-1]] == [span.first for span in spans[1:]]
    return [*(span.first for span in spans), spans[-1].end]


def clip(**fields: Any) -> dict[str, Any]:
    return {"type": "video", "src": "a.mp4", "duration": 1, **fields}


@pytest.mark.parametrize(
    ("clips", "expected"),
    [
        (1, [0, 10]),
        (4, [0, 40]),
        (5, [0, 40, 50]),
        (10, [0, 40, 80, 100]),
    ],
)
def test_every_fourth_clip_begins_a_part(clips: int, expected: list[int]) -> None:
    assert edges(compiled({"tracks": [{"clips": [clip() for _ in range(clips)]}]})) == expected


def test_few_clips_begin_in_any_part_of_tracks_that_overlap() -> None:
    tracks = [{"clips": [clip(start=0.3 * at + at2) for at2 in range(12)]} for at in range(3)]
    film = compiled({"tracks": tracks})
    starts = {layer.first_frame for layer in film.layers}
    for first, end in zip(edges(film), edges(film)[1:], strict=False):
        assert len([start for start in starts if first <= start < end]) <= MOST


def test_scenes_and_transitions_are_parts_and_long_scenes_are_divided() -> None:
    many = [clip(start=0.5 * at, duration=0.5) for at in range(6)]
    change = {"type": "fade", "duration": 0.4}
    scenes = [
        {"elements": [{"type": "text", "text": "A"}], "duration": 2},
        {"elements": many, "duration": 3, "transition": change},
    ]
    film = compiled({"scenes": scenes})
    change_ends = film.scenes[1].transition
    assert change_ends is not None
    fixed = {0, change_ends.first_frame, change_ends.end_frame, film.frames}
    found = edges(film)
    assert fixed <= set(found)
    assert len(found) > len(fixed)


def test_hundreds_of_scenes_share_parts() -> None:
    scene = {"elements": [{"type": "text", "text": "A"}], "duration": 0.2}
    found = edges(compiled({"scenes": [scene] * 299}))
    assert 100 <= len(found) <= 201
    assert found[-1] == 598


def test_a_film_with_a_page_in_html_is_not_divided() -> None:
    page = {"type": "html", "html": "<p>Hello", "duration": 3}
    tracks = [{"clips": [clip() for _ in range(9)]}, {"clips": [page]}]
    film = compiled({"tracks": tracks})
    assert edges(film) == [0, film.frames]


def test_parts_of_transitions_that_began_at_other_times_have_other_addresses() -> None:
    change = {"type": "fade", "duration": 2.0}
    clips = [clip(start=3.0 + 0.1 * at, duration=0.1) for at in range(9)]

    def last_part_of_transition(duration: float) -> tuple[int, int, str]:
        scenes = [
            {"elements": [{"type": "text", "text": "A", "duration": 1}], "duration": 4.0,
             "background": "#ff0000"},
            {"elements": [{"type": "text", "text": "B", "start": 3, "duration": 1}],
             "duration": duration + 2, "transition": {**change, "duration": duration},
             "background": "#0000ff"},
        ]  # fmt: skip
        film = compiled({"scenes": scenes, "tracks": [{"clips": clips}]})
        known = Identities({"a.mp4": "1"}, {}, {}, {}, {}, "")
        parts = film_parts(film, known)
        fade = film.scenes[1].transition
        assert fade is not None
        (found,) = [one for one in parts if one.span.end == fade.end_frame]
        return found.span.first, found.span.end, found.key

    long, short = (last_part_of_transition(duration) for duration in (2.0, 1.5))
    assert long[:2] == short[:2]
    assert long[2] != short[2]

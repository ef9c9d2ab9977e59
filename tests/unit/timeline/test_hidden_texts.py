"""Warnings about captions over texts, music that stops at full volume, and shared voices."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from gala.media import SIZES, AspectRatio, Format
from gala.templates.builtin import builtin_templates
from gala.templates.filling import Setting, fill
from gala.timeline.compilation.compiler import compile_timeline
from gala.timeline.measurements import KnownMeasurements, Media
from gala.timeline.reader import read_timeline

UPRIGHT = Format(width=1080, height=1920, fps=30)
SONG = Media(duration=Fraction(60))


def codes(document: dict[str, Any], frame: Format = UPRIGHT) -> list[tuple[str, str]]:
    known = KnownMeasurements({"song.mp3": SONG})
    film = compile_timeline(read_timeline(document, frame.fps), frame, known)
    wanted = {"captions_over_text", "hard_end", "one_voice"}
    return [(one.code, one.pointer) for one in film.warnings if one.code in wanted]


def scene(captions: Any, **text: Any) -> dict[str, Any]:
    element = {"type": "text", "text": "A price of 5 €", **text}
    return {"scenes": [{"voice": "Some words.", "captions": captions, "elements": [element]}]}


def test_a_text_under_captions_is_named() -> None:
    under = [("captions_over_text", "/scenes/0/elements/0")]
    assert codes(scene(True, y="75%")) == under
    assert codes(scene({"position": "30%"}, y="30%")) == under
    assert codes(scene(True, y="70%", height="30%", vertical_align="center")) == under


def test_texts_beside_captions_and_texts_that_move_or_are_decoration_are_not() -> None:
    assert not codes(scene(True, y="50%"))
    assert not codes(scene(False, y="75%"))
    assert not codes(scene(True, y="75%", opacity=0.2))
    assert not codes(scene({"position": "20%"}, y="75%"))
    low = {"y": "60%", "height": "40%", "anchor": "top", "vertical_align": "bottom"}
    assert not codes(scene({"position": "68%"}, **low))
    moving = [{"time": 0, "y": "75%"}, {"time": 1, "y": "20%"}]
    assert not codes(scene(True, keyframes=moving))


def film(**audio: Any) -> dict[str, Any]:
    shown = {"type": "shape", "color": "red", "duration": 10}
    sound = {"type": "audio", "src": "song.mp3", **audio}
    return {"duration": 10, "tracks": [{"clips": [shown]}, {"clips": [sound]}]}


def test_music_that_stops_at_full_volume_is_named() -> None:
    hard = [("hard_end", "/tracks/1/clips/0")]
    assert codes(film()) == hard
    assert codes(film(loop=True)) == hard
    assert codes(film(duration=5)) == hard


def test_music_that_fades_is_silent_or_ends_by_itself_is_not() -> None:
    assert not codes(film(fade_out=1.5))
    assert not codes(film(trim={"start": 51}))
    assert not codes(film(duration=1))
    assert not codes(film(keyframes=[{"time": 0, "volume": 1}, {"time": "100%", "volume": 0}]))
    again = film(duration=5)
    again["tracks"][1]["clips"].append({**again["tracks"][1]["clips"][0], "fade_out": 1})
    assert not codes(again)


def test_a_text_that_different_presenters_say_in_one_voice_is_named() -> None:
    voice = {"type": "voice", "name": "both", "text": "Good evening."}
    maya, leo = ({"type": "presenter", "of": "both", "character": {"name": name},
                  "position": side, "width": "40%"}
                 for name, side in (("maya", "left"), ("leo", "right")))  # fmt: skip
    spoken = {"scenes": [{"elements": [voice, maya, leo]}]}
    assert codes(spoken) == [("one_voice", "/scenes/0/elements/0")]
    assert not codes({"scenes": [{"elements": [voice, maya]}]})
    assert not codes({"scenes": [{"elements": [voice, maya, {**maya, "position": "right"}]}]})
    recorded = {**voice, "src": "song.mp3"}
    assert not codes({"scenes": [{"elements": [recorded, maya, leo]}]})


@pytest.mark.parametrize("ratio", AspectRatio)
@pytest.mark.parametrize("name", builtin_templates())
def test_built_in_templates_have_neither(name: str, ratio: AspectRatio) -> None:
    width, height = SIZES[ratio]
    frame = Format(width=width, height=height, fps=30)
    built_in = builtin_templates()[name]
    params = {**built_in.example, "music": "song.mp3"}
    filled = fill(built_in.composition, params, Setting(format=frame))
    assert not codes(filled.document, frame)

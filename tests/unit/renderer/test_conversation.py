"""Presenters of a film that are seen together: one speaks, the others listen."""

from __future__ import annotations

import asyncio
import wave
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from numpy.typing import NDArray

from gala.media import Format
from gala.timeline.compilation.compiler import compile_timeline
from gala.timeline.compilation.layers import CompiledTimeline, Layer
from gala.timeline.measurements import KnownMeasurements, Media
from gala.timeline.reader import read_timeline
from gala_renderer.avatars.motion.tracks import speech_motion
from gala_renderer.avatars.pose import CURVES
from gala_renderer.speech.words import Phoneme, Word
from gala_renderer.timeline import conversation
from gala_renderer.timeline.conversation import (
    Conversation,
    number_in_scene,
    partners,
    speakers_heard,
)
from gala_renderer.timeline.studio import Studio

FRAME = Format(width=160, height=90, fps=30)
SECONDS = 4.0
YAW, JAW = CURVES.index("yaw"), CURVES.index("jaw")
LEFT, RIGHT = {"position": "left", "width": "50%"}, {"position": "right", "width": "50%"}


def words(count: int = 12) -> list[Word]:
    """Return words of 0.3 s without pauses."""
    found = []
    for at in np.arange(count) * 0.3:
        edges = [at, at + 0.08, at + 0.2, at + 0.3]
        phonemes = tuple(map(Phoneme, ("m", "a", "t"), edges, edges[1:]))
        found.append(Word("mat", edges[0], edges[-1], phonemes))
    return found


def film(*presenters: dict[str, Any], scenes: bool = False) -> CompiledTimeline:
    """Return a film of two voices, one after the other, and presenters that are seen all along."""
    voices = [
        {"type": "voice", "src": "a.wav", "name": "a"},
        {"type": "voice", "src": "b.wav", "name": "b", "start": SECONDS},
    ]
    shown = [
        {"type": "presenter", "start": 0, "duration": 2 * SECONDS, "character": {}, **one}
        for one in presenters
    ]
    known = KnownMeasurements({name: Media(Fraction(SECONDS)) for name in ("a.wav", "b.wav")})
    if scenes:
        document: dict[str, Any] = {
            "scenes": [
                {"elements": [*voices, shown[0]]},
                {"elements": [{**shown[1], "duration": 2}], "transition": "fade"},
            ]
        }
    else:
        document = {"tracks": [{"clips": [one]} for one in (*voices, *shown)]}
    return compile_timeline(read_timeline(document), FRAME, known)


def presenters(compiled: CompiledTimeline) -> list[Layer]:
    return [one for one in compiled.layers if one.element.type == "presenter"]


def voices(compiled: CompiledTimeline) -> list[str]:
    return [one.pointer for one in compiled.layers if one.element.type == "voice"]


def motions(
    compiled: CompiledTimeline,
    folder: Path,
    said: Mapping[str, Sequence[Word]],
    sounds: Mapping[str, Any] | None = None,
) -> list[NDArray[np.float32]]:
    studio = Studio(compiled=compiled, files={}, fonts=cast(Any, None), folder=folder, words=said)
    talk = Conversation(cast(Any, None), studio, sounds or {})
    return [asyncio.run(talk.motion(one, drawn=False)) for one in presenters(compiled)]


def test_the_one_who_listens_looks_at_the_one_who_speaks(tmp_path: Path) -> None:
    compiled = film({"of": "a", **LEFT}, {"of": "b", **RIGHT})
    left, right = motions(compiled, tmp_path, dict.fromkeys(voices(compiled), words()))
    first, second = slice(30, 105), slice(150, 225)
    assert right[first, YAW].mean() < -2
    assert left[second, YAW].mean() > 2
    assert abs(left[first, YAW].mean()) < 2
    for speaks, hears, when in ((left, right, first), (right, left, second)):
        assert speaks[when, JAW].max() > 0.3
        assert hears[when, JAW].max() < 0.02


def test_alone_a_presenter_moves_as_it_always_did(tmp_path: Path) -> None:
    compiled = film({"of": "a"}, {"of": "a"})
    one, _ = motions(compiled, tmp_path, dict.fromkeys(voices(compiled), words()))
    alone = speech_motion(words(), seconds=2 * SECONDS, fps=Fraction(30), seed=0)
    assert np.array_equal(one, alone.values[: len(one)])


def test_another_seed_moves_the_head_otherwise_and_the_lips_alike(tmp_path: Path) -> None:
    said = {voices(film({"of": "a"}))[0]: words()}
    (one,), (other,) = (motions(film({"of": "a", "seed": seed}), tmp_path, said) for seed in (0, 9))
    assert not np.allclose(one[:, YAW], other[:, YAW])
    assert np.array_equal(one[:, JAW], other[:, JAW])


def test_presenters_of_other_scenes_and_times_do_not_listen() -> None:
    apart = film({"of": "a", "duration": 2}, {"of": "b", "start": 4, "duration": 2})
    assert [partners(one, apart) for one in presenters(apart)] == [[], []]
    compiled = film({"of": "a", "duration": "end"}, {"text": "Hello."}, scenes=True)
    first, second = presenters(compiled)
    assert first.end_frame > second.first_frame
    assert partners(first, compiled) == []
    assert partners(second, compiled) == []


def test_a_frame_needs_the_voices_of_those_who_are_listened_to() -> None:
    compiled = film({"of": "a", **LEFT}, {"of": "b", **RIGHT})
    assert speakers_heard(presenters(compiled)[:1], compiled) == set(voices(compiled))
    assert speakers_heard(compiled.layers[:1], compiled) == set()


def test_without_words_the_lips_follow_the_loudness_and_others_listen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled = film({"of": "a", **LEFT}, {"of": "b", **RIGHT})
    hum = tmp_path / "hum.wav"
    times = np.arange(round(SECONDS * 16_000)) / 16_000
    loud = np.sin(2 * np.pi * 300 * times) * (np.sin(2 * np.pi * 3 * times) > 0) * (times < 3)
    with wave.open(str(hum), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes((loud * 20_000).astype("<i2").tobytes())

    async def decoded(*_: object) -> Path:
        return hum

    monkeypatch.setattr(conversation, "decode", decoded)
    sounds = dict.fromkeys(voices(compiled))
    left, right = motions(compiled, tmp_path, {}, sounds)
    assert left[:90, JAW].max() > 0.3
    assert left[100:115, JAW].max() < 0.02
    assert right[:90, JAW].max() < 0.02
    assert right[30:90, YAW].mean() < -2
    assert right[125:205, JAW].max() > 0.3


def test_presenters_are_counted_in_each_scene_and_in_the_tracks() -> None:
    apart = film({"of": "a"}, {"text": "Hello."}, scenes=True)
    assert [number_in_scene(one, apart) for one in presenters(apart)] == [0, 0]
    together = film({"of": "a"}, {"of": "b"})
    assert [number_in_scene(one, together) for one in presenters(together)] == [0, 1]

"""Voices longer than presenters can speak are refused before anything is drawn."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from gala.errors import InvalidRequest, UnprocessableMedia
from gala.render_types import find_type
from gala.render_types.presenter import PresenterParams
from gala_renderer.avatars.length_limit import check_recording, check_speech
from gala_renderer.avatars.motion.tracks import MAX_SECONDS
from gala_renderer.probe.media import AudioStream, Media


def recording(seconds: float) -> Media:
    sound = AudioStream(rate=8000, channels=1, seconds=seconds)
    return Media(path=Path("voice.mp3"), demuxer="mp3", seconds=seconds, sound=sound)


def test_a_recording_that_is_too_long_is_refused() -> None:
    check_recording(recording(MAX_SECONDS))
    with pytest.raises(UnprocessableMedia, match=r"5\.00 hours long; .* at most 4\.00") as refused:
        check_recording(recording(5 * 3600))
    assert refused.value.details["field"] == "inputs.voice_asset_id"
    assert refused.value.hint


@pytest.mark.parametrize(
    ("params", "field"),
    [({"text": "Hello."}, "params.text"), ({"turns": [{"text": "Hello."}]}, "params.turns")],
)
def test_a_speech_that_is_too_long_is_refused(params: dict[str, Any], field: str) -> None:
    parsed = PresenterParams.parse(params)
    check_speech(parsed, MAX_SECONDS)
    with pytest.raises(InvalidRequest) as refused:
        check_speech(parsed, MAX_SECONDS + 60)
    assert refused.value.details["field"] == field


@pytest.mark.parametrize("name", ["presenter", "dialogue"])
def test_pauses_of_all_turns_together_are_limited(name: str) -> None:
    found = find_type(name)
    assert found is not None
    pausing = {"text": "Well [pause 60s] [pause 60s]"}
    for turns in ([{"text": "Hello."}] * 61, [{"text": "Hi.", "pause_after_ms": 0}] * 1000):
        found.params.parse({"turns": turns, "pause_ms": 60_000})
    for refused, between in (([{"text": "Hello."}] * 62, 60_000), ([pausing] * 31, 0)):
        with pytest.raises(ValidationError, match="at most 3600 seconds together"):
            found.params.parse({"turns": refused, "pause_ms": between})

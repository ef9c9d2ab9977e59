"""Transcripts of YouTube videos, without YouTube."""

from __future__ import annotations

import socket

import pytest
from requests import Session
from youtube_transcript_api import TranscriptList

from gala.errors import Unavailable
from gala_api.media_server import youtube


def test_a_youtube_that_is_silent_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{silent.getsockname()[1]}")
        with pytest.raises(Unavailable, match="internet"):
            youtube.transcript("dQw4w9WgXcQ", silent_seconds=0.2)


@pytest.mark.parametrize(
    ("languages", "language"), [(["es", "en"], "en"), (["es", "fr"], "es"), (["de"], "de")]
)
def test_the_transcript_is_english_or_in_the_first_language_of_the_video(
    languages: list[str], language: str
) -> None:
    tracks = [
        {
            "baseUrl": "https://youtube.test/",
            "name": {"runs": [{"text": one}]},
            "languageCode": one,
            "kind": "asr",
        }
        for one in languages
    ]
    found = TranscriptList.build(Session(), "dQw4w9WgXcQ", {"captionTracks": tracks})
    assert youtube.chosen(found).language_code == language
